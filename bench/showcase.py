"""The seed case as a page with pictures: what was said on the day, what happened, from the newest report of the brief.

`make showcase` makes the report first, from a book of the year before; it is kept in reports/example. The page holds no
number that is not in the report's JSON.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from measured import table

from forecast.files import write
from forecast.manifest import FACES, NAME
from forecast.report import figures, words

ROOT = Path(__file__).parents[1]
BRIEF, AS_OF = "seed-2019", "2019-05-17"
PICTURES = ROOT / "docs" / "images"
LED = (
    "oil-infrastructure-sau-are/1",
    "oil-infrastructure-sau-are-by",
    "shipping-gulf/1",
    "iran-state-us",
    "us-iran-exchange",
    "iran-named",
    "nobody-named",
    "outage-gulf/500",
    "brent-up/0.1",
    "instex",
)
DRAWN = ("figure-shipping-gulf", "figure-brent-up", "figure-scenario-attacks-go-on")
YES = {True: "yes", False: "no", None: "void"}
HEAD = """# May 2019, as it could have been told on the day

Iran was weighing attacks on Gulf oil through others, restraint towards US forces, and a 60-day deadline to Europe for
a payment channel. This page is what the brief `seed-2019` says as of {as_of}, and, apart from it, what happened.
Models and questions were written years later, so hindsight in their choice cannot be ruled out; of the data nothing
was used that became known on that day or later. `make showcase` computes all of it anew.
"""
FORECASTS = """## What was said, and what happened

Probability and its 90 % interval; the base rate; how each question came out by its own rule; and Brier scores, 0 best
and 1 worst. The last three columns were not known to the others. The questions hang together: what one summer shows is
no measure of skill ([those stand elsewhere](index.md)).

"""
SCENARIOS = """## If, and if not

{told}"""


def main() -> None:
    """Write the page and its pictures."""
    folder = ROOT / "reports" / BRIEF / AS_OF
    for name in (*FACES, NAME):
        write(ROOT / "reports" / "example" / name, (folder / name).read_bytes())
    document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    pictures = _pictures(document)
    parts = [HEAD.format(as_of=words.prose_date(date.fromisoformat(AS_OF))), FORECASTS + _forecasts(document)]
    parts += [_pictured(pictures[name]) for name in DRAWN[:2]]
    parts += [SCENARIOS.format(told=_scenarios(document)), _pictured(pictures[DRAWN[2]])]
    parts += [_prose(document, "aftermath-shows-of-force"), _summary(document)]
    write(ROOT / "docs" / "seed-2019.md", "\n".join(parts).encode())


def _forecasts(document: Mapping[str, Any]) -> str:
    outcomes = {one["question"]: one for one in document["outcomes"]}
    rows = [
        {
            "question": one["label"],
            "before": words.dated(date.fromisoformat(one["closes"]), brief=True),
            "probability": words.short(one["probability"]),
            "90 % interval": words.interval((one["interval"][0], one["interval"][1])),
            "base rate": words.short(one["baseline"]),
            "came out": YES[outcomes[one["id"]]["outcome"]],
            "score": f"{outcomes[one['id']]['score']:.2f}",
            "of the base rate": f"{outcomes[one['id']]['baseline_score']:.2f}",
        }
        for one in document["forecasts"]
        if any(f"{one['id']}/".startswith(f"{lead}/") or one["group"] == lead for lead in LED)
        and one["id"] in outcomes
        and outcomes[one["id"]]["score"] is not None
    ]
    return table(list(rows[0]), rows)


def _scenarios(document: Mapping[str, Any]) -> str:
    labels = {one["id"]: f"{one['label']}, before {one['closes']}" for one in document["forecasts"]}
    parts = []
    for told in document["scenarios"]:
        rows = [
            {
                "question": labels[one["question"]],
                "as things are": words.short(one["base"]),
                "here": words.short(one["probability"]),
                "difference, points": words.points(one["difference"]),
                "90 % interval of it": " to ".join(words.points(end) for end in one["difference_interval"]),
            }
            for one in told["contrasts"]
        ]
        seen = f"{told['kept']:,} of {told['futures']:,} futures. " if told["given"] else ""
        said = f"{seen}{told['note']}".strip()
        parts += [f"### {told['title']}\n\n{said}\n\n{table(list(rows[0]), rows)}"]
    return "\n".join(parts)


def _prose(document: Mapping[str, Any], section: str) -> str:
    """Take over the sentences of a section of the report."""
    found = next(one for one in document["sections"] if one["id"] == section)
    said = [block["text"] for block in found["blocks"] if block["type"] == "text"]
    return "\n\n".join([f"## {found['title']}", *said]) + "\n"


def _summary(document: Mapping[str, Any]) -> str:
    """Take over the table of mean scores."""
    found = next(one for one in document["sections"] if one["id"] == "afterwards")
    block = next(one for one in found["blocks"] if one["type"] == "table")
    columns = [column["heading"] for column in block["columns"]]
    rows = [dict(zip(columns, row, strict=True)) for row in block["rows"]]
    return f"## {block['caption']}\n\n{table(columns, rows)}"


def _pictures(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Draw figures of the report into files; give each by its name."""
    blocks = [block for section in document["sections"] for block in section["blocks"] if block["type"] == "figure"]
    found = {block["id"]: block for block in blocks if block["id"] in DRAWN}
    for name, block in found.items():
        write(PICTURES / f"{BRIEF}-{name}.svg", figures.svg({**block["chart"], "background": "white"}).encode())
    return found


def _pictured(block: Mapping[str, Any]) -> str:
    return f"![{block['alt']}](images/{BRIEF}-{block['id']}.svg)\n"


if __name__ == "__main__":
    main()

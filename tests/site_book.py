"""A book made up for its pages, with every way in which a question ends; and pages, read back."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from lxml import html as lxml_html

from forecast import bookkeeping, entries
from forecast.conditions import Limits
from forecast.ledger import Entry, Ledger
from forecast.questions import Forecast, Question
from forecast.rules import Rule

LATER = datetime(2026, 11, 28, 12, tzinfo=UTC)
MONTHS = [date(2018 + month // 12, month % 12 + 1, 15) for month in range(6, 18)]
SEEN = {"kind": ("seen", "heard"), "place": Limits(without=("harbour",)), "size": Limits(low=2, high=9)}
RULES = {
    "ships": Rule("count", SEEN),
    "price": Rule("rise", {"kind": ("close",), "entity": ("wheat",)}),
    "strikes": Rule("standing", {"kind": ("strike",)}, ">=", 100, "days"),
}
DOMAINS = {"ships": "at_sea", "price": "markets", "strikes": "markets", "talks": "talks"}


def asked_on(day: date, written: date, text: str) -> list[Question]:
    """Ask eight questions anew, and one that is the same on every day."""
    found = []
    for group, rule in RULES.items():
        for threshold in (1, 3, 5)[: 1 if group == "strikes" else 3]:
            for horizon in (30, 90)[: 1 if group == "price" else 2]:
                closes = day + timedelta(days=horizon)
                found.append(
                    Question(
                        id=f"{group}/{threshold}/{horizon}d/{day}",
                        text=f"{text} {group}: {threshold} or more by {closes - timedelta(days=1):%d %B %Y}?",
                        rule=rule if group == "strikes" else replace(rule, threshold=threshold / 10),
                        opens=day,
                        closes=closes,
                        settle_days=10,
                        written=written,
                        seen=written,
                        group=group,
                        domain=DOMAINS[group],
                        labels={"threshold": threshold, "horizon": horizon},
                        caveat=text if group == "strikes" else "",
                    )
                )
    once = Question(
        id="talks",
        text=f"{text} Will they talk in 2019?",
        rule=Rule("count", {"kind": ("talk",)}),
        opens=date(2018, 7, 1),
        closes=date(2019, 12, 31),
        settle_days=10,
        written=written,
        seen=written,
        group="talks",
        domain=DOMAINS["talks"],
        also=(Rule("max", {"kind": ("talk",)}, "<", 7),),
    )
    return [*found, once]


def forecast(one: Question, as_of: date, rng: np.random.Generator) -> Forecast:
    low, p, high = sorted(rng.beta(0.5, 1.2, 3).tolist())
    models = {"ships": ("watch",), "price": ("walk",)}.get(one.group, ("watch", "walk"))
    quantiles = dict(zip(("5%", "25%", "50%", "75%", "95%"), sorted(rng.gamma(1, 1, 5).tolist()), strict=True))
    base = float(rng.beta(0.5, 1.2))
    return Forecast(
        one, as_of, p, (low, high), base, (base / 2, base), quantiles, (1, 12), models, None, 3, p, (low, high)
    )


def resolution(one: Question, rng: np.random.Generator) -> Entry:
    """Let a question come out yes, no, or void."""
    outcome = (True, False, False, None)[int(rng.integers(4))]
    reason = "void: ends that are not on record would decide" if outcome is None else f"{one.rule.measure} = nan"
    key = {"question": entries.question(one).id}
    body = {"outcome": outcome, "numbers": [float(rng.gamma(1, 1))], "reason": reason, "evidence": "0" * 64, "rows": 3}
    return Entry("resolution", key, {**key, **body, "settled_at": one.settles.isoformat()})


def book_at(path: Path, text: str = "Will there be", briefs: tuple[str, str] = ("alpha", "beta")) -> Ledger:
    """Write a book: six months of backtests by one brief, six of live forecasts by another, the last two open.

    Parameters
    ----------
    path : Path
    text : str
        With which every question begins, and why one is void.
    briefs : tuple of str
    """
    rng = np.random.default_rng(7)
    book = Ledger(f"sqlite:///{path}")
    made_of = {"specs": {}, "data": "0" * 64, "program": "1" * 64, "machine": {}, "draws": 4800, "effective": 400}
    for place, day in enumerate(MONTHS):
        live = place > 5
        written = day if live else LATER.date()
        asked = asked_on(day, MONTHS[6] if live else written, text)[: 8 if place == 8 else None]
        said = [entries.forecast(forecast(one, day, rng), briefs[live], made_of) for one in asked]
        at = datetime.combine(written, time(9), UTC)
        book.append([*map(entries.question, asked), *said], at)
        if place < 10:
            book.append([resolution(one, rng) for one in asked if one.closes < date(2019, 12, 1)], LATER)
    bookkeeping.void(book, book.rows("question")[1].id, text, LATER)
    return book


@dataclass(frozen=True)
class Fact:
    """A forecast as its rows say it: read off the JSON, past all that the pages are made with."""

    row: int
    says: dict[str, Any]
    asked: dict[str, Any]
    outcome: str
    live: bool

    @property
    def series(self) -> str:
        return str(self.asked["id"]).removesuffix(f"/{self.asked['opens']}")

    def brier(self, name: str) -> float:
        return float((self.says[name] - (self.outcome == "yes")) ** 2)


def facts(book: Ledger) -> list[Fact]:
    asked = {row.id: row.says for row in book.rows("question")}
    ended = {row.says["question"]: row.says["outcome"] for row in book.rows("resolution")}
    ended |= {row.says["question"]: None for row in book.rows("void")}
    names = {True: "yes", False: "no", None: "void"}
    found = []
    for row in book.rows("forecast"):
        question, says = asked[row.says["question"]], row.says
        known = max(date.fromisoformat(row.written_at[:10]), date.fromisoformat(question["written"]))
        live = (known - date.fromisoformat(question["opens"])).days <= 7
        outcome = names[ended[says["question"]]] if says["question"] in ended else "open"
        found.append(Fact(row.sequence, says, question, outcome, live))
    return found


def tables(page: bytes, section: str = "") -> list[list[dict[str, str]]]:
    """Read the tables of a page, or of a section: each row by heading, the first of those that are alike."""
    found = []
    for table in lxml_html.fromstring(page).xpath(f"//section[@id='{section}']//table" if section else "//table"):
        heads = [head.text_content() for head in table.xpath("./thead//th")]
        rows = [[cell.text_content() for cell in row.xpath("th | td")] for row in table.xpath("./tbody/tr[td]")]
        found.append([dict(zip(reversed(heads), reversed(cells), strict=True)) for cells in rows])
    return found


def rounds(cell: str, exact: float, scale: float = 1.0) -> bool:
    """Tell whether a cell is a number within its own rounding."""
    if cell[:1] in "<>":
        return {"<": exact < 0.01, ">": exact > 0.99}[cell[0]]
    number = cell.replace("−", "-").replace(",", "").removesuffix(" %")
    decimals = len(number.partition(".")[2])
    return abs(float(number) - scale * exact) <= 0.5000001 * 10**-decimals

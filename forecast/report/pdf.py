"""The PDF face: Typst, tagged for readers that cannot see it, from the same JSON; data goes in as data only."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from forecast.language import say, speaking
from forecast.report import words
from forecast.report.sparkline import sparkline

# For readers that cannot see, and to be kept: tagged, and whole without anything outside it.
STANDARDS = ["ua-1", "a-2a"]
LONG = re.compile(r"\S{40}")


def render(document: Mapping[str, Any], drawings: Mapping[str, str]) -> bytes:
    """Render a report's JSON as PDF/UA-1 and PDF/A-2a.

    Parameters
    ----------
    document : mapping
        As read from report.json.
    drawings : mapping of str to str
        Figure id -> SVG.
    """
    import typst

    compile_: Any = typst.compile

    day = date.fromisoformat(document["as_of"])
    content = _clean({key: value for key, value in document.items() if key not in ("forecasts", "code")})
    with speaking(document["language"]):
        content["says"] = _clean(_says(document["title"], day))
    with as_file(files("forecast.report") / "templates") as folder:
        compiled = compile_(
            str(folder / "report.typ"),
            root=str(folder),
            font_paths=[str(folder / "fonts")],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=STANDARDS,
            sys_inputs={"document": json.dumps(content), "drawings": json.dumps(_clean(dict(drawings)))},
            timestamp=int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()),
        )
    return bytes(compiled)


def _says(title: str, day: date) -> dict[str, str]:
    """Give what every print says around its sections."""
    return {
        "brand": say("face-brand"),
        "title": say("face-title", title=title, day=day.isoformat()),
        "header": say("face-as-of", day=words.prose_date(day)),
    }


def _clean(value: Any) -> Any:
    """Replace what the font cannot show, and let very long words break."""
    if isinstance(value, str):
        text = words.visible(value).translate(_unknown(frozenset(value)))
        return text if text.startswith("<svg") else LONG.sub(lambda found: found[0] + "\N{ZERO WIDTH SPACE}", text)
    if isinstance(value, dict) and "spark" in value:
        return {"text": _clean(value["text"]), "drawing": sparkline(value["spark"])}
    if isinstance(value, dict):
        return {key: value[key] if key in ("href", "id") else _clean(value[key]) for key in value if key != "chart"}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _unknown(characters: frozenset[str]) -> dict[int, str]:
    return {ord(character): words.UNKNOWN for character in characters if ord(character) not in glyphs()}


@cache
def glyphs() -> frozenset[int]:
    """List the characters that every weight of the shipped font can draw."""
    folder = files("forecast.report") / "templates" / "fonts"
    found = [_characters((folder / f"SourceSans3_{name}.ttf").read_bytes()) for name in _STYLES]
    return frozenset.intersection(*found) | {0x0A, 0x200B}


_STYLES = ("400Regular", "600SemiBold", "400Regular_Italic")


def _characters(font: bytes) -> frozenset[int]:
    """Read the characters of a TrueType font off its cmap table (format 4 or 12)."""

    def number(at: int, size: int) -> int:
        return int.from_bytes(font[at : at + size], "big")

    tables = {font[at : at + 4]: number(at + 8, 4) for at in range(12, 12 + 16 * number(4, 2), 16)}
    cmap = tables[b"cmap"]
    found: set[int] = set()
    for at in range(cmap + 4, cmap + 4 + 8 * number(cmap + 2, 2), 8):
        start = cmap + number(at + 4, 4)
        if number(start, 2) == 12:
            for group in range(start + 16, start + 16 + 12 * number(start + 12, 4), 12):
                found |= set(range(number(group, 4), number(group + 4, 4) + 1))
        elif number(start, 2) == 4:
            half = number(start + 6, 2)
            for segment in range(0, half, 2):
                last, first = number(start + 14 + segment, 2), number(start + 16 + half + segment, 2)
                found |= set(range(first, last + 1)) - {0xFFFF}
    return frozenset(found)

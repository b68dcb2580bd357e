"""What a forecast in the book was made from, in a terminal."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from forecast.made_of import Traced
from forecast.output import Output
from forecast.register import live
from forecast.report import words
from forecast.terminal import console, plain, ruled

NAME = 16  # columns for what a line is about
# What a row says of a fit -> heading.
FIT = {
    "seed": "seed",
    "chains": "chains",
    "draws": "draws",
    "r_hat": "R-hat",
    "ess_bulk": "ESS bulk",
    "ess_tail": "ESS tail",
    "divergences": "divergences",
    "bfmi": "E-BFMI",
}
DIGITS = {"r_hat": ".3f", "bfmi": ".2f"}


def shown(found: Traced) -> Output:
    """Say what a forecast said, what it was made from, and how its question came out."""
    return Output(partial(_show, found), partial(_document, found), lambda: [_document(found)])


def _document(found: Traced) -> dict[str, Any]:
    row, asked, end = found.row, found.question, found.end
    place = {"forecast": row.id, "sequence": row.sequence, "seal": row.seal, "written_at": row.written_at}
    question = {name: getattr(asked, name) for name in ("id", "text", "domain", "opens", "closes", "settles", "caveat")}
    outcome = {"outcome": end.outcome, "number": end.number, "on": end.on} if end else None
    return {**place, **question, **row.says, "live": _live(found), "end": outcome}


def _live(found: Traced) -> bool:
    return live(found.question, date.fromisoformat(found.row.written_at[:10]))


def _show(found: Traced) -> None:
    print(plain(found.question.text))
    for name, text in _lines(found):
        print(f"{name:<{NAME}}{plain(text)}")
    fits = found.row.says.get("fits", {})
    if fits:
        table = ruled("How its models were fitted", "model", *FIT.values())
        for name, fit in fits.items():
            table.add_row(plain(name), *(_number(fit, key) for key in FIT))
        console().print(table)


def _number(fit: Mapping[str, float], key: str) -> str:
    return format(fit[key], DIGITS.get(key, ".0f")) if key in fit else "–"


def _lines(found: Traced) -> Iterator[tuple[str, str]]:
    row, says = found.row, found.row.says
    yield "probability", f"{words.said(says['probability'])}, 90 % interval {words.interval(says['interval'])}"
    yield "models alone", f"{words.short(says['raw'])}, 90 % interval {words.interval(says['raw_interval'])}"
    yield "base rate", words.short(says["baseline"])
    yield "came out", _end(found)
    yield "as of", words.prose_date(date.fromisoformat(says["as_of"]))
    yield "written", f"{row.written_at}, row {row.sequence:,} of the book, {'live' if _live(found) else 'a backtest'}"
    yield "forecast", row.id
    yield "question", says["question"]
    for name, digest in says["specs"].items():
        yield "model", f"{name} {digest}"
    yield "data", says["data"]
    yield "program", says["program"]
    yield "machine", ", ".join(f"{name} {value}" for name, value in says["machine"].items() if value)
    yield "futures", f"{says['draws']:,}, each fit worth {says['effective']:,} independent draws or more"


def _end(found: Traced) -> str:
    if found.end is None:
        return f"not yet; it settles on {words.prose_date(found.question.settles)}"
    outcome = "void" if found.end.outcome is None else "yes" if found.end.outcome else "no"
    return f"{outcome}, by the record of {words.prose_date(found.end.on)}"

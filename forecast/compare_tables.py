"""Models or two days side by side, in a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import batched
from typing import Any

from forecast import move_tables
from forecast.accuracy import Accuracy
from forecast.beside import RATE, Difference, Together
from forecast.comparing import LETTERS, Edit, Lead, Stack, Verdict
from forecast.output import Output
from forecast.report import words
from forecast.rivals import ALL, Rivals
from forecast.side_by_side import Compared
from forecast.terminal import console, plain, ruled

SHOWN = 20
WIDTH, KEY = 12, 26  # of a first column, at least
ABREAST = 2  # others in one table
WAYS = {
    "left out": "each foreseen from all others (PSIS-LOO)",
    "ahead": "each foreseen from those before it (LFO)",
}


def compared(found: Compared) -> Output:
    """Say what differs, how forecasts differ, and which model is better where that can be told; a row each answer."""
    return Output(
        partial(_compared, found),
        lambda: {**asdict(found), "verdicts": _verdicts(found)},
        lambda: [row for one in found.answers for row in _rows(one)],
    )


def _rows(one: Together) -> Iterator[dict[str, Any]]:
    """Give a row for each world in which a question was answered; the first differs from nothing."""
    nothing = dict.fromkeys(("value", "chance", "flagged")) | {"interval": (None, None)}
    every = zip(LETTERS, one.probabilities, one.intervals, (nothing, *map(asdict, one.differences)), strict=False)
    for letter, probability, interval, beside in every:
        said = {"question": one.question, "model": letter, "probability": probability, "interval": interval}
        apart = {"difference": beside["value"], "difference_interval": beside["interval"]}
        yield {**said, **apart, "chance": beside["chance"], "flagged": beside["flagged"]}


def _compared(found: Compared) -> None:
    for letter, name, day in zip(LETTERS, found.names, found.days, strict=False):
        print(f"{letter}: {plain(name)}, as of {day}")
    if found.edits:
        _edits(found.edits, len(found.names))
    _answers(found)
    for question, why in found.why.items():
        print(f"\nWhy {plain(question)} moved, by quick fits:")
        move_tables.explain(why)
    for one in found.accuracy:
        _accuracy(one)
    if found.rivals:
        _rivals(found.rivals)
    for note in found.notes:
        print(f"Not compared: {plain(note)}.")


def _verdicts(found: Compared) -> dict[str, dict[str, str]]:
    """Give what was compared -> letter of another -> the letter of the better of A and it, or `neither`."""
    told = {f"{one.way} {one.member}".strip(): (one.models, one.verdicts) for one in found.accuracy}
    for kind, models, leads in _leads(found.rivals):
        told[f"backtest {kind}"] = (models, tuple(lead.verdict for lead in leads))
    return {
        name: {other: _better(verdict, other) for other, verdict in zip(models[1:], verdicts, strict=True)}
        for name, (models, verdicts) in told.items()
    }


def _better(verdict: Verdict, other: str) -> str:
    return other if verdict == "other" else verdict


def _said(verdict: Verdict, other: str) -> str:
    """Say who is better, in a sentence."""
    told: Mapping[Verdict, str] = {
        "A": f"A is better than {other}.",
        "other": f"{other} is better than A.",
        "neither": f"A and {other} are not distinguishable.",
    }
    return told[verdict]


def _leads(rivals: Sequence[Rivals]) -> Iterator[tuple[str, str, Sequence[Lead]]]:
    """Give the leads over all questions; groups are looked at too often to be judged one by one."""
    for one in rivals:
        if one.group == ALL:
            yield "Brier", one.models, one.brier_leads
            yield "log", one.models, one.log_leads


def _edits(edits: Sequence[Edit], models: int) -> None:
    for others in batched(range(1, models), ABREAST):
        places = (0, *others)
        table = ruled("What they state otherwise, words apart", "key", *(LETTERS[at] for at in places), least=KEY)
        for column in table.columns:
            column.no_wrap = False
        for one in edits:
            said = ("–" if one.stated[at] is None else str(one.stated[at]) for at in places)
            table.add_row(plain(one.key), *map(plain, said))
        console().print(table)


def _answers(found: Compared) -> None:
    flagged = [one for one in found.answers if one.flagged]
    some = (flagged or list(found.answers))[:SHOWN]
    for others in batched(range(1, len(found.names)), ABREAST):
        _abreast(some, others)
    print(f"{len(flagged)} of {len(found.answers)} questions differ (*) by more than other random numbers would make")
    print(f"them, which flags anything at all at most {words.short(RATE)} of the time where nothing differs;")
    print(f"{len(some)} are shown.")
    for place, other in enumerate(LETTERS[1 : len(found.names)]):
        mine = [one.differences[place] for one in found.answers if one.differences[place].flagged]
        sure = sum(one.interval[0] > 0 or one.interval[1] < 0 for one in mine)
        known = f"{sure} of {len(mine)} flagged intervals, which also hold what is not known about parameters,"
        told = f"{other} beside A: {known} leave out nought."
        print(told if mine else f"Forecasts: A and {other} are not distinguishable.")
    if found.apart:
        print(f"Questions that are the same in all, or asked in one only: {found.apart}.")


def _abreast(some: Sequence[Together], others: Sequence[int]) -> None:
    """Set some others beside A."""
    heads = [head for at in others for head in (LETTERS[at], f"{LETTERS[at]} − A, 90 %")]
    table = ruled("Forecasts of the models alone", "question", "A", *heads)
    for one in some:
        cells = [words.short(one.probabilities[0])]
        for at in others:
            cells += [words.short(one.probabilities[at]), _difference(one.differences[at - 1])]
        table.add_row(plain(one.question), *cells)
    console().print(table)


def _difference(one: Difference) -> str:
    low, high = (words.points(end) for end in one.interval)
    return f"{words.points(one.value)} [{low}, {high}] {'*' if one.flagged else ' '}"


def _accuracy(one: Accuracy) -> None:
    of = f", members `{plain(one.member)}` alone" if one.member else ""
    print(f"\nThe record from {one.since} to {one.through}, {one.leads[0].n:,} {one.units}{of}: {WAYS[one.way]}")
    print("Leads of A in expected log predictive density, nats, with an interval that holds for all of them at once:")
    for place, (other, lead, rest) in enumerate(zip(one.models[1:], one.leads, one.trusted, strict=True), start=1):
        high = f"; Pareto k is above 0.7 in {one.high[0]} {one.units} of A and {one.high[place]} of {other}"
        without = f", without these {_lead(rest, 1)}" if rest else ""
        doubt = f"{high}{without}" if one.high[0] or one.high[place] else ""
        print(f"over {other}: {_lead(lead, 1)}{doubt}. {_said(one.verdicts[place - 1], other)}")
    if any(one.fits):
        print(f"Fits to earlier parts: {_each(one.models, map(str, one.fits))}.")
    print(f"Stacking weights: {_each(one.models, (_weight(one.stack, at) for at in range(len(one.models))))}.")


def _each(models: str, texts: Iterator[str]) -> str:
    return ", ".join(f"{letter} {text}" for letter, text in zip(models, texts, strict=True))


def _rivals(rivals: Sequence[Rivals]) -> None:
    title = "Forecasts of all in the book that came out, with A's leads in thousandths"
    heads = ("", "n", "Brier", "log", "A's Brier lead", "A's log lead", "weight")
    table = ruled(title, "questions", *heads, least=WIDTH)
    for one in rivals:
        for at, letter in enumerate(one.models):
            ahead = [_lead(each[at - 1], 1, 1000) if at else "" for each in (one.brier_leads, one.log_leads)]
            scores = (f"{each[at]:.3f}" for each in (one.brier, one.log))
            first = ("", "") if at else (plain(one.group), f"{one.n:,}")
            table.add_row(first[0], letter, first[1], *scores, *ahead, _weight(one.stack, at))
    console().print(table)
    whole = rivals[0]
    print(f"{whole.n:,} forecasts of each on {whole.days} days, {whole.live} of them live; days of a year are drawn")
    print("together. Of all scores 0 is best. Intervals of leads hold for all others at once, 95 % of the time.")
    for kind, models, leads in _leads(rivals):
        for other, lead in zip(models[1:], leads, strict=True):
            print(f"{kind} score: {_said(lead.verdict, other)}")


def _lead(lead: Lead, digits: int, times: float = 1.0) -> str:
    value, low, high = (f"{times * number:+.{digits}f}" for number in (lead.value, *lead.interval))
    return f"{value} [{low}, {high}]".replace("-", "−").replace("inf", "∞")


def _weight(stack: Stack, place: int) -> str:
    low, high = stack.intervals[place]
    return f"{stack.weights[place]:.2f} [{low:.2f}, {high:.2f}]"

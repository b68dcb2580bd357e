"""Two models or two days side by side, in a terminal."""

from collections.abc import Sequence
from dataclasses import asdict

from forecast import move_tables
from forecast.accuracy import Accuracy
from forecast.beside import RATE, Both
from forecast.comparing import Edit, Lead, Stack, Verdict
from forecast.report import words
from forecast.rivals import ALL, Rivals
from forecast.side_by_side import Compared
from forecast.terminal import console, document, plain, ruled

SHOWN = 20
WIDTH = 12
VERDICTS: dict[Verdict, str] = {"A": "A is better", "B": "B is better", "neither": "A and B are not distinguishable"}
WAYS = {
    "left out": "each bin foreseen from all others (PSIS-LOO)",
    "ahead": "each bin foreseen from those before it (LFO)",
}


def compared(found: Compared, as_json: bool) -> None:
    """Print what differs, how forecasts differ, and which model is better where that can be told."""
    if as_json:
        verdicts = {f"{one.way} {one.member}".strip(): one.verdict for one in found.accuracy}
        verdicts |= {f"backtest {kind}": lead.verdict for kind, lead in _leads(found.rivals).items()}
        document({**asdict(found), "verdicts": verdicts})
        return
    for letter, name, day in zip("AB", found.names, found.days, strict=True):
        print(f"{letter}: {plain(name)}, as of {day}")
    if found.edits:
        _edits(found.edits)
    _both(found)
    for question, why in found.why.items():
        print(f"\nWhy {plain(question)} moved, by quick fits:")
        move_tables.explained(why, as_json=False)
    for one in found.accuracy:
        _accuracy(one)
    if found.rivals:
        _rivals(found.rivals)
    for note in found.notes:
        print(f"Not compared: {plain(note)}.")


def _leads(rivals: Sequence[Rivals]) -> dict[str, Lead]:
    """Give the leads over all questions; groups are looked at too often to be judged one by one."""
    return {
        kind: lead
        for one in rivals
        if one.group == ALL
        for kind, lead in (("Brier", one.brier_lead), ("log", one.log_lead))
    }


def _edits(edits: Sequence[Edit]) -> None:
    table = ruled("What the two state otherwise, words apart", "key", "A", "B")
    for one in edits:
        table.add_row(plain(one.key), *(plain("–" if text is None else text) for text in (one.a, one.b)))
    console().print(table)


def _both(found: Compared) -> None:
    flagged = [one for one in found.both if one.flagged]
    some = (flagged or list(found.both))[:SHOWN]
    table = ruled("Forecasts of the models alone", "question", "A", "B", "B − A", "90 %", "by chance")
    for one in some:
        table.add_row(plain(one.question), *(words.short(p) for p in (one.a, one.b)), *_difference(one))
    console().print(table)
    sure = sum(one.interval[0] > 0 or one.interval[1] < 0 for one in flagged)
    print(
        f"{len(flagged)} of {len(found.both)} questions differ by more than other random numbers would make them, which"
    )
    print(
        f"flags anything at all at most {words.short(RATE)} of the time where nothing differs; {len(some)} are shown."
    )
    if flagged:
        print(f"Of {sure} the interval, which holds what is not known about parameters too, leaves out nought.")
    else:
        print("Forecasts: A and B are not distinguishable.")
    if found.apart:
        print(f"Questions that are the same in both, or asked in one only: {found.apart}.")


def _difference(one: Both) -> tuple[str, str, str]:
    low, high = (words.points(end) for end in one.interval)
    return words.points(one.difference), f"[{low}, {high}]", words.short(one.chance)


def _accuracy(one: Accuracy) -> None:
    of = f", members `{plain(one.member)}` alone" if one.member else ""
    print(f"\nThe record from {one.since} to {one.through}, {one.lead.n} bins{of}: {WAYS[one.way]}")
    print(f"A's lead in expected log predictive density: {_lead(one.lead, 1)} nats, two standard errors either way.")
    if any(one.high):
        rest = f"; without these {_lead(one.trusted, 1)}" if one.trusted else ""
        print(f"Pareto k is above 0.7 in {one.high[0]} bins of A and {one.high[1]} of B{rest}.")
    if any(one.fits):
        print(f"Fits to earlier parts: {one.fits[0]} of A, {one.fits[1]} of B.")
    print(_stack(one.stack))
    print(f"{VERDICTS[one.verdict]}.")


def _rivals(rivals: Sequence[Rivals]) -> None:
    title = "Forecasts of both in the book that came out, with A's lead and its 95 % interval, in thousandths"
    table = ruled(title, "questions", "n", "Brier A", "B", "A's lead", "A's log lead", "weight of A", least=WIDTH)
    for one in rivals:
        table.add_row(
            plain(one.group),
            f"{one.n:,}",
            *(f"{score:.3f}" for score in one.brier),
            _lead(one.brier_lead, 1, 1000),
            _lead(one.log_lead, 1, 1000),
            _weight(one.stack, 0),
        )
    console().print(table)
    whole = rivals[0]
    print(f"Mean log scores are {whole.log[0]:.3f} and {whole.log[1]:.3f}; of all scores 0 is best.")
    print(f"{whole.n:,} pairs on {whole.days} days, {whole.live} of them live; days of a year are drawn together.")
    for kind, lead in _leads(rivals).items():
        print(f"{kind} score: {VERDICTS[lead.verdict]}.")


def _lead(lead: Lead, digits: int, times: float = 1.0) -> str:
    value, low, high = (f"{times * number:+.{digits}f}" for number in (lead.value, *lead.interval))
    return f"{value} [{low}, {high}]".replace("-", "−").replace("inf", "∞")


def _stack(stack: Stack) -> str:
    return f"Stacking weights: A {_weight(stack, 0)}, B {_weight(stack, 1)}."


def _weight(stack: Stack, place: int) -> str:
    low, high = stack.intervals[place]
    return f"{stack.weights[place]:.2f} [{low:.2f}, {high:.2f}]"

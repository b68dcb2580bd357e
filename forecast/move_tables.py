"""What moved, and why, in a terminal."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from forecast.explain import Explanation, Group
from forecast.language import say
from forecast.moves import Move
from forecast.output import Output
from forecast.report import words
from forecast.reweighing import HIGH_K
from forecast.terminal import console, plain, ruled


def moved(moves: Sequence[Move], rate: float, least: float) -> Output:
    """Say which questions moved more than chance would; in a terminal, those that moved by so much at least."""
    return Output(
        partial(_moved, moves, rate, least),
        lambda: {"moves": [{**asdict(one), "points": one.points} for one in moves]},
        lambda: [_row(one) for one in moves],
    )


def _row(move: Move) -> dict[str, Any]:
    days = {"from": move.before.as_of, "to": move.after.as_of}
    said = {"before": move.before.probability, "after": move.after.probability, "points": move.points}
    return {"question": move.question.series, **days, **said, "chance": move.chance, "flagged": move.flagged}


def _moved(moves: Sequence[Move], rate: float, least: float) -> None:
    some = [one for one in moves if one.flagged and abs(one.points) >= least]
    if some:
        days = (some[0].before.as_of, some[0].after.as_of)
        table = ruled(f"Moved from {days[0]} to {days[1]}", "question", "was", "is", "moved", "by chance")
        for one in some:
            shares = (words.short(one.before.probability), words.short(one.after.probability))
            table.add_row(plain(one.question.series), *shares, _points(one.points), words.short(one.chance))
        console().print(table)
    flagged = sum(one.flagged for one in moves)
    print(f"{len(some)} of {len(moves)} questions; {flagged} moved more than chance would, however little.")
    print(f"By chance alone a watch flags anything at all at most {words.short(rate)} of the time.")


def explained(found: Explanation) -> Output:
    """Say what a move is made of, and which events did most."""
    rows = [{"cause": cause, "points": share} for cause, share in found.shares.items()]
    return Output(partial(explain, found), lambda: asdict(found), lambda: rows)


def explain(found: Explanation) -> None:
    """Print the shares of a move, and the events that did most."""
    before, after = words.short(found.before), words.short(found.after)
    table = ruled(f"From {before} to {after}: {_points(found.after - found.before)} points", "cause", "points")
    for cause, share in found.shares.items():
        table.add_row(say(f"cause-{cause}"), _points(share))
    console().print(table)
    print(f"By simulation alone the move is known to about {100 * found.error:.1f} points either way.")
    if found.groups:
        table = ruled("New events that did most, each left out in turn", "kind", "of", "events", "points", "k")
        for one in found.groups:
            table.add_row(plain(one.kind), plain(one.entity), f"{one.events:,}", _points(one.effect), _k(one))
        console().print(table)
        print(f"Pareto k above {HIGH_K:g}: the model was fitted again without them; so it was where no k stands.")


def _k(one: Group) -> str:
    return "–" if one.k is None else f"{one.k:.2f}"


def _points(share: float) -> str:
    """Write a share in points; nothing where there is exactly none, for its cause did not change."""
    return f"{100 * share:+.1f}".replace("-", "\u2212") if share else "–"

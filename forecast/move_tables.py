"""What moved, and why, in a terminal."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from forecast.explain import HIGH_K, WORDS, Explanation, Group
from forecast.moves import Move
from forecast.report import words
from forecast.table import WIDE, plain


def moved(moves: Sequence[Move], rate: float, least: float, as_json: bool) -> None:
    """Print the questions that moved more than chance would, by so much at least."""
    some = [one for one in moves if one.flagged and abs(one.points) >= least]
    if as_json:
        _json([{**asdict(one), "points": one.points} for one in moves])
        return
    if some:
        days = (some[0].before.as_of, some[0].after.as_of)
        table = _table(f"Moved from {days[0]} to {days[1]}", "question", "was", "is", "moved", "by chance")
        for one in some:
            shares = (words.short(one.before.probability), words.short(one.after.probability))
            table.add_row(plain(one.question.series), *shares, _points(one.points), words.short(one.chance))
        _print(table)
    flagged = sum(one.flagged for one in moves)
    print(f"{len(some)} of {len(moves)} questions; {flagged} moved more than chance would, however little.")
    print(f"By chance alone a watch flags anything at all at most {words.short(rate)} of the time.")


def explained(found: Explanation, as_json: bool) -> None:
    """Print the shares of a move, and the events that did most."""
    if as_json:
        _json(asdict(found))
        return
    before, after = words.short(found.before), words.short(found.after)
    table = _table(f"From {before} to {after}: {_points(found.after - found.before)} points", "cause", "points")
    for cause, share in found.shares.items():
        table.add_row(WORDS[cause], _points(share))
    _print(table)
    print(f"By simulation alone the move is known to about {100 * found.error:.1f} points either way.")
    if found.groups:
        table = _table("New events that did most, each left out in turn", "kind", "of", "events", "points", "k")
        for one in found.groups:
            table.add_row(plain(one.kind), plain(one.entity), f"{one.events:,}", _points(one.effect), _k(one))
        _print(table)
        print(f"Pareto k above {HIGH_K:g}: the model was fitted again without them; so it was where no k stands.")


def _k(one: Group) -> str:
    return "–" if one.k is None else f"{one.k:.2f}"


def _points(share: float) -> str:
    """Write a share in points; nothing where there is exactly none, for its cause did not change."""
    return f"{100 * share:+.1f}".replace("-", "\u2212") if share else "–"


def _table(title: str, *names: str) -> Table:
    print(title)  # not the table's own, which would be broken to its width
    table = Table(box=SIMPLE, pad_edge=False)
    for place, name in enumerate(names):
        table.add_column(name, justify="right" if place else "left", no_wrap=bool(place), overflow="fold")
    return table


def _print(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def _json(value: object) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    print()

"""Baselines of the mechanism model that are read off the record: product-limit curves, landmarks and base rates."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from mechanism_record import Array, Flags, Past, Standing, questions, surviving
from numpy.typing import NDArray

from forecast.models.ladder import Ladder

WORTH = 2.0  # mechanisms that what is common is worth in a table
LIGHT, FIRM = 2.0, 8.0  # and in a curve; the latter scores best on the whole record
FIRST = np.datetime64("1995-01")
EVERY = np.timedelta64(3, "M")  # from one landmark to the next


def shrunk(share: Array, mechanisms: Array, centre: Array, worth: float = WORTH) -> Array:
    """Move shares towards what is common, the more the fewer mechanisms they rest on."""
    return np.asarray((share * mechanisms + worth * centre) / (mechanisms + worth))


@dataclass(frozen=True)
class Counts:
    """What had come of mechanisms within each horizon of past landmarks, shape (kind, stage, question, horizon).

    Parameters
    ----------
    asked, came : array
        At how many landmarks it could be asked, and after how many of them it came.
    mechanisms : array
        Of how many mechanisms.
    treaty : array, shape (kind,)
    distance : array, shape (stage, question)
        How many stages up; 0 for the end.
    """

    asked: Array
    came: Array
    mechanisms: Array
    treaty: Flags
    distance: NDArray[np.int64]

    def pooled(self, values: Array, axes: tuple[int, ...]) -> Array:
        """Add up over axes, treaties apart from the others; laid out like what was added up."""
        treaty = self.treaty[:, None, None, None]
        others, treaties = (np.where(mine, values, 0).sum(axis=axes, keepdims=True) for mine in (~treaty, treaty))
        return np.asarray(np.where(treaty, treaties, others))

    def share(self, mine: Flags, axes: tuple[int, ...]) -> tuple[Array, Array]:
        """Give how often it came where asked, and how many mechanisms that rests on, added up over axes."""
        asked, came, several = (
            self.pooled(np.where(mine, part, 0), axes) for part in (self.asked, self.came, self.mechanisms)
        )
        return came / np.maximum(asked, 1), several


def counts(known: Past, found: Ladder, horizons: tuple[int, ...]) -> Counts:
    """Go through the middles of past months, with what is known now; only what was followed all the while counts."""
    possible, days = questions(found), known.days()
    shape = (*possible.shape, len(horizons))
    asked, came = np.zeros((2, *shape))
    seen = np.zeros((*shape[:2], len(known.entities), shape[-1]), bool)
    for mark in _landmarks(known.until):
        level = (known.reached < mark).sum(axis=1) - 1
        here = np.flatnonzero((level >= 0) & (known.over() >= mark))
        closes = mark + np.array(horizons)
        complete = (closes <= known.until) & (known.followed[here][:, None] >= closes)
        where = (known.kind[here], level[here])
        cases = possible[where][:, :, None] & complete[:, None, :]
        np.add.at(asked, where, cases)
        np.add.at(came, where, cases & (days[here][:, :, None] < closes))
        seen[(*where, here)] |= complete
    treaty = np.isin(np.arange(len(found.kinds)), known.kind[known.treaty])
    steps = np.arange(shape[2]) - np.arange(shape[1])[:, None]
    distance = np.where(np.arange(shape[2]) < shape[1], np.maximum(steps, 0), 0)
    return Counts(asked, came, seen.sum(axis=2)[:, :, None] * possible[..., None], treaty, distance)


def _landmarks(until: int) -> NDArray[np.int64]:
    months = np.arange(FIRST, np.datetime64(until, "D").astype("datetime64[M]") + EVERY, EVERY)
    marks = months.astype("datetime64[D]").astype(int) + 14
    return np.asarray(marks[marks < until])


def base_rates(of: Counts) -> Array:
    """How often it came, of all questions about stages, or about ends."""
    ends = (np.arange(of.asked.shape[2]) == of.asked.shape[2] - 1)[:, None]
    found = np.zeros(of.asked.shape)
    for mine in (ends, ~ends):
        share, _ = of.share(mine, (0, 1, 2))
        # From one stage a mechanism is asked about several, and counts once.
        number = of.pooled(np.where(mine, of.mechanisms, 0).max(axis=2, keepdims=True), (0, 1, 2))
        found = np.where(mine, shrunk(share, number, np.full(share.shape, 0.5), 1.0), found)
    return found


def by_distance(of: Counts) -> Array:
    """How often it came, of so many stages up."""
    found, base = np.zeros(of.asked.shape), base_rates(of)
    for distance in np.unique(of.distance):
        mine = (of.distance == distance)[:, :, None]
        found = np.where(mine, shrunk(*of.share(mine, (0, 1, 2)), base), found)
    return found


def by_stage(of: Counts) -> Array:
    """How often it came, from this stage."""
    return shrunk(*of.share(np.ones((1, 1, 1), bool), (0,)), by_distance(of))


def by_kind(of: Counts) -> Array:
    """How often it came, of this kind from this stage."""
    return shrunk(of.came / np.maximum(of.asked, 1), of.mechanisms, by_stage(of))


def product_limit(known: Past, standing: Standing, of: Counts, worth: float) -> Array:
    """Estimate by the time that others took, given the time already spent; what ends otherwise is censored.

    Curves of a kind are shrunk towards those of all kinds, and these towards the table by distance.
    """
    place = known.places(standing.entities)
    result = by_distance(of)[standing.kind, standing.level]
    for groups in (known.treaty, known.kind):
        for group, level in {*zip(groups[place].tolist(), standing.level.tolist(), strict=True)}:
            mine = (groups[place] == group) & (standing.level == level)
            result[mine] = _moved(
                result[mine], known, groups == group, int(level), _spans(known, standing, mine), worth
            )
    return result


def _spans(known: Past, standing: Standing, mine: Flags) -> tuple[Array, Array]:
    """Give the days that some have stood where they stand, and the days until each horizon there."""
    entered = known.reached[known.places(standing.entities), standing.level][mine]
    left = np.array(standing.horizons) - standing.opens[mine][:, None]
    return np.where(np.isfinite(entered), known.until - entered, 0.0), np.maximum(left, 0)


def _moved(centre: Array, known: Past, some: Flags, level: int, spans: tuple[Array, Array], worth: float) -> Array:
    """Move probabilities towards what curves of some mechanisms say."""
    result, (spent, left) = centre.copy(), spans
    for question, (days, came) in enumerate(_durations(known, some, level)):
        number = (days[:, None] > spent).sum(axis=0)[:, None].astype(float)
        if number.any():
            now, then = surviving(days, came, spent)[:, None], surviving(days, came, spent[:, None] + left)
            share = np.where(number > 0, 1 - then / np.where(number > 0, now, 1), 0)
            result[:, question] = shrunk(share, number, centre[:, question], worth)
    return result


def _durations(known: Past, some: Flags, level: int) -> Iterator[tuple[Array, Flags]]:
    """Give for each question how long it took those that stood on a stage, and whether it came."""
    entered = known.reached[:, level]
    beyond = known.reached[:, level + 1] if level + 1 < known.reached.shape[1] else np.full(len(entered), np.inf)
    stood = some & (entered < beyond)
    stop = np.minimum(np.minimum(known.over(), known.followed), known.until)[stood]
    for at in known.days()[stood].T:
        came = np.isfinite(at)
        yield np.where(came, at, stop) - entered[stood], came


TABLES: Mapping[str, Callable[[Counts], Array]] = {
    "base rate": base_rates,
    "landmarks, by distance": by_distance,
    "landmarks, by stage": by_stage,
    "landmarks, by kind and stage": by_kind,
}
CURVES: Mapping[str, Callable[[Past, Standing, Counts], Array]] = {
    "Kaplan–Meier, lightly shrunk": partial(product_limit, worth=LIGHT),
    "Kaplan–Meier, firmly shrunk": partial(product_limit, worth=FIRM),
}


def baselines(known: Past, standing: Standing, found: Ladder) -> dict[str, Array]:
    """Answer all questions, shape (process, question, horizon)."""
    of = counts(known, found, standing.horizons)
    tables = {name: table(of)[standing.kind, standing.level] for name, table in TABLES.items()}
    return tables | {name: curve(known, standing, of) for name, curve in CURVES.items()}

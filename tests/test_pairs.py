"""Pairs of questions: four ways that add up, tied together as the futures tie them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast import phrases
from forecast.events import Futures, Snapshot
from forecast.pairs import Pair, pairs
from forecast.questions import Question
from forecast.rules import Readings
from tests.test_rules import AS_OF

INSIDE = st.floats(0.02, 0.98)


def question(kind: str) -> Question:
    return phrases.question(f"{kind} in 30 days", AS_OF, ())


def pair(one: float, other: float, both: float) -> Pair:
    return Pair(question("a"), question("b"), one, other, both, 500, 500)


def odds(found: Pair) -> float:
    neither = 1 - found.one - found.other + found.both
    return found.both * neither / ((found.one - found.both) * (found.other - found.both))


@given(INSIDE, INSIDE, INSIDE, INSIDE, st.floats(0.05, 0.95))
def test_bending_gives_the_new_probabilities_and_keeps_the_odds_ratio(
    one: float, other: float, p: float, q: float, way: float
) -> None:
    low, high = max(0.0, one + other - 1), min(one, other)
    before = pair(one, other, low + way * (high - low))
    after = before.bent(p, q)
    assert (after.one, after.other) == (p, q)
    assert max(0.0, p + q - 1) < after.both < min(p, q)
    assert np.log(odds(after)) == pytest.approx(np.log(odds(before)), abs=1e-5)
    assert after.one * after.given + (1 - after.one) * after.given_not == pytest.approx(after.other, abs=1e-12)


@given(INSIDE, INSIDE, INSIDE, INSIDE)
def test_what_is_independent_stays_so(one: float, other: float, p: float, q: float) -> None:
    assert pair(one, other, one * other).bent(p, q).both == pytest.approx(p * q, abs=1e-6)


def test_pairs_are_counted_in_the_same_futures() -> None:
    events = {
        kind: pd.DataFrame({"draw": draws, "entity": "x", "event_at": pd.Timestamp(AS_OF), "value": 1.0, "n": 1})
        for kind, draws in (("a", [0, 1, 2, 3]), ("b", [2, 3, 4]))
    }
    rows = pd.DataFrame({"kind": pd.Series([], dtype=str), "event_at": pd.Series([], dtype="datetime64[us]")})
    columns = {name: pd.Series([], dtype=str) for name in ("source", "record", "entity")}
    rows = rows.assign(**columns, value=pd.Series([], dtype=float), n=pd.Series([], dtype=int))
    snapshot = Snapshot(AS_OF, rows, {})
    (found,) = pairs([(question("a"), question("b"))], Readings(snapshot, Futures(events, 10, 10, {})))
    assert (found.kept, found.kept_not) == (4, 6)
    assert (found.one, found.other, found.both) == pytest.approx((4.5 / 11, 3.5 / 11, 2.25 / 11))
    assert found.given == pytest.approx(2.25 / 4.5)

"""From specs, a snapshot and questions to forecasts and the series behind them, with base rates only."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from forecast import predict, series, spec, world
from forecast.errors import SpecError, UsageError
from forecast.events import Futures, Snapshot
from forecast.inference import Sizes
from forecast.predict import Models
from forecast.questions import Question
from forecast.rules import Rule
from tests.worlds import AS_OF, events, snapshot

SIZES = Sizes(800, 200)
HEAD = 'title = "X"\nfamily = "climatology"\nsince = 2018-01-01\nwritten = 2020-01-01\n'
STRIKES = spec.parse(HEAD + 'name = "s"\ntarget = { kind = "strike" }\n[options]\nof = "events"\n', "models/s.toml")
CLOSES = spec.parse(HEAD + 'name = "c"\ntarget = { kind = "close" }\n[options]\nof = "levels"\n', "models/c.toml")
SPECS = [STRIKES, CLOSES]


def record(until: date = AS_OF) -> pd.DataFrame:
    """Strikes every few weeks and a daily price, a year beyond the as-of day."""
    rng = np.random.default_rng(6)
    strikes = [
        {"event_at": date(2018, 1, 5) + timedelta(days=int(day)), "kind": "strike"} for day in rng.integers(0, 1080, 70)
    ]
    days = pd.bdate_range("2018-01-01", "2020-12-31")
    values = 60 * np.exp(np.cumsum(0.02 * rng.standard_normal(len(days))))
    prices = [
        {"event_at": day, "kind": "close", "entity": "oil", "value": value, "unit": "money"}
        for day, value in zip(days, values, strict=True)
    ]
    return events(strikes + prices)


RECORD = record()
KNOWN = snapshot(RECORD)


def question(name: str, rule: Rule, days: int) -> Question:
    closes = AS_OF + timedelta(days=days)
    return Question(
        f"{name}/{days}", "?", rule, AS_OF, closes, 10, AS_OF, AS_OF, name, "d", {"threshold": rule.threshold}
    )


COUNT = Rule("count", {"kind": ("strike",)})
RISE = Rule("rise", {"kind": ("close",), "entity": ("oil",)}, ">=", 0.1)
ASKED = [question("strikes", COUNT, days) for days in (30, 60, 90)] + [
    question("rise", RISE, days) for days in (30, 60)
]


def answered(known: Snapshot, asked: list[Question] = ASKED) -> predict.Prediction:
    return predict.predict(Models(SPECS, SPECS), known, asked, SIZES)


def test_every_forecast_is_a_probability_in_its_interval_beside_its_base_rate() -> None:
    for one in answered(KNOWN).forecasts:
        assert 0 < one.interval[0] < one.probability < one.interval[1] < 1
        assert one.baseline == one.probability  # the model is the base rate here, with the same seed
        assert one.past[1] == (AS_OF - date(2018, 1, 1)).days // one.question.window.days
        assert list(one.quantiles.values()) == sorted(one.quantiles.values())


def test_the_order_of_rows_changes_nothing() -> None:
    shuffled = snapshot(RECORD.sample(frac=1, random_state=1))
    assert shuffled.digest == KNOWN.digest
    assert answered(shuffled).forecasts == answered(KNOWN).forecasts


def test_what_is_known_later_changes_nothing() -> None:
    later = RECORD["known_at"] >= pd.Timestamp(AS_OF)
    assert later.sum() > 100
    spoilt = RECORD.copy()
    spoilt.loc[later, "value"] *= 17
    spoilt.loc[later, "kind"] = "close"
    assert answered(snapshot(spoilt)).forecasts == answered(KNOWN).forecasts
    assert answered(snapshot(RECORD[~later])).forecasts == answered(KNOWN).forecasts


def test_a_question_asked_alone_gets_the_answer_that_it_gets_in_company() -> None:
    together = {one.question.id: one.probability for one in answered(KNOWN).forecasts}
    for asked in ASKED:
        assert answered(KNOWN, [asked]).forecasts[0].probability == together[asked.id]


def test_another_snapshot_has_another_seed_and_the_same_one_the_same() -> None:
    other = snapshot(RECORD, AS_OF + timedelta(days=1))
    assert world.seed(STRIKES, KNOWN) == world.seed(STRIKES, snapshot(RECORD))
    assert len({world.seed(STRIKES, KNOWN), world.seed(CLOSES, KNOWN), world.seed(STRIKES, other)}) == 3


def test_a_question_about_events_that_no_model_makes_is_refused() -> None:
    with pytest.raises(SpecError) as refused:
        answered(KNOWN, [question("q", Rule("count", {"kind": ("strikes",)}), 30)])
    assert "did you mean `strike`" in refused.value.hint


def test_two_models_of_the_same_events_are_refused() -> None:
    with pytest.raises(UsageError, match="two models"):
        predict.predict(Models([STRIKES, STRIKES], SPECS), KNOWN, ASKED[:1], SIZES)


def test_futures_of_different_sizes_do_not_join() -> None:
    with pytest.raises(ValueError, match="sizes"):
        Futures({}, 10, 10, {}).joined(Futures({}, 20, 10, {}))


def test_an_unknown_family_is_refused_with_the_look_alike() -> None:
    with pytest.raises(SpecError) as refused:
        world.family(
            spec.parse(HEAD.replace("climatology", "climatolgy") + 'name = "s"\ntarget = { kind = "x" }\n', "m")
        )
    assert "did you mean `climatology`" in refused.value.hint


def test_the_series_of_a_count_is_windows_that_meet_at_the_as_of_day() -> None:
    strikes, rise = series.outlooks(answered(KNOWN), {"strikes": "Strikes", "rise": "Rise"}, KNOWN)
    assert strikes.every == 30
    assert strikes.past[-1].at == AS_OF - timedelta(days=30)
    assert [band.at for band in strikes.ahead] == [AS_OF + timedelta(days=30 * step) for step in range(3)]
    at = KNOWN.events[KNOWN.events["kind"] == "strike"]["event_at"]
    last = (at >= pd.Timestamp(AS_OF - timedelta(days=30))).sum()
    assert strikes.past[-1].value == last
    assert rise.every == 1
    assert rise.past[-1].at == date(2019, 12, 30)  # the close of 31 December is known a day later
    assert rise.ahead[0].at >= AS_OF
    for item in (strikes, rise):
        assert all(list(band.quantiles) == sorted(band.quantiles) for band in item.ahead)


def test_a_snapshot_is_a_copy_with_a_digest_of_its_content() -> None:
    changed = snapshot(RECORD)
    changed.events.loc[0, "value"] = 99.0
    assert changed.digest != KNOWN.digest
    assert snapshot(RECORD).digest == KNOWN.digest


def test_a_benchmark_stands_where_one_is_named_and_nowhere_else() -> None:
    """A record of the last year alone, which replays what was usual then."""
    recent = replace(STRIKES, name="recent", since=date(2019, 1, 1))
    found = predict.predict(Models(SPECS, SPECS, [recent]), KNOWN, ASKED, SIZES).forecasts
    alone = predict.predict(Models([recent, CLOSES], SPECS), KNOWN, ASKED, SIZES).forecasts
    for one, other, before in zip(found, alone, answered(KNOWN).forecasts, strict=True):
        strikes = one.question.group == "strikes"
        assert one.benchmark == (other.probability if strikes else None)
        assert replace(one, benchmark=None) == before

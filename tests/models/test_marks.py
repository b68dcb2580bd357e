"""Marks: the density is the formula's, a missing end says nothing, futures have the rates and sizes they are told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import special, stats

from forecast import inference, spec, world
from forecast.errors import DataError, SpecError
from forecast.events import Futures
from forecast.inference import Sizes
from forecast.models import marks, onsets
from forecast.prospect import Prospect
from tests.worlds import AS_OF, events, snapshot

SPEC = spec.parse(
    """
name = "floods"
title = "Floods"
family = "marks"
since = 2000-01-01
written = 2020-01-01
target = { kind = "flood", parent = "" }
[priors]
rate = [0.5, 4.0]
spread = [0.2, 0.8]
share = [0.2, 0.7]
size = [10, 60]
size_spread = [0.5, 1.2]
length = [10, 100]
length_spread = [0.4, 1.2]
cause_spread = [0.2, 0.8]
[options]
classes = [10, 30, 100]
largest = 1000
half_life = 5
roles = { group = "river", cause = "why", lasts = "days" }
groups = ["east", "west"]
causes = ["rain", "snow", "dam"]
carry = ["parent"]
[[options.seasons]]
name = "melt"
group = "west"
months = [4, 5]
effect = [1.0, 9.0]
""",
    "models/floods.toml",
)
EDGES = (10, 30, 100, 1000)


def flood(at: date | str, value: float, **cells: Any) -> dict[str, Any]:
    row = {"kind": "flood", "river": "east", "why": "rain", "days": "", "parent": "", "unit": "m", **cells}
    return {**row, "event_at": at, "value": value}


def record(seed: int, number: int = 60) -> pd.DataFrame:
    """Scatter floods over twenty years; the ends of half of them are known, and two go on."""
    rng = np.random.default_rng(seed)
    rows = [
        flood(
            AS_OF - timedelta(days=int(rng.integers(2, 7000))),
            float(rng.choice([5, 12, 25, 40, 80, 300])),
            river=rng.choice(["east", "west"]),
            why=rng.choice(["rain", "snow"]),
            days=rng.choice(["", "10", "45"]),
        )
        for _ in range(number)
    ]
    return events([*rows, flood("2019-12-01", 20, days="300"), flood("2019-12-20", 50, why="snow", days="90")])


def panel(frame: pd.DataFrame, item: spec.Spec = SPEC) -> xr.Dataset:
    return marks.panel(snapshot(frame), item)


def density(data: xr.Dataset) -> tuple[list[str], Callable[[NDArray[np.float64]], float]]:
    """Name all parameters, and give the log density of the model as a function of them as one vector."""
    model = marks.sampled(data, SPEC).build()
    start, compiled = model.initial_point(), model.compile_logp(mode="FAST_COMPILE")
    ends = np.cumsum([np.size(value) for value in start.values()])
    names = [name for name, value in start.items() for _ in range(np.size(value))]
    return names, lambda x: float(compiled(dict(zip(start, np.split(x, ends[:-1]), strict=True))))


def formula(data: xr.Dataset, x: NDArray[np.float64], names: list[str]) -> float:
    """The log density of the docstring, in scipy's words; what does not depend on parameters is left out."""
    of = {name: x[[label == name for label in names]] for name in dict.fromkeys(names)}
    support = {**{name: meaning.support for name, meaning in marks.PRIORS.items()}, "season": "positive"}
    keys = ["rate", "spread", "share", "share", *list(marks.PRIORS)[3:], "season"]
    priors = {**SPEC.priors, "season": onsets.options(SPEC).seasons[0].effect}
    pairs = np.array([inference.location_scale(priors[key], support[key]) for key in keys])
    value = dict(
        zip([*keys[:2], "share 1", "share 2", *keys[4:]], pairs @ [1, 0] + pairs[:, 1] * of["z_prior"], strict=True)
    )
    total = stats.norm.logpdf(x).sum()
    months = np.arange(1, 13)
    for group in range(2):
        log_rate = value["rate"] + np.exp(value["spread"]) * of["u_group"][group]
        log_rates = log_rate + (group == 1) * np.isin(months, [4, 5]) * value["season"]
        total += data["onsets"].to_numpy()[group] @ log_rates - data["exposure"].to_numpy() @ np.exp(log_rates)
        for step in range(2):
            n, k = data["reached"].to_numpy()[group, step : step + 2]
            p = special.expit(value[f"share {step + 1}"])
            total += special.betaln(6 * p + k, 6 * (1 - p) + n - k) - special.betaln(6 * p, 6 * (1 - p))
    size, days, ended = (data[name].to_numpy() for name in ("value", "days", "ended"))
    law = stats.norm(value["size"], np.exp(value["size_spread"]))
    for low, high in pairwise(EDGES):
        inside = np.log(size[(size >= low) & (size < high)])
        total += law.logpdf(inside).sum() - len(inside) * np.log(law.cdf(np.log(high)) - law.cdf(np.log(low)))
    medians = value["length"] + np.exp(value["cause_spread"]) * of["u_cause"]
    length = stats.norm(medians[data["cause_of"].to_numpy()], np.exp(value["length_spread"]))
    known = np.isfinite(days)
    total += np.where(known & (ended == 1), length.logpdf(np.log(np.where(known, days, 1))), 0).sum()
    return float(total + np.where(ended == 0, length.logsf(np.log(np.where(known, days, 1))), 0).sum())


def test_the_density_is_that_of_the_formula() -> None:
    data, rng = panel(record(1)), np.random.default_rng(2)
    names, of_model = density(data)
    found, expected = np.transpose(
        [(of_model(x), formula(data, x, names)) for x in rng.normal(0, 0.7, (5, len(names)))]
    )
    np.testing.assert_allclose(np.diff(found), np.diff(expected), rtol=1e-6)


def test_an_event_whose_end_is_not_on_record_says_nothing_about_lengths() -> None:
    """More such floods of one cause, or of another: the density differs by the same at any length."""
    once, again = record(1), record(1)
    blank = once["days"] == ""
    again.loc[blank.to_numpy(), "why"] = "dam"
    (names, one), (_, other) = (density(panel(frame)) for frame in (once, again))
    x = np.random.default_rng(3).normal(0, 0.7, (4, len(names)))
    np.testing.assert_allclose([one(at) for at in x], [other(at) for at in x])


def test_old_onsets_and_old_days_count_less() -> None:
    rows = [flood("2019-12-30", 20), flood("2015-01-01", 20, river="west"), flood("2010-01-01", 40)]
    data = panel(events(rows))
    assert data["onsets"].sel(group=0, month=11).item() == pytest.approx(1.0, abs=0.001)
    assert data["onsets"].sel(group=1, month=0).item() == pytest.approx(0.5, abs=0.001)
    assert data["onsets"].sel(group=0, month=0).item() == pytest.approx(0.25, abs=0.001)
    assert data["reached"].to_numpy().tolist() == [[2, 1, 0], [1, 0, 0]]  # sizes are not forgotten
    whole = 5 / np.log(2) * (1 - 2**-4)  # years of a record of four half-lives
    assert data["exposure"].sum().item() == pytest.approx(whole, rel=1e-3)


def test_what_is_left_out_is_counted_by_what_left_it_out() -> None:
    rows = [flood("2019-06-01", 20), flood("2019-06-02", 20, parent="r00000"), flood("2019-06-03", 9)]
    rows += [flood("2019-06-04", 5, parent="r00000"), flood("1999-06-01", 500)]
    data = panel(events(rows))
    assert data.sizes["event"] == 1
    assert {name: number for name, number in data.attrs.items() if "left out" in name} == {
        "left out by parent": 2,
        "left out by value": 1,
    }
    assert "column by column: parent 2, value 1." in " ".join(marks.notes(data, SPEC))


def test_what_lasts_beyond_today_has_lasted_until_today() -> None:
    data = panel(
        events([flood("2019-12-02", 20, days="300"), flood("2019-12-03", 20, days="20"), flood("2019-01-01", 20)])
    )
    assert np.isnan(data["days"].to_numpy()[0])
    assert data["days"].to_numpy()[1:].tolist() == [30, 20]
    assert data["ended"].to_numpy().tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"river": "eest"}, ("the river `eest`", "record r00001", "options.groups")),
        ({"why": "ran"}, ("the why `ran`", "record r00001", "options.causes")),
        ({"days": "0"}, ("lasts 0 days", "record r00001", "leave it blank")),
        ({"value": 2500.0}, ("2,500 m", "record r00001", "options.largest = 1,000")),
    ],
)
def test_a_row_that_cannot_be_is_refused(cells: dict[str, Any], words: tuple[str, ...]) -> None:
    with pytest.raises(DataError) as refusal:
        panel(events([flood("2019-06-01", 20), {**flood("2019-06-02", 20), **cells}]))
    assert all(word in str(refusal.value) for word in words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"classes": [10, 10]}, "do not rise"),
        ({"largest": 50}, "do not rise"),
        ({"roles": {"group": "river", "cause": "why"}}, "`roles.lasts` is missing"),
        ({"seasons": [{"name": "melt", "group": "wst", "months": [4], "effect": [1, 2]}]}, "did you mean `west`"),
        ({"seasons": [{"name": "melt", "group": "west", "months": [13], "effect": [1, 2]}]}, "from 1 to 12"),
        ({"half_lives": 3}, "did you mean `half_life`"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError) as refusal:
        marks.check(replace(SPEC, options={**SPEC.options, **options}))
    assert words in str(refusal.value)


def tree(draws: int, **values: Any) -> xr.DataTree:
    """A posterior that is sure of everything."""
    log_rates = np.log(np.array([[2.0] * 12, [1.0] * 3 + [6.0] * 2 + [1.0] * 7]))
    known = {"log_rates": log_rates, "share": [0.4, 0.2], "size": 30.0, "size_spread": 0.8}
    known |= {"length_of": [20.0, 60.0, 40.0], "length_spread": 0.5, **values}
    dims = {"log_rates": ("group", "month"), "share": ("step",), "length_of": ("cause",)}
    repeated = {
        name: (("chain", "draw", *dims.get(name, ())), np.broadcast_to(value, (1, draws, *np.shape(value))))
        for name, value in known.items()
    }
    return xr.DataTree.from_dict({"posterior": xr.Dataset(repeated)})


def simulated(frame: pd.DataFrame, days: int, seed: int = 1, draws: int = 4000, **values: Any) -> Futures:
    sizes, known = Sizes(draws, draws // 4), snapshot(frame)
    until = AS_OF + timedelta(days=days)
    rng = np.random.default_rng(seed)
    return marks.simulate(tree(1000, **values), panel(frame), SPEC, Prospect(known, until, sizes), rng)


def test_a_longer_horizon_does_not_change_nearer_answers() -> None:
    short, long = (simulated(record(1), days, draws=400).events["flood"] for days in (75, 200))
    nearer = long[(long["event_at"] < pd.Timestamp(AS_OF + timedelta(days=75))).to_numpy()].reset_index(drop=True)
    pd.testing.assert_frame_equal(nearer, short)


def test_futures_have_the_rates_of_groups_and_seasons() -> None:
    """Within 4.5 standard errors of Poisson counts."""
    frame = simulated(record(1), 366).events["flood"]
    months = frame["event_at"].dt.month
    for group, month, rate in (("east", 4, 2.0), ("west", 3, 1.0), ("west", 4, 6.0)):
        number = int(((frame["river"] == group) & (months == month)).sum())
        days = 31 if month == 3 else 30
        expected = rate * days / 365.25 * 4000
        assert abs(number - expected) < 4.5 * np.sqrt(expected)


def test_sizes_climb_classes_by_the_shares_of_record_and_pool() -> None:
    """East has seen 8 floods and 6 larger ones: its share lies between theirs and the pooled one, worth 6 floods."""
    rows = [flood(f"2018-0{1 + place}-01", 50 if place < 6 else 20) for place in range(8)]
    frame = simulated(events(rows), 720, draws=8000).events["flood"]
    size = frame["value"].to_numpy()
    assert size.min() >= 10
    assert size.max() < 1000
    for group, expected in (("east", (6 + 6 * 0.4) / (8 + 6)), ("west", 0.4)):
        of = size[(frame["river"] == group).to_numpy()]
        # Floods of a parameter share it: at worst as uncertain as 2,000 draws of a Beta worth 6 and the record.
        error = np.sqrt(0.25 / len(of) + 0.25 / 7 / 2000)
        assert abs((of >= 30).mean() - expected) < 4.5 * error


def test_lengths_have_the_median_of_their_cause() -> None:
    frame = simulated(record(1), 720).events["flood"]
    for cause, median in (("rain", 20.0), ("snow", 60.0)):
        of = np.log(frame["days"].to_numpy()[(frame["why"] == cause).to_numpy()])
        assert abs(np.median(of) - np.log(median)) < 4.5 * 1.2533 * 0.5 / np.sqrt(len(of)) + 0.5 / median


def test_past_events_go_on_as_long_as_the_record_allows() -> None:
    """Over is over; what lasts beyond today is not; where nothing is known, as often as lengths reach its age."""
    rows = [flood("2019-06-01", 11, days="20"), flood("2019-12-12", 12, days="90"), flood("2019-11-22", 13, why="snow")]
    found = simulated(events([*rows, flood("2018-12-31", 14)]), 30, draws=8000, length_spread=1.5)
    assert found.events["flood"]["event_at"].min() >= pd.Timestamp(AS_OF)
    frame = found.lasting["flood"]
    assert set(frame["value"]) == {12, 13}  # without a recorded end it is over after a year
    sure, unsure = (frame[(frame["value"] == value).to_numpy()] for value in (12, 13))
    assert sorted(sure["draw"]) == list(range(8000))
    assert sure["days"].min() > 20
    middle = 20 * np.exp(1.5 * stats.norm.isf(0.5 / 2))  # its age is the median of its cause
    assert abs((sure["days"] > np.floor(middle)).mean() - 0.5) < 4.5 * 0.5 / np.sqrt(8000) + 0.02
    longer = stats.norm.sf(np.log(40 / 60) / 1.5)
    assert abs(len(unsure) / 8000 - longer) < 4.5 * np.sqrt(longer * (1 - longer) / 8000)
    assert unsure["days"].min() > 40
    assert unsure["days"].max() == 365


def test_a_new_event_looks_like_those_of_its_group() -> None:
    rows = [flood("2018-01-01", 20, entity="mill"), flood("2018-01-01", 20, river="west", entity="weir")]
    frame = simulated(events(rows), 360, draws=400).events["flood"]
    names = frame.groupby("river", observed=True)["entity"].agg(lambda found: set(found.astype(str)))
    assert names.to_dict() == {"east": {"mill"}, "west": {"weir"}}
    assert set(frame["parent"].astype(str)) == {""}


def test_events_are_simulated_before_any_was_recorded() -> None:
    empty = events([flood("2018-01-01", 20)]).iloc[:0]
    frame = simulated(empty, 360, draws=400).events["flood"]
    assert len(frame) > 0
    assert set(frame["entity"].astype(str)) == {""}
    assert set(frame["why"]) == {"rain", "snow", "dam"}


def test_a_model_without_seasons_has_the_same_rate_all_year() -> None:
    flat = replace(SPEC, options={**SPEC.options, "seasons": []})
    drawn = inference.from_prior(marks.sampled(panel(record(1), flat), flat), 3, 1)["posterior"]
    assert "season" not in drawn  # what has no elements has no R-hat either
    log_rates = drawn["log_rates"].to_numpy()
    np.testing.assert_allclose(log_rates, np.broadcast_to(log_rates[..., :1], log_rates.shape))


def test_what_comes_later_does_not_change_the_panel() -> None:
    once = record(1)
    later = events([flood(AS_OF + timedelta(days=3), 700)])
    xr.testing.assert_identical(panel(once), panel(pd.concat([once, later.assign(record="r99999")], ignore_index=True)))


def test_priors_of_seasons_stand_among_the_parameters() -> None:
    (fitted,) = world.fit(
        [SPEC],
        snapshot(record(1)),
        lambda _, data, item, seed: inference.from_prior(marks.sampled(data, item), 50, seed),
    )
    found = world.parameters(fitted)
    assert list(found)[-1] == "melt"
    meaning, prior, drawn = found["melt"]
    assert (meaning.unit, prior.low, prior.high) == ("factor", 1.0, 9.0)
    np.testing.assert_array_equal(drawn.to_numpy(), fitted.tree["posterior"]["season"].to_numpy()[..., 0])

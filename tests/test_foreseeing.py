"""What families foresee of their records: densities of posteriors that had seen no more, and verdicts that hold."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import special, stats

from forecast import accuracy, inference
from forecast.events import Snapshot, day
from forecast.foreseen import Spans
from forecast.models import counts, discounted, levels, stage_ahead, stages, volatility_ahead
from forecast.models.volatility import options
from forecast.spec import Prior, Spec
from forecast.world import Fitted
from tests.models.test_discounted import SPEC as FADING
from tests.models.test_levels import SPEC as PRICE
from tests.models.test_levels import closes, restless
from tests.test_exposure import MADE
from tests.test_spells import LADDER, SPEC, bridge, on
from tests.test_stages import WET
from tests.worlds import AS_OF, attacks, counts_spec, events, snapshot

Array = NDArray[np.float64]


def fitted(item: Spec, page: Any, known: Snapshot, seed: int = 1) -> Fitted:
    data = page.panel(known, item)
    return Fitted(item, page, data, page.posterior(data, item, seed), seed)


def judged(known: Snapshot, *models: Fitted) -> tuple[list[accuracy.Accuracy], list[str]]:
    return accuracy.judged([[one] for one in models], known, 0, lambda one, *_: one.tree)


# --- counts that fade


def test_a_bin_is_foreseen_as_by_the_posterior_of_its_first_day() -> None:
    """Against the exact posterior on the record cut there; events are known on their day, so that none is missing."""
    frame = attacks(3)
    data = discounted.panel(snapshot(frame), FADING)
    found = discounted.ahead(snapshot(frame), data, FADING)
    foreseen = np.flatnonzero(np.isfinite(found["density"].to_numpy()))
    assert len(foreseen) == 2 * found.sizes["unit"] // 3
    k, (a, b) = 90 / discounted.YEAR, discounted.gamma(FADING.priors["background"])
    for place in foreseen[:: len(foreseen) // 6]:
        cut = found["time"].to_numpy()[place].astype("datetime64[D]").item()
        before = discounted.panel(snapshot(frame[(frame["event_at"] < day(cut)).to_numpy()], cut), FADING)
        long = (a + before["events"].to_numpy()) / (b + before.attrs["years"])
        shape, rate = k * long + before["recent"].to_numpy(), k + before.attrs["recent_years"]
        step = FADING.step / discounted.YEAR
        exact = stats.nbinom.logpmf(found["happened"].to_numpy()[place], shape, rate / (rate + step)).sum()
        assert found["density"].to_numpy()[place] == pytest.approx(exact)


def test_its_bins_are_those_of_counts() -> None:
    known = snapshot(attacks(3))
    found = discounted.ahead(known, discounted.panel(known, FADING), FADING)["happened"]
    alike = replace(counts_spec(), covariates=())
    other = counts.panel(known, alike)["counts"]
    sight = accuracy.Sight(known, 5, lambda one, *_: one.tree)
    of_counts = Fitted(alike, counts, counts.panel(known, alike), xr.DataTree(), 1)
    assert sight.lacking("ahead", [fitted(FADING, discounted, known), of_counts]) == ""
    assert (found.to_numpy() == other.to_numpy()).all()
    assert (found["time"].to_numpy() == other["time"].to_numpy()).all()
    assert found["cell"].to_numpy().tolist() == other["cell"].to_numpy().tolist()


def test_the_last_days_are_foreseen_as_far_as_they_are_known() -> None:
    """Half of all events become known after 20 days: of ten days without any, half as many were to be seen by now."""
    frame = attacks(3, years=8)
    frame = frame[(frame["event_at"] < day(AS_OF - timedelta(days=20))).to_numpy()]
    frame["known_at"] = frame["event_at"] + (20 * (np.arange(len(frame)) % 2)).astype("timedelta64[D]")
    steady = replace(FADING, options={**FADING.options, "half_life": 1e6, "strength": 1e6})
    known = snapshot(frame)
    found = discounted.ahead(known, discounted.panel(known, steady), steady)
    density, happened = found["density"].to_numpy(), found["happened"].to_numpy().sum(axis=1)
    whole = density[np.isfinite(density) & (happened == 0)][0]
    assert happened[-2:].tolist() == [0, 0]
    assert density[-2:] / whole == pytest.approx([0.5, 0.5], abs=0.1)


def pulses(seed: int, high: float, years: int = 10) -> pd.DataFrame:
    """Scatter events whose rate a day is `high`, and what then lacks to 0.2, in turn, half a year each."""
    random = np.random.default_rng(seed)
    days = np.arange(365 * years)
    rate = np.where(days // 180 % 2, high, 0.2 - high)
    rows = [
        {"event_at": AS_OF - timedelta(days=int(ago) + 1), "known_at": AS_OF - timedelta(days=int(ago) + 1)}
        for ago in np.repeat(days, random.poisson(rate))
    ]
    return events([{**row, "entity": "north"} for row in rows], kind="strike", who="red", what="road")


@pytest.mark.slow
def test_who_forgets_is_preferred_where_rates_change_and_hardly_ever_where_they_do_not() -> None:
    """A forgets within months, B within decades."""
    runs, found, wrong = 40, 0, 0
    options = {**FADING.options, "strength": 30}
    items = [replace(FADING, since=date(2010, 1, 1), options={**options, "half_life": half}) for half in (60, 7000)]
    for run in range(runs):
        for high, better in ((0.18, True), (0.1, False)):
            known = snapshot(pulses(1000 * better + run, high))
            (told,), notes = judged(known, *(fitted(item, discounted, known) for item in items))
            assert (told.way, told.units) == ("ahead", "bins")
            assert notes == ["`strikes`, left out one at a time: the family `discounted` has no such densities"]
            found += better and told.verdicts == ("A",)
            wrong += (not better) and told.verdicts == ("A",)
    assert found / runs > 0.8, found
    assert wrong / runs <= 0.05, wrong


# --- prices


def test_a_stretch_is_foreseen_as_by_the_posterior_of_the_day_before() -> None:
    """Against draws of slopes from a record that ends there: within .05 nats, of 1,200 draws."""
    frame = closes(restless(1))
    data = levels.panel(snapshot(frame), PRICE)
    found = levels.ahead(snapshot(frame), data, PRICE)
    last, at = found["segment"].to_numpy(), data["at"].to_numpy()
    assert set(last) == set(options(PRICE).segments)
    for place in (0, len(last) // 2, len(last) - 1):
        segment = options(PRICE).segments.index(int(last[place]))
        width = int(options(PRICE).widths[segment])
        origin = np.searchsorted(at, found["time"].to_numpy()[place]) - 1 - (int(last[place]) - width)
        before = data.isel(day=slice(0, origin + 1))
        came = before["came"].to_numpy().copy()
        for number, end in enumerate(options(PRICE).segments):
            came[max(origin + 1 - end, 0) :, number] = np.nan  # it had not ended by then
        tree = levels.posterior(before.assign(came=(("day", "segment"), came)), PRICE, 2)["posterior"].to_dataset()
        slopes = np.concatenate([tree[name].to_numpy()[0].reshape(1200, 3, -1) for name in levels.PRIORS], axis=2)
        middle = slopes[:, segment] @ data["known"].to_numpy()[origin]
        drawn = stats.norm.logpdf(data["came"].to_numpy()[origin, segment], middle, options(PRICE).noise)
        exact = float(special.logsumexp(drawn) - np.log(len(drawn)))
        assert found["density"].to_numpy()[place] == pytest.approx(exact, abs=0.05)
        assert found["happened"].to_numpy()[place] == data["came"].to_numpy()[origin, segment]


def test_stretches_of_a_segment_follow_on_each_other_and_end_with_the_record() -> None:
    frame = closes(restless(2))
    data = levels.panel(snapshot(frame), PRICE)
    found = levels.ahead(snapshot(frame), data, PRICE)
    at = data["at"].to_numpy()
    for last, width in zip(options(PRICE).segments, options(PRICE).widths, strict=True):
        begins = np.searchsorted(at, found["time"].to_numpy()[found["segment"].to_numpy() == last])
        assert (np.diff(begins) == width).all()
        assert begins[-1] + width == len(at)
        assert begins[0] >= volatility_ahead.EARLIER * len(at)
    assert np.isfinite(found["density"].to_numpy()).all()


def test_prices_are_compared_where_they_explain_the_same() -> None:
    known = snapshot(closes(restless(3)))
    other = [
        replace(PRICE, options={**PRICE.options, "segments": [10, 30]}),
        replace(PRICE, options={**PRICE.options, "memories": [10, 60, 900]}),
    ]
    a, b, c = (fitted(item, levels, known) for item in (PRICE, *other))
    found, notes = judged(known, a, b, c)
    assert [(one.way, one.units, one.models) for one in found] == [("ahead", "stretches", "AC")]
    assert notes[1].startswith("B: it does not explain the same stretches as A (other target, segments")
    # Where the longest memory is not full, nothing is foreseen by either.
    assert found[0].leads[0].n < levels.ahead(known, a.panel, PRICE).sizes["unit"]


def noise(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Add two columns that look like volatilities and say nothing."""
    random = np.random.default_rng(seed)
    for name in ("one", "other"):
        wander = 0.1 * np.cumsum(random.standard_normal(len(frame)) * 0.5) % 1.0
        frame[name] = 20 * np.exp(wander)
    return frame


@pytest.mark.slow
def test_who_remembers_is_preferred_and_idle_regressors_are_not_told_apart() -> None:
    """Sixteen years; A reads what is past, or an idle column, B knows the usual alone, or reads another idle column."""
    runs, found, wrong = 40, 0, 0
    blind = replace(PRICE, priors={**PRICE.priors, "memory": Prior(-0.001, 0.001)})
    idle = [replace(PRICE, options={**PRICE.options, "implied": name}) for name in ("one", "other")]
    for run in range(runs):
        known = snapshot(noise(closes(restless(run, 4000)), run))
        (told,), _ = judged(known, *(fitted(item, levels, known) for item in (PRICE, blind)))
        found += told.verdicts == ("A",)
        (told,), _ = judged(known, *(fitted(item, levels, known) for item in idle))
        wrong += told.verdicts != ("neither",)
    assert found / runs > 0.9, found
    assert wrong / runs <= 0.05 + 2.33 * (0.05 * 0.95 / runs) ** 0.5, wrong


# --- mechanisms


def of_prior(item: Spec, known: Snapshot, draws: int = 20) -> Fitted:
    data = stages.panel(known, item)
    return Fitted(item, stages, data, inference.from_prior(stages.sampled(data, item), draws, 3), 1)


def test_mechanisms_add_up_to_the_log_likelihood_of_all() -> None:
    """With traits, deadlines and a covariate."""
    model = of_prior(WET, MADE[0])
    found = stages.left_out(model.tree, MADE[0], model.panel, WET, 20)
    whole = stages.log_likelihoods(model.tree, model.panel, WET).to_numpy().ravel()
    np.testing.assert_allclose(found["log_likelihood"].sum("unit").to_numpy(), whole, rtol=1e-9)
    happened = model.panel["happened"].sum("cell").to_numpy()
    counted = found["happened"].to_numpy()
    assert 50 < found.sizes["unit"] == len(set(found["unit"].to_numpy().tolist()))
    assert counted[:, 1:].sum() == happened.sum()
    assert (found["time"].to_numpy()[1:] >= found["time"].to_numpy()[:-1]).all()


@pytest.fixture(scope="module")
def cut() -> Spans:
    """Spans of a record with traits, deadlines and a covariate."""
    return stages.spans(MADE[0], WET, 20)


def test_spans_add_up_to_what_mechanisms_do(cut: Spans) -> None:
    model = of_prior(WET, MADE[0])
    left = stages.left_out(model.tree, MADE[0], model.panel, WET, 20)
    np.testing.assert_allclose(cut.likely(model.tree).sum(axis=1), left["log_likelihood"].sum("unit"), rtol=1e-9)
    np.testing.assert_allclose(cut.happened.sum("unit"), left["happened"].sum("unit"))
    assert (cut.happened >= 0).all()
    assert (cut.happened.sum("what") > 0).all()
    assert len(cut.exact) == cut.happened.sizes["unit"] == stage_ahead.LATER + 1


def test_a_span_is_what_it_is_whatever_comes_after(cut: Spans) -> None:
    """Of mechanisms, of deadlines and of what covariates read."""
    tree, number = of_prior(WET, MADE[0]).tree, 21
    before = stages.spans(until(MADE[0], cut, number), WET, 20)
    some, every = before.likely(tree), cut.likely(tree)
    np.testing.assert_allclose(some[:, :number], every[:, :number], rtol=1e-9)
    np.testing.assert_allclose(before.exact[:number], cut.exact[:number])
    np.testing.assert_array_equal(before.happened[:number], cut.happened[:number])
    assert not np.isclose(some[:, number:], every[:, number:]).all()


def test_a_fit_sees_the_record_as_it_stood_when_its_spans_ended(cut: Spans) -> None:
    tree, likely = of_prior(WET, MADE[0]).tree, cut.likely(of_prior(WET, MADE[0]).tree)
    for number in (1, 20):
        ended = cut.happened["time"].to_numpy()[number].astype("datetime64[D]").item()
        then, seen = stages.panel(replace(until(MADE[0], cut, number), as_of=ended), WET), cut.until(number)
        for name in ("exposure", "happened"):
            np.testing.assert_allclose(seen[name].sum("cell"), then[name].sum("cell"))
        xr.testing.assert_equal(seen[["leads", "ends"]], then[["leads", "ends"]])
        for each in (seen, then):
            whole = stages.log_likelihoods(tree, each, WET).to_numpy()[0]
            np.testing.assert_allclose(whole, likely[:, :number].sum(axis=1), rtol=1e-9)


def until(known: Snapshot, cut: Spans, number: int) -> Snapshot:
    """Keep what happened in the first spans."""
    ended = cut.happened["time"].to_numpy()[number]
    return replace(known, events=known.events[(known.events["event_at"] < ended).to_numpy()])


def test_spans_are_compared_where_models_read_the_same_of_the_same_mechanisms() -> None:
    known = snapshot(events([*bridge(("planned", 0), ("funded", 300)), *bridge(("planned", 90), name="b")]), on(400))
    a, cuts, since = (
        of_prior(item, known, 2)
        for item in (
            SPEC,
            replace(SPEC, options={**SPEC.options, "cuts": [60, 200]}),
            replace(SPEC, since=on(50)),
        )
    )
    sight = accuracy.Sight(known, 1, lambda one, *_: one.tree)
    assert sight.lacking("ahead", [a, cuts]) == ""
    refused = "it does not explain the same spans as A (other `since`, target, stages or exits); use backtests"
    assert sight.lacking("ahead", [a, since]) == refused
    asked = "from what came before: that takes fits to earlier parts of the record; ask for them with --ahead"
    assert accuracy.Sight(known, 0, lambda one, *_: one.tree).lacking("ahead", [a, cuts]) == asked


def test_where_a_mechanism_was_led_is_foreseen_by_the_weights_from_which_futures_are_drawn() -> None:
    """One advance of one mechanism: the mean of the Dirichlet distribution of all others, by hand."""
    rows = [
        *bridge(("planned", 0), ("funded", 10), name="a"),
        *bridge(("planned", 1), ("funded", 20), name="b"),
        *bridge(("planned", 2), ("built", 20), name="c"),
    ]
    known = snapshot(events(rows), on(40))
    model = of_prior(SPEC, known)
    found = stages.left_out(model.tree, known, model.panel, SPEC, 20)
    exact = dict(zip(found["unit"].to_numpy().tolist(), found["exact"].to_numpy().tolist(), strict=True))
    # From `planned` a road may be led to three stages; two others went on, one of them likewise.
    strength = LADDER.strength
    centre = np.array([1 + 1 / 3, 1 + 1 / 3, 1 / 3]) / 3
    expected = (1 + strength * centre[0]) / (2 + strength)
    assert exact["a"] == exact["b"] == pytest.approx(np.log(expected))
    centre = np.array([2 + 1 / 3, 1 / 3, 1 / 3]) / 3
    assert exact["c"] == pytest.approx(np.log(strength * centre[1] / (2 + strength)))


def climbed(seed: int, factor: float, number: int = 80, latest: int = 900, today: int = 1800) -> Snapshot:
    """Let roads climb at one step a year, every other one at a multiple of that."""
    random = np.random.default_rng(seed)
    rows = []
    for place in range(number):
        at, days = int(random.integers(0, latest)), 365 / (factor if place % 2 else 1)
        steps = [("planned", at)]
        for stage in ("funded", "built", "opened"):
            at += 1 + int(random.exponential(days))
            steps += [(stage, at)] if at < today else []
        rows += bridge(*steps, name=f"b{place}", length="long" if place % 2 else "short")
    return snapshot(events(rows), on(today))


def by_length(data: xr.Dataset, told: bool, seed: int, draws: int = 1000) -> xr.DataTree:
    """Draw from the posterior of one rate of advancing, or of one for each length, which is gamma."""
    random = np.random.default_rng(seed)
    length = data["traits"].to_numpy()[:, 0].astype(int) if told else np.zeros(data.sizes["cell"], int)
    happened, years = (
        np.array([data[name].to_numpy()[length == at, 0].sum() for at in (0, 1)]) for name in ("happened", "exposure")
    )
    rate = random.gamma(0.5 + happened, 1 / (0.5 + years), (draws, 2))
    ones, kinds, states = np.ones(draws), len(LADDER.kinds), len(LADDER.states)
    trait = np.ones((draws, 2))
    trait[:, 0] = rate[:, 1] / rate[:, 0] if told else 1.0
    shapes = {"stage_spread": 3, "kind_spread": 3, "pair_spread": 2, "age_spread": 2}
    z = {"z_stage": (3, states), "z_kind": (3, kinds), "z_pair": (2, states, kinds)}
    z |= {"z_age_stage": (states,), "z_age_kind": (kinds,)}
    values = {
        "advance": rate[:, 0],
        "exit": 0.01 * ones,
        "suspend": 0.01 * ones,
        "age": 0 * ones,
        **{name: np.ones((draws, size)) for name, size in shapes.items()},
        **{name: np.zeros((draws, *shape)) for name, shape in z.items()},
        "deadline": np.ones((draws, 9)),
        "trait": trait,
    }
    drawn = {
        name: (("chain", "draw", *(f"{name}_{n}" for n in range(v.ndim - 1))), v[None]) for name, v in values.items()
    }
    return xr.DataTree.from_dict({"posterior": xr.Dataset(drawn)})


def of_both(known: Snapshot, run: int, fits: int) -> tuple[list[accuracy.Accuracy], list[str]]:
    """Set a model that knows of lengths beside one that does not."""
    data, told = stages.panel(known, SPEC), {2 * run: True, 2 * run + 1: False}
    models = [[Fitted(SPEC, stages, data, by_length(data, each, seed), seed)] for seed, each in told.items()]
    return accuracy.judged(models, known, fits, lambda one, seen, _: by_length(seen, told[one.seed], one.seed))


@pytest.mark.slow
def test_who_knows_which_mechanisms_are_faster_is_preferred_and_not_where_none_is() -> None:
    """Eighty roads; where long ones climb 2.5 times as fast, and where all are alike."""
    runs, found, wrong = 40, 0, 0
    for run in range(runs):
        for factor, differ in ((2.5, True), (1.0, False)):
            (told,), notes = of_both(climbed(1000 * differ + run, factor), run, 0)
            assert (told.way, told.units, told.leads[0].n) == ("left out", "mechanisms", 80)
            assert notes == [
                "from what came before: that takes fits to earlier parts of the record; ask for them with --ahead"
            ]
            found += differ and told.verdicts == ("A",)
            wrong += (not differ) and told.verdicts != ("neither",)
    assert found / runs > 0.8, found
    assert wrong / runs <= 0.05, wrong


@pytest.mark.slow
def test_the_same_is_foreseen_from_what_came_before() -> None:
    """A hundred and sixty roads of ten years."""
    runs, found, wrong = 10, 0, 0
    for run in range(runs):
        for factor, differ in ((2.5, True), (1.0, False)):
            (_, told), notes = of_both(climbed(1000 * differ + run, factor, 160, 3500, 3650), run, 20)
            assert (told.way, told.units, told.leads[0].n) == ("ahead", "spans", stage_ahead.LATER)
            assert notes == []
            found += differ and told.verdicts == ("A",)
            wrong += (not differ) and told.verdicts != ("neither",)
    assert found / runs > 0.6, found
    assert wrong / runs <= 0.05, wrong

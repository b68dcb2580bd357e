"""Floods that storms bring: their chance has its exact posterior, none is counted twice, futures keep to it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import integrate, special, stats

from forecast import inference, spec, world
from forecast.errors import SpecError
from forecast.events import Futures, Snapshot
from forecast.inference import Sizes
from forecast.models import brought, gridded, marks, onsets
from forecast.prospect import Prospect
from forecast.rules import Rule
from forecast.spec import Covariate, Prior, Sampler
from tests.models.test_marks import SPEC as PLAIN
from tests.models.test_marks import flood, formula, tree
from tests.simulated import ALARM, open_gate
from tests.worlds import AS_OF, events, snapshot

STORMS = Covariate("storms", Rule("count", {"kind": ("storm",), "size": ("large",)}), 3, Prior(0.05, 0.6))
SPEC = replace(PLAIN, covariates=(STORMS,), options={**PLAIN.options, "brought": ["rain", "dam"]})
WORLDS = 60
DRAWS = 1200


def storm(at: date | str, **cells: Any) -> dict[str, Any]:
    return {"kind": "storm", "event_at": at, "size": "large", **cells}


def panel(rows: list[dict[str, Any]], item: spec.Spec = SPEC) -> xr.Dataset:
    return marks.panel(snapshot(events(rows)), item)


ROWS = [
    storm("2018-03-01"),
    flood("2018-03-03", 40),  # the last day of the window
    flood("2018-03-03", 20),  # the storm has brought one already
    storm("2018-05-01", n=3),
    flood("2018-05-01", 15, why="dam"),
    flood("2018-05-02", 300),
    flood("2018-05-02", 12, why="snow"),  # not by a storm
    flood("2018-05-02", 13, entity="there"),
    flood("2018-05-04", 25),  # three days later is out
    storm("2018-07-01", size="small"),
    flood("2018-07-01", 16),
    storm("2018-08-01", precision="month"),
    flood("2018-08-01", 17),
    storm("2018-09-01"),
    flood("2018-09-01", 18, precision="month"),
    flood("2018-09-02", 5),  # smaller than any that counts
    storm("1999-12-31"),
    flood("2000-01-01", 19),
    storm("2019-12-31", known_at="2020-01-01"),  # not known yet
]


def test_what_followed_in_time_was_brought_and_nothing_twice() -> None:
    data = panel(ROWS)
    assert data["trials"].to_numpy().tolist() == [1 + 3 + 1]
    assert data["value"].to_numpy()[data["brought"].to_numpy() == 1].tolist() == [40, 15, 300]


def test_what_was_brought_is_no_onset_and_keeps_its_size() -> None:
    linked, plain = panel(ROWS), panel(ROWS, PLAIN)
    gone = plain["onsets"].to_numpy() - linked["onsets"].to_numpy()
    brought_at = plain["onsets"].to_numpy()[0, [2, 4]] / [2, 5]  # what one of that month is worth
    np.testing.assert_allclose(gone[0, [2, 4]], [1, 2] * brought_at, rtol=2e-3)
    assert gone.sum() == pytest.approx(gone[0, [2, 4]].sum())
    kept = linked.drop_vars(["trials", "brought", "onsets"])
    xr.testing.assert_identical(kept, plain.drop_vars("onsets"))


def test_a_record_without_such_events_says_so() -> None:
    data = panel([row for row in ROWS if row["kind"] == "flood"], replace(SPEC, name="alone"))
    assert data["trials"].to_numpy().tolist() == [0]
    assert "storms: none stands on the record" in " ".join(marks.notes(data, SPEC))
    told = " ".join(marks.notes(panel(ROWS), SPEC))
    assert "storms: of 5 on record that are dated to a day, 3 were followed within 3 days" in told
    assert "by cause rain or dam" in told


def chance(trials: float, number: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the posterior of q by the formula, on a fine grid: q and weights."""
    location, scale = inference.location_scale(STORMS.effect, "unit")
    logit = location + scale * np.linspace(-8, 8, 8001)
    q = special.expit(logit)
    log = stats.binom.logpmf(number, trials, q) + stats.norm.logpdf(logit, location, scale)
    weight = np.exp(log - log.max())
    return q, weight / weight.sum()


def test_the_link_adds_its_formula_to_the_density_and_nothing_else() -> None:
    """So the posterior of the chance is that of `chance`, whatever else is learned."""
    data, rng = panel(ROWS), np.random.default_rng(1)
    model = marks.sampled(data, SPEC).build()
    start, compiled = model.initial_point(), model.compile_logp(mode="FAST_COMPILE")
    names = [name for name, value in start.items() for _ in range(np.size(value))]
    last, ends = (
        max(at for at, name in enumerate(names) if name == "z_prior"),
        np.cumsum([*map(np.size, start.values())]),
    )
    location, scale = inference.location_scale(STORMS.effect, "unit")
    differences = []
    for x in rng.normal(0, 0.7, (5, len(names))):
        found = float(compiled(dict(zip(start, np.split(x, ends[:-1]), strict=True))))
        added = stats.norm.logpdf(x[last]) + stats.binom.logpmf(3, 5, special.expit(location + scale * x[last]))
        differences.append(found - formula(data, np.delete(x, last), [*names[:last], *names[last + 1 :]]) - added)
    np.testing.assert_allclose(np.diff(differences), 0, atol=1e-6)


@pytest.mark.slow
def test_the_chance_has_its_exact_posterior(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of draws by NUTS, the mean and a quantile within 4.5 Monte Carlo errors."""
    import arviz_stats

    open_gate(monkeypatch)
    (fitted,) = world.fit([replace(SPEC, sampler=Sampler(draws=500, tune=200, chains=2))], snapshot(events(ROWS)))
    drawn = world.parameters(fitted)["storms"][2]
    q, weight = chance(5, 3)
    worth = float(arviz_stats.ess(drawn.to_numpy(), method="bulk"))
    mean = weight @ q
    assert abs(float(drawn.mean()) - mean) < 4.5 * np.sqrt(weight @ (q - mean) ** 2 / worth)
    assert abs(weight[q < np.quantile(drawn, 0.9)].sum() - 0.9) < 4.5 * np.sqrt(0.09 / worth)


def test_the_chance_stands_among_the_parameters() -> None:
    data = panel(ROWS)
    drawn = inference.from_prior(marks.sampled(data, SPEC), 3, 1)
    meaning, prior, values = world.parameters(world.Fitted(SPEC, marks, data, drawn, 1))["storms"]
    assert (meaning, prior, values.dims) == (marks.COVARIATE, STORMS.effect, ("chain", "draw"))
    assert ((values > 0) & (values < 1)).all()


def storms(draws: int, number: int, seed: int, days: int = 300, where: tuple[str, ...] = ("here",)) -> pd.DataFrame:
    """Scatter simulated storms over the days ahead, in the order of days, as a model of them would."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"draw": np.repeat(np.arange(draws), number), "n": 1, "value": 1.0, "size": "large"})
    rows["event_at"] = pd.Timestamp(AS_OF) + pd.to_timedelta(rng.integers(0, days, len(rows)), "D")
    rows["entity"] = pd.Categorical(rng.choice(where, len(rows)))
    return rows.sort_values(["event_at", "draw"], kind="stable").reset_index(drop=True)


def linked(sure: xr.DataTree, chance: NDArray[np.float64]) -> xr.DataTree:
    """Add a chance, draw by draw, to a posterior."""
    effect = (("chain", "draw", "covariate"), chance[None, :, None])
    return xr.DataTree.from_dict({"posterior": sure["posterior"].to_dataset().assign(effect=effect)})


def simulated(
    rows: list[dict[str, Any]], made: pd.DataFrame | None, days: int = 300, item: spec.Spec = SPEC, effect: float = 0.3
) -> pd.DataFrame:
    sizes, known = Sizes(DRAWS, 400), snapshot(events(rows))
    so_far = None if made is None else Futures({"storm": made}, DRAWS, 400, {})
    posterior = linked(tree(400), np.full(400, effect))
    prospect = Prospect(known, AS_OF + timedelta(days=days), sizes, so_far)
    found = marks.simulate(posterior, panel(rows, item), item, prospect, np.random.default_rng(3))
    return found.events["flood"]


def added(made: pd.DataFrame, rows: list[dict[str, Any]] = ROWS) -> pd.DataFrame:
    """Give what storms brought: the futures with them, less those without, of which none changes."""
    with_, without = (simulated(rows, one).astype({"entity": str}) for one in (made, made.iloc[:0]))
    every = with_.merge(without, "left", indicator=True)
    assert (every["_merge"] == "both").sum() == len(without)
    return every[(every["_merge"] == "left_only").to_numpy()]


def test_storms_bring_as_many_as_their_chance_says() -> None:
    """Within 4.5 standard errors of a binomial number, where they are and when, by causes as common as in the past."""
    made = storms(DRAWS, 5, seed=1, where=("here", "there"))
    found = added(made)
    assert abs(len(found) - 0.3 * len(made)) < 4.5 * np.sqrt(len(made) * 0.3 * 0.7)
    keys = ["draw", "event_at", "entity"]
    assert len(found.merge(made.astype({"entity": str})[keys].drop_duplicates(), on=keys)) == len(found)
    rain = (found["why"] == "rain").mean()
    expected = (10 + 1) / (10 + 1 + 2)
    assert abs(rain - expected) < 4.5 * np.sqrt(expected * (1 - expected) / len(found))
    assert set(found["why"].astype(str)) == {"rain", "dam"}
    assert found["value"].between(10, 1000).all()


def test_without_storms_ahead_nothing_is_changed() -> None:
    for made in (None, storms(DRAWS, 5, seed=1).iloc[:0]):
        pd.testing.assert_frame_equal(simulated(ROWS, made), simulated(ROWS, None, item=PLAIN))


def test_scheduled_storms_and_those_that_stand_for_several_bring_more() -> None:
    coming = storm("2020-01-20", n=4, known_at="2019-12-30")
    found = simulated([*ROWS, coming], None, 40, effect=0.5)
    plain = simulated([*ROWS, coming], None, 40, effect=1e-9)
    assert abs(len(found) - len(plain) - 2 * DRAWS) < 4.5 * np.sqrt(DRAWS)


def test_a_flood_belongs_to_the_group_of_most_of_its_entity() -> None:
    rows = [
        *(flood("2018-01-01", 20, entity="mill", river="west", why="snow") for _ in range(3)),
        flood("2018-01-02", 20, entity="mill"),
        *(flood("2018-01-03", 20, entity="weir", river="west", why="dam") for _ in range(2)),
        *(flood("2018-01-04", 20, entity="ford", why="snow") for _ in range(9)),
    ]
    found = added(storms(DRAWS, 3, seed=2, where=("mill", "ford", "new")), rows)
    of = found.groupby("entity")["river"].agg(lambda group: set(group.astype(str))).to_dict()
    assert of == {"mill": {"west"}, "ford": {"east"}, "new": {"west"}}  # most floods by rain or a dam were in the west


def test_sizes_of_what_was_brought_shift_what_will_be() -> None:
    """The mean shift is that of an integral of prior and cut-off lognormals, within 4.5 Monte Carlo errors."""
    data, known = panel(ROWS), snapshot(events(ROWS))
    prospect, found = Prospect(known, AS_OF, Sizes(4000, 4000)), onsets.options(SPEC)
    drawn = {"size": np.full(4000, 30.0), "size_spread": np.full(4000, 0.8)}
    shift = brought._shifts(drawn, data, found, prospect, np.random.default_rng(1))
    scale = np.log(5) / inference.Z95

    def weight(f: float) -> float:
        low, high = ((np.log(end) - np.log(30) - f) / 0.8 for end in (10, 1000))
        log = stats.truncnorm.logpdf(np.log([40, 15, 300]), low, high, np.log(30) + f, 0.8).sum()
        return float(np.exp(log) * stats.norm.pdf(f, 0, scale))

    total, mean, square = (integrate.quad(lambda f, p=p: f**p * weight(f), -4, 4)[0] for p in (0, 1, 2))
    sd = np.sqrt(square / total - (mean / total) ** 2)
    assert abs(shift.mean() - mean / total) < 4.5 * sd / np.sqrt(4000)
    assert abs(shift.std() / sd - 1) < 4.5 / np.sqrt(2 * 4000)
    assert sd < scale


def test_a_longer_horizon_does_not_change_nearer_answers() -> None:
    made = storms(DRAWS, 5, seed=4)
    short, long = (simulated(ROWS, made, days) for days in (75, 300))
    nearer = long[(long["event_at"] < pd.Timestamp(AS_OF + timedelta(days=75))).to_numpy()].reset_index(drop=True)
    pd.testing.assert_frame_equal(nearer, short)


def test_what_becomes_known_later_changes_nothing() -> None:
    later = [storm("2019-12-20", known_at="2020-02-01"), flood("2019-12-20", 50, known_at="2020-02-01")]
    xr.testing.assert_identical(panel(ROWS), panel([*ROWS, *later]))


def test_the_spec_reads_what_it_names_and_runs_after_it() -> None:
    maker = replace(PLAIN, name="storms", target={"kind": ("storm",)})
    assert SPEC.reads == ("storm",)
    assert world.order([SPEC, maker]) == [1, 0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"covariates": (STORMS, replace(STORMS, name="gales"))}, "takes one covariate, not 2"),
        ({"covariates": (replace(STORMS, rule=replace(STORMS.rule, measure="sum")),)}, "reads a count, not `sum`"),
        ({"covariates": (replace(STORMS, effect=Prior(0.5, 1.5)),)}, "cannot hold a share"),
        ({"covariates": (replace(STORMS, since=SPEC.since),)}, "has no `since`"),
        ({"covariates": ()}, "give both, `brought` and [[covariates]], or neither"),
        ({"options": PLAIN.options}, "give both, `brought` and [[covariates]], or neither"),
        ({"options": {**PLAIN.options, "brought": ["ran"]}}, "did you mean `rain`"),
        ({"options": {**SPEC.options, "brought_size": [-1, 2]}}, "brought_size"),
    ],
)
def test_links_that_cannot_be_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError) as refusal:
        marks.check(replace(SPEC, **change))
    assert words in str(refusal.value)


def test_intervals_of_the_chance_hold_it_nine_times_in_ten() -> None:
    """Worlds with chances of the prior, storms and floods of eight years made by `simulate`, and found by `panel`.

    What is counted back is what was made, but for storms so close that the record cannot tell whose flood it was.
    """
    rng, begins = np.random.default_rng(5), date(2012, 1, 1)
    location, scale = inference.location_scale(STORMS.effect, "unit")
    truth = special.expit(rng.normal(location, scale, WORLDS))
    posterior = linked(tree(WORLDS, log_rates=np.full((2, 12), -2.0)), truth)
    blank = events([{**flood("2018-01-01", 20), "size": ""}]).iloc[:0]
    nothing = Snapshot(begins, blank, {})
    made = storms(WORLDS, 20, seed=6, days=2900)
    made["event_at"] -= pd.Timestamp(AS_OF) - pd.Timestamp(begins)
    prospect = Prospect(nothing, AS_OF, Sizes(WORLDS, WORLDS), Futures({"storm": made}, WORLDS, WORLDS, {}))
    floods = marks.simulate(posterior, marks.panel(nothing, SPEC), SPEC, prospect, rng).events["flood"]
    floods = floods.astype({"river": str, "why": str, "entity": str, "parent": str}).assign(kind="flood")
    made = made.assign(kind="storm", parent="", entity="here")
    held = 0
    for draw in range(WORLDS):
        rows = [frame[(frame["draw"] == draw).to_numpy()].drop(columns="draw") for frame in (floods, made)]
        found = panel([row for frame in rows for row in frame.to_dict("records")])
        q, weight = chance(float(found["trials"].sum()), float(found["brought"].sum()))
        held += 0.05 < weight[q <= truth[draw]].sum() < 0.95
    assert stats.binom.ppf(ALARM / 2, WORLDS, 0.9) <= held <= stats.binom.isf(ALARM / 2, WORLDS, 0.9)


def test_draws_from_a_grid_have_its_density() -> None:
    grid = gridded.around(1.0, 2.0)
    drawn = gridded.inverse(grid, stats.norm.logpdf(grid, 0.5, 0.7), np.random.default_rng(7).random(20_000))
    assert stats.kstest(drawn, stats.norm(0.5, 0.7).cdf).pvalue > ALARM

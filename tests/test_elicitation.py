"""An expert's judgement into a prior, and the posterior with and without it: laws, and everything that is refused."""

import sys
from dataclasses import dataclass, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from forecast import (
    diagnosis,
    elicitation,
    elicited,
    entries,
    model_tables,
    model_text,
    reweighing,
    scales,
    spec,
    world,
)
from forecast.elicitation import Quantile
from forecast.elicited import Judgement
from forecast.errors import EnvironmentFault, SpecError, UsageError
from forecast.findings import Elicited
from forecast.inference import Z95, Meaning, location_scale
from forecast.models import counts, marks, stages
from forecast.outlook import Fit
from forecast.report import methods
from forecast.report.document import Table, Text
from forecast.spec import Prior, Spec
from forecast.world import Fitted
from tests.models.test_marks import SPEC as FLOODS
from tests.test_diagnosis import posterior
from tests.test_spells import SPEC as BRIDGES
from tests.worlds import AS_OF, COUNTS, attacks, counts_spec, snapshot

DAY = date(2019, 11, 29)
KNOWN = snapshot(attacks(seed=2))
PRIORS = {"positive": Prior(0.2, 7.0), "unit": Prior(0.3, 0.98), "real": Prior(-2.0, 3.5)}
POSITIVE = Meaning("positive", "a-year", "counts-background")


def given(low: float, high: float, instead: tuple[float, float], by: str = "A. Expert") -> Prior:
    return Prior(low, high, by, DAY, "it was said", instead)


def said(prior: Prior, support: str, levels: list[float]) -> list[Quantile]:
    """Say quantiles of a prior."""
    mean, sd = location_scale(prior, support)
    places = scales.natural(mean + sd * stats.norm.ppf(levels), support)
    return [Quantile(level, float(place)) for level, place in zip(levels, places, strict=True)]


@pytest.mark.parametrize("support", PRIORS)
@pytest.mark.parametrize("levels", [[0.1, 0.9], [0.05, 0.5], [0.25, 0.5, 0.75], [0.01, 0.2, 0.6, 0.99]])
def test_a_prior_comes_back_from_its_quantiles(support: str, levels: list[float]) -> None:
    """To the four digits in which it is written."""
    found = elicitation.fit(said(PRIORS[support], support, levels), support)
    assert found.low == pytest.approx(PRIORS[support].low, rel=1e-3)
    assert found.high == pytest.approx(PRIORS[support].high, rel=1e-3)
    assert found.miss < 1e-3
    assert elicitation.probability(PRIORS[support], found.low, found.high, support) == pytest.approx(0.9, abs=2e-3)


def test_quantiles_that_no_prior_has_are_fitted_by_least_squares() -> None:
    levels, values = np.array([0.05, 0.4, 0.5, 0.9]), np.array([-1.0, 0.1, 0.3, 2.0])
    sd, mean = np.polyfit(stats.norm.ppf(levels), values, 1)
    found = elicitation.fit([Quantile(*pair) for pair in zip(levels.tolist(), values.tolist(), strict=True)], "real")
    assert (found.low, found.high) == pytest.approx((mean - Z95 * sd, mean + Z95 * sd), abs=1e-3)
    far = np.abs(stats.norm.cdf(values, mean, sd) - levels).max()
    assert found.miss == pytest.approx(far, abs=1e-3)


def test_many_chips_are_the_prior_that_they_were_dealt_by() -> None:
    """Bins begin where the support does; shares of 4,000 chips err by .008 at most, one standard error."""
    rng = np.random.default_rng(3)
    mean, sd = location_scale(PRIORS["positive"], "positive")
    edges = [0.0, 0.3, 0.8, 1.5, 3.0, 6.0, 1e4]
    counted, _ = np.histogram(rng.lognormal(mean, sd, 4000), edges)
    words = [f"{low}-{high}:{count}" for low, high, count in zip(edges, edges[1:], counted, strict=False)]
    found = elicitation.fit(elicitation.chips(" ".join(words), "positive"), "positive")
    assert found.miss < 4 * 0.008
    fitted = location_scale(Prior(found.low, found.high), "positive")
    assert fitted == pytest.approx((mean, sd), abs=0.1)


def test_negative_bins_and_bins_without_chips_are_read() -> None:
    found = elicitation.chips("-2--1:1 -1-0:0, 0-.5:2 0.5-1e1:1", "real")
    assert [(one.level, one.value) for one in found] == [(0.25, -1), (0.25, 0), (0.75, 0.5)]


def test_a_share_near_one_stays_below_it() -> None:
    found = elicitation.fit([Quantile(0.05, 0.9995), Quantile(0.95, 0.999996)], "unit")
    assert found.low == pytest.approx(0.9995, abs=1e-7)
    assert 0.99999 < found.high < 1


@pytest.mark.parametrize(
    ("support", "lines", "told"),
    [
        ("positive", ["0.1=x", "0.9=2"], "`0.1=x` is not a quantile"),
        ("positive", ["0.1=0", "0.9=2"], "0 is not above 0"),
        ("unit", ["0.1=0.5", "0.9=1.2"], "1.2 is not between 0 and 1"),
        ("real", ["0=1", "0.9=2"], "the level 0 is not between"),
        ("real", ["0.5=1", "0.5=2"], "the level 0.5 is said twice"),
        ("real", ["0.9=1", "0.1=2"], "0.1 of the probability cannot lie below 2 and 0.9 below 1"),
        ("real", ["0.9=1"], "fewer than two"),
    ],
)
def test_quantiles_that_cannot_be_meant_are_refused(support: str, lines: list[str], told: str) -> None:
    with pytest.raises(UsageError, match="quantiles cannot be meant") as refused:
        elicitation.quantiles(lines, support)
    assert told in refused.value.why


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0-1:2 1-2:x 2-3:1", "`1-2:x` is not a bin"),
        ("0-1:2 2-3:3 3-4:1", "1 and 2 do not join"),
        ("0-1:2 1-0.5:3 0.5-4:1", "the bin 1-0.5 ends before"),
        ("-1-1:2 1-2:3 2-3:1", "-1 is not above 0"),
        ("0-1:0 1-2:0 2-3:0", "there are no chips"),
        ("", "there are no chips"),
        ("0-1:4 1-2:3 2-3:0", "chips in 2 bins"),
    ],
)
def test_chips_that_cannot_be_meant_are_refused(text: str, told: str) -> None:
    with pytest.raises(UsageError, match="chips cannot be meant") as refused:
        elicitation.chips(text, "positive")
    assert told in refused.value.why


def test_what_no_prior_is_near_to_is_refused() -> None:
    with pytest.raises(UsageError, match="no normal prior is near") as refused:
        elicitation.fit([Quantile(0.05, 0.0), Quantile(0.5, 3.0), Quantile(0.95, 3.1)], "real")
    assert "0.5 was said to lie below 3" in refused.value.why


def test_without_preliz_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "preliz", None)
    with pytest.raises(EnvironmentFault) as refused:
        elicitation.fit(said(PRIORS["real"], "real", [0.1, 0.9]), "real")
    assert refused.value.hint == "uv sync --extra elicit"


def test_a_plain_prior_is_said_as_ever_and_an_elicited_one_with_all_of_it() -> None:
    """Digests of specs, and with them posteriors on the shelf and rows of the book, hang on this text."""
    assert repr(Prior(0.1, 4.0)) == "Prior(low=0.1, high=4.0)"
    table = '{ low = 0.03, high = 5.0, by = "A", on = 2019-11-29, because = "b", instead = [0.1, 2.0] }'
    texts = [COUNTS, COUNTS.replace("[0.03, 5.0]", table), COUNTS.replace("[0.03, 5.0]", table.replace('"b"', '"c"'))]
    assert len({spec.parse(text, "models/strikes.toml").digest for text in texts}) == 3


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('{ low = 1, high = 2, by = "A" }', "not `on`, `because`, `instead`"),
        ('{ low = 1, high = 2, by = " ", on = 2019-11-29, because = "b", instead = [1, 2] }', "not `by`"),
        ('{ low = 1, high = 2, by = "A", on = 2019-11-29, because = "b", instead = [2, 1] }', "not [2, 1]"),
        ("{ low = 1, high = 2, becaus = 3 }", "did you mean `because`?"),
    ],
)
def test_half_a_record_of_an_elicitation_is_refused(table: str, told: str) -> None:
    with pytest.raises(SpecError) as refused:
        spec.parse(COUNTS.replace("[0.03, 5.0]", table), "models/strikes.toml")
    assert told in refused.value.why


def normal_posterior(prior: Prior, seen: float, noise: float) -> tuple[float, float]:
    """Give mean and spread of the log of a positive quantity after one sight of it."""
    mean, sd = location_scale(prior, "positive")
    weight = 1 / sd**2 + 1 / noise**2
    return (mean / sd**2 + seen / noise**2) / weight, weight**-0.5


def drawn_under(
    prior: Prior, seen: float, noise: float, draws: int = 4000, seed: int = 5
) -> tuple[xr.DataTree, np.ndarray]:
    mean, sd = normal_posterior(prior, seen, noise)
    values = np.random.default_rng(seed).lognormal(mean, sd, draws)
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset({"rate": (("chain", "draw"), values[None])})})
    return tree, values


def test_draws_are_weighed_as_if_the_prior_before_had_stood() -> None:
    """Medians of 4,000 weighted draws err by about .02 sd: five of that."""
    prior = given(0.5, 4.0, (0.1, 5.0))
    tree, values = drawn_under(prior, 0.3, 0.5)
    found, k = elicited.weighed({"rate": (POSITIVE, values)}, prior, tree)
    mean, sd = normal_posterior(Prior(0.1, 5.0), 0.3, 0.5)
    assert k is not None
    assert k < reweighing.HIGH_K
    assert np.log(found["rate"]) == pytest.approx([mean - Z95 * sd, mean, mean + Z95 * sd], abs=0.1 * sd)
    untouched = normal_posterior(prior, 0.3, 0.5)
    assert abs(np.log(found["rate"][1]) - mean) < abs(untouched[0] - mean)


def test_what_the_draws_do_not_reach_is_not_told() -> None:
    """The expert's prior is narrow and far from what the data and the prior before say."""
    prior = given(8.0, 9.0, (0.1, 5.0))
    tree, values = drawn_under(prior, 0.3, 0.5)
    found, k = elicited.weighed({"rate": (POSITIVE, values)}, prior, tree)
    assert found == {}
    assert k is not None
    assert k > reweighing.HIGH_K


def fitted(prior: Prior, tree: xr.DataTree) -> Fitted:
    """A model of one positive quantity, and draws of it."""
    item = replace(counts_spec(), priors={"rate": prior}, covariates=(), options={})
    page: Any = SimpleNamespace(PRIORS={"rate": POSITIVE}, sampled=None)
    return Fitted(item, page, xr.Dataset(), tree, 1)


@dataclass(frozen=True)
class World:
    """An expert's prior of a quantity, and what was seen of it."""

    prior: Prior
    seen: float
    noise: float
    seed: int

    def weighed(self) -> Judgement:
        """Look at the expert from draws under their prior."""
        (found,) = elicited.judgements(fitted(self.prior, drawn_under(self.prior, *self.sight)[0]))
        return found

    def fit(self, one: Judgement) -> Fitted:
        """Draw from the exact posterior under the prior that stood before."""
        prior = one.former.priors["rate"]
        return fitted(prior, drawn_under(prior, *self.sight)[0])

    def error(self, one: Judgement) -> float:
        """The error of the median, in posterior standard deviations; not a number if it cannot be told."""
        mean, sd = normal_posterior(one.former.priors["rate"], self.seen, self.noise)
        (row,) = one.rows
        return abs(np.log(row.without[1]) - mean) / sd if row.without else np.nan

    @property
    def sight(self) -> tuple[float, float, int, int]:
        return self.seen, self.noise, 2000, self.seed


def worlds(shift: float, width: float = 0.4, number: int = 120) -> list[World]:
    """Draw quantities, and experts who are off by so many of their own standard deviations."""
    rng, before = np.random.default_rng(11), (0.1, 5.0)
    mean, sd = location_scale(Prior(*before), "positive")
    found = []
    for seed in range(number):
        truth = rng.normal(mean, sd)
        middle, own = truth + rng.choice([-1, 1]) * shift * width * sd, width * sd
        prior = given(float(np.exp(middle - Z95 * own)), float(np.exp(middle + Z95 * own)), before)
        found.append(World(prior, rng.normal(truth, sd / 2), sd / 2, seed))
    return found


def told(shift: float) -> float:
    """Share of worlds in which the posterior without an expert can be told."""
    return float(np.mean([not one.weighed().untold for one in worlds(shift)]))


def test_the_further_an_expert_is_off_the_less_often_that_can_be_told() -> None:
    """81 % at none and 29 % at three sd, measured in 200 worlds; shares of 120 err by .04: four of that."""
    assert told(0.0) > 0.65
    assert told(3.0) < 0.45


def test_with_fits_all_is_told_and_the_record_does_not_flatter() -> None:
    """Medians of 2,000 draws err by .028 sd, .022 on average; that average, of 60 worlds or more, by .002: five.

    Of an expert who is off by 3, weighing alone told 1.91 in 200 worlds, and fits 2.97; means of 120 err by .1.
    """
    every = worlds(3.0)
    weighed = [one.weighed() for one in every]
    of = {id(one): each for one, each in zip(weighed, every, strict=True)}
    found = elicited.completed(weighed, len(every), lambda one: of[id(one)].fit(one))
    assert not any(one.untold for one in found)
    errors = [each.error(one) for each, one, before in zip(every, found, weighed, strict=True) if before.untold]
    assert len(errors) > 60
    assert np.mean(errors) == pytest.approx(0.022, abs=0.01)
    exact = [elicited.refitted(one, each.fit(one)) for each, one in zip(every, found, strict=True)]
    (flattered,), (honest,), (true,) = (
        elicited.experts({"worlds": [row for one in each for row in one.rows]}) for each in (weighed, found, exact)
    )
    assert (honest.told, honest.untold) == (len(every), 0)
    assert flattered.surprise is not None
    assert honest.surprise is not None
    assert honest.surprise == pytest.approx(true.surprise, abs=0.15)
    assert flattered.surprise < honest.surprise - 0.5
    assert flattered.within / flattered.told > 2 * honest.within / honest.told


def test_what_tells_of_most_parameters_is_fitted_first_and_no_more_than_may_be() -> None:
    wanted: list[str] = []

    def fit(one: Judgement) -> Fitted:
        wanted.append(one.prior)
        names = {row.name: POSITIVE for row in one.rows}
        drawn = xr.Dataset({name: (("chain", "draw"), np.ones((1, 200))) for name in names})
        page: Any = SimpleNamespace(PRIORS=names, sampled=None)
        tree = xr.DataTree.from_dict({"posterior": drawn})
        item = replace(one.former, priors=dict.fromkeys(names, Prior(1, 4)), covariates=())
        return Fitted(item, page, xr.Dataset(), tree, 1)

    def judgement(name: str, medians: list[float | None]) -> Judgement:
        rows = tuple(replace(row("A", f"{name}{at}", one), prior=name) for at, one in enumerate(medians))
        return Judgement(name, counts_spec(), rows)

    every = [judgement("a", [None]), judgement("b", [1.0, 1.0]), judgement("c", [None, None]), judgement("d", [None])]
    found = elicited.completed(every, 2, fit)
    assert wanted == ["c", "a"]
    assert [one.untold for one in found] == [0, 0, 0, 1]
    assert found[1] is every[1]
    wanted.clear()
    assert elicited.completed(every, 0, fit) == every
    assert wanted == []


def test_a_mode_cannot_be_weighed() -> None:
    prior = given(0.5, 4.0, (0.1, 5.0))
    tree, values = drawn_under(prior, 0.3, 0.5, draws=1)
    assert elicited.weighed({"rate": (POSITIVE, values)}, prior, tree) == ({}, None)


def test_weighted_points_are_those_of_draws_that_come_so_often() -> None:
    rng = np.random.default_rng(4)
    values, often = rng.normal(size=300), rng.integers(1, 9, 300)
    weighed = elicited.spread(values, often / often.sum())
    assert weighed == pytest.approx(elicited.spread(np.repeat(values, often)), abs=0.03)
    assert elicited.spread(values) == pytest.approx(np.quantile(values, elicited.LEVELS), abs=0.05)


def with_expert() -> Spec:
    """The counts of the tests, two of whose priors and one of whose effects an expert gave."""
    item = counts_spec()
    (talks,) = item.covariates
    priors = {**item.priors, "background": given(0.1, 4.0, (0.03, 5.0)), "own": given(0.06, 0.8, (0.06, 0.83), "B")}
    return replace(item, priors=priors, covariates=(replace(talks, effect=given(0.6, 2.0, (0.5, 2.0))),))


def test_an_exact_posterior_is_made_anew_with_the_prior_before() -> None:
    item = counts_spec()
    options = {**item.options, "half_life": 90, "strength": 90}
    exact = replace(item, family="discounted", covariates=(), options=options)
    plain = replace(exact, priors={"background": Prior(0.03, 5.0)})
    told = replace(exact, priors={"background": given(0.5, 4.0, (0.03, 5.0))})
    (model,) = world.fit([told], KNOWN)
    (other,) = world.fit([plain], KNOWN)
    rows = elicited.elicited(model)
    assert [one.name for one in rows] == [f"background [{cell}]" for cell in model.panel["cell"].to_numpy()]
    anew = model.family.posterior(other.panel, plain, model.seed)["posterior"]["background"]
    for at, one in enumerate(rows):
        assert one.k is None
        assert one.without == pytest.approx(elicited.spread(anew[0, :, at].to_numpy()))
        assert one.without != one.posterior
    assert elicited.elicited(other) == ()


def made(item: Spec, dims: dict[str, tuple[str, list[str]]]) -> Fitted:
    """Give a model draws of all its parameters, those of several elements with what these are called."""
    rng, page = np.random.default_rng(6), world.family(item)
    drawn = xr.Dataset(coords=dict(dims.values()))
    for name in (*page.PRIORS, *dims):
        dim = [dims[name][0]] if name in dims else []
        shape = (4, 250, *(drawn.sizes[one] for one in dim))
        drawn[name] = ("chain", "draw", *dim), rng.lognormal(0.3, 0.2, shape)
    return Fitted(item, page, xr.Dataset(), xr.DataTree.from_dict({"posterior": drawn}), 1)


OPTIONAL = """
name = "floods"
title = "Floods"
family = "marks"
since = 2000-01-01
written = 2020-01-01
target = {}
[[options.seasons]]
name = "melt"
effect = { low = 1, high = 2, by = "A. Expert", on = 2019-11-29, because = "it was said", instead = [1, 3] }
"""
TOLD = {"low": 0.8, "high": 2.5, "by": "A. Expert", "on": DAY, "because": "it was said", "instead": [0.5, 3.0]}


def test_a_trait_s_effect_is_the_prior_of_its_own_parameters_alone() -> None:
    """An expert said the same of two traits, and another trait has the same interval."""
    names = ("long", "high", "old")
    traits: list[dict[str, Any]] = [{"name": name, "where": {"length": name}, "effect": TOLD} for name in names]
    traits[2]["effect"] = [0.8, 2.5]
    item = replace(BRIDGES, options={**BRIDGES.options, "traits": traits})
    stages.check(item)
    several = {name: (f"of_{name}", list(map(str, labels))) for name, labels in stages.ELEMENTS.items()}
    labels = [f"{cause}: {name}" for cause in ("advance", "exit") for name in names]
    model = made(item, {**several, "trait": ("of_trait", labels)})
    found = elicited.judgements(model)
    assert [(one.prior, [row.name for row in one.rows]) for one in found] == [
        (name, [f"advance: {name}", f"exit: {name}"]) for name in ("long", "high")
    ]
    drawn = model.tree["posterior"]["trait"].sel(of_trait="exit: high").to_numpy()
    assert found[1].rows[1].posterior == pytest.approx(elicited.spread(drawn.reshape(-1)))
    assert all(row.without and row.without != row.posterior for one in found for row in one.rows)
    before = {one.name: one.prior for one in model_text.stated(found[0].former) if one.where == "options.traits"}
    assert before["long"] == Prior(0.5, 3.0)
    assert before["high"].by == "A. Expert"


def test_a_season_s_effect_is_told_with_and_without() -> None:
    item = replace(FLOODS, options={**FLOODS.options, "seasons": [{**FLOODS.options["seasons"][0], "effect": TOLD}]})
    marks.check(item)
    (found,) = elicited.judgements(made(item, {"share": ("step", ["1", "2"]), "season": ("of_season", ["melt"])}))
    (told,) = found.rows
    assert (told.prior, told.name, told.by, told.instead) == ("melt", "melt", "A. Expert", (0.5, 3.0))
    assert told.without is not None


def test_an_expert_s_prior_among_options_stands_in_the_book_as_in_the_file() -> None:
    """Else models that did not change would pass for changed."""
    text = OPTIONAL
    item = spec.parse(text, "models/floods.toml")
    row: Any = SimpleNamespace(says=entries.spec(item).body)
    again = entries.read_spec(row)
    assert again == item
    assert again.digest == item.digest
    assert [one.prior for one in model_text.stated(again) if one.prior.by] == [given(1.0, 2.0, (1.0, 3.0))]


@pytest.fixture(scope="module")
def part() -> diagnosis.Part:
    """What is found of the counts under the expert's priors, with a made posterior."""
    item = with_expert()
    return diagnosis.part(Fitted(item, counts, counts.panel(KNOWN, item), posterior(draws=300, width=0.5), 1), False)


def test_priors_of_several_elements_and_effects_are_told(part: diagnosis.Part) -> None:
    assert [one.name for one in part.elicited] == ["background", "own [15]", "own [60]", "talks"]
    assert [one.prior for one in part.elicited] == ["background", "own", "own", "talks"]
    assert all(one.without and one.k is not None and one.k < reweighing.HIGH_K for one in part.elicited)
    assert part.elicited[0].unit == counts.PRIORS["background"].unit


def test_the_report_and_the_terminal_show_both_and_the_reasons(
    part: diagnosis.Part, capsys: pytest.CaptureFixture[str]
) -> None:
    fit = Fit(with_expert(), "sampled", {}, (), (), part=part)
    table, *notes = methods._elicited(fit)
    assert isinstance(table, Table)
    assert [row[:2] for row in table.rows][:2] == [("background", "A. Expert"), ("own [15]", "B")]
    assert all("[" in str(cell) for row in table.rows for cell in row[4:])
    said = [note.text for note in notes if isinstance(note, Text)]
    assert said[-1] == "talks: A. Expert, 29 November 2019: it was said"
    far = replace(part.elicited[0], without=None, k=0.93)
    table, *notes = methods._elicited(replace(fit, part=replace(part, elicited=(far,))))
    assert isinstance(table, Table)
    assert table.rows[0][-1] == "cannot be told"
    assert any("Pareto k 0.93" in note.text for note in notes if isinstance(note, Text))
    model_tables.diagnosed(diagnosis.Diagnosis("strikes", "Strikes", AS_OF, (replace(part, gate={}),))).show()
    assert "A. Expert, 29 November 2019: it was said" in capsys.readouterr().out


def test_nothing_is_shown_of_models_without_priors_of_experts(part: diagnosis.Part) -> None:
    plain = replace(part, elicited=())
    fit = Fit(counts_spec(), "sampled", {}, (), (), part=plain)
    assert methods._elicited(fit) == []
    assert methods._elicited(replace(fit, part=None)) == []
    assert methods._experts(SimpleNamespace(fits=(fit, replace(fit, part=None)))) == []  # type: ignore[arg-type]


def test_the_report_says_how_far_each_expert_was_off() -> None:
    """What it says is what `forecast experts` counts."""
    rows = (row("A", "a", 2.0), row("B", "b", None))
    fit = SimpleNamespace(spec=SimpleNamespace(name="m"), part=SimpleNamespace(elicited=rows))
    (section,) = methods._experts(SimpleNamespace(fits=(fit,)))  # type: ignore[arg-type]
    table = section.blocks[0]
    assert isinstance(table, Table)
    counted = elicited.experts({"m": rows})
    assert [line[:4] for line in table.rows] == [
        (one.by, str(one.priors), str(one.told), str(one.within)) for one in counted
    ]
    assert table.rows[1][4] == "–"


def row(by: str, name: str, median: float | None) -> Elicited:
    """A parameter of an expert whose prior is of 1 to 4, so its middle is 2."""
    without = None if median is None else (median / 2, median, 2 * median)
    given, told = (1.0, 4.0), (1.0, 2.0, 3.0)
    return Elicited(name, name, "", "a-year", "positive", by, DAY, "", given, (0.1, 9.0), told, without, 0.1)


def test_an_expert_s_record_counts_what_can_be_told() -> None:
    far = float(np.log(8 / 2) / location_scale(Prior(1.0, 4.0), "positive")[1])
    found = {"one": [row("B", "a", 2.0), row("B", "b", None), row("A", "c", 2.0)], "two": [row("B", "a", 8.0)]}
    first, second = elicited.experts(found)
    assert first == elicited.Expert("A", 1, 1, 1, pytest.approx(0.0, abs=1e-9), 0)
    assert second == elicited.Expert("B", 3, 2, 1, pytest.approx(far / 2), 1)
    assert elicited.experts({"one": [row("B", "b", None)]})[0].surprise is None


@pytest.mark.slow
def test_weighed_draws_agree_with_a_fit_of_their_own() -> None:
    """Of the background rate and the effect of talks: medians within .2 sd, for effective draws are some hundreds."""
    item = with_expert()
    (model,) = world.fit([item], KNOWN)
    rows = {one.name: one for one in elicited.elicited(model)}
    for one in model_text.stated(item):
        if (name := one.name) not in ("background", "talks"):
            continue
        (other,) = world.fit([elicited.former(item, one)], KNOWN)
        values = np.log(world.parameters(other)[name][2].to_numpy().reshape(-1))
        without = rows[name].without
        assert without is not None
        assert np.log(without[1]) == pytest.approx(np.median(values), abs=0.2 * values.std())
        assert np.log(without[2] / without[0]) == pytest.approx(np.ptp(np.quantile(values, [0.05, 0.95])), rel=0.15)

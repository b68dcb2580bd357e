"""Comparing: leads turn their sign and nothing else, equal models cannot be told apart, and the better one is found."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import special, stats

from forecast import accuracy, beside, comparing, foreseen, spec
from forecast.errors import UsageError
from forecast.questions import Question
from forecast.rules import Rule
from forecast.world import Fitted
from tests.worlds import COUNTS, attacks, counts_spec, snapshot

Array = NDArray[np.float64]
DRAWS = 800
KNOWN = snapshot(attacks(1))


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


# --- stacking


def test_weights_of_equal_models_tie_and_sum_to_one() -> None:
    density = np.repeat(rng(1).normal(-2, 1, (60, 1)), 3, axis=1)
    assert comparing.stacked(density) == pytest.approx(np.full(3, 1 / 3))
    found = comparing.stacking(density, np.arange(60) // 4, 3, rng(2))
    assert sum(found.weights) == pytest.approx(1)
    assert np.array(found.intervals) == pytest.approx(np.full((3, 2), 1 / 3))


def test_weights_are_those_of_arviz() -> None:
    import arviz_stats
    from arviz_stats.utils import ELPDData

    for seed in range(5):
        density = rng(seed).normal([-2.0, -2.1, -2.3], [1.0, 0.8, 0.5], (200, 3))
        known: dict[str, Any] = {"se": 1.0, "p": 1.0, "n_samples": 1, "n_data_points": 200, "scale": "log"}
        given = {
            name: ELPDData(elpd=each.sum(), elpd_i=xr.DataArray(each), warning=False, good_k=0.7, **known)
            for name, each in zip("abc", density.T, strict=True)
        }
        table = arviz_stats.compare(given, method="stacking", round_to="none")
        assert comparing.stacked(density) == pytest.approx(table["weight"].loc[list("abc")].to_numpy(), abs=2e-3)


def test_a_mixture_that_made_the_record_gets_its_weights_back() -> None:
    random, share = rng(3), 0.7
    came = np.where(random.random(6000) < share, random.normal(-1, 1, 6000), random.normal(2, 1, 6000))
    density = stats.norm.logpdf(came[:, None], [-1, 2], 1)
    # The weight is known to about sqrt(w (1 - w) / n), and a little less: 4 of that.
    assert comparing.stacked(density)[0] == pytest.approx(share, abs=4 * (0.21 / 6000) ** 0.5 * 1.2)


def test_a_model_that_is_better_everywhere_gets_all_and_rows_count_as_often_as_they_are_weighed() -> None:
    density = rng(4).normal(-2, 1, (50, 1)) + np.array([0.0, -0.5])
    assert comparing.stacked(density) == pytest.approx([1, 0], abs=1e-6)
    mixed, twice = rng(5).normal(-2, 1, (40, 2)), np.repeat([1.0, 2.0], 20)
    repeated = np.vstack([mixed, mixed[20:]])
    assert comparing.stacked(mixed, twice) == pytest.approx(comparing.stacked(repeated), abs=1e-4)


# --- leads


def test_leads_turn_their_sign_when_a_and_b_are_swapped() -> None:
    one, other, when = rng(6).random(90), rng(7).random(90), np.arange(90) // 3
    there, back = (comparing.of_scores(*pair, when, 5, rng(8)) for pair in ((one, other), (other, one)))
    assert (back.value, *back.interval) == pytest.approx((-there.value, -there.interval[1], -there.interval[0]))
    there, back = (comparing.of_densities(*pair, 9) for pair in ((one, other), (other, one)))
    assert (back.value, *back.interval) == pytest.approx((-there.value, -there.interval[1], -there.interval[0]))


def test_a_model_beside_itself_is_not_distinguishable() -> None:
    score, when = rng(9).random(90), np.arange(90) // 3
    assert comparing.of_scores(score, score, when, 5, rng(10)).verdict == "neither"
    assert comparing.of_densities(score, score, 9).verdict == "neither"


def test_what_cannot_be_told_from_so_little_is_not_told() -> None:
    one, other = np.zeros(30), np.ones(30)
    assert comparing.of_scores(one, other, np.arange(30), 16, rng(11)).interval == (-np.inf, np.inf)
    assert comparing.of_scores(one, other, np.arange(30), 5, rng(11)).verdict == "A"
    # Surely ahead, by less than four nats: no lead.
    assert comparing.of_densities(np.full(30, 0.1), np.zeros(30), 3).verdict == "neither"
    assert comparing.of_densities(np.full(50, 0.1), np.zeros(50), 3).verdict == "A"
    leads = [comparing.of_densities(np.full(bins, 0.1), np.zeros(bins), 3) for bins in (50, 30)]
    assert comparing.agreed(leads) == "neither"
    for size in (1, 2):
        with pytest.raises(UsageError, match="bin by bin"):
            comparing.of_densities(np.zeros(1), np.zeros(size), 1)
    with pytest.raises(UsageError, match="in pairs"):
        comparing.of_scores([], [], [], 1, rng(0))


def test_of_several_leads_each_is_as_far_and_its_interval_is_wider() -> None:
    one, other, when = rng(6).random(90), rng(7).random(90), np.arange(90) // 3
    alone, some = (comparing.of_scores(one, other, when, 5, rng(8), leads) for leads in (1, 4))
    assert some.value == alone.value
    assert some.interval[1] - some.value > 1.1 * (alone.interval[1] - alone.value)
    alone, some = (comparing.of_densities(one, other, 9, leads) for leads in (1, 4))
    # From two standard errors to what a normal needs so that four hold together.
    assert (some.interval[1] - some.value) / (alone.interval[1] - alone.value) == pytest.approx(2.498 / 1.960, abs=1e-3)


@pytest.mark.slow
def test_of_four_equal_models_any_is_told_apart_from_the_first_no_more_often_than_of_two() -> None:
    """The years of the test below, and as many bins of log densities: A beside three others as good as it."""
    random, runs, days, asked = rng(30), 300, 48, 15
    when, wrong = np.repeat(np.arange(days), asked), dict.fromkeys(("scores", "densities", "as if alone"), 0)
    for run in range(runs):
        shift = np.repeat(random.normal(0, 0.4, (4, days // 4)), 4 * asked, axis=1)
        logit = np.repeat(random.normal(0, 1, days // 4), 4 * asked) + random.normal(0, 1, len(when))
        came = random.random(len(when)) < special.expit(logit)
        said = special.expit(logit + shift + random.normal(0, 0.5, shift.shape))
        brier, density = (said - came) ** 2, np.log(np.where(came, said, 1 - said))
        scores = [comparing.of_scores(brier[0], one, when, 4, rng(run), 3) for one in brier[1:]]
        nats = [[comparing.of_densities(density[0], one, 60, of) for one in density[1:]] for of in (3, 1)]
        for name, leads in zip(wrong, (scores, *nats), strict=True):
            wrong[name] += any(lead.verdict != "neither" for lead in leads)
    bound = 0.05 + 2.33 * (0.05 * 0.95 / runs) ** 0.5
    assert wrong["scores"] / runs <= bound
    assert wrong["densities"] / runs <= bound < wrong["as if alone"] / runs, wrong


def test_equal_forecasters_are_told_apart_no_more_often_than_is_said_and_a_better_one_is() -> None:
    """Twelve years of four days each, on which 15 questions hang together; both see the truth through noise."""
    random, runs, days, asked = rng(12), 200, 48, 15
    when = np.repeat(np.arange(days), asked)
    wrong = found = 0
    for run in range(runs):
        year = np.repeat(random.normal(0, 1, days // 4), 4 * asked)
        logit = year + random.normal(0, 1, len(when))
        came = (random.random(len(when)) < special.expit(logit)).astype(float)
        shift = np.repeat(random.normal(0, 0.4, (2, days // 4)), 4 * asked, axis=1)
        same = [(special.expit(logit + each + random.normal(0, 0.5, len(when))) - came) ** 2 for each in shift]
        blunt = (special.expit(logit + random.normal(0, 1.5, len(when))) - came) ** 2
        wrong += comparing.of_scores(same[0], same[1], when, 4, rng(run)).verdict != "neither"
        found += comparing.of_scores(same[0], blunt, when, 4, rng(run)).verdict == "A"
    assert wrong / runs <= 0.05 + 2.33 * (0.05 * 0.95 / runs) ** 0.5
    assert found / runs > 0.9


# --- foreseeing counts, with posteriors that are known exactly


def seen_draws(counts: Array, of: NDArray[np.int64], random: np.random.Generator) -> Array:
    """Draw one rate a regime from its gamma posterior: log likelihoods of all bins, shape (draw, bin)."""

    return by_first(counts, of, random)(len(counts))


def by_first(counts: Array, of: NDArray[np.int64], random: np.random.Generator) -> foreseen.Fit:
    def fit(bins: int) -> Array:
        totals, number = (np.bincount(of[:bins], w, minlength=of.max() + 1) for w in (counts[:bins], None))
        rate = random.gamma(0.5 + totals, 1 / (0.5 + number), (DRAWS, len(totals)))
        return np.asarray(stats.poisson.logpmf(counts, rate[:, of]))

    return fit


def exact_ahead(counts: Array, of: NDArray[np.int64], first: int) -> Array:
    """Give the predictive log density of each bin after those before it: negative binomial."""
    found = []
    for at in range(first, len(counts)):
        same = of[:at] == of[at]
        shape, rate = 0.5 + counts[:at][same].sum(), 0.5 + same.sum()
        found.append(stats.nbinom.logpmf(counts[at], shape, rate / (rate + 1)))
    return np.array(found)


def test_leaving_out_agrees_with_the_exact_density() -> None:
    counts = rng(13).poisson(2.0, 120).astype(float)
    of = np.zeros(120, np.int64)
    found = foreseen.left_out(seen_draws(counts, of, rng(14)))
    rest = counts.sum() - counts
    exact = stats.nbinom.logpmf(counts, 0.5 + rest, 119.5 / 120.5)
    assert found.trusted.all()
    # The rate is known to 6 %, so that a draw's log density differs by some .1; 800 draws leave .1 / sqrt(800) a bin.
    assert found.density == pytest.approx(exact, abs=0.05)
    assert found.density.sum() == pytest.approx(exact.sum(), abs=0.1)


def test_weighing_forward_agrees_with_fitting_again_on_every_day() -> None:
    """The second half comes faster than the first, so that old draws wear out and the model is fitted again."""
    random = rng(15)
    counts = random.poisson(np.repeat([2.0, 5.0], 60)).astype(float)
    of = np.zeros(120, np.int64)
    found = foreseen.ahead(by_first(counts, of, rng(16)), 40, 20)
    exact = exact_ahead(counts, of, 40)
    assert 1 < found.fits < 20
    assert len(found.density) == 80
    assert found.trusted.all()
    assert found.density.sum() == pytest.approx(exact.sum(), abs=1.0)
    again = [
        foreseen.ahead(by_first(counts[: at + 1], of[: at + 1], rng(at)), at, 1).density[0] for at in range(40, 120)
    ]
    assert found.density.sum() == pytest.approx(sum(again), abs=1.0)


def test_one_fit_too_many_ends_it() -> None:
    counts = rng(15).poisson(np.repeat([2.0, 5.0], 60)).astype(float)
    found = foreseen.ahead(by_first(counts, np.zeros(120, np.int64), rng(16)), 40, 1)
    assert found.fits == 1
    assert 10 < len(found.density) < 80
    assert found.trusted.all()


def test_a_pool_of_one_model_twice_foresees_what_it_does() -> None:
    one = foreseen.Foreseen(np.array([-1.0, -2.0, -3.0]), np.array([0.1, 0.9, 0.2]), 4, 2)
    other = foreseen.Foreseen(np.array([-1.0, -2.0]), np.array([0.3, 0.2]), 4, 3)
    found = foreseen.pooled([one, other])
    assert found.density == pytest.approx([-1, -2])
    assert found.k.tolist() == [0.3, 0.9]
    assert (found.first, found.fits) == (4, 5)
    assert found.trusted.tolist() == [True, False]


@pytest.mark.slow
@pytest.mark.parametrize("way", ["left out", "ahead"])
def test_the_better_of_two_on_simulated_counts_is_found_and_an_idle_regime_is_not_preferred(way: str) -> None:
    """A knows of two regimes that take turns, B does not: found where they differ, in 5 % at most where they do not."""
    runs, bins = 60, 160
    of, none = np.arange(bins) // 8 % 2, np.zeros(bins, np.int64)
    found = wrong = 0
    for run in range(runs):
        for rates, differ in (((1.0, 2.2), True), ((1.6, 1.6), False)):
            random = rng(1000 + run)
            counts = random.poisson(np.array(rates)[of]).astype(float)
            if way == "ahead":
                each = [foreseen.ahead(by_first(counts, of_bin, random), 60, 8).density for of_bin in (of, none)]
            else:
                each = [foreseen.left_out(seen_draws(counts, of_bin, random)).density for of_bin in (of, none)]
            bins_both = min(map(len, each))
            verdict = comparing.of_densities(each[0][:bins_both], each[1][:bins_both], 20).verdict
            found += differ and verdict == "A"
            wrong += (not differ) and verdict != "neither"
    assert wrong / runs <= 0.05
    assert found / runs > (0.75 if way == "left out" else 0.4)


# --- accuracy of models


def model(counts: Array, of: NDArray[np.int64], seed: int, **changed: Any) -> Fitted:
    """A model whose family is one rate a regime."""
    times = np.datetime64("2015-01-01") + 10 * np.arange(len(counts)).astype("timedelta64[D]")

    def pointwise(tree: xr.DataTree, data: xr.Dataset, _: Any, draws: int) -> xr.Dataset:
        rate = tree["posterior"]["rate"].to_numpy()[0][:, of]
        likely = stats.poisson.logpmf(data["counts"].to_numpy()[:, 0], rate)[..., None]
        return xr.Dataset({"log_likelihood": (("sample", "time", "cell"), likely)})

    panel = xr.Dataset({"counts": (("time", "cell"), counts[:, None])}, {"time": times, "cell": ["all"]})
    item = replace(counts_spec(), **changed)
    return Fitted(item, SimpleNamespace(pointwise=pointwise), panel, posterior(panel, of, seed), seed)  # type: ignore[arg-type]


def posterior(panel: xr.Dataset, of: NDArray[np.int64], seed: int) -> xr.DataTree:
    counts = panel["counts"].to_numpy()[:, 0]
    totals, number = (np.bincount(of[: len(counts)], w, minlength=of.max() + 1) for w in (counts, None))
    rate = rng(seed).gamma(0.5 + totals, 1 / (0.5 + number), (1, DRAWS, len(totals)))
    return xr.DataTree.from_dict({"posterior": xr.Dataset({"rate": (("chain", "draw", "regime"), rate)})})


def test_models_are_judged_on_one_record_both_ways() -> None:
    of, none = np.arange(200) // 8 % 2, np.zeros(200, np.int64)
    counts = rng(20).poisson(np.array([1.0, 3.0])[of]).astype(float)
    a, b = model(counts, of, 1), model(counts, none, 2)
    regimes = {id(a): of, id(b): none}

    def again(which: Fitted, panel: xr.Dataset, _: date) -> xr.DataTree:
        return posterior(panel, regimes[id(which)], 3)

    found, notes = accuracy.judged([[a], [b]], KNOWN, 5, again)
    assert notes == []
    assert [(one.way, one.units, one.leads[0].n) for one in found] == [("left out", "bins", 200), ("ahead", "bins", 80)]
    assert [one.verdicts for one in found] == [("A",), ("A",)]
    assert found[1].since == date(2015, 1, 1).fromordinal(date(2015, 1, 1).toordinal() + 1200)
    assert min(found[1].fits) >= 1
    back, notes = accuracy.judged([[b], [a]], KNOWN, 0, again)
    assert back[0].verdicts == ("other",)
    assert back[0].leads[0].value == pytest.approx(-found[0].leads[0].value)
    assert len(back) == 1
    assert notes == ["from what came before: that takes fits to earlier parts of the record; ask for them with --ahead"]
    same, _ = accuracy.judged([[a], [a]], KNOWN, 0, again)
    assert (same[0].verdicts, same[0].leads[0].value) == (("neither",), 0)


def test_other_records_are_not_compared() -> None:
    counts, of = rng(21).poisson(2.0, 80).astype(float), np.zeros(80, np.int64)
    a, b = model(counts, of, 1), model(counts[:-1], of[:-1], 1)
    found, notes = accuracy.judged([[a], [b]], KNOWN, 0, lambda *_: a.tree)
    assert found == []
    assert notes[0].startswith("B: it does not explain the same bins as A (other `since`")
    mute = replace(a, family=SimpleNamespace())  # type: ignore[arg-type]
    assert "does not say how likely" in accuracy.judged([[a], [mute]], KNOWN, 0, lambda *_: a.tree)[1][0]
    few = model(counts[:9], of[:9], 1)
    found, notes = accuracy.judged([[few], [few]], KNOWN, 0, lambda *_: a.tree)
    assert found == []
    assert "fewer than 10" in notes[0]
    # What can be set beside A is, whatever else is named.
    found, notes = accuracy.judged([[a], [b], [mute], [a]], KNOWN, 0, lambda *_: a.tree)
    assert [one.models for one in found] == ["AD"]
    assert len(notes) == 3


def test_members_that_can_be_compared_are_where_pools_cannot() -> None:
    of, none = np.arange(200) // 8 % 2, np.zeros(200, np.int64)
    counts = rng(20).poisson(np.array([1.0, 3.0])[of]).astype(float)
    a, b = model(counts, of, 1, name="one.rate"), model(counts, none, 2, name="two.rate")
    mute = [
        replace(each, spec=replace(each.spec, name=name), family=SimpleNamespace())  # type: ignore[arg-type]
        for each, name in ((a, "one.mute"), (b, "two.mute"))
    ]
    found, notes = accuracy.judged([[a, mute[0]], [b, mute[1]]], KNOWN, 0, lambda *_: a.tree)
    assert [(one.member, one.verdicts) for one in found] == [("rate", ("A",))]
    assert "does not say how likely" in notes[0]
    whole, _ = accuracy.judged([[a, b], [b]], KNOWN, 0, lambda *_: a.tree)
    assert [one.member for one in whole] == [""]
    assert 0 < whole[0].leads[0].value < found[0].leads[0].value  # half of what is better, half of what is not


# --- what two specs state


def test_edits_are_told_key_by_key_and_words_are_no_edits() -> None:
    one = counts_spec()
    assert comparing.edits([one, replace(one, name="other", title="Other", summary="s", limits="l")]) == ()
    text = COUNTS.replace("feedback = [0.3, 0.9]", "feedback = [0.2, 0.8]").replace("[15, 60]", "[30]")
    text = text.replace("window = 60", "window = 90").replace("step = 10", "step = 5")
    other = spec.parse(text, "models/strikes.toml")
    found = {edit.key: edit.stated for edit in comparing.edits([one, other])}
    assert found == {
        "priors.feedback": ("[0.3, 0.9]", "[0.2, 0.8]"),
        "options.memories": ("[15, 60]", "[30]"),
        "covariates.talks.window": ("60", "90"),
        "step": ("10", "5"),
    }
    third = {edit.key: edit.stated for edit in comparing.edits([one, one, other])}
    assert third == {key: (stated[0], *stated) for key, stated in found.items()}
    without = {edit.key: edit.stated[1] for edit in comparing.edits([one, replace(one, covariates=())])}
    assert set(without.values()) == {None}
    assert {key.rpartition(".")[0] for key in without} >= {"covariates.talks", "covariates.talks.rule"}


def test_members_of_pools_are_compared_by_their_names() -> None:
    members = tuple(replace(counts_spec(), name=f"pool.{name}") for name in ("one", "two"))
    pool = replace(counts_spec(), name="pool", family="pool", members=members)
    other = replace(pool, members=(members[0], replace(members[1], step=5)))
    assert comparing.edits([pool, other]) == (comparing.Edit("members.two.step", ("10", "5")),)


# --- answers side by side


def answer(series: str, p: float, seed: int, error: float | None = None, worth: float | None = None) -> beside.Answer:
    day = date(2020, 1, 1)
    question = Question(series, "?", Rule("count", {"kind": ("a",)}), day, date(2020, 2, 1), 9, day, day, series, "d")
    held = rng(seed).random(2400) < p
    share = float(held.mean())
    spread = (share * (1 - share) / 2400) ** 0.5 if error is None else error
    return beside.Answer(question, share, (share, share), spread, held, 300, worth)


def test_answers_side_by_side_turn_their_sign_when_swapped() -> None:
    one, other = (
        [answer(name, p, seed) for name, p, seed in each]
        for each in ((("x", 0.2, 1), ("y", 0.5, 2), ("only", 0.1, 3)), (("y", 0.52, 4), ("x", 0.4, 5)))
    )
    there, back = beside.together([one, other]), beside.together([other, one])
    assert [each.question for each in there] == ["x", "y"] == [each.question for each in back]
    assert [each.flagged for each in there] == [True, False] == [each.flagged for each in back]
    for a, b in zip((each.differences[0] for each in there), (each.differences[0] for each in back), strict=True):
        assert a.value == -b.value
        assert a.interval == pytest.approx((-b.interval[1], -b.interval[0]))
        assert a.chance == b.chance
    # Chance alone is in every interval: what is flagged by itself lies off nought by more than 1.6 standard errors.
    for found, p in zip((each.differences[0] for each in there), (0.2, 0.5), strict=True):
        assert found.interval[1] - found.value >= 1.64 * (2 * p * (1 - p) / 2400) ** 0.5 * 0.95


def test_a_world_beside_itself_differs_in_nothing() -> None:
    one = [answer(name, p, seed) for name, p, seed in (("x", 0.2, 1), ("y", 0.5, 2))]
    for found in beside.together([one, one, one]):
        assert found.differences == (beside.Difference(0, (0, 0), 1, False),) * 2
    certain = [answer("x", 0.0, 1, error=0.0)]
    assert not beside.together([certain, certain])[0].flagged


def test_one_world_more_changes_what_is_flagged_of_the_others_by_its_level_alone() -> None:
    worlds = [[answer(name, p, 10 * seed) for seed, name in enumerate("xyz", 1)] for p in (0.2, 0.25, 0.6)]
    two, three = beside.together(worlds[:2]), beside.together(worlds)
    alone = {each.question: each.differences[0] for each in two}
    for each in three:
        first, last = each.differences
        before = alone[each.question]
        assert (first.value, first.interval, first.chance) == (before.value, before.interval, before.chance)
        assert before.flagged >= first.flagged
        assert last.flagged


@pytest.mark.parametrize("others", [1, 3])
def test_where_nothing_differs_anything_is_flagged_no_more_often_than_is_said(others: int) -> None:
    runs, wrong, number = 200, 0, 20 // others
    for run in range(runs):
        worlds = [
            [answer(str(q), 0.1 + 0.04 * q, 10_000 * side + 20 * run + q) for q in range(number)]
            for side in range(1, others + 2)
        ]
        wrong += any(each.flagged for each in beside.together(worlds))
    assert 0 < wrong / runs <= 0.05 + 2.33 * (0.05 * 0.95 / runs) ** 0.5

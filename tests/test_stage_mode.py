"""The fast mode of the family `stages`: right where the answer is known, and where the reference can be read."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from forecast import spec
from forecast.explain import Between
from forecast.inference import Sizes
from forecast.models import stage_mode, stage_rates, stages
from forecast.models.exposure import YEAR
from forecast.models.ladder import CAUSES
from forecast.prospect import Prospect
from forecast.rules import Rule
from forecast.spec import Covariate, Prior, Spec
from forecast.world import Fitted
from tests.worlds import events, snapshot

REFERENCE = Path(__file__).parents[2] / "shared" / "data" / "reference" / "survival"
SINCE = date(2000, 1, 1)
TEXT = """
name = "bills"
title = "Bills"
family = "stages"
since = 2000-01-01
written = 2020-01-01
target = { kind = ["tabled", "voted", "passed", "dropped"] }
[priors]
advance = [%s]
exit = [0.05, 2.0]
suspend = [0.05, 2.0]
stage_spread = [0.3, 1.0]
kind_spread = [0.3, 1.0]
pair_spread = [0.2, 0.8]
age = [%s]
age_spread = [0.1, 0.4]
deadline = [0.4, 2.5]
[options]
stages = ["tabled", "voted", "passed"]
exits = ["dropped"]
unfollowed = ["seen"]
cuts = %s
kinds = [{ name = "tax", where = { topic = "tax" } }, { name = "other", where = { topic = "other" } }]
[[options.traits]]
name = "urgent"
where = { urgent = "yes" }
effect = [0.5, 2.0]
"""


def bills(advance: str = "0.1, 10", age: str = "-1, 1", cuts: object = (30, 90, 360)) -> Spec:
    return spec.parse(TEXT % (advance, age, list(cuts)), "models/bills.toml")  # type: ignore[call-overload]


def record(rng: np.random.Generator, number: int = 120) -> pd.DataFrame:
    """Let bills advance, or be dropped, after random days."""
    rows: list[dict[str, object]] = []
    for place in range(number):
        of = {"entity": f"b{place}", "topic": rng.choice(["tax", "other"]), "urgent": rng.choice(["yes", ""])}
        at = SINCE + timedelta(days=int(rng.integers(0, 2000)))
        rows.append({**of, "kind": "tabled", "event_at": at})
        for stage in ("voted", "passed"):
            at += timedelta(days=int(rng.exponential(200)))
            rows.append({**of, "kind": stage if rng.random() < 0.7 else "dropped", "event_at": at})
            if rows[-1]["kind"] == "dropped":
                break
    return events([{**row, "known_at": row["event_at"]} for row in rows])


def test_effects_are_at_the_mode_given_the_spreads() -> None:
    item = bills()
    data = stages.panel(snapshot(record(np.random.default_rng(3)), date(2006, 1, 1)), item)
    blocks = stage_mode._blocks(data, item, "advance")
    happened, exposure = (data[name].to_numpy()[:, 0] for name in ("happened", "exposure"))
    found = stage_mode._mode(blocks, happened, exposure)
    columns = np.concatenate([block.columns for block in blocks.values()], axis=1)
    location = np.concatenate([block.location for block in blocks.values()])
    scale = np.concatenate([block.scale * found.spreads.get(name, 1.0) for name, block in blocks.items()])

    def loss(effects: np.ndarray) -> float:
        log_rate = columns @ effects
        return float(
            (exposure * np.exp(log_rate) - happened * log_rate).sum() + (((effects - location) / scale) ** 2).sum() / 2
        )

    best = optimize.minimize(loss, location, method="BFGS")
    mine = np.concatenate(list(found.effects.values()))
    assert loss(mine) <= best.fun + 1e-3
    assert np.abs(columns @ mine - columns @ best.x).max() < 0.01


def test_a_mode_is_not_weighed_anew_but_found_again_where_events_are_left_out() -> None:
    """One draw has no weights: an explanation of why a forecast moved must not take it for a posterior."""
    item, frame = bills(), record(np.random.default_rng(4))
    whole, lacking = (snapshot(rows, date(2006, 1, 1)) for rows in (frame, frame.iloc[: len(frame) // 2]))
    data = stages.panel(whole, item)
    model = Fitted(item, stages, data, stage_mode.posterior(data, item), 1)
    fits = SimpleNamespace(_fitter=lambda page, panel, spec, seed: stage_mode.posterior(panel, spec))
    found, k = Between._lacking(fits, model, lacking)  # type: ignore[arg-type]
    assert k is None
    assert found.panel.identical(stages.panel(lacking, item))
    assert found.tree.identical(stage_mode.posterior(found.panel, item))
    assert not found.tree.identical(model.tree)


def test_the_tree_gives_the_rates_of_the_mode() -> None:
    item = bills()
    data = stages.panel(snapshot(record(np.random.default_rng(4)), date(2006, 1, 1)), item)
    tree = stage_mode.posterior(data, item)["posterior"]
    drawn = {name: tree[name].to_numpy()[0] for name in stage_rates.DRAWN if name in tree}
    rates = stage_rates.rates(drawn, stages.options(item))
    state, kind, window, age = (data[name].to_numpy() for name in ("state", "kind_of", "window", "age"))
    log_rate = rates.table[0][:, state, kind] + rates.by_window[0][:, window]
    log_rate += rates.by_trait[0] @ data["traits"].to_numpy().T
    log_rate[0] += rates.slope[0][state, kind] * rates.log_age[age]
    for place, cause in enumerate(CAUSES[:2]):
        at_risk = data["exposure"].to_numpy()[:, place] > 0
        blocks = stage_mode._blocks(data.isel(cell=at_risk), item, cause)
        happened, exposure = (data[name].to_numpy()[at_risk, place] for name in ("happened", "exposure"))
        found = stage_mode._mode(blocks, happened, exposure)
        mine = sum(block.columns @ found.effects[name] for name, block in blocks.items())
        np.testing.assert_allclose(log_rate[place][at_risk], mine, atol=1e-9)


def test_what_a_model_does_without_is_not_missed() -> None:
    item = replace(bills(), options={**bills().options, "traits": []})
    known = snapshot(record(np.random.default_rng(6)), date(2005, 1, 1))
    data = stages.panel(known, item)
    tree, sizes = stage_mode.posterior(data, item), Sizes(400, 1)
    found = stages.simulate(tree, data, item, Prospect(known, date(2006, 1, 1), sizes), np.random.default_rng(1))
    assert len(found.events["passed"]) > 0


def test_an_effect_of_covariates_is_found_where_there_is_one_and_the_other_is_none() -> None:
    """Bills pass four times as fast while there is money, and as fast as ever while it rains."""
    rng = np.random.default_rng(7)
    rows: list[dict[str, object]] = []
    spells = [(start, start + 200) for start in range(0, 4000, 400)]  # of money
    for place in range(500):
        of = {"entity": f"b{place}", "topic": "tax", "urgent": ""}
        at, end = int(rng.integers(0, 3600)), 4000
        rows.append({**of, "kind": "tabled", "event_at": SINCE + timedelta(days=at)})
        while at < end:
            rate = (4 if any(low < at <= high for low, high in spells) else 1) / 300
            at += 1
            if rng.random() < rate:
                rows.append({**of, "kind": "passed", "event_at": SINCE + timedelta(days=at)})
                break
    rows += [
        {"entity": "x", "topic": "", "urgent": "", "kind": "money", "event_at": SINCE + timedelta(days=day)}
        for low, high in spells
        for day in range(low, high, 20)
    ]
    rows += [
        {"entity": "x", "topic": "", "urgent": "", "kind": "rain", "event_at": SINCE + timedelta(days=int(day))}
        for day in rng.integers(0, 4000, 200)
    ]
    effect = Prior(0.2, 5.0)
    read = tuple(Covariate(kind, Rule("count", {"kind": (kind,)}), 20, effect, 1.0) for kind in ("money", "rain"))
    item = replace(bills(), covariates=read, step=10)
    known = snapshot(events([{**row, "known_at": row["event_at"]} for row in rows]), SINCE + timedelta(days=4000))
    data = stages.panel(known, item)
    tree = stage_mode.posterior(data, item)
    money, rain = tree["posterior"]["effect"].to_numpy()[0, 0]
    assert money == pytest.approx(4, rel=0.25)
    assert rain == pytest.approx(1, rel=0.15)
    rates = stage_rates.rates(
        {n: tree["posterior"][n].to_numpy()[0] for n in stage_rates.DRAWN if n in tree["posterior"]},
        stages.options(item),
    )
    np.testing.assert_allclose(rates.effect[0], np.log([money, rain]))


def test_a_spread_shrinks_where_groups_are_alike() -> None:
    item, rng = bills(), np.random.default_rng(5)
    alike = stages.panel(snapshot(record(rng, 400), date(2006, 1, 1)), item)
    tree = stage_mode.posterior(alike, item)["posterior"]
    apart = alike.copy(deep=True)
    factor = np.where(apart["kind_of"] == 0, 6.0, 1.0)
    apart["exposure"] = apart["exposure"] * factor[:, None]
    other = stage_mode.posterior(apart, item)["posterior"]
    assert float(other["kind_spread"][0, 0, 0]) > 1.3 * float(tree["kind_spread"][0, 0, 0])


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference values do not lie beside the repository")
@pytest.mark.parametrize("group", ["control", "miR-137"])
def test_rates_that_change_with_time_are_those_of_the_weibull_reference(group: str) -> None:
    known = json.loads((REFERENCE / "reference.json").read_text())["datasets"]["waltons_dataset.csv"]["by_group"][group]
    table = pd.read_csv(REFERENCE / "waltons_dataset.csv")
    times = 10  # days of ours for one of theirs, so that each of their days is the middle of one of our cells
    rows: list[dict[str, object]] = []
    for place, (lived, died) in enumerate(table.loc[table["group"] == group, ["T", "E"]].itertuples(index=False)):
        of = {"entity": f"b{place}", "topic": "tax", "urgent": ""}
        end = SINCE + timedelta(days=int(lived * times))
        rows += [
            {**of, "kind": "tabled", "event_at": SINCE},
            {**of, "kind": "passed" if died else "seen", "event_at": end},
        ]
    item = bills("1e-9, 1e9", "-30, 30", range(5, 800, 10))
    frame = events([{**row, "known_at": row["event_at"]} for row in rows])
    data = stages.panel(snapshot(frame, date(2006, 1, 1)), item)
    tree = stage_mode.posterior(data, item)["posterior"]
    rates = stage_rates.rates({n: tree[n].to_numpy()[0] for n in stage_rates.DRAWN if n in tree}, stages.options(item))
    shape = 1 + rates.slope[0][0, 0]
    # A Weibull's rate a day is shape / scale (days / scale)^(shape - 1).
    rate = np.exp(rates.table[0][0, 0, 0]) / YEAR
    scale = (shape * stage_rates.REFERENCE ** (shape - 1) / rate) ** (1 / shape) / times
    assert shape == pytest.approx(known["weibull"]["rho"], rel=0.01)
    assert scale == pytest.approx(known["weibull"]["lambda"], rel=0.01)

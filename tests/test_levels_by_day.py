"""The price model against a daily one: volatility of every day from the days before, Student-t changes, by NUTS.

    r[t] ~ StudentT(nu, 0, s[t]),  log s[t] = b0 + sum_k b[k] log(mean |r| of the last m[k] days) + leverage

Nothing of it is shared with `levels`, which looks straight to the horizon and bends past paths. Both are asked the
price questions of the seed case.
"""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from forecast import answers, compiled, inference, rules, world
from forecast.desk import Desk
from forecast.events import Snapshot
from forecast.inference import Sampled, Sizes
from forecast.models import daily
from forecast.questions import Question
from forecast.spec import Sampler
from tests.conftest import ROOT

Array = NDArray[np.float64]
AS_OF = date(2019, 5, 17)
MEMORIES = (10, 22, 66, 250, 750)
FLOOR, HALF_LIFE, CLIP, LARGEST = 0.001, 10, 0.12, 0.15
APART = 0.02
FUTURES = 40_000


def logs(magnitude: Array) -> Array:
    """Log mean size of the changes of the last days, for every memory, shape (day, memory)."""
    total = np.concatenate([[0.0], np.cumsum(magnitude)])
    found = np.full((len(magnitude) + 1, len(MEMORIES)), np.nan)
    for column, days in enumerate(MEMORIES):
        found[days:, column] = np.log((total[days:] - total[:-days]) / days + FLOOR)
    return found


def leverage(returned: Array) -> Array:
    """Falls of a weighted mean change, in per cent, known before every day."""
    mean, keep = np.zeros(len(returned) + 1), 0.5 ** (1 / HALF_LIFE)
    for today, change in enumerate(np.clip(returned, -CLIP, CLIP)):
        mean[today + 1] = keep * mean[today] + (1 - keep) * change
    return np.minimum(100 * mean, 0)


def regressors(returned: Array) -> Array:
    return np.column_stack([np.ones(len(returned) + 1), logs(np.abs(returned)), leverage(returned)])


def fitted(returned: Array, seed: int) -> Array:
    """Draw slopes and degrees of freedom, shape (draw, regressors + 1)."""
    import pymc as pm
    import pytensor.tensor as pt

    x, y = regressors(returned)[:-1], returned
    seen = np.isfinite(x).all(axis=1)
    data = {"x": x[seen], "y": y[seen]}

    def build() -> Any:
        with pm.Model() as model:
            given = {name: pm.Data(name, values) for name, values in data.items()}
            slope = pm.Normal("slope", np.r_[0, np.full(5, 0.2), 0], np.r_[2, np.full(5, 0.3), 0.3], shape=7)
            nu = pm.Deterministic("nu", 2 + pt.exp(pm.Normal("log_nu", 1.5, 0.7)))
            mu = pt.exp(given["x"] @ slope)
            pm.Potential("changes", pm.logp(pm.StudentT.dist(nu, 0, sigma=mu), given["y"]).sum())
        return model

    tree = inference.sample(Sampled("daily", "daily Student-t", build, data), Sampler(draws=600, tune=600), seed)
    drawn = inference.thinned(tree, ("slope", "nu"), Sizes(1200, 1200))
    return np.column_stack([drawn["slope"], drawn["nu"]])


def unfolded(returned: Array, drawn: Array, days: int, rng: np.random.Generator) -> Array:
    """Let changes follow day by day, shape (future, day)."""
    of = np.tile(drawn, (-(-FUTURES // len(drawn)), 1))[:FUTURES]
    recent = np.tile(np.abs(returned[-MEMORIES[-1] :]), (FUTURES, 1))
    size = np.concatenate([recent, np.zeros((FUTURES, days))], axis=1)
    totals = np.stack([recent[:, -memory:].sum(axis=1) for memory in MEMORIES], axis=1)
    # `leverage` gives what is negative alone; the mean itself goes on from its value today.
    mean, keep = np.zeros(FUTURES), 0.5 ** (1 / HALF_LIFE)
    for change in np.clip(returned, -CLIP, CLIP):
        mean = keep * mean + (1 - keep) * change
    made = np.empty((FUTURES, days))
    for day in range(days):
        known = np.log(totals / MEMORIES + FLOOR)
        scale = np.exp(of[:, 0] + (of[:, 1:6] * known).sum(axis=1) + of[:, 6] * np.minimum(100 * mean, 0))
        made[:, day] = np.clip(scale * rng.standard_t(of[:, 7]), -LARGEST, LARGEST)
        today = MEMORIES[-1] + day
        size[:, today] = np.abs(made[:, day])
        for column, memory in enumerate(MEMORIES):
            totals[:, column] += size[:, today] - size[:, today - memory]
        mean = keep * mean + (1 - keep) * np.clip(made[:, day], -CLIP, CLIP)
    return made


def read(question: Question, returned: Array, number: int) -> float:
    """Answer a question from changes of trading days, of which the first `number` fall into its window."""
    path = np.exp(np.cumsum(returned[:, :number], axis=1)) - 1
    measured = {
        "rise": lambda: path.max(axis=1),
        "fall": lambda: path.min(axis=1),
        "change": lambda: path[:, -1],
        "volatility": lambda: np.sqrt(rules.TRADING_DAYS * (returned[:, 1:number] ** 2).mean(axis=1)),
    }[question.rule.measure]()
    return float(question.rule.holds(measured).mean())


@pytest.fixture(scope="module")
def case() -> tuple[Desk, Snapshot, list[Question]]:
    desk = Desk(Path(ROOT))
    known = desk.archive.as_of(AS_OF, ("brent",))
    asked = [one for one in answers.unfold(desk.questions("oil"), known) if one.rule.kinds == ("close",)]
    return desk, known, asked


@pytest.mark.slow
def test_a_daily_model_agrees_on_the_questions_of_the_seed_case(case: tuple[Desk, Snapshot, list[Question]]) -> None:
    """The mean difference is within two points, and none is more than twice that."""
    desk, known, asked = case
    spec = desk.spec("brent")
    until = {"close": max(one.closes for one in asked)}
    futures = world.simulate([spec], world.fit([spec], known), known, until, Sizes(9600, 1200))
    rows = daily.series(known, spec)
    returned = np.diff(np.log(rows["value"].to_numpy(float)))
    last = rows["event_at"].iloc[-1].to_datetime64().astype("datetime64[D]")
    ahead = {one.closes: int(np.busday_count(last + 1, one.closes)) for one in asked}
    made = unfolded(returned, fitted(returned, 1), max(ahead.values()), np.random.default_rng(2))
    apart = {}
    for one in asked:
        numbers = rules.in_futures(one.rule, known, futures, one.window)
        apart[one.id] = float(one.rule.holds(numbers).mean()) - read(one, made, ahead[one.closes])
        print(f"{one.id}: {one.rule.holds(numbers).mean():.3f}, {apart[one.id]:+.3f}")
    print(f"mean {np.mean(np.abs(list(apart.values()))):.3f}")
    compiled._programs.clear()
    assert np.mean(np.abs(list(apart.values()))) < APART
    assert max(np.abs(list(apart.values()))) < 2 * APART

"""Questions that ask for several things at once: yes where all of them hold, and never more probable than one alone."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast import answers, predict, spec, templates
from forecast.events import Futures, Snapshot
from forecast.inference import Sizes
from forecast.predict import Models
from forecast.questions import Question
from forecast.report import resolution
from forecast.rules import Readings, Rule
from tests.worlds import AS_OF, events, snapshot

FLOOD, STORM = Rule("count", {"kind": ("flood",)}), Rule("max", {"kind": ("storm",)}, ">=", 5.0)
CLOSES = AS_OF + timedelta(days=30)
ALONE = Question("flood", "?", FLOOD, AS_OF, CLOSES, 10, AS_OF, AS_OF, "g", "d")
BOTH = replace(ALONE, id="both", also=(STORM,))
OTHER = replace(ALONE, id="storm", rule=STORM)
PARTS = (ALONE, OTHER)
HEAD = (
    'domain = "d"\ntitle = "T"\ntext = "?"\nwritten = 2020-01-01\n'
    'rule = { measure = "count", where = { kind = "flood" } }\n'
)
ALSO = 'also = [{ measure = "max", threshold = 5, where = { kind = "storm" } }]\n'
SETS = {
    "template": f'[[template]]\nid = "q"\nhorizons = [30]\n{HEAD}{ALSO}',
    "fixed": f'[[question]]\nid = "q"\ncloses = 2020-01-31\n{HEAD}{ALSO}',
}
MAKERS = [
    spec.parse(
        f'title = "X"\nname = "{kind}s"\nfamily = "climatology"\nsince = {since}\nwritten = 2020-01-01\n'
        f'target = {{ kind = "{kind}" }}\n[options]\nof = "events"\n',
        f"models/{kind}s.toml",
    )
    for kind, since in (("flood", "2012-01-01"), ("storm", "2010-01-01"))
]


def row(kind: str, day: int, value: float = 1.0) -> dict[str, Any]:
    at = AS_OF + timedelta(days=day)
    return {"kind": kind, "event_at": at, "known_at": at, "value": value}


def scattered(seed: int) -> Snapshot:
    """Ten years of floods and storms, of which some come together."""
    rng, rows = np.random.default_rng(seed), []
    for day in rng.integers(-3600, 0, 60).tolist():
        rows += [row("flood", day)] * rng.integers(0, 2) + [row("storm", day, float(rng.integers(1, 9)))]
    return snapshot(events([row("flood", -3000), *rows]))


def made(seed: int, draws: int = 400, record_days: dict[str, float] | None = None) -> Futures:
    rng, frames = np.random.default_rng(seed), {}
    for kind, number in (("flood", draws // 2), ("storm", draws)):
        at = [AS_OF + timedelta(days=day) for day in rng.integers(0, 60, number).tolist()]
        frames[kind] = pd.DataFrame(
            {"draw": rng.integers(0, draws, number), "event_at": pd.to_datetime(at).as_unit("us"), "n": 1}
        ).assign(value=rng.integers(1, 9, number).astype(float))
    return Futures(frames, draws, draws // 4, record_days or {})


def probability(question: Question, futures: Futures) -> float:
    return answers.probability(question, futures, answers.held(question, Readings(KNOWN, futures))[1])[0]


KNOWN = scattered(0)


@pytest.mark.parametrize("text", SETS.values(), ids=SETS)
def test_a_question_and_a_template_may_ask_for_more_at_once(text: str) -> None:
    (found,) = answers.unfold(templates.parse(text, "q.toml"), KNOWN)
    (plain,) = answers.unfold(templates.parse(text.replace(ALSO, ""), "q.toml"), KNOWN)
    assert (found.rules, found.kinds) == ((FLOOD, STORM), ("flood", "storm"))
    assert (plain.rules, plain.kinds) == ((FLOOD,), ("flood",))
    assert found.asks != plain.asks
    assert len(answers.distinct([found, plain])) == 2


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([], False),
        ([row("flood", 3)], False),
        ([row("storm", 3, 6.0)], False),
        ([row("flood", 3), row("storm", 3, 4.0)], False),
        ([row("flood", 3), row("storm", 29, 6.0)], True),
        ([row("flood", 3), row("storm", 30, 6.0)], False),
        ([row("flood", -1), row("storm", 3, 6.0)], False),
        ([row("storm", 0, 6.0), row("flood", 29)], True),
    ],
    ids=["neither", "one", "the other", "too small", "both", "one too late", "one too early", "in another order"],
)
def test_it_resolves_yes_where_all_hold_in_the_window(rows: list[dict[str, Any]], outcome: bool) -> None:
    later = snapshot(events([row("flood", -900), row("storm", -900, 9.0), *rows]), BOTH.settles)
    found = answers.resolve(BOTH, later)
    parts = [answers.resolve(part, later) for part in PARTS]
    assert found.outcome is outcome is all(part.outcome for part in parts)
    assert found.reason == ", ".join(part.reason for part in parts)


@pytest.mark.parametrize("seed", range(5))
def test_it_held_in_the_past_where_all_did(seed: int) -> None:
    known, since = scattered(seed), date(2010, 6, 1)
    opens = answers.past_opens(known, since, 30)
    holds = [answers.on_record(one, known, opens, 30)[0] for one in (BOTH, *PARTS)]
    np.testing.assert_array_equal(holds[0], holds[1] & holds[2])
    both, *parts = (answers.base_rate(one, known, since) for one in (BOTH, *PARTS))
    assert 0 < both[0] <= min(part[0] for part in parts)
    assert {both[1], *(part[1] for part in parts)} == {len(opens)}


@pytest.mark.parametrize("record_days", [None, {"flood": 900.0, "storm": 900.0}], ids=["simulated", "replayed"])
@pytest.mark.parametrize("seed", range(5))
def test_it_is_never_more_probable_than_either_part_nor_less_than_what_they_leave(
    seed: int, record_days: dict[str, float] | None
) -> None:
    futures = made(seed, record_days=record_days)
    both, *parts = (probability(one, futures) for one in (BOTH, *PARTS))
    assert sum(parts) - 1 < both <= min(parts)
    holds = [answers.held(one, Readings(KNOWN, futures))[1] for one in (BOTH, *PARTS)]
    np.testing.assert_array_equal(holds[0], holds[1] & holds[2])
    assert 0 < holds[0].sum() < min(holds[1].sum(), holds[2].sum())


def test_which_part_stands_first_does_not_matter() -> None:
    futures, turned = made(1), replace(BOTH, rule=STORM, also=(FLOOD,))
    assert probability(turned, futures) == probability(BOTH, futures)
    assert answers.base_rate(turned, KNOWN, date(2012, 1, 1)) == answers.base_rate(BOTH, KNOWN, date(2012, 1, 1))


def test_the_same_again_changes_nothing_and_what_excludes_it_makes_it_impossible() -> None:
    futures = made(2)
    never = replace(ALONE, also=(replace(FLOOD, op="<"),))
    assert probability(replace(ALONE, also=(FLOOD,)), futures) == probability(ALONE, futures)
    assert probability(never, futures) == 0.5 / 401
    assert answers.base_rate(never, KNOWN, date(2012, 1, 1))[0] == 0


def test_its_forecast_is_of_all_models_and_of_the_record_that_all_have() -> None:
    found = predict.predict(Models(MAKERS, MAKERS), KNOWN, [BOTH, *PARTS], Sizes(800, 200))
    both, *parts = found.forecasts
    assert both.models == ("floods", "storms")
    assert both.past == answers.base_rate(BOTH, KNOWN, date(2012, 1, 1))
    assert both.events is None
    assert 0 < both.interval[0] < both.probability < both.interval[1]
    assert both.probability < min(part.probability for part in parts)
    for question, one in zip((BOTH, *PARTS), found.forecasts, strict=True):
        alone = predict.predict(Models(MAKERS, MAKERS), KNOWN, [question], Sizes(800, 200)).forecasts
        assert alone == (one,)


def test_all_that_must_hold_is_said_and_written() -> None:
    group: Any = SimpleNamespace(forecasts=[SimpleNamespace(question=BOTH)], over=False, title="Both")
    (said,) = resolution.resolves(group)
    assert "the number of recorded events (kind flood) from" in said
    assert said.endswith("at least 1, and the largest recorded value (kind storm) is at least 5.")
    assert "count of (kind = flood) >= 1 and max of (kind = storm) >= 5" in resolution.settled(group)

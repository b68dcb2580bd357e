"""What priors imply: wider priors give wider counts, and nothing of the record moves what is said before it."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecast import before, model_tables, output, spec
from forecast.before import Before
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.models import stages
from forecast.questions import Question
from forecast.rules import Rule
from forecast.spec import Prior, Spec
from tests.test_pool import POOL
from tests.test_stage_mode import bills, record
from tests.worlds import AS_OF, attacks, counts_spec, snapshot

SIZES = Sizes(400, 200)
SPEC = counts_spec()
EXACT = replace(
    SPEC,
    family="discounted",
    priors={"background": Prior(0.03, 5.0)},
    covariates=(),
    options={**SPEC.options, "half_life": 90, "strength": 90},
)
KNOWN = snapshot(attacks(seed=2))


def question(kind: str = "strike", days: int = 30, threshold: float = 1.0) -> Question:
    rule, closes = Rule("count", {"kind": (kind,)}, ">=", threshold), AS_OF + timedelta(days=days)
    name = f"{kind}/{threshold:g}/{days}"
    return Question(name, f"{name}?", rule, AS_OF, closes, 10, AS_OF, AS_OF, "q", "d", {"threshold": threshold})


ASKED = [question(), question(days=90), question(threshold=5), question(kind="talk")]


def imagined(item: Spec = SPEC, known: Snapshot = KNOWN, asked: list[Question] = ASKED) -> Before:
    return before.imagine(item, known, asked, SIZES)


@pytest.fixture(scope="module")
def found() -> Before:
    return imagined()


def test_probabilities_before_data_are_probabilities(found: Before) -> None:
    assert [one.id for one in found.answers] == ["strike/1/30", "strike/1/90", "strike/5/30"]  # talks are not its own
    for one in found.answers:
        assert 0 < one.probability < 1
        assert 0 <= one.interval[0] <= one.probability <= one.interval[1] <= 1
    once, longer, more = (one.probability for one in found.answers)
    assert longer >= once >= more


def test_the_record_changes_nothing_of_them(found: Before) -> None:
    assert imagined(known=snapshot(attacks(seed=9))) == found


def test_questions_change_nothing_of_the_months(found: Before) -> None:
    assert imagined(asked=[]).parts == found.parts


def test_a_wider_prior_gives_wider_counts(found: Before) -> None:
    wide = imagined(replace(SPEC, priors={**SPEC.priors, "background": Prior(0.003, 50.0)})).parts[0].total
    narrow = found.parts[0].total
    assert wide["95%"] > 2 * narrow["95%"]
    assert wide["5%"] <= narrow["5%"]


def test_groups_are_counted_apart(found: Before) -> None:
    (part,) = found.parts
    assert set(part.groups) == {"red", "blue"}
    assert all(quantiles["95%"] <= part.total["99%"] for quantiles in part.groups.values())
    assert list(part.total.values()) == sorted(part.total.values())


def test_a_ceiling_in_the_model_s_file_holds(found: Before) -> None:
    """Five cells of the busier origin expect at most a hundredth of an event in each of the bins of a month."""
    low = imagined(replace(SPEC, options={**SPEC.options, "ceiling": 0.01}))
    assert low.parts[0].total["95%"] <= 1 < found.parts[0].total["95%"]


def test_the_members_of_a_pool_stand_apart() -> None:
    both = imagined(spec.parse(POOL, "models/strikes.toml"))
    assert [part.name for part in both.parts] == ["strikes.first", "strikes.second"]
    alone = imagined(EXACT).parts[0].total
    assert both.parts[1].total["50%"] == pytest.approx(alone["50%"], abs=1)


def test_a_model_without_priors_has_nothing_to_imagine(capsys: pytest.CaptureFixture[str]) -> None:
    replay = replace(SPEC, family="climatology", priors={}, covariates=(), options={"of": "events"})
    nothing = imagined(replay)
    assert (nothing.parts, nothing.answers) == ((), ())
    model_tables.imagined(nothing).show()
    assert "nothing to look at" in capsys.readouterr().out


def test_what_priors_imply_is_told_in_words_and_in_json(found: Before, capsys: pytest.CaptureFixture[str]) -> None:
    model_tables.imagined(found).show()
    said = capsys.readouterr().out
    for words in ("events a month", "red", "strike/1/30?", "cannot be right", "models/strikes.toml"):
        assert words in said
    output.say(model_tables.imagined(found), json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["parts"][0]["total"] == dict(found.parts[0].total)
    assert [one["probability"] for one in document["answers"]] == [one.probability for one in found.answers]


def test_markup_in_a_question_is_not_obeyed(found: Before, capsys: pytest.CaptureFixture[str]) -> None:
    loud = replace(found.answers[0], text="[bold]strikes\x1b[31m")
    model_tables.imagined(replace(found, answers=(loud,))).show()
    said = capsys.readouterr().out
    assert "[bold]" in said
    assert "\x1b[31m" not in said


def test_processes_start_where_they_stand_and_rates_come_from_priors_alone() -> None:
    item, rng = bills(), np.random.default_rng(8)
    known = snapshot(record(rng), date(2004, 1, 1))
    there = stages.unlearned(known, item)
    assert float(there["exposure"].sum() + there["happened"].sum() + there["leads"].sum() + there["ends"].sum()) == 0
    entity = str(there["process"][int(np.argmin(there["level"].to_numpy()))].item())
    opens = known.as_of
    rule = Rule("count", {"kind": ("passed",), "entity": (entity,)})
    asked = [
        Question(f"{days}", "?", rule, opens, opens + timedelta(days=days), 10, opens, opens, "q", "d", {})
        for days in (100, 400)
    ]
    found = imagined(item, known, asked)
    near, far = (one.probability for one in found.answers)
    assert 0 < near < far < 1
    sure = replace(item, priors={**item.priors, "advance": Prior(30.0, 40.0), "exit": Prior(1e-4, 1e-3)})
    assert imagined(sure, known, asked).answers[0].probability > near
    assert found.parts == ()

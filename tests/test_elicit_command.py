"""`forecast elicit` and `forecast experts`: what is written, what stays, what is refused."""

import difflib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from forecast import elicit_command, inference, model_text, new_desk, posteriors, provenance, spec, world
from forecast.desk import Desk
from forecast.errors import ForecastError
from forecast.model_text import Stated
from forecast.models import marks, stages
from forecast.spec import Prior, Spec
from forecast.workbench import Workbench
from tests.conftest import ROOT, copy_desk

BY = ("--by", "A. Expert", "--because", 'the summer was "calm"')
SAID = ("--quantile", "0.1=-0.5", "--quantile", "0.9=0.3")
MODELS = [*sorted((ROOT / "models").glob("*.toml")), *sorted((ROOT / "forecast" / "desks").glob("*/models/*.toml"))]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sit down at the desk without a terminal to show progress on."""
    monkeypatch.setattr(elicit_command, "at_desk", Desk)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk at which nothing is written."""
    return copy_desk(tmp_path_factory.mktemp("untouched") / "desk")


def command(desk: Path, *words: str) -> Result:
    return CliRunner().invoke(elicit_command.app, [*words, "--desk", str(desk)])


def done(desk: Path, *words: str) -> str:
    result = command(desk, *words)
    assert result.exit_code == 0, result.exception
    return result.stdout


def refused(desk: Path, *words: str) -> ForecastError:
    result = command(desk, *words)
    assert isinstance(result.exception, ForecastError), result.stdout
    return result.exception


def text(desk: Path, model: str) -> str:
    return (desk / "models" / f"{model}.toml").read_text(encoding="utf-8")


def changed(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_a_prior_is_written_in_place_and_nothing_else_moves(desk: Path) -> None:
    before = text(desk, "brent")
    said = done(desk, "elicit", "brent", "level", *BY, *SAID, "--on", "2026-05-04")
    assert "written into models/brent.toml" in said
    lines = changed(before, text(desk, "brent"))
    assert len(lines) == 4
    assert lines[3].startswith("+level = { low = -0.6134, high = 0.4134, by = ")
    assert lines[3].endswith(lines[2].partition("]")[2])  # the comment
    assert lines[1].startswith("+written = ")
    item = Desk(desk).spec("brent")
    because = 'the summer was "calm"'
    assert item.priors["level"] == Prior(-0.6134, 0.4134, "A. Expert", date(2026, 5, 4), because, (-0.82, 0.82))
    assert item.written >= date(2026, 11, 28)


def test_a_dry_run_says_the_same_and_writes_nothing(untouched: Path) -> None:
    before = text(untouched, "brent")
    found = json.loads(done(untouched, "elicit", "brent", "level", *BY, *SAID, "--dry-run", "--json"))
    assert text(untouched, "brent") == before
    assert not found["written"]
    assert (found["prior"]["low"], found["prior"]["high"]) == (-0.6134, 0.4134)
    assert (found["before"]["low"], found["before"]["high"]) == (-0.82, 0.82)
    assert 0.6 < found["held"] < 0.8
    assert found["found"]["miss"] < 1e-3


def test_an_effect_of_a_pool_is_changed_for_all_its_members(desk: Path) -> None:
    name = "ceasefires agreed, last 90 days"
    chips = ("--chips", "0.3-0.6:2 0.6-0.9:5 0.9-1.2:4 1.2-2:1")
    said = done(desk, "elicit", "proxy_attacks", name, "--member", "log", *BY, *chips)
    assert "holds for proxy_attacks.additive too" in said
    additive, log, recent = Desk(desk).spec("proxy_attacks").members
    (one,), (other,) = ([item.effect for item in part.covariates if item.name == name] for part in (additive, log))
    assert one == other
    assert one.before == Prior(0.56, 1.78)
    assert recent.covariates == ()


def test_a_member_s_prior_is_its_own(desk: Path) -> None:
    said = ("--quantile", "0.1=0.1", "--quantile", "0.9=3")
    done(desk, "elicit", "proxy_attacks", "background", "--member", "recent", *BY, *said)
    additive, _, recent = Desk(desk).spec("proxy_attacks").members
    assert additive.priors["background"] == Prior(0.03, 5.0)
    assert recent.priors["background"].instead == (0.03, 5.0)


def test_asked_again_an_expert_keeps_what_stood_before_and_another_does_not(desk: Path) -> None:
    done(desk, "elicit", "brent", "level", *BY, *SAID)
    done(desk, "elicit", "brent", "level", *BY, "--quantile", "0.1=-0.4", "--quantile", "0.9=0.2")
    second = Desk(desk).spec("brent").priors["level"]
    assert second.instead == (-0.82, 0.82)
    done(desk, "elicit", "brent", "level", "--by", "B", "--because", "c", *SAID)
    third = Desk(desk).spec("brent").priors["level"]
    assert (third.by, third.instead) == ("B", (second.low, second.high))


def test_an_effect_that_options_set_is_written_in_place_too(desk: Path) -> None:
    """A trait of mechanisms, whose effect is the prior of two parameters, and a season of outages."""
    before = text(desk, "mechanisms")
    said = done(desk, "elicit", "mechanisms", "contested", *BY, "--quantile", "0.1=0.6", "--quantile", "0.9=0.9")
    assert "written into models/mechanisms.toml" in said
    lines = changed(before, text(desk, "mechanisms"))
    assert lines[-1].startswith("+effect = { low = 0.56")
    assert lines[-1].endswith("           # factor on rates")
    assert all(line[1:].startswith(("written = ", "effect = ")) for line in lines)
    further = stages.further(Desk(desk).spec("mechanisms"))["trait"]
    assert {label for label, (_, prior) in further.items() if prior.by} == {"advance: contested", "exit: contested"}
    done(desk, "elicit", "outages", "hurricanes", *BY, "--quantile", "0.1=2", "--quantile", "0.9=6")
    _, prior = marks.further(Desk(desk).spec("outages"))["season"]["hurricanes"]
    assert (prior.by, prior.before) == ("A. Expert", Prior(1.24, 8.9))
    assert "outages: no posterior on the shelf" in done(desk, "experts")


def test_a_name_that_stands_twice_is_refused_with_both_places(desk: Path) -> None:
    path = desk / "models" / "mechanisms.toml"
    path.write_text(text(desk, "mechanisms").replace('name = "attacks, last 90 days"', 'name = "contested"'))
    problem = refused(desk, "elicit", "mechanisms", "contested", *BY, "--quantile", "0.1=0.6", "--quantile", "0.9=0.9")
    assert problem.why == "it stands below [[options.traits]] and [[covariates]]"
    assert problem.where == "models/mechanisms.toml"


POOLED = """
name = "pooled"
title = "Pooled"
family = "pool"
since = 2010-01-01
written = 2020-01-01
target = { kind = "flood" }
# what follows stands between the options
[options]
largest = 9
[sampler]
draws = 100
[[options.seasons]]
name = "melt"
months = [4, 5]
effect = [1.0, 9.0]             # of all members
[[members]]
name = "one"
family = "marks"
[[members]]
name = "two"
family = "marks"
options.seasons = [
  { name = "melt", months = [4], effect = [2.0, 3.0] },  # its own
]
"""


@pytest.mark.parametrize(("member", "line"), [("one", "# of all members"), ("two", "# its own")])
def test_an_option_of_a_pool_is_replaced_where_the_member_takes_it_from(member: str, line: str) -> None:
    one = Stated("options.seasons", "melt", Prior(0.4, 0.6, "A", date(2026, 11, 29), "b", (0.3, 0.7)))
    after = model_text.elicited(POOLED, one, date(2019, 1, 1), member)
    new = changed(POOLED, after)
    assert len(new) == 2
    assert new[1].endswith(line)
    parts = {part.name: part for part in spec.parse(after, "models/pooled.toml").members}
    assert one in model_text.stated(parts[f"pooled.{member}"])
    assert (one in model_text.stated(parts["pooled.two"])) == (member == "two")


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_any_prior_of_any_model_can_be_replaced(path: Path) -> None:
    """Its line changes and that of `written`; and nothing else in what is read."""
    before = path.read_text(encoding="utf-8")
    prior, day = Prior(0.4, 0.6, "A", date(2026, 11, 29), "b", (0.3, 0.7)), date(2030, 1, 1)
    for part in spec.parse(before, path.name).parts:
        for one in model_text.stated(part):
            after = model_text.elicited(before, replace(one, prior=prior), day, part.name.partition(".")[2])
            old, new = (line for line in changed(before, after) if not line[1:].startswith("written = "))
            assert old.partition("]")[2] == new.rpartition("}")[2]
            (found,) = [other for other in spec.parse(after, path.name).parts if other.name == part.name]
            assert replace(one, prior=prior) in model_text.stated(found)
            assert replace(model_text.restated(found, one), written=part.written) == model_text.restated(part, one)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("brnt", "level", *BY, *SAID), "did you mean `brent`?"),
        (("brent", "levl", *BY, *SAID), "did you mean `level`?"),
        (("mechanisms", "contestd", *BY, *SAID), "did you mean `contested`?"),
        (("outages", "brought_size", *BY, *SAID), "nothing with an effect, that is called `brought_size`"),
        (("proxy_attacks", "background", *BY, *SAID), "known: additive, log, recent"),
        (("proxy_attacks", "background", "--member", "recnt", *BY, *SAID), "did you mean `recent`?"),
        (("brent", "level", "--member", "recent", *BY, *SAID), "is no pool"),
        (("brent_climatology", "level", *BY, *SAID), "has no priors"),
        (("brent", "level", *BY, *SAID, "--chips", "0-1:2"), "and not both"),
        (("brent", "level", *BY), "quantiles or chips are needed"),
        (("brent", "level", "--by", " ", "--because", "", *SAID), "--by is blank\n  --because is blank"),
        (("brent", "level", *BY, *SAID, "--on", "2999-01-01"), "is later than today"),
        (("brent", "level", *BY, *SAID, "--on", "soon"), "`soon` is not a date"),
        (("brent", "level", *BY, "--quantile", "0.9=1", "--quantile", "0.1=2"), "cannot lie below"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    untouched: Path, words: tuple[str, ...], told: str
) -> None:
    before = {path: path.read_bytes() for path in (untouched / "models").glob("*.toml")}
    assert told in str(refused(untouched, "elicit", *words))
    assert {path: path.read_bytes() for path in (untouched / "models").glob("*.toml")} == before


def test_a_desk_without_experts_says_so(untouched: Path) -> None:
    assert done(untouched, "experts") == "No prior of this desk was elicited.\n"


@pytest.mark.slow
def test_an_exact_posterior_needs_no_shelf_and_a_sampled_one_is_asked_for(desk: Path) -> None:
    done(desk, "elicit", "brent", "level", *BY, *SAID)
    said = ("--quantile", "0.1=0.1", "--quantile", "0.9=3")
    done(desk, "elicit", "proxy_attacks", "background", "--member", "log", *BY, *said)
    shown = done(desk, "experts")
    assert "proxy_attacks.log: no posterior on the shelf" in shown
    found = json.loads(done(desk, "experts", "--json"))
    assert found["unfitted"] == ["proxy_attacks.log"]
    (expert,) = found["experts"]
    assert (expert["by"], expert["priors"], expert["untold"]) == ("A. Expert", 1, 0)
    assert expert["told"] == len(Desk(desk).spec("brent").options["segments"])
    assert 0 <= expert["within"] <= expert["told"]


def shelve(here: Desk, part: Spec) -> None:
    """Put draws from the priors onto the shelf, where the posterior of a model or a member would lie."""
    known, _ = here.seen(part.name.partition(".")[0])
    page = world.family(part)
    tree = inference.from_prior(page.sampled(page.panel(known, part), part), 200, 1)
    posteriors.save(posteriors.path(here.shelf, part, known.digest, provenance.fitting()), tree)


@pytest.mark.slow
def test_a_posterior_on_the_shelf_is_judged_by_and_nothing_is_fitted(desk: Path) -> None:
    said = ("--quantile", "0.1=0.1", "--quantile", "0.9=3")
    done(desk, "elicit", "proxy_attacks", "background", "--member", "log", *BY, *said)
    (part,) = [one for one in Desk(desk).spec("proxy_attacks").members if one.name == "proxy_attacks.log"]
    shelve(Desk(desk), part)
    found = json.loads(done(desk, "experts", "--json"))
    assert found["unfitted"] == []
    assert [(one["by"], one["told"] + one["untold"]) for one in found["experts"]] == [("A. Expert", 1)]


TRAIT = """
[[options.traits]]
name = "by road"
where = { sort = "road" }
effect = [0.2, 5.0]
"""


@pytest.fixture
def works(tmp_path: Path) -> Path:
    """A desk of processes with a trait, of whose effect an expert is far too sure."""
    new_desk.lay_out(tmp_path / "works", "stages")
    path = tmp_path / "works" / "models" / "works.toml"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n" + TRAIT, encoding="utf-8")
    done(tmp_path / "works", "elicit", "works", "by road", *BY, "--quantile", "0.1=3.9", "--quantile", "0.9=4.1")
    return tmp_path / "works"


@pytest.mark.slow
def test_what_weighing_cannot_tell_is_fitted_once(works: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws from the priors stand for the posterior; what is fitted without the expert is fitted in earnest."""
    lines: list[str] = []
    monkeypatch.setattr(elicit_command, "at_desk", lambda folder: Desk(folder, lines.append))
    shelve(Desk(works), Desk(works).spec("works"))
    shown = done(works, "experts")
    assert "forecast experts --fits 1 tells of all" in shown
    assert "works: by road" in shown
    assert [line for line in lines if "sampling" in line] == []

    (expert,) = Workbench(works, lines.append).experts(fits=1).experts
    assert (expert.told, expert.untold, expert.within) == (2, 0, 0)
    assert "works: without A. Expert's prior of `by road`, under the one that stood before" in lines
    assert lines.count("works: sampling") == 1

    found = json.loads(done(works, "experts", "--fits", "1", "--json"))
    assert (found["fitted"], found["untold"]) == (["works: by road"], [])
    assert found["experts"][0]["surprise"] == expert.surprise
    assert lines.count("works: sampling") == 1
    assert "the record flatters" not in done(works, "experts", "--fits", "5")

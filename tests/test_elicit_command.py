"""`forecast elicit` and `forecast experts`: what is written, what stays, what is refused."""

import difflib
import json
import tomllib
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from forecast import elicit_command, inference, model_text, posteriors, provenance, spec, world
from forecast.desk import Desk
from forecast.errors import ForecastError
from forecast.spec import Prior
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


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_any_prior_of_any_model_can_be_replaced(path: Path) -> None:
    """What is read of the new text differs in that prior and in `written` alone."""
    before = path.read_text(encoding="utf-8")
    prior = Prior(0.4, 0.6, "A", date(2026, 11, 29), "b", (0.3, 0.7))
    for part in spec.parse(before, path.name).parts:
        member = part.name.partition(".")[2]
        for name in part.priors:
            after = model_text.elicited(before, name, prior, date(2030, 1, 1), member)
            old, new = tomllib.loads(before), tomllib.loads(after)
            assert old.pop("written") < new.pop("written")
            (table,) = [one for one in new.get("members", [new]) if one["name"] == (member or part.name)]
            assert table["priors"].pop(name)["instead"] == [0.3, 0.7]
            (table,) = [one for one in old.get("members", [old]) if one["name"] == (member or part.name)]
            del table["priors"][name]
            assert old == new


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("brnt", "level", *BY, *SAID), "did you mean `brent`?"),
        (("brent", "levl", *BY, *SAID), "did you mean `level`?"),
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


def shelve(here: Desk, name: str, member: str) -> None:
    """Put draws from the priors onto the shelf, where the posterior of a member would lie."""
    (part,) = [one for one in here.spec(name).members if one.name == f"{name}.{member}"]
    item = next(one for one in map(here.brief, here.names("reports/briefs")) if name in one.uses)
    known = here.archive.as_of(here.as_of(item, None), item.sources)
    page = world.family(part)
    tree = inference.from_prior(page.sampled(page.panel(known, part), part), 200, 1)
    posteriors.save(posteriors.path(here.shelf, part, known.digest, provenance.fitting()), tree)


@pytest.mark.slow
def test_a_posterior_on_the_shelf_is_judged_by_and_nothing_is_fitted(desk: Path) -> None:
    said = ("--quantile", "0.1=0.1", "--quantile", "0.9=3")
    done(desk, "elicit", "proxy_attacks", "background", "--member", "log", *BY, *said)
    shelve(Desk(desk), "proxy_attacks", "log")
    found = json.loads(done(desk, "experts", "--json"))
    assert found["unfitted"] == []
    assert [(one["by"], one["told"] + one["untold"]) for one in found["experts"]] == [("A. Expert", 1)]

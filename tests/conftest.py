"""What tests of the whole share: a copy of the reference desk, and the command line as a child process."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from forecast import cli, predict
from forecast.inference import Sizes
from tests.report.browser import launched

ROOT = Path(__file__).parents[1]
Done = subprocess.CompletedProcess
Command = Callable[..., Done[str]]
QUICK = """
name = "quick"
title = "Base rates only"
summary = "Nothing is sampled here."
models = ["attacks_climatology", "oil_outages", "brent"]
baselines = ["attacks_climatology", "oil_outages", "brent_climatology"]
benchmarks = ["brent_scaled"]
lead = ["brent-up/0.1"]
questions = ["attacks", "oil"]
sources = ["attacks", "context", "oil_disruptions", "brent", "mechanisms"]
as_of = 2019-05-17

[domains]
attacks = "Attacks"
oil = "Oil"
"""


def copy_desk(to: Path) -> Path:
    """Copy the reference desk, with a brief that samples nothing."""
    for part in ("data", "models", "reports/briefs"):
        shutil.copytree(ROOT / part, to / part, ignore=shutil.ignore_patterns("fitted", "__pycache__"))
    (to / "reports" / "briefs" / "quick.toml").write_text(QUICK, encoding="utf-8")
    return to


@pytest.fixture(scope="module")
def few_futures() -> Iterator[None]:
    """Few futures are as good as many where only what is done with them is looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predict, "SIZES", Sizes(960, 120))
        yield


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A copy of the reference desk that a test may spoil."""
    return copy_desk(tmp_path / "desk")


@pytest.fixture(scope="module")
def kept_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the reference desk that the tests of a file share."""
    return copy_desk(tmp_path_factory.mktemp("kept") / "desk")


class Reported(NamedTuple):
    """A desk at which the quick brief has been run, and what the run said."""

    desk: Path
    done: Done[str]


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory, command: Command) -> Reported:
    """One run of the quick brief, for all tests that only read what it leaves."""
    desk = copy_desk(tmp_path_factory.mktemp("reported") / "desk")
    return Reported(desk, command("run", "--brief", "quick", at=desk))


@pytest.fixture(scope="module")
def reported_desk(reported: Reported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the desk with that report, which the tests of a file share."""
    return shutil.copytree(reported.desk, tmp_path_factory.mktemp("again") / "desk")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests that look at pages."""
    with launched() as found:
        yield found


@pytest.fixture(scope="session")
def command() -> Command:
    """Run `forecast` with arguments, at a desk, as a user would, but in this process, which has it loaded."""

    def run(*arguments: str, at: Path) -> Done[str]:
        said, told = StringIO(), StringIO()
        with chdir(at), redirect_stdout(said), redirect_stderr(told):
            code = cli.answer(*arguments)
        return Done(arguments, code, said.getvalue(), told.getvalue())

    return run


@pytest.fixture(scope="session")
def program() -> Command:
    """Run `forecast` as a process of its own."""

    def run(*arguments: str, at: Path) -> Done[str]:
        line = [sys.executable, "-m", "forecast.cli", *arguments]
        return subprocess.run(line, cwd=at, capture_output=True, text=True, timeout=1500)

    return run

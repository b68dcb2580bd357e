"""The command line: what is printed where, which exit code, and what wrong input is told."""

import csv
import json
import re
import time
from pathlib import Path

import pytest

from forecast import reports
from forecast.archive import Archive
from forecast.desk import Desk
from forecast.errors import DataError, UsageError
from tests.conftest import Command, Reported
from tests.walks import desk_at

CODES = re.compile(r"^error\[BC-[A-Z][0-9]{3}\]: .+", re.MULTILINE)


def refused(done: object, code: int) -> str:
    """Check that a command was refused cleanly, and return what it said."""
    assert done.returncode == code, done.stderr  # type: ignore[attr-defined]
    said = str(done.stderr)  # type: ignore[attr-defined]
    assert CODES.search(said), said
    assert "Traceback" not in said
    assert done.stdout == ""  # type: ignore[attr-defined]
    return said


@pytest.fixture(scope="module")
def archive(kept_desk: Path) -> Archive:
    return Archive(kept_desk / "data")


def test_a_run_prints_the_table_and_the_places_and_writes_three_faces(reported: Reported) -> None:
    desk, done = reported
    assert done.returncode == 0, done.stderr
    folder = desk / "reports" / "quick" / "2019-05-17"
    for name in ("report.html", "report.pdf", "report.json"):
        assert (folder / name).stat().st_size > 10_000
        assert str(folder / name) in done.stdout
    assert "probability" in done.stdout
    assert "90 % interval" in done.stdout
    assert "Brent" in done.stdout


def test_unchanged_inputs_are_up_to_date_and_quick(reported_desk: Path, command: Command) -> None:
    folder = reported_desk / "reports" / "quick" / "2019-05-17"
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    began = time.perf_counter()
    done = command("run", "--brief", "quick", at=reported_desk)
    assert "up to date" in done.stderr
    assert time.perf_counter() - began < 10  # the bar is 5 s on an idle machine
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_dry_run_says_what_would_be_done_and_does_nothing(reported_desk: Path, desk: Path, command: Command) -> None:
    done = command("run", "--brief", "quick", "--dry-run", at=reported_desk)
    assert done.stdout.splitlines()[-1] == "up to date: nothing would be done"
    before = sorted(desk.rglob("*"))
    planned = reports.plan(Desk(desk), "gulf")
    assert planned.models["mechanisms"] is planned.up_to_date is False
    assert planned.questions > 100
    assert planned.seconds == {model: None for model, kept in planned.models.items() if not kept}
    assert sorted(desk.rglob("*")) == before


def test_json_on_stdout_is_the_document_alone(reported_desk: Path, command: Command) -> None:
    done = command("run", "--brief", "quick", "--json", at=reported_desk)
    document = json.loads(done.stdout)
    assert len(document["forecasts"]) > 50
    assert all(0 < one["probability"] < 1 for one in document["forecasts"])
    shown = command("show", "--brief", "quick", "--json", at=reported_desk)
    assert json.loads(shown.stdout) == document


def test_a_desk_is_found_from_a_folder_below_it(reported_desk: Path, command: Command) -> None:
    done = command("show", "--brief", "quick", at=reported_desk / "data" / "events")
    assert done.returncode == 0, done.stderr


def test_check_reads_everything_and_samples_nothing(kept_desk: Path, command: Command) -> None:
    done = command("check", at=kept_desk)
    assert done.returncode == 0, done.stderr
    for name in ("proxy_attacks", "brent", "gulf", "seed-2019", "attacks: looked at through"):
        assert name in done.stdout
    assert not (kept_desk / "models" / "fitted").exists()


def test_doctor_finds_this_machine_well(kept_desk: Path, command: Command) -> None:
    done = command("doctor", at=kept_desk)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAIL" not in done.stdout


def test_the_version_names_the_libraries(kept_desk: Path, command: Command) -> None:
    versions = json.loads(command("--version", "--json", at=kept_desk).stdout)
    assert {"brinkcast", "pymc", "nutpie", "numpy"} <= set(versions)
    assert versions["brinkcast"] in command("--version", at=kept_desk).stdout


def test_a_brief_that_does_not_exist_is_refused_with_the_one_that_does(kept_desk: Path, command: Command) -> None:
    assert "did you mean `gulf`" in refused(command("run", "--brief", "golf", at=kept_desk), 2)


def test_a_date_that_is_none_is_refused(kept_desk: Path, command: Command) -> None:
    assert "2019-05-17" in refused(command("run", "--as-of", "17/05/2019", at=kept_desk), 2)


def test_a_date_beyond_the_sources_is_refused_with_the_date_that_is_possible(kept_desk: Path, command: Command) -> None:
    said = refused(command("run", "--brief", "quick", "--as-of", "2026-11-01", at=kept_desk), 2)
    assert "--as-of 2026-07-24" in said


def test_a_report_that_was_not_made_cannot_be_shown(kept_desk: Path, command: Command) -> None:
    assert "forecast run --brief gulf" in refused(command("show", at=kept_desk), 2)


def test_a_model_that_replays_the_record_has_nothing_to_diagnose(kept_desk: Path, command: Command) -> None:
    done = command("diagnose", "attacks_climatology", "--json", at=kept_desk)
    assert done.returncode == 0, done.stderr
    (part,) = json.loads(done.stdout)["parts"]
    assert (part["name"], part["quantities"]) == ("attacks_climatology", [])
    assert "Nothing to diagnose" in part["skipped"][0]


def test_an_exact_posterior_is_diagnosed_by_its_priors_alone(kept_desk: Path, command: Command) -> None:
    done = command("diagnose", "brent", "--json", at=kept_desk)
    assert done.returncode == 0, done.stderr
    (part,) = json.loads(done.stdout)["parts"]
    found = {quantity["name"]: quantity for quantity in part["quantities"]}
    assert len(found) == 5 * (1 + 5 + 2) + 1  # regressors of each segment, and what outages do
    assert found["memory [10 days, 1-21 ahead]"]["rests_on"] == "data"
    assert part["left_out"] is None
    assert "the posterior is exact" in part["skipped"][0]
    assert "brent as of 2026-07-24" in done.stderr


def test_priors_of_a_model_that_replays_its_past_say_nothing(kept_desk: Path, command: Command) -> None:
    done = command("priors", "brent", at=kept_desk)
    assert done.returncode == 0, done.stderr
    assert "nothing to look at before data" in done.stdout


def test_a_model_that_does_not_exist_is_refused_with_the_one_that_does(kept_desk: Path, command: Command) -> None:
    assert "did you mean `proxy_attacks`" in refused(command("priors", "proxy_atacks", at=kept_desk), 2)


def test_a_model_is_looked_at_through_a_brief_that_uses_it(kept_desk: Path) -> None:
    desk = Desk(kept_desk)
    assert desk.diagnose("brent").as_of.isoformat() == "2026-07-24"
    assert desk.diagnose("brent", of="quick").as_of.isoformat() == "2019-05-17"
    with pytest.raises(UsageError, match="does not use the model `proxy_attacks`"):
        desk.priors("proxy_attacks", of="quick")
    with pytest.raises(UsageError, match="no `golf`") as refusal:
        desk.priors("proxy_attacks", of="golf")
    assert "did you mean `gulf`" in str(refusal.value)


def test_outside_a_desk_a_desk_is_asked_for(tmp_path: Path, command: Command) -> None:
    assert "desk" in refused(command("run", at=tmp_path), 2)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("models/proxy_attacks.toml", "background =", "backgroud =", "did you mean `background`"),
        ("models/proxy_attacks.toml", "background = [0.03, 5.0]", "background = [5.0, 0.03]", "low < high"),
        ("models/proxy_attacks.toml", "background = [0.03, 5.0]", "background = [-1.0, 5.0]", "above 0"),
        ("models/proxy_attacks.toml", "window = 60", "windows = 60", "did you mean `window`"),
        ("models/proxy_attacks.toml", "window = 60", "window = 0", "at least 1 day"),
        ("models/proxy_attacks.toml", 'family = "counts"', 'family = "count"', "did you mean `counts`"),
        ("models/brent_climatology.toml", 'of = "levels"', 'of = "level"', "'levels'"),
        ("data/questions/oil.toml", 'measure = "rise"', 'measure = "raise"', "'rise'"),
        ("data/questions/oil.toml", 'kind = "close"', 'kind = "closing"', "did you mean `close`"),
        ("data/questions/oil.toml", "horizons", "horizon", "did you mean `horizons`"),
        ("data/questions/oil.toml", "{percent}", "{percents}", "did you mean `percent`"),
        ("reports/briefs/gulf.toml", "title =", "titel =", "did you mean `title`"),
        ("reports/briefs/gulf.toml", 'oil = "Oil', 'oyl = "Oil', "oil"),
        ("reports/briefs/gulf.toml", '"brent-up/0.1"', '"brent-up/0.4"', "begins with `brent-up/0.4`"),
        ("reports/briefs/gulf.toml", '"us_strike entity', '"us_stryke entity', "did you mean `us_strike`"),
        ("reports/briefs/oil.toml", 'sources = ["attacks", ', "sources = [", "add `attacks`"),
        ("data/questions/oil.toml", "[[template]]", "[[template]", "TOML"),
    ],
)
def test_a_wrong_key_or_value_is_refused_by_name(
    desk: Path, archive: Archive, name: str, old: str, new: str, said: str
) -> None:
    path = desk / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    here = Desk(desk)
    here.archive = archive  # what is wrong is beside the data
    with pytest.raises(UsageError) as refusal:
        here.check()
    told = str(refusal.value)
    assert said in told
    assert name in told or "question brent-up" in told


def test_a_name_in_a_brief_that_no_event_has_is_noted(desk: Path) -> None:
    path = desk / "reports" / "briefs" / "gulf.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("against=iran", "against=irann"), encoding="utf-8")
    (note,) = [line for line in Desk(desk).check() if "on record has" in line]
    assert "gulf.toml: no us_strike on record has against = irann; did you mean `iran`" in note


def test_changing_a_prior_changes_what_is_fitted(desk: Path) -> None:
    before = Desk(desk).spec("proxy_attacks").digest
    path = desk / "models" / "proxy_attacks.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("feedback = [0.3, 0.9]", "feedback = [0.3, 0.8]"), encoding="utf-8"
    )
    assert Desk(desk).spec("proxy_attacks").digest != before


def row(text: str, **cells: str) -> str:
    """Make one more row in the layout of a file, from its last row."""
    columns, last = text.splitlines()[0].split(","), next(csv.reader([text.splitlines()[-1]]))
    made = {
        **dict(zip(columns, last, strict=True)),
        "record": "one-more",
        "summary": "plain",
        "location": "here",
        **cells,
    }
    return ",".join(made[column] for column in columns) + "\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: "\ufeff" + text, None),
        (lambda text: text.replace("\n", "\r\n"), None),
        (lambda text: text.rstrip("\n"), None),
        (lambda text: text + row(text), None),
        (lambda text: text + row(text, entity="NA"), None),
        (lambda text: text + "2019-01-01-x,SAU,2019-01-01\n", "cells"),
        (lambda text: text + row(text) + row(text), None),
        (lambda text: text + row(text) + row(text, entity="SYR"), "different content"),
        (lambda text: text + row(text, event_at="2031-01-01"), "2031-01-01"),
        (lambda text: text + row(text, event_at="01/02/2019"), "write the year first"),
        (lambda text: text + row(text, event_at="2019-02-30"), "2019-02-30"),
        (lambda text: text + row(text, killed="1,5".replace(",", "\u00a0")), "killed"),
        (lambda text: text + row(text, killed="nan"), "killed"),
        (lambda text: text.replace("record,", "recorde,", 1), "record"),
        (lambda text: text.replace(",", ";").replace('"', ""), ";"),
        (lambda text: text + '2019-01-01-x,"SAU\n', "quote"),
        (lambda text: text.splitlines()[0] + "\n", "no rows"),
        (lambda _: "", "empty"),
    ],
)
def test_a_file_of_events_is_read_as_it_is_or_refused_with_its_line(
    desk: Path, change: object, said: str | None
) -> None:
    path = next((desk / "data" / "events" / "attacks").glob("*.csv"))
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode())  # type: ignore[operator]
    if said is None:
        assert Archive(desk / "data").through
        return
    with pytest.raises(DataError) as refusal:
        Archive(desk / "data")
    assert said in str(refusal.value)
    assert path.name in refusal.value.where


def test_a_file_of_events_in_another_encoding_is_refused(desk: Path, command: Command) -> None:
    path = next((desk / "data" / "events" / "attacks").glob("*.csv"))
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))
    assert "UTF-16" in refused(command("check", at=desk), 3)


def test_text_from_data_is_text_in_the_terminal(tmp_path: Path, command: Command) -> None:
    desk = desk_at(tmp_path / "desk").root
    path = desk / "data" / "questions" / "few.toml"
    text = path.read_text(encoding="utf-8").replace("Brent rises", r"\u001b[31m[bold]Brent[/bold] rises")
    path.write_text(text, encoding="utf-8")
    done = command("run", "--brief", "tiny", at=desk)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "[bold]" in re.sub(r"\s+", "", done.stdout)
    assert r"\x1b" in done.stdout


def test_a_folder_that_cannot_be_written_is_refused_and_nothing_is_left(desk: Path, command: Command) -> None:
    reports = desk / "reports" / "quick"
    reports.write_text("a file where a folder should be", encoding="utf-8")
    refused(command("run", "--brief", "quick", at=desk), 4)
    assert reports.read_text(encoding="utf-8").startswith("a file")

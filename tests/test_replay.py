"""Manifests and replays: the same inputs give the same bytes; what is other is named before anything is computed."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xarray as xr

from forecast import files, manifest, predict, provenance, replay, report_commands, reports
from forecast.desk import Desk
from forecast.errors import NotConverged, UsageError
from forecast.inference import Sizes
from forecast.manifest import FACES
from forecast.models import climatology
from forecast.replay import Replay
from tests.walks import desk_at

AS_OF = date(2019, 5, 17)
BRENT = "brent_climatology"
SAME = Replay((), (), FACES)
KEPT = {"data/events": "brent", "data/questions": "few.toml", "models": f"{BRENT}.toml", "reports/briefs": "tiny.toml"}


@pytest.fixture(scope="module", autouse=True)
def _few_futures() -> Iterator[None]:
    """Few futures are as good as many here, and so is a part of the program, which nobody edits meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predict, "SIZES", Sizes(960, 120))
        patch.setattr(provenance, "TEXTS", (".typ",))
        yield


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with a report, which is left as it is."""
    root = small(tmp_path_factory.mktemp("replay") / "desk")
    reports.run(Desk(root), "tiny")
    return root


def small(root: Path) -> Path:
    """Make the desk of the tiny brief, with nothing that it does not read."""
    desk_at(root)
    for part, name in KEPT.items():
        for path in (root / part).iterdir():
            if path.name != name:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    sources, prices = root / "data" / "sources.toml", csv(root)
    blocks = re.split(r"(?m)^(?=\[)", sources.read_text(encoding="utf-8"))
    sources.write_text("".join(block for block in blocks if block.startswith("[brent")), encoding="utf-8")
    head, *rows = prices.read_text(encoding="utf-8").splitlines(keepends=True)
    prices.write_text(head + "".join(row for row in rows if "2014" < row < "2020"), encoding="utf-8")
    return root


def csv(root: Path) -> Path:
    return next((root / "data" / "events" / "brent").glob("*.csv"))


@pytest.fixture
def root(kept: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may spoil."""
    return shutil.copytree(kept, tmp_path / "desk")


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be computed."""

    def made(*_: Any) -> None:
        raise AssertionError("something was computed")

    monkeypatch.setattr(reports, "made", made)


def typed(root: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the command, and give its exit code."""
    monkeypatch.setattr(report_commands, "at_desk", Desk)
    found = report_commands.replay(of(root), desk=root)
    found.show()
    return found.code


def of(root: Path, brief: str = "tiny", day: date = AS_OF) -> Path:
    return root / "reports" / brief / day.isoformat() / manifest.NAME


def again(root: Path, believed: bool = False) -> Replay:
    return replay.replay(Desk(root), of(root), believed)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def lying(root: Path) -> dict[str, tuple[bytes, int]]:
    found = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def test_the_same_inputs_give_the_same_manifest_anywhere_and_at_any_time(kept: Path, tmp_path: Path) -> None:
    other = small(tmp_path / "desk")
    reports.run(Desk(other), "tiny")
    text = of(other).read_text(encoding="utf-8")
    assert text == of(kept).read_text(encoding="utf-8")
    assert set(re.findall(r"\d{4}-\d\d-\d\d", text)) == {"2019-05-17", "2026-09-29"}  # as of, and looked at through


def test_a_manifest_is_one_list_of_what_the_report_beside_it_is_made_of(kept: Path) -> None:
    text = of(kept).read_text(encoding="utf-8")
    said = manifest.read(text, "")
    assert said.text == text
    assert json.loads((of(kept).parent / "report.json").read_text())["inputs"] == said.inputs.digest
    assert {name: files.sha256((of(kept).parent / name).read_bytes()) for name in FACES} == said.faces
    assert said.inputs.program == provenance.program()
    assert said.inputs.models == {BRENT: Desk(kept).spec(BRENT).digest}
    assert set(said.seeds) == {BRENT}


def test_a_replay_gives_the_same_bytes_and_writes_nothing(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = lying(kept)
    assert typed(kept, monkeypatch) == 0
    assert capsys.readouterr().out.splitlines() == [f"{name}: same bytes" for name in FACES]
    assert lying(kept) == before


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (f"models/{BRENT}.toml", "since = 1990", "since = 1991", [f"model {BRENT}: its file says something else now"]),
        (f"models/{BRENT}.toml", "[target]", "[target", [f"model {BRENT}: this is not valid TOML"]),
        ("reports/briefs/tiny.toml", "few questions", "five questions", ["brief tiny: its file says something else"]),
        ("data/questions/few.toml", "Will Brent", "Does Brent", ["questions few: its file says something else now"]),
        ("data/sources.toml", "Dated Brent spot", "Dated Brend spot", ["source brent, says: "]),
        (f"reports/tiny/{AS_OF}/report.html", "Brent", "Brend", ["report.html: the file beside the manifest was"]),
    ],
)
def test_an_input_that_is_other_is_named_and_nothing_is_computed(
    root: Path, name: str, old: str, new: str, said: list[str]
) -> None:
    edit(root / name, old, new)
    found = again(root)
    assert (found.same, len(found.wrong)) == ((), len(said))
    assert all(line.startswith(start) for line, start in zip(found.wrong, said, strict=True)), found.wrong


@pytest.mark.usefixtures("idle")
def test_all_inputs_that_are_missing_are_named_at_once(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (f"models/{BRENT}.toml", "reports/briefs/tiny.toml", "data/questions/few.toml"):
        (root / name).unlink()
    csv(root).write_text("")
    assert typed(root, monkeypatch) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert re.findall(r"^(\w+ ?\w*): ", told.err, re.MULTILINE) == [
        "brief tiny",
        "questions few",
        f"model {BRENT}",
        "data",
    ]


@pytest.mark.usefixtures("idle")
def test_a_row_that_was_known_then_is_named_by_its_source(root: Path) -> None:
    add(root, "2019-05-01")
    data, rows = again(root).wrong
    assert data.startswith("data: the archive as of 2019-05-17 has another digest: ")
    there, here = map(int, re.findall(r"\d+", rows))
    assert (rows, here) == (f"source brent, rows: {there} there, {here} here", there + 1)


def test_a_row_that_became_known_later_changes_nothing(root: Path) -> None:
    add(root, "2019-05-18")
    assert again(root) == SAME


def test_what_tells_how_questions_came_out_is_an_input_too(root: Path) -> None:
    edit(root / "reports" / "briefs" / "tiny.toml", "as_of", "afterwards = true\nas_of")
    reports.run(Desk(root), "tiny")
    add(root, "2019-05-18")
    (later,) = again(root).wrong
    assert later.startswith("data: the archive as of 2026-09-29 has another digest: ")


def add(root: Path, known_at: str) -> None:
    with csv(root).open("a", encoding="utf-8") as rows:
        rows.write(f"one-more,2014-05-04,{known_at},20.0,yes\n")


@pytest.mark.usefixtures("idle")
def test_another_library_is_not_taken_for_another_program(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = provenance.version()
    monkeypatch.setattr(provenance, "version", lambda: {**here, "pymc": "6.3.9", "typst": "0.14"})
    assert again(kept).wrong == (f"pymc: {here['pymc']} there, 6.3.9 here", f"typst: {here['typst']} there, 0.14 here")


@pytest.mark.usefixtures("idle")
def test_another_program_and_other_sizes_are_named(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "TEXTS", (".j2",))
    monkeypatch.setattr(predict, "SIZES", Sizes(1200, 120))
    program, futures = again(kept).wrong
    assert program.startswith("program: its text is not the one that made the report: ")
    assert futures == "futures: 960 there, 1200 here"


def test_another_machine_is_noted_and_makes_nothing_stale(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "uv.lock").write_text("version = 1")
    monkeypatch.setattr(provenance, "machine", lambda: {"python": "3.99", "platform": "Else riscv"})
    assert not reports.run(Desk(root), "tiny").fresh
    found = again(root)
    assert (found.wrong, found.same) == ((), FACES)
    assert [note.partition(":")[2].split()[0] for note in found.notes] == ["python:", "platform:", "lock:"]


def test_a_manifest_that_was_cut_off_is_refused_wherever_it_was(kept: Path) -> None:
    text = of(kept).read_text(encoding="utf-8").strip()
    for end in range(0, len(text), 53):
        with pytest.raises(UsageError, match="no manifest, or not all of it"):
            manifest.read(text[:end], "there")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"inputs"', '"input"', "did you mean `inputs`"),
        ('"futures"', '"future"', "did you mean `futures`"),
        ('"through"', '"thru"', "did you mean `through`"),
        ('"schema_version": 2', '"schema_version": 1', "`schema_version`"),
        ('"report.pdf"', '"report.doc"', "a report has report.json, report.html, report.pdf"),
        ('"digest": "', '"digest": 1, "was": "', "`inputs.brief.digest`"),
    ],
)
def test_a_manifest_with_a_wrong_key_is_refused_by_name(kept: Path, old: str, new: str, said: str) -> None:
    text = of(kept).read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(UsageError) as refusal:
        manifest.read(text.replace(old, new, 1), "there")
    assert said in str(refusal.value)


def test_what_is_no_manifest_is_refused(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "list").write_text("[1]")
    (tmp_path / "bytes").write_bytes(b"\xff")
    for name in ("list", "bytes", "nowhere", "."):
        with pytest.raises(UsageError) as refusal:
            replay.replay(Desk(kept), tmp_path / name)
        assert str(tmp_path) in refusal.value.where


@pytest.mark.usefixtures("idle")
def test_a_manifest_that_leaves_something_out_is_found(root: Path) -> None:
    said = json.loads(of(root).read_text(encoding="utf-8"))
    said["inputs"]["models"], said["seeds"] = {}, {BRENT: 1}
    of(root).write_text(json.dumps(said))
    models, seeds = again(root).wrong
    assert models == "models: the manifest does not list what the brief needs"
    assert seeds.startswith("seeds: ")


def test_a_face_that_was_changed_is_made_anew_by_a_run(root: Path) -> None:
    assert not reports.run(Desk(root), "tiny").fresh
    edit(of(root).parent / "report.html", "Brent", "Brend")
    assert reports.run(Desk(root), "tiny").fresh
    assert again(root) == SAME


def spoiled(name: str, change: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a report come out otherwise."""
    made = reports.made

    def other(*given: Any) -> Any:
        faces, refusal = made(*given)
        return {**faces, name: change(faces[name])}, refusal

    monkeypatch.setattr(reports, "made", other)


def test_where_a_report_differs_is_said(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = json.loads((of(kept).parent / "report.json").read_text(encoding="utf-8"))
    document["forecasts"][3]["probability"] = 0.5
    spoiled("report.json", lambda _: json.dumps(document).encode(), monkeypatch)
    found = again(kept)
    assert found.same == FACES[1:]
    assert re.fullmatch(r"report.json: .*; first at forecasts\[3\].probability: 0.\d+ there, 0.5 here", *found.wrong)


def test_a_page_that_differs_alone_is_named(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoiled("report.html", lambda page: page + b" ", monkeypatch)
    assert again(kept) == Replay((), ("report.html: other bytes than the manifest says",), FACES[::2])


@pytest.mark.parametrize(
    ("there", "here", "said"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "a[1].b: 2 there, 3 here"),
        ({"a": [1]}, {"a": [1, 2]}, "a[1]: 'nothing' there, 2 here"),
        ({"a": 1, "b": None}, {"a": 1}, "b: None there, 'nothing' here"),
        ({"a": 1}, {"a": 1.0}, "a: 1 there, 1.0 here"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "its layout"),
        ({"a": "\x1b[31m"}, {"a": ""}, r"a: '\x1b[31m' there, '' here"),
    ],
)
def test_the_first_place_at_which_documents_differ(there: Any, here: Any, said: str) -> None:
    assert replay._apart(there, here) == said


OTHERS = {"ess_bulk": 400.0, "ess_tail": 400.0, "divergences": 0, "bfmi": 1.0, "chains": 1, "draws": 1}


class Sampled:
    """A replayed record that passes for a sampled model, and says in the report what its fit began from."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fits, self.converges = 0, True
        monkeypatch.setattr(climatology, "sampled", lambda *_: SimpleNamespace(key="a page"), raising=False)
        monkeypatch.setattr(climatology, "posterior", self.posterior)
        monkeypatch.setattr("forecast.fitting.compiled.known", lambda _: True)
        monkeypatch.setattr("forecast.fitting.Start.of", lambda start: start)

    def posterior(self, panel: Any, item: Any, seed: int, start: Any, watch: Any) -> xr.DataTree:
        self.fits += 1
        if not self.converges:
            raise NotConverged("the chains disagree", why="R-hat 2", hint="more draws")
        warm = start is not None
        group = xr.Dataset({"a": ("draw", [1.0])}, attrs={"warm": int(warm), "r_hat": 1.0 + warm, **OTHERS})
        return xr.DataTree.from_dict({"posterior": group, "start": xr.Dataset({"a": 1.0})})


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> Sampled:
    return Sampled(monkeypatch)


@pytest.fixture
def bare(root: Path) -> Path:
    """A desk without reports."""
    shutil.rmtree(root / "reports" / "tiny")
    return root


def test_a_replay_fits_from_nothing_and_believes_no_posterior_unless_it_is_told_to(
    bare: Path, sampled: Sampled
) -> None:
    reports.run(Desk(bare), "tiny")
    before = lying(bare)
    assert again(bare) == SAME
    assert sampled.fits == 2
    assert again(bare, believed=True) == SAME
    assert sampled.fits == 2
    assert lying(bare) == before
    shutil.rmtree(bare / "models" / "fitted")
    assert again(bare, believed=True).wrong == (f"posterior {BRENT}: it is not kept here",)


def test_a_refit_is_compared_only_with_the_posteriors_that_it_had(bare: Path, sampled: Sampled) -> None:
    desk = Desk(bare)
    reports.run(desk, "tiny", date(2019, 4, 17))
    reports.run(desk, "tiny", again=True)
    (told,) = again(bare).wrong
    assert "cannot be made again from nothing" in told
    assert again(bare, believed=True) == SAME
    assert sampled.fits == 2
    text = of(bare).read_bytes()
    reports.run(desk, "tiny")
    alone = bare / manifest.NAME
    alone.write_bytes(text)
    (other,) = replay.replay(desk, alone, kept=True).wrong
    assert other.startswith(f"posterior {BRENT}: another one is kept here: ")
    assert sampled.fits == 3


def test_a_refusal_has_a_manifest_is_replayed_and_is_not_up_to_date(bare: Path, sampled: Sampled) -> None:
    sampled.converges = False
    for _ in range(2):
        with pytest.raises(NotConverged):
            reports.run(Desk(bare), "tiny")
    assert sampled.fits == 2
    assert again(bare) == SAME
    sampled.converges = True
    found = again(bare)
    assert (found.same, len(found.wrong)) == ((), 1)

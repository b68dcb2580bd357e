"""The folder of a site: written whole or not at all, and never over other files."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from forecast import site, site_command, site_folder
from forecast.desk import Desk
from forecast.errors import DataError, EnvironmentFault, UsageError
from forecast.site.addresses import HOME
from tests.site_book import book_at


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    book_at(tmp_path / "book.db")
    yield Desk(tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]  # nothing is left lying about


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_site_is_written_whole_and_in_the_place_of_the_one_before(desk: Desk) -> None:
    out = desk.root / "deep" / "out"
    assert site_folder.publish(desk, "", out) == out / HOME
    first = held(out)
    pages = dict(site.pages(desk.rows()))
    assert {name: content for name, content in first.items() if name != site_folder.LIST} == pages
    assert set(json.loads(first[site_folder.LIST])["files"]) == set(pages)
    site_folder.publish(desk, "", out)
    assert held(out) == first
    (out / "index.html").write_text("spoilt")
    site_folder.publish(desk, "", out)
    assert held(out) == first
    assert {path.name for path in out.parent.iterdir()} == {"out"}


def test_a_folder_of_other_files_is_left_alone(desk: Desk) -> None:
    out = desk.root / "out"
    out.mkdir()
    site_folder.publish(desk, "", out)
    (out / "diary.txt").write_text("mine")
    with pytest.raises(UsageError, match="other files than a site") as refused:
        site_folder.publish(desk, "", out)
    assert "diary.txt" in refused.value.why
    (desk.root / "own").mkdir()
    (desk.root / "own" / site_folder.LIST).write_text("{}")
    for place, why in (("own", "other files"), ("book.db", "no folder")):
        with pytest.raises(UsageError, match=why):
            site_folder.publish(desk, "", desk.root / place)
    assert (out / "diary.txt").read_text() == "mine"


def test_what_lay_there_stays_if_the_disk_refuses(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    out = desk.root / "out"
    site_folder.publish(desk, "", out)
    first, real = held(out), site_folder.os.rename

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    def stuck(old: Path, new: Path) -> None:
        if Path(old).name == "new":
            raise OSError(16, "Device or resource busy")
        real(old, new)

    for name, broken in (("_put", full), ("os.rename", stuck)):
        with monkeypatch.context() as patch:
            patch.setattr(f"forecast.site_folder.{name}", broken)
            with pytest.raises(EnvironmentFault, match="cannot write the site"):
                site_folder.publish(desk, "", out)
        assert held(out) == first


def test_a_book_that_is_empty_or_not_whole_has_no_site(desk: Desk, tmp_path: Path) -> None:
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    with pytest.raises(UsageError, match="no book there"):
        site_folder.publish(desk, empty, tmp_path / "out")
    desk.book(empty, begin=True)
    with pytest.raises(UsageError, match="no forecast"):
        site_folder.publish(desk, empty, tmp_path / "out")
    content = (tmp_path / "book.db").read_bytes()
    (tmp_path / "book.db").write_bytes(content.replace(b"ships: 1 or more", b"ships: 2 or more", 1))
    with pytest.raises(DataError, match="not whole"):
        site_folder.publish(desk, "", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_says_where_the_first_page_lies(desk: Desk) -> None:
    for part in ("data", "models", "reports"):
        (desk.root / part).mkdir()
    (desk.root / "data" / "sources.toml").touch()
    done = CliRunner().invoke(site_command.app, [str(desk.root / "out"), "--desk", str(desk.root)])
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == str(desk.root / "out" / HOME)
    assert f"{len(held(desk.root / 'out')) - 1} pages" in done.stderr

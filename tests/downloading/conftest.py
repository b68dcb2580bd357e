"""What the tests of downloads share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from forecast.downloading.addresses import Door
from tests.downloading.outside import DEAD, OLD, PLACES, Outside
from tests.served import LOOPBACK, served


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    pauses: list[float] = []
    into = tmp_path / "fetched" / "file.csv"
    into.parent.mkdir()
    into.write_bytes(OLD)
    door = Door(
        schemes=("http",),
        private=frozenset({LOOPBACK, DEAD}),
        resolve=lambda host, port: PLACES[host],
        pause=pauses.append,
        chance=lambda: 0.5,
    )
    with served() as server:
        yield Outside(server, into, door, pauses)

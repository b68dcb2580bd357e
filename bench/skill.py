"""Measure the attack model walk-forward, and write `docs/attacks.md`.

Every origin is kept once it is computed, under a digest of model and program, so that a walk that was broken off
goes on where it was. Data are not part of the digest: after a change of data, begin with another folder.
"""

import argparse
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import switch
from compared import BARRED, barred
from measured import machine, versions
from page import Measured, page
from walk import Walk, months

from forecast.desk import Desk

ROOT = Path(__file__).parents[1]
MODEL = "proxy_attacks"
FIRST, LAST = date(2017, 1, 1), date(2026, 7, 1)
EVERY = 3  # origins between two of the trial of a switch


def main(arguments: list[str]) -> None:
    """Walk, as recorded and with unattributed attacks taken for Iran's, and write the page."""
    parser = argparse.ArgumentParser(description="measure the attack model walk-forward")
    parser.add_argument("--kept", type=Path, default=ROOT / "bench" / "kept", help="folder of what was computed")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "attacks.md", help="page that is written")
    given = parser.parse_args(arguments)
    desk, origins = Desk(ROOT), months(FIRST, LAST)
    spec = desk.spec(MODEL)
    walk = Walk(desk, spec, given.kept)
    merged = Walk(desk, spec, given.kept, ("iran_unattributed",))
    rows = pd.concat(walk.tables(origins), ignore_index=True)
    found = Measured(
        barred(rows),
        barred(pd.concat(merged.tables(origins), ignore_index=True)),
        barred(pd.concat(switch.trial(walk, origins[::EVERY]), ignore_index=True)),
        f"`make skill` on {machine()}, with {versions()}.",
        rows[~rows["question"].isin(BARRED)],
    )
    given.page.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

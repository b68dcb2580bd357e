"""A small brief that reads many things and is forecast in no time, issued in a book."""

from datetime import UTC, datetime
from pathlib import Path

from forecast import bookkeeping
from forecast.desk import Desk
from forecast.ledger import Ledger
from tests.walks import desk_at

THEN = datetime(2019, 5, 18, 9, tzinfo=UTC)
MIXED = """
name = "mixed-1"
title = "Some of each"
summary = "A few questions."
models = ["attacks_climatology", "brent_climatology"]
baselines = ["attacks_climatology", "brent_climatology"]
questions = ["some"]
sources = ["attacks", "brent"]
as_of = 2019-05-17

[domains]
oil = "Oil"
"""
SOME = """
[[template]]
id = "attacks"
domain = "oil"
title = "Attacks"
text = "Will there be {threshold}, or more?"
thresholds = [1, 3]
horizons = [30, 60]
written = 2019-05-01
rule = { measure = "count", where = { kind = "attack", target = "shipping" } }

[[template]]
id = "falls"
domain = "oil"
title = "Brent falls"
text = "Will Brent fall?"
thresholds = [-0.05]
horizons = [30]
written = 2026-11-24
rule = { measure = "fall", op = "<=", where = { kind = "close", entity = "brent" } }

[[template]]
id = "soon"
domain = "oil"
title = "The first attack"
text = "Will the first come within ten days?"
thresholds = [10]
horizons = [30]
written = 2019-05-01
rule = { measure = "first", op = "<=", where = { kind = "attack", target = "shipping" } }

[[question]]
id = "both"
domain = "oil"
title = "Both"
text = "Will there be an attack, and Brent rise?"
closes = 2019-07-08
settle_days = 30
written = 2019-05-01
rule = { measure = "count", where = { kind = "attack" } }
also = [{ measure = "rise", threshold = 0.05, where = { kind = "close", entity = "brent" } }]
"""


def mixed_at(folder: Path) -> tuple[Desk, Ledger]:
    """Lay out a desk with the brief, and a book in which it was issued."""
    desk = desk_at(folder)
    (folder / "reports" / "briefs" / "mixed-1.toml").write_text(MIXED, encoding="utf-8")
    (folder / "data" / "questions" / "some.toml").write_text(SOME, encoding="utf-8")
    book = desk.book(begin=True)
    bookkeeping.issue(desk, book, "mixed-1", THEN)
    return desk, book

"""What a file would change, what was fetched and what two days differ in, as a command says it."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import pandas as pd

from forecast.collecting import Difference, Line, Looked
from forecast.output import Output
from forecast.terminal import console, plain, ruled

SHOWN = 10
TOLD = ("kind", "entity", "value", "unit")
SILENT = {"source", "record", "revision", "known_at", "known_by", "retracted"}
SIGNS = {"added": "+", "revised": "~", "retracted": "-"}


def looked(found: Looked, dry: bool) -> Output:
    """Say what the checks found in a file, what it changes, and where that was written."""
    code = 3 if found.stopped else 0
    return Output(partial(_look, found, dry), partial(_looked, found), partial(_changes, found), code)


def _look(found: Looked, dry: bool) -> None:
    print(f"{plain(found.proposal.delivery.where)}: {plain(found.proposal.delivery.layout)}")
    for check in found.checks:
        if check.problems:
            print(plain(str(check)))
    print(f"{sum(not check.problems for check in found.checks)} of {len(found.checks)} checks found nothing")
    if found.stopped:
        print("stopped: nothing was written", file=sys.stderr)
        return
    counts = ", ".join(f"{len(getattr(found.changes, part))} {part}" for part in SIGNS)
    print(f"{found.proposal.name}: {counts}, {found.changes.kept} known already; looked at through {found.through}")
    for part, sign in SIGNS.items():
        _show(getattr(found.changes, part), found.changes.before, sign)
    if found.path is not None:
        print(f"written: {'/'.join(found.path.parts[-4:])}")
    else:
        print("a dry run: nothing was written" if dry else "nothing new: nothing was written", file=sys.stderr)


def _show(rows: pd.DataFrame, before: pd.DataFrame, sign: str) -> None:
    stood = before.set_index("record")
    for row in rows.head(SHOWN).to_dict("records"):
        said = f"{sign} {row['record']}  {_text(row['event_at'])}  "
        if sign == "~" and row["record"] in stood.index:
            said += "; ".join(_moved(stood.loc[row["record"]], row))
        else:
            said += " ".join(_text(row[name]) for name in TOLD if _text(row[name]) not in ("", "1"))
        print(plain(f"  {said} (known {_text(row['known_at'])}, {row['known_by']})"))
    if len(rows) > SHOWN:
        print(f"  {sign} and {len(rows) - SHOWN:,} more")


def _moved(old: Any, new: dict[Any, Any]) -> Iterator[str]:
    """Say which cells of a row changed, from what to what."""
    for name, now in new.items():
        if name not in SILENT and name in old.index and _text(old[name]) != _text(now):
            yield f"{name} {_text(old[name]) or 'blank'} → {_text(now) or 'blank'}"


def _text(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _looked(found: Looked) -> dict[str, Any]:
    said: dict[str, Any] = {
        "source": found.proposal.name,
        "file": found.proposal.delivery.where,
        "layout": found.proposal.delivery.layout,
        "stopped": found.stopped,
        "checks": [
            {"name": check.rule.name, "level": check.rule.level, "problems": check.problems} for check in found.checks
        ],
    }
    if found.stopped:
        return said
    rows = {part: _records(getattr(found.changes, part)) for part in SIGNS}
    written = "/".join(found.path.parts[-4:]) if found.path else None
    return {**said, **rows, "known_already": found.changes.kept, "through": found.through, "written": written}


def _changes(found: Looked) -> list[dict[str, Any]]:
    """Give the rows that are new, revised or taken back; of a file that was stopped, none, and say why."""
    if found.stopped:
        print(*(str(check) for check in found.checks if check.stops), sep="\n", file=sys.stderr)
        return []
    return _parted({part: getattr(found.changes, part) for part in SIGNS})


def _parted(parts: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    return [{"change": part, **row} for part, rows in parts.items() for row in _records(rows)]


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn rows into JSON's values: dates as text, and what is missing as null."""
    return [{str(name): _value(value) for name, value in row.items()} for row in rows.to_dict("records")]


def _value(value: Any) -> Any:
    if pd.isna(value):
        return None
    return _text(value) if isinstance(value, pd.Timestamp) else value


def log(lines: list[Line]) -> Output:
    """Say what was fetched at a desk."""
    rows = [asdict(line) for line in lines]
    return Output(partial(_log, lines), lambda: {"fetches": rows}, lambda: rows)


def _log(lines: list[Line]) -> None:
    table = ruled("Fetches", "source", "file", "new", "revised", "taken back", "through", least=16)
    table.add_column("from", overflow="fold")
    for line in lines:
        counts = (f"{number:,}" for number in (line.added, line.revised, line.retracted))
        table.add_row(line.source, line.file, *counts, line.through.isoformat(), plain(line.origin))
    console().print(table)


def diff(found: Difference) -> Output:
    """Say in what two snapshots differ."""
    revised = found.rows["revised"]
    gone = found.rows["old"][~found.rows["old"].index.isin(revised.index)]
    parts = {"added": found.rows["new"], "revised": revised, "retracted": gone}
    days = {"before": found.before, "after": found.after}
    return Output(
        partial(_diff, found, parts),
        lambda: days | {part: _records(one) for part, one in parts.items()},
        partial(_parted, parts),
    )


def _diff(found: Difference, parts: Mapping[str, pd.DataFrame]) -> None:
    print(f"known before {found.after}, beside what was known before {found.before}")
    for name, through in found.short.items():
        print(f"not compared: {name}, which was looked at through {through}", file=sys.stderr)
    names = sorted({str(name) for one in parts.values() for name in one["source"]})
    for name in names:
        own = {part: one[(one["source"] == name).to_numpy()] for part, one in parts.items()}
        print(f"{name}: {', '.join(f'{len(one)} {part}' for part, one in own.items())}")
        for part, sign in SIGNS.items():
            _show(own[part].sort_values(["event_at", "source", "record"]), found.rows["old"], sign)
    if not names:
        print("nothing differs")

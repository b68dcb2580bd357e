"""The timeline: what the snapshot knew of the last twelve months, by kind and event by event, with sources."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd

from forecast.language import say
from forecast.outlook import Run
from forecast.report import timeline_figure, words
from forecast.report.document import Column, Link, Section, Table, Text
from forecast.report.marks import HUES

LATEST = 40


def timeline(run: Run) -> Section:
    """Show what the snapshot knew of the last twelve months: counts a month, and the latest events."""
    events = run.snapshot.events
    since = pd.Timestamp(run.snapshot.as_of - timedelta(days=365))
    recent = events[(events["event_at"] >= since) & (events["event_at"] < pd.Timestamp(run.snapshot.as_of))]
    # Days on which somebody looked whether a process still stood are no events.
    looks = {climb.seen.kind for climb in run.climbs if climb.seen}
    kept = recent[recent["source"].isin(run.sources) & ~recent["source"].isin(_series(recent))]
    kept = kept[~kept["kind"].isin(looks)]
    if kept.empty:
        return Section("timeline", say("timeline-title"), 1, (Text(say("timeline-nothing")),))
    titles = {name: about["title"] for name, about in run.sources.items() if name in set(kept["source"])}
    hues = dict(zip(titles.values(), HUES, strict=False))
    months = kept["event_at"].dt.to_period("M").dt.start_time
    counted = kept.groupby([months.rename("month"), kept["source"]])["n"].sum()
    rows = [
        {"month": f"{month:%Y-%m-%d}", "source": titles[str(source)], "events": int(count)}
        for month, source, count in counted.reset_index().itertuples(index=False)
    ]
    figure = timeline_figure.timeline(rows, hues, run.snapshot.as_of)
    return Section("timeline", say("timeline-title"), 1, (Text(say("timeline-about")), figure, _latest(kept)))


def _series(recent: pd.DataFrame) -> list[str]:
    """Find sources that are daily series: they are drawn elsewhere, not listed."""
    busy = recent.groupby(["source", "entity"]).size().reset_index(name="rows")
    return sorted(set(busy.loc[busy["rows"] > 180, "source"]))


def _latest(kept: pd.DataFrame) -> Table:
    latest = kept.sort_values(["event_at", "source", "record"], kind="stable").tail(LATEST).iloc[::-1]
    rows = tuple(
        (
            f"{row['event_at']:%Y-%m-%d}" if row["precision"] == "day" else f"{row['event_at']:%Y-%m}",
            words.plain(row["kind"]),
            _event(row),
            Link(say("column-source"), row["url"]) if row.get("url") else row.get("cited", ""),
        )
        for row in latest.to_dict("records")
    )
    columns = tuple(Column(say(name)) for name in ("column-date", "column-kind", "timeline-known", "column-source"))
    return Table(say("timeline-latest", events=len(rows)), columns, rows, (), (1.2, 1.5, 6.0, 0.9))


def _event(row: Mapping[Any, Any]) -> str:
    """Tell an event by its summary, or by its name and note."""
    summary = row.get("summary") or ""
    parts = [summary] if summary else [part for part in (row.get("name"), row.get("note")) if part]
    return ": ".join(str(part) for part in parts) or f"{row['entity']} {words.plain(row['kind'])}"

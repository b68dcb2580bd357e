"""What came after past events: the ratio in a sentence, its table and figure, and the onsets that it rests on."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from forecast.aftermath import Aftermath, Findings, Onset, Span
from forecast.excess import FEWEST, LONG_RUN
from forecast.language import say
from forecast.report import words
from forecast.report.document import Column, Figure, Link, Section, Table, Text
from forecast.report.marks import HUES
from forecast.report.ratio_figure import ratios, reach, window


def sections(found: Sequence[Findings], hues: Mapping[str, str] | None = None) -> list[Section]:
    """Write a section for each of a brief's questions of what came after.

    Parameters
    ----------
    found : sequence of Findings
    hues : mapping of str to str
        Domain -> colour.
    """
    return [_section(one, (hues or {}).get(one.item.domain, HUES[0])) for one in found]


def exact(found: Findings) -> dict[str, Any]:
    """State what was found at full precision, for JSON."""
    item = found.item
    return {
        "id": item.id,
        "title": item.title,
        "domain": item.domain,
        "caveat": _line(item.caveat),
        "as_of": found.as_of.isoformat(),
        "since": item.since.isoformat(),
        "early": found.early,
        "spans": [_exact_span(span) for span in found.spans],
        "onsets": [_exact_onset(onset) for onset in found.onsets],
    }


def _exact_span(span: Span) -> dict[str, Any]:
    return {
        "days": span.days,
        "onsets": span.onsets,
        "open": span.open,
        "spells": span.spells,
        "recorded": span.recorded,
        "expected": span.expected,
        "ratio": span.ratio,
        "interval": list(span.interval) if span.interval else None,
    }


def _exact_onset(onset: Onset) -> dict[str, Any]:
    return {
        "at": onset.at.isoformat(),
        "told": onset.told,
        "url": onset.url,
        "recorded": list(onset.recorded),
        "expected": list(onset.expected),
    }


def _section(found: Findings, hue: str) -> Section:
    told = [span for span in found.spans if span.interval]
    blocks: list[Text | Table | Figure] = [Text(lead(found), "lead")]
    blocks += [Text(_line(found.item.caveat), "warning")] if found.item.caveat else []
    blocks += [_table(found)]
    blocks += [ratios(found, hue)] if told else []
    blocks += [Text(method(found), "note")]
    blocks += [_onsets(found)] if found.onsets else []
    blocks += [Text(left_out, "note") for left_out in [_left_out(found)] if left_out]
    return Section(f"aftermath-{words.anchor(found.item.id)}", found.item.title, 1, tuple(blocks))


def lead(found: Findings) -> str:
    """Say in a sentence or two what the record shows, of the middle window if it can be said of that one."""
    middle = found.spans[len(found.spans) // 2]
    told = [span for span in (middle, *found.spans) if span.interval]
    return _told(found.item, told[0]) if told else _too_few(found, middle)


def _told(item: Aftermath, span: Span) -> str:
    assert span.ratio is not None
    assert span.interval is not None
    low, high = span.interval
    lead = say(
        "aftermath-lead",
        days=span.days,
        known=span.onsets,
        onsets=item.onsets,
        spells=span.spells,
        recorded=span.recorded,
        events=item.events,
        expected=words.number(span.expected),
        ratio=words.number(span.ratio),
        interval=reach(span),
    )
    side = "aftermath-more" if low > 1 else "aftermath-fewer" if high < 1 else "aftermath-as-many"
    return f"{lead} {say(side)}"


def _too_few(found: Findings, span: Span) -> str:
    item = found.item
    few = "aftermath-few-events" if span.spells >= FEWEST and not span.recorded else "aftermath-few-onsets"
    opening = say(few, day=words.prose_date(found.as_of), onsets=item.onsets, events=item.events)
    return f"{opening} {_usable(span)}"


def _usable(span: Span) -> str:
    """Say how many onsets can be used, and how many of their windows are over."""
    known = span.onsets + span.open
    if not known:
        return say("aftermath-none-known")
    if not span.onsets:
        return say("aftermath-none-over", known=known, days=span.days)
    return say(
        "aftermath-some-over",
        known=known,
        over=span.onsets,
        days=span.days,
        spells=span.spells,
        recorded=span.recorded,
        expected=words.number(span.expected),
    )


def method(found: Findings) -> str:
    """Say what is expected, what counts as an onset, and what the interval rests on."""
    item = found.item
    counted = say(
        "aftermath-method",
        half=words.number(item.half_life),
        since=words.prose_date(item.since),
        long=words.number(LONG_RUN),
        onsets=_capital(item.onsets),
        apart=item.apart,
    )
    return f"{counted} {say('aftermath-coverage')}" if any(span.interval for span in found.spans) else counted


def _table(found: Findings) -> Table:
    columns = (
        Column(say("aftermath-days-after")),
        Column(say("aftermath-onsets"), True),
        Column(say("aftermath-not-over"), True),
        Column(say("aftermath-spells"), True),
        Column(say("aftermath-recorded"), True),
        Column(say("aftermath-expected"), True),
        Column(say("aftermath-ratio"), True),
        Column(say("column-interval"), True),
    )
    rows = tuple(_row(span) for span in found.spans)
    title = say("aftermath-table", events=_capital(found.item.events), onsets=found.item.onsets)
    return Table(title, columns, rows, (), (1.0, 0.9, 0.9, 1.2, 1.0, 1.0, 0.8, 1.4))


def _row(span: Span) -> tuple[str, ...]:
    counts = (str(span.days), str(span.onsets), str(span.open), str(span.spells))
    if not span.onsets:
        return (*counts, "–", "–", "–", "–")
    # A ratio without an interval would be read as a finding.
    ratio = words.number(span.ratio) if span.ratio is not None and span.interval else "–"
    return (*counts, f"{span.recorded:,}", words.number(span.expected), ratio, reach(span))


def _onsets(found: Findings) -> Table:
    columns = (
        Column(say("column-date")),
        Column(say("aftermath-known")),
        *(Column(window(span), True) for span in found.spans),
        Column(say("column-source")),
    )
    rows = tuple(
        (
            onset.at.isoformat(),
            onset.told or "–",
            *(_after(count, level) for count, level in zip(onset.recorded, onset.expected, strict=True)),
            Link(say("aftermath-link"), onset.url) if onset.url else "–",
        )
        for onset in found.onsets
    )
    title = say("aftermath-onsets-table", onsets=found.item.onsets, events=found.item.events)
    return Table(title, columns, rows, (), (1.1, 4.0, *([1.0] * len(found.spans)), 0.8))


def _after(count: int | None, level: float) -> str:
    return say("aftermath-not-over") if count is None else f"{count:,} ({words.number(level)})"


def _left_out(found: Findings) -> str:
    if not found.early:
        return ""
    first = words.prose_date(found.item.since + timedelta(days=round(found.item.half_life)))
    return say("aftermath-left-out", early=found.early, day=first)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _line(text: str) -> str:
    return " ".join(text.split())

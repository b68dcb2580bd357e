"""What came after past events: the ratio in a sentence, its table and figure, and the onsets that it rests on."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from forecast.aftermath import Aftermath, Findings, Onset, Span
from forecast.excess import FEWEST, LONG_RUN
from forecast.report import words
from forecast.report.document import Column, Figure, Link, Section, Table, Text
from forecast.report.marks import HUES
from forecast.report.ratio_figure import ratios, reach

COVERAGE = (
    "The interval rests on how much spells differ, and on how much windows anywhere on the record do. In simulated"
    " worlds in which as many come as are expected, such intervals held 1 in 91 to 98 of 100."
)


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
    shown = "It holds 1: neither more nor fewer than expected is shown."
    if not low <= 1 <= high:
        shown = f"It lies {'above' if low > 1 else 'below'} 1: {'more' if low > 1 else 'fewer'} came than expected."
    return (
        f"In the {span.days} days after {span.onsets} past {item.onsets}, which make {_spells(span)},"
        f" {span.recorded:,} {item.events} were recorded where recent rates had led to expect"
        f" {words.number(span.expected)}: a ratio of {words.number(span.ratio)}, with a 90 % interval of {reach(span)}."
        f" {shown}"
    )


def _too_few(found: Findings, span: Span) -> str:
    item, known = found.item, span.onsets + span.open
    few, after = item.onsets, "them"
    if span.spells >= FEWEST and not span.recorded:
        few, after = item.events, item.onsets
    opening = (
        f"As of {words.prose_date(found.as_of)} the record holds too few {few} to say how many"
        f" {'of them' if few == item.events else item.events} come after {after}."
    )
    if not known:
        return f"{opening} None that can be used is on it."
    if not span.onsets:
        every = "The only one" if known == 1 else f"All {known}"
        return f"{opening} {every} that can be used {_lies(known)} less than {span.days} days back."
    return (
        f"{opening} Of {known} that can be used, {span.onsets} {_lies(span.onsets)} {span.days} days back"
        f" ({_spells(span)}), with {span.recorded:,} recorded after {'it' if span.onsets == 1 else 'them'} and"
        f" {words.number(span.expected)} expected."
    )


def _lies(count: int) -> str:
    return "lies" if count == 1 else "lie"


def _spells(span: Span) -> str:
    return f"{span.spells} separate spell{'' if span.spells == 1 else 's'}"


def method(found: Findings) -> str:
    """Say what is expected, what counts as an onset, and what the interval rests on."""
    item = found.item
    told = f" {COVERAGE}" if any(span.interval for span in found.spans) else ""
    return (
        "Expected is what would have come at the rate of the days before each onset, in which an event loses half its"
        f" weight in {words.number(item.half_life)} days, and the long run since {words.prose_date(item.since)} counts"
        f" like {words.number(LONG_RUN)} days. {_capital(item.onsets)} that follow each other in less than {item.apart}"
        " days are one onset, and its own day counts on neither side. Windows that overlap make one spell; what falls"
        f" into two of them counts in both, recorded and expected alike.{told}"
    )


def _table(found: Findings) -> Table:
    columns = (
        Column("days after"),
        *(
            Column(heading, True)
            for heading in ("onsets", "not over", "separate spells", "recorded", "expected", "ratio", "90 % interval")
        ),
    )
    rows = tuple(_row(span) for span in found.spans)
    title = f"{_capital(found.item.events)} after {found.item.onsets}"
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
        Column("date"),
        Column("what was known"),
        *(Column(f"{span.days} days", True) for span in found.spans),
        Column("source"),
    )
    rows = tuple(
        (
            onset.at.isoformat(),
            onset.told or "–",
            *(_after(count, level) for count, level in zip(onset.recorded, onset.expected, strict=True)),
            Link("source", onset.url) if onset.url else "–",
        )
        for onset in found.onsets
    )
    title = f"The {found.item.onsets} behind it: {found.item.events} recorded after each, and expected"
    return Table(title, columns, rows, (), (1.1, 4.0, *([1.0] * len(found.spans)), 0.8))


def _after(count: int | None, level: float) -> str:
    return "not over" if count is None else f"{count:,} ({words.number(level)})"


def _left_out(found: Findings) -> str:
    if not found.early:
        return ""
    first = words.prose_date(found.item.since + timedelta(days=round(found.item.half_life)))
    which = "it" if found.early == 1 else "them"
    return (
        f"Left out: {found.early} before {first}, with too little record before {which} to say what was to be expected."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _line(text: str) -> str:
    return " ".join(text.split())

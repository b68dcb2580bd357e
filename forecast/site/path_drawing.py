"""The drawing of a path: what was said of a question from day to day, the base rate beside it, and what came of it.

Drawn by hand, and not by the renderer of the reports' charts: a book has a thousand paths, and a site all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from math import ceil

from forecast.language import say
from forecast.report import words
from forecast.report.marks import FAINT, INK, QUIET
from forecast.site import cells
from forecast.site.contents import NO, VOID, YES, Said

WIDE, HIGH = 720, 230
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 10, 26
MOST_MONTHS = 7  # that are named below
EVERY = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600)
SIZE = 3.4


@dataclass(frozen=True)
class _Scales:
    first: date
    last: date
    top: float

    def x(self, day: date) -> float:
        span = (self.last - self.first).days
        share = (day - self.first).days / span if span else 0.5
        return round(LEFT + share * (WIDE - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        return round(HIGH - BOTTOM - value / self.top * (HIGH - TOP - BOTTOM), 1)

    def line(self, points: Sequence[tuple[date, float]]) -> str:
        return " ".join(f"{self.x(day)},{self.y(value)}" for day, value in points)


def path(said: Sequence[Said], hue: str) -> str:
    """Draw what was said as a line with its interval as a band, the base rate dashed, a mark for each outcome.

    Parameters
    ----------
    said : sequence of Said
        At least one; days rise.
    hue : str

    Returns
    -------
    str
        SVG whose marks tell their values when they are pointed at.
    """
    told = [one.told for one in said]
    top = max(0.1, ceil(10 * max(max(one.interval[1], one.baseline) for one in told)) / 10)
    at = _Scales(told[0].as_of, told[-1].as_of, top)
    ends = [(one.as_of, one.interval[1]) for one in told] + [(one.as_of, one.interval[0]) for one in reversed(told)]
    # The stroke keeps a band in sight that is one day wide.
    band = f'fill="{hue}" fill-opacity="0.15" stroke="{hue}" stroke-opacity="0.3" stroke-width="1"'
    usual = at.line([(one.as_of, one.baseline) for one in told])
    line = at.line([(one.as_of, one.probability) for one in told])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-size="12">'
        f"{_levels(at)}{_months(at)}"
        f'<polygon points="{at.line(ends)}" {band}/>'
        f'<polyline points="{usual}" fill="none" stroke="{INK}" stroke-dasharray="4 3"/>'
        f'<polyline points="{line}" fill="none" stroke="{hue}" stroke-width="1.8"/>'
        f"{''.join(_mark(one, at, hue) for one in said)}</svg>"
    )


def _levels(at: _Scales) -> str:
    step = 0.05 if at.top <= 0.1 else 0.1 if at.top <= 0.4 else 0.2
    values = [round(step * place, 2) for place in range(int(at.top / step + 1e-9) + 1)]
    return "".join(
        f'<line x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{at.y(value)}" y2="{at.y(value)}" stroke="{FAINT}"/>'
        f'<text x="{LEFT - 6}" y="{at.y(value) + 4}" text-anchor="end" fill="{QUIET}">{100 * value:.0f} %</text>'
        for value in values
    )


def _months(at: _Scales) -> str:
    first, last = (12 * day.year + day.month - 1 for day in (at.first, at.last))
    starts = range(first + (at.first.day > 1), last + 1)
    every = next(
        step for step in EVERY if sum(month % step == 0 for month in starts) <= MOST_MONTHS or step == EVERY[-1]
    )
    days = [date(month // 12, month % 12 + 1, 1) for month in starts if month % every == 0] or [at.first]
    return "".join(
        f'<line x1="{at.x(day)}" x2="{at.x(day)}" y1="{HIGH - BOTTOM}" y2="{HIGH - BOTTOM + 4}" stroke="{QUIET}"/>'
        f'<text x="{min(max(at.x(day), LEFT + 24), WIDE - 30)}" y="{HIGH - 6}" text-anchor="middle" fill="{QUIET}">'
        f"{words.dated(day, 'month', brief=True)}</text>"
        for day in days
    )


def _mark(one: Said, at: _Scales, hue: str) -> str:
    x, y = at.x(one.told.as_of), at.y(one.told.probability)
    tells = say(
        "site-question-mark",
        day=words.prose_date(one.told.as_of),
        probability=words.percent(one.told.probability),
        interval=words.interval(one.told.interval),
        usual=words.percent(one.told.baseline),
        outcome=cells.outcome(one.outcome),
    )
    title = f"<title>{escape(tells)}</title>"
    if one.outcome == YES:
        return f'<circle cx="{x}" cy="{y}" r="{SIZE}" fill="{hue}" stroke="{hue}">{title}</circle>'
    if one.outcome == NO:
        return f'<circle cx="{x}" cy="{y}" r="{SIZE}" class="hollow" stroke="{hue}">{title}</circle>'
    if one.outcome == VOID:
        cross = f"M{x - SIZE},{y - SIZE}L{x + SIZE},{y + SIZE}M{x - SIZE},{y + SIZE}L{x + SIZE},{y - SIZE}"
        return f'<path d="{cross}" stroke="{INK}" stroke-width="1.6">{title}</path>'
    return f'<circle cx="{x}" cy="{y}" r="{SIZE / 2}" fill="{INK}" stroke="{INK}">{title}</circle>'

"""Sparklines: the path of a probability as a drawing no bigger than a word, the same in the page and in print."""

from collections.abc import Sequence

WIDE, HIGH, EDGE = 90, 20, 3
LEAST_TOP = 0.1  # so that a move from 0.1 % to 0.2 % does not look like one from 1 % to 90 %
COLOUR = "#00568a"


def sparkline(values: Sequence[float]) -> str:
    """Draw values between 0 and 1 from left to right, and dot the last; the axis begins at 0.

    Returns
    -------
    str
        SVG of 90 by 20.
    """
    top = max(LEAST_TOP, *values)
    step = (WIDE - 2 * EDGE) / max(len(values) - 1, 1)
    points = [
        (round(EDGE + step * place, 1), round(HIGH - EDGE - (HIGH - 2 * EDGE) * value / top, 1))
        for place, value in enumerate(values)
    ]
    line = " ".join(f"{x},{y}" for x, y in points)
    x, y = points[-1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}">'
        f'<polyline points="{line}" fill="none" stroke="{COLOUR}" stroke-width="1.5"/>'
        f'<circle cx="{x}" cy="{y}" r="2.2" fill="{COLOUR}"/></svg>'
    )

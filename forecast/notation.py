"""Rules as their files have them, in a line."""

from forecast.conditions import Limits
from forecast.rules import Rule


def as_written(rule: Rule) -> str:
    """Write a rule as its file has it: `count of (kind = strike) >= 1`."""
    return f"{reading(rule)} {rule.threshold:g}"


def reading(rule: Rule) -> str:
    """Write what a rule reads, up to its threshold."""
    conditions = ", ".join(f"{column} = {_cell(cells)}" for column, cells in rule.where.items())
    return f"{rule.measure} of ({conditions}) {rule.op}"


def _cell(cells: object) -> str:
    """Write what a condition accepts."""
    if isinstance(cells, Limits):
        parts = [f"not {', '.join(map(str, cells.without))}"] if cells.without else []
        parts += [f"from {cells.low:g}"] if cells.low is not None else []
        parts += [f"below {cells.high:g}"] if cells.high is not None else []
        return " and ".join(parts)
    assert isinstance(cells, tuple)
    return " | ".join(str(one) or "blank" for one in cells)

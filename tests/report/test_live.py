"""Live charts as documents: marks that tell, legends that choose, and no text that is read as an expression."""

from typing import Any

import pytest

from forecast.report import figures
from forecast.report.live import live
from forecast.report.marks import HUES, INK, QUIET
from forecast.report.sparkline import sparkline
from forecast.report.tooltip import tooltip
from tests.report.made import HOSTILE, bars, dots, panels


def expressions(value: Any) -> list[str]:
    """List all that the renderer would read as an expression."""
    if isinstance(value, list):
        return [found for item in value for found in expressions(item)]
    if not isinstance(value, dict):
        return []
    own = [value[key] for key in ("signal", "expr", "test", "update", "init") if isinstance(value.get(key), str)]
    own += [value["expr"]] if value.get("type") in ("filter", "formula") else []
    return own + [found for item in value.values() for found in expressions(item)]


@pytest.mark.parametrize("made", [bars(), dots(), panels()])
def test_no_text_of_a_chart_is_read_as_an_expression(made: dict[str, Any]) -> None:
    found = expressions(figures.interactive(made))
    assert found
    assert [text for text in found if "alert" in text] == []


def test_a_mark_tells_all_its_values_but_not_what_only_places_it() -> None:
    rows = [{"name": "a", "p": 1.5, "order": 3, "at": "2019-05-17", "end": "2019-06-16", "low": 20_000}]
    told = {channel["title"]: channel for channel in tooltip(rows)}
    assert list(told) == ["title", "from", "until", "probability, per cent", "from, nine times in ten"]
    assert told["from"]["format"] == "%Y-%m-%d"
    assert told["from, nine times in ten"]["format"] == ",.0f"
    assert [channel["field"] for channel in tooltip([{"text": "5 %", "p": 0.05}])] == ["text"]


def test_what_a_figure_tells_itself_is_left_to_it() -> None:
    own = {"data": {"values": [{"p": 1}]}, "mark": "bar", "encoding": {"tooltip": {"field": "p"}}}
    assert live(own)["encoding"] == own["encoding"]


def test_a_legend_of_one_name_stays_in_the_drawing() -> None:
    made = dots()
    made["data"]["values"] = [row for row in made["data"]["values"] if row["name"] == "one"]
    assert "usermeta" not in live(made)
    assert live(dots())["usermeta"]["legend"] == [["one", HUES[0]], ["two", INK], [HOSTILE, QUIET]]


def test_a_sparkline_begins_at_nought_and_ends_in_a_dot() -> None:
    assert 'points="3.0,10.0 87.0,3.0"' in sparkline((0.5, 1.0))
    assert 'points="3.0,15.6 87.0,14.2"' in sparkline((0.01, 0.02))
    assert 'cx="87.0" cy="14.2"' in sparkline((0.01, 0.02))

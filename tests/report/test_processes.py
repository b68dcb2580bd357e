"""Groups over processes, and their ladders: what is said agrees with what was computed, and reads like prose."""

import io
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import jsonschema
import pypdf
import pytest
from lxml import html as lxml_html

from forecast import ladders, report, series, templates
from forecast.climb import Climb, Step
from forecast.history import History
from forecast.outlook import Run
from forecast.report import compose, ladder_figure, ladder_prose, matrix, prose, words
from forecast.report.document import Figure, Report, Section, Table, Text
from tests.test_ladders import AS_OF, QUESTIONS, SPEC, USUAL, predicted
from tests.test_spells import on

ABOUT = {"title": "Made up", "publisher": "us", "licence": "CC0", "url": "https://example.org/", "rows": "1"}


def run_of(of: Any = SPEC) -> Run:
    """Make a run of the bridges whose ladders tests/test_ladders.py looks at."""
    prediction, seen = predicted(of)
    titles = templates.parse(QUESTIONS, "data/questions/bridges.toml").titles
    return Run(
        name="bridges",
        title="Bridges",
        summary="What becomes of bridges.",
        domains={"d": "Bridges to come"},
        snapshot=seen,
        outlooks=series.outlooks(prediction, titles, seen),
        fits=series.fits([USUAL], prediction.fitted, seen) if of is USUAL else (),
        seed=1,
        draws=prediction.futures.draws,
        code={},
        inputs="inputs",
        sources={"made": {**ABOUT, "through": AS_OF.isoformat()}},
        climbs=ladders.climbs(prediction, seen),
    )


@pytest.fixture(scope="module")
def run() -> Run:
    return run_of()


@pytest.fixture(scope="module")
def made(run: Run) -> Report:
    return compose.report(run)


def bottom_line(run: Run) -> list[str]:
    return prose.bottom_line(run, History())


def section(made: Report, name: str) -> Section:
    return next(one for one in made.sections if one.id == name)


def table(made: Report, name: str) -> Table:
    return next(block for block in section(made, name).blocks if isinstance(block, Table))


def said(made: Report, name: str) -> str:
    return " ".join(block.text for block in section(made, name).blocks if isinstance(block, Text))


def column(found: Table, heading: str) -> dict[str, str]:
    (place,) = [number for number, one in enumerate(found.columns) if one.heading.startswith(heading)]
    return {str(row[0]): str(row[place]) for row in found.rows}


def climb(run: Run, name: str) -> Climb:
    return next(one for one in run.climbs if one.entity == name)


def test_a_group_over_processes_is_a_table_of_probabilities_beside_base_rates(run: Run, made: Report) -> None:
    found = table(made, "next")
    assert [row[0] for row in found.rows] != sorted(str(row[0]) for row in found.rows)
    for days in (90, 180, 365):
        cells = column(found, f"by {words.dated(AS_OF + timedelta(days=days - 1), brief=True)}")
        for one in run.outlooks[0].forecasts:
            labels = one.question.labels
            if labels["horizon"] == days and labels["entity"] != "beam":
                assert cells[labels["name"]] == f"{words.short(one.probability)} ({words.short(one.baseline)})"


def test_rows_stand_in_the_order_of_the_farthest_horizon(run: Run, made: Report) -> None:
    by = {
        one.question.labels["name"]: one for one in run.outlooks[0].forecasts if one.question.labels["horizon"] == 365
    }
    shown = [by[str(row[0])].probability for row in table(made, "next").rows]
    assert shown == sorted(shown, reverse=True)
    assert len(shown) == len(by) == 4


def test_a_row_says_where_its_process_stands_and_what_comes_next(made: Report) -> None:
    found = table(made, "next")
    assert column(found, "stands at")["The arch, a bridge"] == "funded, 300 days"
    assert column(found, "stands at")["The east, a bridge"] == "suspended at planned, 280 days"
    assert column(found, "next stage")["The arch, a bridge"] == "built"


def test_a_deadline_has_a_column_of_its_own_where_one_lies_ahead(made: Report) -> None:
    cells = column(table(made, "next"), "by its deadline")
    assert re.fullmatch(r"27 Oct 2012: [\d.<]+ % \([\d.<]+ %\)", cells["The arch, a bridge"])
    assert set(cells.values()) - {cells["The arch, a bridge"]} == {"–"}
    assert not any("deadline" in one.heading for one in table(made, "end").columns)


def test_what_another_group_asks_by_the_deadline_stands_in_the_table_too(run: Run) -> None:
    own = run.outlooks[0]
    moved = next(one for one in own.forecasts if "until" in one.question.labels)
    fixed = replace(moved, question=replace(moved.question, id="fixed", group="fixed", labels={"name": "Fixed"}))
    still = replace(moved.question, labels={**moved.question.labels, "entity": "east", "name": "The east, a bridge"})
    left = replace(own, forecasts=(*(one for one in own.forecasts if one is not moved), replace(moved, question=still)))
    other = replace(run.outlooks[2], group="fixed", forecasts=(fixed,))
    cells = column(matrix.table(left, replace(run, outlooks=(left, other))), "by its deadline")
    assert cells["The arch, a bridge"] == column(matrix.table(own, run), "by its deadline")["The arch, a bridge"]


def test_what_is_known_to_come_is_said_in_table_ladder_and_bottom_line(run: Run, made: Report) -> None:
    cells = table(made, "next").rows
    (beam,) = [row for row in cells if row[0] == "The beam, a bridge"]
    assert beam[3:6] == (f">99 % (known: {words.dated(on(1020), brief=True)})",) * 3
    assert "Reported as known: opened on 17 October 2012." in said(made, "ladder-beam")
    bottom = said(made, "bottom-line")
    assert "Known to come already: The beam, a bridge, opened on 17 October 2012." in bottom
    assert "highest is “The beam" not in bottom


def test_what_comes_only_after_a_question_closes_does_not_decide_it(run: Run) -> None:
    beam = climb(run, "beam")
    (one,) = [
        one
        for one in run.outlooks[0].forecasts
        if (one.question.labels["entity"], one.question.labels["horizon"]) == ("beam", 90)
    ]
    assert ladder_prose.decided(one, beam) == beam.scheduled[0]
    for change in ({"closes": on(1020)}, {"opens": on(1021)}):
        assert ladder_prose.decided(replace(one, question=replace(one.question, **change)), beam) is None
    other = replace(one.question, rule=replace(one.question.rule, where={"kind": ("built",), "entity": ("beam",)}))
    assert ladder_prose.decided(replace(one, question=other), beam) is None


def test_the_report_opens_with_what_is_known_only_where_that_decides_a_question(run: Run) -> None:
    beam = climb(run, "beam")
    late = replace(beam, scheduled=tuple(replace(step, at=on(5000)) for step in beam.scheduled))
    later = replace(run, climbs=tuple(late if one is beam else one for one in run.climbs))
    assert any(line.startswith("Known to come already") for line in bottom_line(run))
    assert not any(line.startswith("Known to come already") for line in bottom_line(later))


def test_what_is_scheduled_is_not_called_the_most_likely(run: Run) -> None:
    own = run.outlooks[0]
    left = replace(own, forecasts=tuple(one for one in own.forecasts if "until" not in one.question.labels))
    first = bottom_line(replace(run, outlooks=(left,)))[0]
    assert max(left.forecasts, key=lambda one: one.probability).question.labels["entity"] == "beam"
    assert "highest is “The arch, a bridge: built or later, by 25 December 2012”" in first


def test_caveats_stand_beside_their_group_and_over_the_ladders(made: Report) -> None:
    for name in ("end", "ladders"):
        warned = [
            block.text for block in section(made, name).blocks if isinstance(block, Text) and block.role == "warning"
        ]
        assert warned == ["Ends are hard."]
    assert "Ends are hard." not in said(made, "next")
    assert {one["caveat"] for one in made.forecasts if one["group"] == "end"} == {"Ends are hard."}


def test_processes_without_a_stage_ahead_share_one_table(made: Report) -> None:
    names = [one.id for one in made.sections if one.id.startswith("ladder-")]
    assert sorted(names) == ["ladder-arch", "ladder-beam", "ladder-east", "ladder-new"]
    found = table(made, "ladders-others")
    assert [row[0] for row in found.rows] == ["The cable, a bridge", "The gone, a bridge"]
    assert column(found, "stands at") == {"The cable, a bridge": "built", "The gone, a bridge": "dropped"}
    assert column(found, "rate to an end")["The gone, a bridge"] == "–"


def test_sentences_of_a_ladder_say_where_since_when_and_how_fast(run: Run, made: Report) -> None:
    text = said(made, "ladder-arch")
    rate = climb(run, "arch").rates[0].quantiles[1]
    for part in (
        "Stands at “funded” since 2 December 2011, for 300 days; last seen open on 17 September 2012.",
        "Its deadline, 27 October 2012, lies 30 days ahead; the model counts it as near.",
        "A quarter of futures reach “built”, or a later stage, by",
        f"Rates a year: up {words.number(rate)} (",
    ):
        assert part in text
    assert "Suspended at “planned” since December 2011" in said(made, "ladder-east")
    assert "was 200 days ago; the model counts it as passed." in said(made, "ladder-east")


@pytest.mark.parametrize(
    ("by", "text"),
    [
        ((None, None, None), "Fewer than a quarter of futures reach “built”, or a later stage, by 26 September 2013."),
        ((1, None, None), "…, by 28 September 2012, fewer than half by 26 September 2013."),
        (
            (1, 2, None),
            "…, by 28 September 2012, half by 29 September 2012, fewer than three quarters by 26 September 2013.",
        ),
        ((1, 2, 3), "…, by 28 September 2012, half by 29 September 2012, three quarters by 30 September 2012."),
    ],
)
def test_the_date_of_the_next_stage_is_said_as_far_as_futures_go(run: Run, by: tuple[Any, ...], text: str) -> None:
    arch = climb(run, "arch")
    days = tuple(None if after is None else AS_OF + timedelta(days=after) for after in by)
    first = replace(arch.ahead[0], by=days)
    found = ladder_prose.when(replace(arch, ahead=(first, *arch.ahead[1:]), until=AS_OF + timedelta(days=365)))
    assert found.endswith(text.removeprefix("…"))


def test_the_figure_of_a_ladder_shows_the_numbers_of_the_ladder(run: Run, made: Report) -> None:
    arch = climb(run, "arch")
    (figure,) = [block for block in section(made, "ladder-arch").blocks if isinstance(block, Figure)]
    tiles = figure.chart["hconcat"][2]["data"]["values"]
    exact = {(ladder_figure.name(one), chance.closes): chance for one in arch.ahead for chance in one.chances}
    assert sorted(tile["p"] for tile in tiles) == sorted(chance.probability for chance in exact.values())
    headings = list(dict.fromkeys(tile["by"] for tile in tiles))
    assert headings[0] == "by its deadline,|27 Oct 2012"
    assert headings[1] == "by 25 Dec 2012|(90 days)"
    rows = {str(row[0]): row for row in figure.data.rows}
    assert rows["funded"][1] == "2011-12-02"
    for one in arch.ahead:
        shown = rows[ladder_figure.name(one)][2 : 2 + len(one.chances)]
        assert list(shown) == [words.beside(chance.probability, chance.baseline) for chance in one.chances]


def test_a_month_is_not_shown_as_a_day_and_a_halt_is_pale(run: Run) -> None:
    figure = ladder_figure.ladder(climb(run, "east"), AS_OF, "#0072B2")
    assert next(row for row in figure.data.rows if row[0] == "halted")[1] == "2011-12"
    stretches = list(ladder_figure.stretches(climb(run, "east"), AS_OF))
    assert [(stage, until, halted) for stage, _, until, halted in stretches] == [
        ("planned", on(720), False),
        ("planned", AS_OF, True),
    ]


def test_stretches_follow_a_halt_that_is_lifted(run: Run) -> None:
    steps = (("planned", 0), ("funded", 10), ("halted", 20), ("funded", 30), ("planned", 35), ("built", 40))
    record = tuple(Step(kind, on(at), "day") for kind, at in steps)
    moved = replace(climb(run, "arch"), record=record)
    found = [(stage, since.at, until, halted) for stage, since, until, halted in ladder_figure.stretches(moved, on(50))]
    assert found == [
        ("planned", on(0), on(10), False),
        ("funded", on(10), on(20), False),
        ("funded", on(20), on(30), True),
        ("funded", on(30), on(40), False),
        ("built", on(40), on(50), False),
    ]


def test_base_rates_alone_make_the_same_pages_without_rates() -> None:
    run = run_of(USUAL)
    text = " ".join(
        block.text for one in compose.report(run).sections for block in one.blocks if isinstance(block, Text)
    )
    assert "Rates a year" not in text
    assert "the model counts it as" not in text
    assert "Rates are those of the model" not in text


def test_names_of_questions_over_processes_are_unique_on_a_day(made: Report) -> None:
    named = [(one["label"], one["closes"]) for one in made.forecasts]
    assert sorted(set(named)) == sorted(named)


def test_the_three_faces_hold_the_ladders(run: Run, made: Report) -> None:
    faces = report.faces(run)
    page = re.sub(r"\s+", " ", lxml_html.fromstring(faces["report.html"]).text_content())
    pdf = re.sub(
        r"\s+", " ", " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(faces["report.pdf"])).pages)
    )
    data = json.loads(faces["report.json"])
    for row in table(made, "next").rows:
        assert all(str(cell) in page and str(cell) in pdf for cell in row)
    for chance in climb(run, "arch").ahead[0].chances:
        assert words.beside(chance.probability, chance.baseline) in pdf
    schema = json.loads(files("forecast.report").joinpath("report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(data)


@pytest.mark.parametrize(
    ("precision", "brief", "written"),
    [
        ("day", False, "17 September 2012"),
        ("day", True, "17 Sep 2012"),
        ("month", False, "September 2012"),
        ("year", True, "2012"),
    ],
)
def test_a_date_is_written_no_more_precisely_than_it_is_known(precision: str, brief: bool, written: str) -> None:
    assert words.dated(date(2012, 9, 17), precision, brief) == written


def test_short_names_stay_apart() -> None:
    names = [
        "A bridge over the river, the first of two that were planned",
        "A bridge over the river, the second of the two",
    ]
    assert set(words.called(names).values()) == {names[0], names[1]}
    assert words.called(names[:1])[names[0]] == "A bridge over the river"


@pytest.mark.parametrize(("days", "written"), [(1, "1 day"), (553, "553 days"), (729, "729 days"), (1907, "5.2 years")])
def test_how_long_is_said_in_days_and_then_in_years(days: int, written: str) -> None:
    assert words.lasted(days) == written

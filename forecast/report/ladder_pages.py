"""The section on ladders: one for each process that has a stage ahead to be asked about, one table for the others."""

import re

from forecast.climb import Climb
from forecast.language import say
from forecast.outlook import Run
from forecast.report import ladder_prose, words
from forecast.report.document import Column, Section, Table, Text
from forecast.report.ladder_figure import ladder
from forecast.report.matrix import LONGEST


def ladders(run: Run, hues: dict[str, str]) -> list[Section]:
    """Write the section on ladders; nothing if no question asks about a process on one."""
    if not run.climbs:
        return []
    names = words.called((climb.name for climb in run.climbs), LONGEST)
    asked = _asked(run)
    drawn = [climb for climb in run.climbs if not climb.ended and asked.get(climb.entity, set()) & _ahead(climb)]
    drawn.sort(key=lambda climb: (-climb.ahead[0].chances[-1].probability, climb.entity))
    others = [climb for climb in run.climbs if climb not in drawn]
    pages = [_page(climb, run, hues[climb.domain]) for climb in drawn]
    said = f"{say('ladders-how')} {say('ladders-rates')}" if _rated(run) else say("ladders-how")
    about = (Text(said, "note"), *_caveats(run)) if pages else ()
    rest = [_others(others, names)] if others else []
    return [Section("ladders", say("ladders-title"), 1, about), *pages, *rest]


def _asked(run: Run) -> dict[str, set[str]]:
    """Collect the kinds of event that questions about each process read."""
    found: dict[str, set[str]] = {}
    for item in run.outlooks:
        for one in item.forecasts:
            cells = one.question.rule.where.get("entity")
            for entity in cells if isinstance(cells, tuple) else ():
                found.setdefault(str(entity), set()).update(one.question.rule.kinds)
    return found


def _ahead(climb: Climb) -> set[str]:
    return {one.kinds[0] for one in climb.ahead if not one.end and one.chances}


def _rated(run: Run) -> bool:
    return any(climb.rates for climb in run.climbs)


def _caveats(run: Run) -> list[Text]:
    """Repeat what a reader must know about ends, which every ladder shows."""
    ends = {kind for climb in run.climbs for one in climb.ahead if one.end for kind in one.kinds}
    asked = [one.question for item in run.outlooks for one in item.forecasts if set(one.question.rule.kinds) <= ends]
    return [Text(said, "warning") for said in dict.fromkeys(one.caveat for one in asked if one.caveat)]


def _page(climb: Climb, run: Run, hue: str) -> Section:
    as_of = run.snapshot.as_of
    parts = (
        ladder_prose.stand(climb),
        ladder_prose.deadline(climb, as_of),
        ladder_prose.scheduled(climb),
        ladder_prose.when(climb),
        ladder_prose.rates(climb),
    )
    said = Text(" ".join(part for part in parts if part))
    return Section(f"ladder-{words.anchor(climb.entity)}", climb.name, 2, (said, ladder(climb, as_of, hue)))


def _others(climbs: list[Climb], names: dict[str, str]) -> Section:
    """Set out where processes stand of which only the end is asked."""
    told = {rate.cause for climb in climbs for rate in climb.rates}
    causes = [cause for cause in ("exit", "suspend") if cause in told]
    columns = (
        Column(say("column-process")),
        Column(say("ladders-stands")),
        Column(say("ladders-since")),
        *(Column(say("ladders-rate", cause=cause), True) for cause in causes),
    )
    rows = tuple(
        (
            names[climb.name],
            _stands(climb),
            words.iso(climb.since.at, climb.since.precision),
            *(_rate(climb, cause) for cause in causes),
        )
        for climb in sorted(climbs, key=lambda climb: _natural(names[climb.name]))
    )
    table = Table(say("ladders-others-caption"), columns, rows, (), (3.0, 1.6, 1.2, *([2.3] * len(causes))))
    return Section("ladders-others", say("ladders-others"), 2, (Text(say("ladders-others-how"), "note"), table))


def _stands(climb: Climb) -> str:
    stage = words.plain(climb.stands)
    return say("ladders-suspended", stage=stage) if climb.suspended else stage


def _natural(name: str) -> list[tuple[int, str]]:
    """Order names as people do: 2 before 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def _rate(climb: Climb, cause: str) -> str:
    return next((ladder_prose.rate_of(rate.quantiles) for rate in climb.rates if rate.cause == cause), "–")

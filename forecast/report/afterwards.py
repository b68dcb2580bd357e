"""What happened: every question that has closed since, settled by its own rule, scored beside the base rate."""

from collections.abc import Sequence
from typing import Any

from forecast.language import say
from forecast.outlook import Run
from forecast.questions import Outcome, Resolution
from forecast.report import words
from forecast.report.document import Column, Section, Table, Text
from forecast.report.names import row_name
from forecast.report.resolution import measured


def afterwards(run: Run) -> list[Section]:
    """Write the part on what happened; none where the brief does not ask for it."""
    if not run.outcomes or run.later is None:
        return []
    open_ = sum(len(item.forecasts) for item in run.outlooks) - len(run.outcomes)
    settled = [say("afterwards-settled-as-of", questions=len(run.outcomes), day=words.prose_date(run.later))]
    settled += [say("afterwards-open", questions=open_)] if open_ else []
    opening = (
        Text(say("afterwards-apart"), "warning"),
        Text(" ".join(settled)),
        Text(say("afterwards-scores"), "note"),
        _summary(run),
    )
    pages = [_page(domain, heading, run) for domain, heading in run.domains.items() if _of(domain, run)]
    return [Section("afterwards", say("afterwards-title"), 1, opening), *pages]


def exact(one: Outcome) -> dict[str, Any]:
    """State an outcome at full precision."""
    return {
        "question": one.resolution.question.id,
        "outcome": one.resolution.outcome,
        "reason": one.resolution.reason,
        "settled_at": one.resolution.settled_at.isoformat(),
        "score": one.score,
        "baseline_score": one.baseline,
    }


def _of(domain: str, run: Run) -> list[Outcome]:
    return [one for one in run.outcomes if one.forecast.question.domain == domain]


def _summary(run: Run) -> Table:
    counts = (say("afterwards-settled"), say("afterwards-yes"), say("afterwards-void"))
    scores = (say("column-brier"), say("afterwards-of-base-rate"))
    columns = (Column(say("afterwards-about")), *(Column(heading, True) for heading in (*counts, *scores)))
    every = [(heading, _of(domain, run)) for domain, heading in run.domains.items()]
    parts = [(heading, found) for heading, found in every if found]
    rows = tuple(_row(heading, found) for heading, found in [*parts, (say("afterwards-all"), list(run.outcomes))])
    return Table(say("afterwards-summary"), columns, rows, (), (3.0, 0.9, 1.1, 0.8, 1.1, 1.2))


def _row(heading: str, found: Sequence[Outcome]) -> tuple[str, ...]:
    scored = [(one.score, one.baseline) for one in found if one.score is not None and one.baseline is not None]
    means = [f"{sum(each) / len(scored):.3f}" for each in zip(*scored, strict=True)] if scored else ["–", "–"]
    held = sum(one.resolution.outcome is True for one in found)
    return heading, str(len(scored)), str(held), str(len(found) - len(scored)), *means


def _read(resolution: Resolution) -> str:
    """Write what each rule of a question read on the record."""
    pairs = zip(resolution.question.rules, resolution.numbers, strict=False)
    return words.listed(measured(rule.measure, number) for rule, number in pairs) or "–"


def _came_out(outcome: bool | None) -> str:
    if outcome is None:
        return say("afterwards-void")
    return say("yes") if outcome else say("no")


def _page(domain: str, heading: str, run: Run) -> Section:
    """List a domain's questions; of those over processes, of which there are many, what came out yes."""
    every = _of(domain, run)
    over = {one.question.id for item in run.outlooks if item.over for one in item.forecasts}
    shown = [one for one in every if one.resolution.question.id not in over or one.resolution.outcome is not False]
    left = len(every) - len(shown)
    columns = (
        Column(say("column-question")),
        Column(say("afterwards-closed")),
        Column(say("afterwards-forecast"), True),
        Column(say("column-base-rate"), True),
        Column(say("column-came-out")),
        Column(say("afterwards-reads"), True),
        Column(say("column-brier"), True),
        Column(say("afterwards-of-base-rate"), True),
    )
    rows = tuple(
        (
            row_name(one.forecast, run),
            one.resolution.question.closes.isoformat(),
            words.short(one.forecast.probability),
            words.short(one.forecast.baseline),
            _came_out(one.resolution.outcome),
            _read(one.resolution),
            "–" if one.score is None else f"{one.score:.3f}",
            "–" if one.baseline is None else f"{one.baseline:.3f}",
        )
        for one in shown
    )
    blocks: list[Text | Table] = [Text(say("afterwards-processes", questions=left), "note")] if left else []
    title = say("afterwards-page", domain=heading)
    blocks += [Table(title, columns, rows, (), (3.2, 1.2, 0.9, 0.9, 0.9, 1.5, 0.9, 1.0))]
    return Section(f"afterwards-{words.anchor(domain)}", heading, 2, tuple(blocks))

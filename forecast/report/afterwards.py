"""What happened: every question that has closed since, settled by its own rule, scored beside the base rate."""

from collections.abc import Sequence
from typing import Any

from forecast.outlook import Run
from forecast.questions import Outcome, Resolution
from forecast.report import words
from forecast.report.document import Column, Section, Table, Text
from forecast.report.names import row_name
from forecast.report.resolution import measured

APART = (
    "This part is apart from the rest: nothing of it was known to the forecasts above, which are the same with and"
    " without it. Each question is settled by its own rule on the record as it stands now."
)
SCORES = (
    "The Brier score is the square of what lies between the probability and what happened, 1 for yes and 0 for no: 0 is"
    " best, 0.25 is what saying one half always gets, 1 is worst. These questions were asked on one day and hang"
    " together, so their mean shows what happened here and is no measure of skill."
)
YES = {True: "yes", False: "no", None: "void"}


def afterwards(run: Run) -> list[Section]:
    """Write the part on what happened; none where the brief does not ask for it."""
    if not run.outcomes or run.later is None:
        return []
    open_ = sum(len(item.forecasts) for item in run.outlooks) - len(run.outcomes)
    left = f" {open_} have not closed or settled yet." if open_ else ""
    opening = (
        Text(APART, "warning"),
        Text(f"{len(run.outcomes)} questions were settled on the record as of {words.prose_date(run.later)}.{left}"),
        Text(SCORES, "note"),
        _summary(run),
    )
    pages = [_page(domain, heading, run) for domain, heading in run.domains.items() if _of(domain, run)]
    return [Section("afterwards", "Second part: what happened", 1, opening), *pages]


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
    columns = (
        Column("questions about"),
        *(Column(name, True) for name in ("settled", "came out yes", "void", "Brier score", "of the base rate")),
    )
    every = [(heading, _of(domain, run)) for domain, heading in run.domains.items()]
    parts = [(heading, found) for heading, found in every if found]
    rows = tuple(_row(heading, found) for heading, found in [*parts, ("all", list(run.outcomes))])
    return Table("How the forecasts did, on average", columns, rows, (), (3.0, 0.9, 1.1, 0.8, 1.1, 1.2))


def _row(heading: str, found: Sequence[Outcome]) -> tuple[str, ...]:
    scored = [(one.score, one.baseline) for one in found if one.score is not None and one.baseline is not None]
    means = [f"{sum(each) / len(scored):.3f}" for each in zip(*scored, strict=True)] if scored else ["–", "–"]
    held = sum(one.resolution.outcome is True for one in found)
    return heading, str(len(scored)), str(held), str(len(found) - len(scored)), *means


def _read(resolution: Resolution) -> str:
    """Write what each rule of a question read on the record."""
    pairs = zip(resolution.question.rules, resolution.numbers, strict=False)
    return words.listed(measured(rule.measure, number) for rule, number in pairs) or "–"


def _page(domain: str, heading: str, run: Run) -> Section:
    """List a domain's questions; of those over processes, of which there are many, what came out yes."""
    every = _of(domain, run)
    over = {one.question.id for item in run.outlooks if item.over for one in item.forecasts}
    shown = [one for one in every if one.resolution.question.id not in over or one.resolution.outcome is not False]
    left = len(every) - len(shown)
    said = f"{left} questions about single processes came out no; they are in the numbers above." if left else ""
    columns = (
        Column("question"),
        Column("closed"),
        Column("forecast", True),
        Column("base rate", True),
        Column("came out"),
        Column("the record reads", True),
        Column("Brier score", True),
        Column("of the base rate", True),
    )
    rows = tuple(
        (
            row_name(one.forecast, run),
            one.resolution.question.closes.isoformat(),
            words.short(one.forecast.probability),
            words.short(one.forecast.baseline),
            YES[one.resolution.outcome],
            _read(one.resolution),
            "–" if one.score is None else f"{one.score:.3f}",
            "–" if one.baseline is None else f"{one.baseline:.3f}",
        )
        for one in shown
    )
    table = Table(f"What happened: {heading}", columns, rows, (), (3.2, 1.2, 0.9, 0.9, 0.9, 1.5, 0.9, 1.0))
    blocks: tuple[Text | Table, ...] = (*([Text(said, "note")] if said else []), table)
    return Section(f"afterwards-{words.anchor(domain)}", heading, 2, blocks)

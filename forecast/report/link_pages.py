"""How models hang together: what each reads of events that others make, and how strongly, before and after the data."""

from forecast.language import say
from forecast.outlook import Fit, Run
from forecast.report import words
from forecast.report.document import Column, Section, Table, Text
from forecast.report.parameter_figure import meant
from forecast.spec import Covariate


def links(run: Run) -> list[Section]:
    """Write the section on links between models; none where no model reads events."""
    rows = [row for fit in run.fits for item in fit.spec.covariates for row in _row(item, fit, run)]
    if not rows:
        return []
    columns = (
        Column(say("links-model")),
        Column(say("links-reads")),
        Column(say("links-estimated")),
        Column(say("column-prior"), True),
        Column(say("column-posterior"), True),
        Column(say("links-shown")),
    )
    table = Table(say("links-table"), columns, tuple(rows), (), (2.0, 2.2, 2.6, 1.2, 1.8, 1.2))
    return [Section("links", say("links-title"), 1, (Text(say("links-introduction")), table))]


def _row(item: Covariate, fit: Fit, run: Run) -> list[tuple[str, ...]]:
    """Lay out one covariate's parameter, and whether another model of the run makes what it reads."""
    made = {kind for other in run.fits for kind in other.spec.kinds}
    read = item.name if set(item.rule.kinds) & made else say("links-record-only", name=item.name)
    return [
        (
            fit.spec.title,
            read,
            meant(row),
            words.span(row.prior, row.unit),
            words.middle(row.posterior, row.unit),
            _shown(row.unit, row.posterior),
        )
        for row in fit.parameters
        if row.name == item.name
    ]


def _shown(unit: str, posterior: tuple[float, float, float]) -> str:
    """Say whether an interval of a factor leaves out one; of a probability there is no such value."""
    if unit != "factor":
        return "–"
    return say("no") if posterior[0] <= 1 <= posterior[2] else say("yes")

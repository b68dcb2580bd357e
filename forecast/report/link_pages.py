"""How models hang together: what each reads of events that others make, and how strongly, before and after the data."""

from forecast.outlook import Fit, Run
from forecast.report import words
from forecast.report.document import Column, Section, Table, Text
from forecast.spec import Covariate

INTRODUCTION = (
    "All models run into one set of futures: what makes an event comes before what reads it, so that an outage follows"
    " an attack, and a move of the price an outage, in the same future. What follows are associations on record, and"
    " each may be nothing: priors lie around no effect, and an interval that holds it is one that the data do not tell"
    " from none."
)


def links(run: Run) -> list[Section]:
    """Write the section on links between models; none where no model reads events."""
    rows = [row for fit in run.fits for item in fit.spec.covariates for row in _row(item, fit, run)]
    if not rows:
        return []
    columns = (
        Column("model"),
        Column("reads"),
        Column("what is estimated"),
        Column("prior, 90 %", True),
        Column("posterior: median [90 %]", True),
        Column("shown to differ from none"),
    )
    table = Table("Links between models", columns, tuple(rows), (), (2.0, 2.2, 2.6, 1.2, 1.8, 1.2))
    return [Section("links", "How the models hang together", 1, (Text(INTRODUCTION), table))]


def _row(item: Covariate, fit: Fit, run: Run) -> list[tuple[str, ...]]:
    """Lay out one covariate's parameter, and whether another model of the run makes what it reads."""
    made = {kind for other in run.fits for kind in other.spec.kinds}
    to_come = "" if set(item.rule.kinds) & made else " (on record only: no model makes it)"
    return [
        (
            fit.spec.title,
            f"{item.name}{to_come}",
            f"{row.meaning} ({row.unit})",
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
    return "no" if posterior[0] <= 1 <= posterior[2] else "yes"

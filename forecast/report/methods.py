"""Methods and provenance: what each model assumes and found, where the data come from, how to make the report again."""

from forecast.ledger import Head
from forecast.outlook import Fit, Run
from forecast.report import words
from forecast.report.document import Column, Figure, Link, Section, Table, Text
from forecast.report.parameter_figure import parameters
from forecast.report.words import number, prose_date

DIAGNOSTICS = {
    "r_hat": ("worst R-hat", "at most 1.01"),
    "ess_bulk": ("smallest bulk effective sample size", "at least 400"),
    "ess_tail": ("smallest tail effective sample size", "at least 400"),
    "divergences": ("divergent transitions", "none"),
    "bfmi": ("smallest E-BFMI", "above 0.3"),
    "chains": ("chains", "as asked"),
    "draws": ("draws a chain", "as asked"),
}


def methods(run: Run, book: Head) -> list[Section]:
    """Write the sections on models, data and reproduction."""
    models = [_model(fit) for fit in run.fits]
    return [Section("methods", "Methods and provenance", 1, (Text(_HOW),)), *models, _data(run), _again(run, book)]


PLACED = (
    "Each parameter on a scale on which all priors are alike, logarithmic where it is positive: a posterior as wide as"
    " the grey bar has learned nothing from the data."
)
_HOW = (
    "Every number comes from dated events that were known before the as-of day. A model turns them into simulated "
    "futures; a question is a rule, and its probability is the share of futures in which the rule holds: "
    "(k + 1/2) of (n + 1)."
)


def _model(fit: Fit) -> Section:
    blocks: list[Text | Table | Figure] = [Text(" ".join(fit.spec.summary.split()))]
    blocks.append(Text(f"How: {fit.method}. Record used since {prose_date(fit.spec.since)}."))
    blocks += [Text(note, "note") for note in fit.notes]
    if fit.diagnostics:
        rows = tuple(
            (name, number(round(fit.diagnostics[key], 4)) if key != "r_hat" else f"{fit.diagnostics[key]:.3f}", wanted)
            for key, (name, wanted) in DIAGNOSTICS.items()
            if key in fit.diagnostics
        )
        columns = (Column("check"), Column("found", True), Column("wanted"))
        blocks.append(Table("Convergence gate", columns, rows, (), (3.0, 1.0, 1.5)))
    figure = parameters(fit)
    if figure is not None:
        blocks += [figure, Text(PLACED, "note"), _parameters(fit)]
    blocks += _standing(fit)
    return Section(f"model-{fit.spec.name}", fit.spec.title, 2, tuple(blocks))


def _parameters(fit: Fit) -> Table:
    columns = (
        Column("parameter"),
        Column("meaning"),
        Column("prior, 90 %", True),
        Column("posterior: median [90 %]", True),
    )
    rows = tuple(
        (
            row.name,
            f"{row.meaning} ({row.unit})",
            words.span(row.prior, row.unit),
            words.middle(row.posterior, row.unit),
        )
        for row in fit.parameters
    )
    return Table("Parameters before and after the data", columns, rows, (), (2.0, 3.6, 1.4, 2.1))


def _standing(fit: Fit) -> list[Table]:
    """Say what covariates read now, and what that makes of the rates."""
    columns = (Column("covariate"), Column("reads now", True), Column("factor on rates now: median [90 %]", True))
    rows = tuple((one.name, number(one.reads), words.middle(one.factor, "factor")) for one in fit.standing)
    return [Table("What covariates contribute on the as-of day", columns, rows, (), (3.0, 1.0, 2.0))] if rows else []


def _data(run: Run) -> Section:
    columns = (
        Column("source"),
        Column("publisher"),
        Column("licence"),
        Column("looked at through"),
        Column("rows", True),
    )
    rows = tuple(
        (
            Link(about["title"], about["url"]),
            about["publisher"],
            about["licence"],
            about["through"],
            f"{int(about['rows']):,}",
        )
        for about in run.sources.values()
    )
    table = Table("Sources", columns, rows, (), (2.2, 2.4, 2.4, 1.3, 0.8))
    text = "Rows are those known before the as-of day. Rates are rates of recorded events; the rest is not in them."
    return Section("data", "Data", 2, (Text(text), table))


def _again(run: Run, book: Head) -> Section:
    as_of = run.snapshot.as_of
    rows = [
        ("inputs", run.inputs),
        ("snapshot", run.snapshot.digest),
        *((f"model {fit.spec.name}", fit.spec.digest) for fit in run.fits),
        ("seed of the first model", str(run.seed)),
        ("futures", f"{run.draws:,}"),
        *([("book", f"{book.sequence:,} rows, the last sealed {book.seal}")] if book.sequence else []),
        *run.code.items(),
    ]
    table = Table("Digests and versions", (Column("what"), Column("value")), tuple(rows), (), (1.4, 4.0))
    command = f"forecast run --brief {run.name} --as-of {as_of.isoformat()}"
    text = (
        "The same data, specs, program and libraries, and the same rows of the book if it was read, give the same bytes"
        " on the same machine. The file manifest.json beside this report lists them all; the command forecast replay,"
        " given that file, makes the report again and compares the bytes, or names what is missing or other. To make it"
        " only:"
    )
    return Section("reproduce", "How to make this report again", 2, (Text(text), Text(command, "code"), table))

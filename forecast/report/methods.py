"""Methods and provenance: what each model assumes and found, where the data come from, how to make the report again."""

from collections.abc import Sequence

from forecast.diagnosis import SENSITIVE, SET_BY_PRIOR
from forecast.elicited import experts
from forecast.findings import Check, Elicited, Part, Quantity
from forecast.language import say
from forecast.ledger import Head
from forecast.outlook import Fit, Run
from forecast.report import words
from forecast.report.document import Column, Figure, Link, Section, Table, Text
from forecast.report.parameter_figure import meant, parameters
from forecast.report.words import number, prose_date
from forecast.reweighing import HIGH_K

DIAGNOSTICS = ("r_hat", "ess_bulk", "ess_tail", "divergences", "bfmi", "chains", "draws")


def methods(run: Run, book: Head) -> list[Section]:
    """Write the sections on models, data and reproduction."""
    models = [_model(fit) for fit in run.fits]
    return [
        Section("methods", say("methods-title"), 1, (Text(say("methods-how")),)),
        *models,
        *_experts(run),
        _data(run),
        _again(run, book),
    ]


def _model(fit: Fit) -> Section:
    blocks: list[Text | Table | Figure] = [Text(" ".join(fit.spec.summary.split()))]
    blocks.append(Text(say("methods-model", method=fit.method, since=prose_date(fit.spec.since))))
    blocks += [Text(note, "note") for note in fit.notes]
    if fit.diagnostics:
        blocks.append(_gate(fit))
    figure = parameters(fit)
    if figure is not None:
        blocks += [figure, Text(say("methods-placed"), "note"), _parameters(fit)]
        blocks += [*_resting(fit), *_elicited(fit)]
    blocks += [*_standing(fit), *_replicas(fit)]
    return Section(f"model-{fit.spec.name}", fit.spec.title, 2, tuple(blocks))


def _gate(fit: Fit) -> Table:
    columns = (Column(say("methods-check")), Column(say("methods-found"), True), Column(say("methods-wanted")))
    rows = tuple(_checked(key, fit.diagnostics[key]) for key in DIAGNOSTICS if key in fit.diagnostics)
    return Table(say("methods-gate"), columns, rows, (), (3.0, 1.0, 1.5))


def _checked(key: str, found: float) -> tuple[str, str, str]:
    name = f"methods-{key.replace('_', '-')}"
    return say(name), f"{found:.3f}" if key == "r_hat" else number(round(found, 4)), say(f"{name}-wanted")


def _parameters(fit: Fit) -> Table:
    columns = (
        Column(say("column-parameter")),
        Column(say("column-meaning")),
        Column(say("column-prior"), True),
        Column(say("column-posterior"), True),
        *([Column(say("methods-rests-on"))] if fit.part else []),
        *([Column(say("methods-to-priors"), True)] if fit.part and _answers(fit.part) else []),
    )
    found = {one.name: one for one in fit.part.quantities} if fit.part else {}
    rows = tuple(
        (
            row.name,
            meant(row),
            words.span(row.prior, row.unit),
            words.middle(row.posterior, row.unit),
            *(_rests(found[row.name]) if fit.part else ()),
        )
        for row in fit.parameters
    )
    return Table(say("methods-parameters"), columns, rows, (), (2.0, 3.2, 1.4, 2.1, 1.2, 0.9)[: len(columns)])


def _rests(one: Quantity) -> tuple[str, ...]:
    """Say what a posterior rests on and, if known, how much it answers when the priors weigh more or less."""
    rests = say(f"rests-{one.rests_on}")
    return (rests,) if one.to_prior is None else (rests, f"{one.to_prior:.2f}")


def _resting(fit: Fit) -> list[Text]:
    """Explain what `_rests` says."""
    if fit.part is None:
        return []
    said = [say("methods-rests", narrow=f"{100 * SET_BY_PRIOR:.0f} %")]
    said += [say("methods-answers", bound=f"{SENSITIVE:g}")] if _answers(fit.part) else []
    return [Text(" ".join(said), "note")]


def _answers(part: Part) -> bool:
    return any(one.to_prior is not None for one in part.quantities)


def _elicited(fit: Fit) -> list[Table | Text]:
    """Show what the priors of experts did, and why they gave them."""
    found = fit.part.elicited if fit.part else ()
    if not found:
        return []
    return [elicited(found), *(Text(line, "note") for line in (say("elicited-how"), *untold(found), *reasons(found)))]


def elicited(found: Sequence[Elicited]) -> Table:
    """Set posteriors with the priors of experts beside those with the priors that stood before."""
    columns = (
        Column(say("column-parameter")),
        Column(say("elicited-by")),
        Column(say("elicited-given"), True),
        Column(say("elicited-instead"), True),
        Column(say("elicited-with"), True),
        Column(say("elicited-without"), True),
    )
    rows = tuple(
        (
            one.name,
            one.by,
            words.span(one.given, one.unit),
            words.span(one.instead, one.unit),
            words.middle(one.posterior, one.unit),
            words.middle(one.without, one.unit) if one.without else say("elicited-untold"),
        )
        for one in found
    )
    return Table(say("elicited-caption"), columns, rows, (), (2.0, 1.4, 1.4, 1.4, 2.1, 2.1))


def _experts(run: Run) -> list[Section]:
    """Say how far each expert was off, by the models of this report."""
    told = {fit.spec.name: fit.part.elicited for fit in run.fits if fit.part and fit.part.elicited}
    if not told:
        return []
    names = ("elicited-by", "experts-priors", "experts-told", "experts-within", "experts-surprise", "experts-untold")
    rows = tuple(
        (
            one.by,
            str(one.priors),
            str(one.told),
            str(one.within),
            "–" if one.surprise is None else f"{one.surprise:.2f}",
            str(one.untold),
        )
        for one in experts(told)
    )
    columns = (Column(say(names[0])), *(Column(say(name), True) for name in names[1:]))
    table = Table(say("experts-caption"), columns, rows, (), (2.0, 1.0, 1.2, 1.2, 1.2, 1.2))
    return [Section("experts", say("experts-title"), 2, (table, Text(say("experts-how"), "note")))]


def untold(found: Sequence[Elicited]) -> list[str]:
    """Say of what the posterior without the expert cannot be told, and why."""
    high = {one.prior: one.k for one in found if one.without is None and one.k is not None}
    few = dict.fromkeys(one.prior for one in found if one.without is None and one.k is None)
    said = [say("elicited-far", name=name, k=f"{k:.2f}", bound=f"{HIGH_K:g}") for name, k in high.items()]
    return said + [say("elicited-few", name=name) for name in few]


def reasons(found: Sequence[Elicited]) -> list[str]:
    """Say who gave each prior, when and why."""
    given = {one.prior: one for one in found}
    return [
        say("elicited-because", name=name, by=one.by, on=prose_date(one.on), because=one.because)
        for name, one in given.items()
    ]


def _replicas(fit: Fit) -> list[Table | Text]:
    """Set the record beside what the fitted model would have made of it."""
    if fit.part is None or not fit.part.quantities:
        return []
    skipped = [Text(line, "note") for line in fit.part.skipped]
    if not fit.part.checks:
        return list(skipped)
    return [replicas(fit.part.checks), Text(say("replicas-how"), "note"), *skipped]


def replicas(checks: Sequence[Check]) -> Table:
    """Set statistics of the record beside those of its replicas."""
    columns = (
        Column(say("replicas-statistic")),
        Column(say("replicas-recorded"), True),
        Column(say("replicas-interval"), True),
        Column(say("replicas-far"), True),
        Column(say("replicas-plausible")),
    )
    rows = tuple(
        (
            say(f"replicas-{one.name}"),
            words.statistic(one.recorded),
            f"{words.statistic(one.low)} – {words.statistic(one.high)}",
            words.short(one.tail),
            say(f"replicas-{one.verdict}"),
        )
        for one in checks
    )
    return Table(say("replicas-caption"), columns, rows, (), (3.6, 1.0, 1.6, 1.0, 1.0))


def _standing(fit: Fit) -> list[Table]:
    """Say what covariates read now, and what that makes of the rates."""
    columns = (
        Column(say("methods-covariate")),
        Column(say("methods-reads"), True),
        Column(say("methods-factor"), True),
    )
    rows = tuple((one.name, number(one.reads), words.middle(one.factor, "factor")) for one in fit.standing)
    return [Table(say("methods-standing"), columns, rows, (), (3.0, 1.0, 2.0))] if rows else []


def _data(run: Run) -> Section:
    columns = (
        Column(say("column-source")),
        Column(say("data-publisher")),
        Column(say("data-licence")),
        Column(say("data-through")),
        Column(say("data-rows"), True),
    )
    rows = tuple(
        (
            Link(about["title"], about["url"]),
            about["publisher"],
            about["licence"],
            about["through"],
            number(int(about["rows"])),
        )
        for about in run.sources.values()
    )
    table = Table(say("data-caption"), columns, rows, (), (2.2, 2.4, 2.4, 1.3, 0.8))
    return Section("data", say("data-title"), 2, (Text(say("data-about")), table))


def _again(run: Run, book: Head) -> Section:
    sealed = say("reproduce-sealed", rows=book.sequence, seal=book.seal)
    rows = [
        (say("reproduce-inputs"), run.inputs),
        (say("reproduce-snapshot"), run.snapshot.digest),
        *((say("reproduce-model", name=fit.spec.name), fit.spec.digest) for fit in run.fits),
        (say("reproduce-seed"), str(run.seed)),
        (say("reproduce-futures"), number(run.draws)),
        *([(say("reproduce-book"), sealed)] if book.sequence else []),
        *run.code.items(),
    ]
    columns = (Column(say("reproduce-what")), Column(say("reproduce-value")))
    table = Table(say("reproduce-caption"), columns, tuple(rows), (), (1.4, 4.0))
    command = f"forecast run --brief {run.name} --as-of {run.snapshot.as_of.isoformat()}"
    blocks = (Text(say("reproduce-how")), Text(command, "code"), table)
    return Section("reproduce", say("reproduce-title"), 2, blocks)

"""What a diagnosis and a look at the priors say, as tables and sentences in a terminal, or as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table

from forecast import convergence, terminal
from forecast.before import Before, Months
from forecast.diagnosis import SENSITIVE, SET_BY_PRIOR
from forecast.findings import Diagnosis, LeftOut, Part, Quantity, Ranks
from forecast.language import say
from forecast.output import Output
from forecast.report import methods, words
from forecast.report.document import Table as ReportTable
from forecast.reweighing import HIGH_K
from forecast.terminal import plain, ruled

UNEVEN = 0.05  # shared out among the parameters, so that one sound fit in twenty is suspected
SHOWN = 10
WIDE = 124  # figures side by side need more than the table of questions
NAME = 24
READING = (
    "How to read this. Width left: how wide the posterior is, in per cent of the prior, on the scale on which the prior"
    f" is symmetric; above {100 * SET_BY_PRIOR:.0f} % the data said little (set by the prior), or moved the middle by"
    " more than one prior standard deviation without narrowing it (moved, no surer). Sensitive to the priors: how much"
    f" a posterior changes if all priors are made a little narrower or wider; from {SENSITIVE} it is noticeable."
    " Replicas: drawn anew from the fit, given what had really happened before each bin, or for the same days at risk;"
    " `as far out` says how many"
    " replicas are at least as far from their middle as the record. Counts left out: the higher the expected log"
    " density the better, but compare only models of the same counts."
)


def diagnosed(found: Diagnosis) -> Output:
    """Say how far a fit can be trusted; its rows are parameters."""
    return Output(partial(_diagnosed, found), lambda: asdict(found), lambda: _quantities(found))


def _quantities(found: Diagnosis) -> list[dict[str, Any]]:
    return [{"part": part.name, **asdict(one)} for part in found.parts for one in part.quantities]


def _diagnosed(found: Diagnosis) -> None:
    console = terminal.console(WIDE)
    console.print(f"{plain(found.title)}, as of {words.prose_date(found.as_of)}", style="bold")
    for part in found.parts:
        _part(part, console)
    if any(part.quantities for part in found.parts):
        console.print(f"\n{READING}")


FROM_NOTHING = (
    "Simulated from the priors alone, {years} years on from a past without events; nothing of the record was used."
    " Where a past event lends a simulated one its name, it bears the first one of its group, or none.\n"
)
FROM_HERE = (
    "Simulated from the priors alone, on from where every process stands; nothing else of the record was used, so that"
    " processes differ only by their stage, their age, their deadline and their traits.\n"
)


def imagined(found: Before) -> Output:
    """Say what priors imply; its rows are the questions that they answer."""
    return Output(partial(_imagined, found), lambda: asdict(found), lambda: [asdict(one) for one in found.answers])


def _imagined(found: Before) -> None:
    console = terminal.console(WIDE)
    console.print(f"{plain(found.title)}, before any data", style="bold")
    if not found.parts and not found.answers:
        console.print(
            "Its priors say nothing by themselves: it has none, or replays a record."
            " So there is nothing to look at before data."
        )
        return
    for part in found.parts:
        console.print(_months(part))
    console.print(FROM_NOTHING.format(years=found.years) if found.parts else FROM_HERE)
    if found.answers:
        console.print(_answers(found))
    pool = found.model.partition(".")[0]
    console.print(
        "If these cannot be right, before you have looked at any data, edit the priors in"
        f" models/{plain(pool)}.toml: narrower intervals thin the tails, lower rates lower everything."
    )


def _part(part: Part, console: Console) -> None:
    console.print(f"\n{plain(part.name)}: {plain(part.title)}", style="bold")
    console.print(f"{plain(part.method)}\n")
    for line in part.skipped:
        console.print(plain(line))
    if part.gate:
        console.print(_gate(part.gate))
        console.print(_agreement(part.ranks))
    if part.quantities:
        console.print()
        console.print(_parameters(part.quantities))
        for line in _sensitive(part.quantities):
            console.print(line)
    if part.elicited:
        console.print()
        console.print(_laid(methods.elicited(part.elicited)))
        for line in (*methods.untold(part.elicited), *methods.reasons(part.elicited)):
            console.print(plain(line))
    if part.checks:
        console.print()
        console.print(_laid(methods.replicas(part.checks)))
    if part.left_out:
        console.print(_left_out(part.left_out))
    if part.quantities:
        console.print(_count(part.quantities))


def _gate(n: Mapping[str, Any]) -> str:
    return (
        f"Did the chains converge? Yes: {n['chains']:.0f} x {n['draws']:.0f} draws, R-hat at most {n['r_hat']:.3f}"
        f" (allowed {convergence.R_HAT}), effective draws at least {min(n['ess_bulk'], n['ess_tail']):.0f}"
        f" (needed {convergence.ESS:.0f}), {n['divergences']:.0f} divergences (allowed 0), E-BFMI {n['bfmi']:.2f}"
        f" (needed {convergence.BFMI})."
    )


def _agreement(ranks: Sequence[Ranks]) -> str:
    """Say whether the ranks of some parameter differ between chains more than chance explains."""
    worst = min(ranks, key=lambda one: one.p)
    uneven = [one for one in ranks if one.p < UNEVEN / len(ranks)]
    head = "Do the chains tell the same story? "
    if not uneven:
        least = f"least even of {len(ranks)}: {plain(worst.name)}, chi-square p {worst.p:.2g}"
        return f"{head}Yes: ranks are uniform ({least})."
    where = f"chain {worst.chain + 1} has {worst.times:.2g} times its share of draws in twentieth {worst.bin + 1}"
    others = f"; also {words.listed(plain(one.name) for one in uneven if one is not worst)}" if len(uneven) > 1 else ""
    return f"{head}No: for {plain(worst.name)} {where} (chi-square p {worst.p:.2g}){others}."


def _parameters(quantities: Sequence[Quantity]) -> Table:
    chains = quantities[0].r_hat is not None
    columns = ["parameter", "prior, 90 %", "posterior, 90 %", "mean", "sd", "width left", "rests on"]
    table = ruled("Parameters: what was believed, and what is believed now", *columns, *["ESS", "R-hat"] * chains)
    for one in quantities:
        row = [
            plain(one.name),
            _pair(*one.prior),
            _pair(one.low, one.high),
            words.number(one.mean),
            words.number(one.sd),
        ]
        row += [f"{100 * one.kept:.0f} %", say(f"rests-{one.rests_on}")]
        if one.r_hat is not None and one.ess_bulk is not None and one.ess_tail is not None:
            row += [f"{min(one.ess_bulk, one.ess_tail):.0f}", f"{one.r_hat:.3f}"]
        table.add_row(*row)
    return table


def _pair(low: float, high: float) -> str:
    return f"{words.number(low)} – {words.number(high)}"


def _sensitive(quantities: Sequence[Quantity]) -> list[str]:
    """Name the parameters that answer most to the weight of the priors."""
    felt = {one.name: one.to_prior for one in quantities if one.to_prior is not None}
    if not felt:
        return []
    most = sorted((name for name, index in felt.items() if index >= SENSITIVE), key=lambda name: -felt[name])
    if not most:
        return ["Sensitive to the priors: none."]
    named = "; ".join(f"{plain(name)} ({felt[name]:.2f})" for name in most[:5])
    return [f"Sensitive to the priors: {len(most)} of {len(felt)} parameters, most of all {named}."]


def _laid(told: ReportTable) -> Table:
    """Lay a table of the report out for a terminal."""
    table = ruled(told.caption, *(column.heading for column in told.columns))
    for row in told.rows:
        table.add_row(*(plain(str(cell)) for cell in row))
    return table


def _left_out(found: LeftOut) -> str:
    text = (
        f"Left out one at a time, the {found.counts:,} counts have an expected log density of {found.elpd:,.1f}"
        f" (standard error {found.se:.1f}); the model uses {found.p_loo:.1f} parameters' worth of freedom."
    )
    high = found.influential
    if not high:
        return f"{text}\nNo count is so influential that this cannot be trusted (Pareto k above {HIGH_K})."
    rows = [
        f"  {plain(one.cell)}, bin from {one.time}: {one.count:.0f} event{'s' * (one.count != 1)} (k {one.k:.2f})"
        for one in high[:SHOWN]
    ]
    more = [f"  and {len(high) - SHOWN} more"] if len(high) > SHOWN else []
    which = "1 count" if len(high) == 1 else f"{len(high)} counts"
    head = f"{which} surprised the model so much that it leans on them (Pareto k above {HIGH_K}):"
    return "\n".join([text, head, *rows, *more])


def _count(quantities: Sequence[Quantity]) -> str:
    """Count at the end what the prior sets."""
    held = [one.name for one in quantities if one.rests_on == "prior"]
    moved = sum(one.rests_on == "moved" for one in quantities)
    text = f"\n{len(held)} of {len(quantities)} parameters are set by the prior"
    text += f": {plain('; '.join(held))}" if held else ""
    return text + (f". {moved} moved without growing surer." if moved else ".")


def _months(part: Months) -> Table:
    table = ruled(
        f"{part.name}: {part.title}",
        *("events a month", *("half below" if label == "50%" else f"{label[:-1]} % below" for label in part.total)),
    )
    table.add_row("all", *(words.number(value) for value in part.total.values()))
    for name, quantiles in part.groups.items():
        table.add_row(f"  {plain(words.plain(name))}", *(words.number(value) for value in quantiles.values()))
    return table


def _answers(found: Before) -> Table:
    table = ruled("Questions, answered from the priors alone", "question", "probability", "90 % interval")
    for one in found.answers:
        table.add_row(plain(one.text), words.short(one.probability), words.interval(one.interval))
    return table

"""The sentences of a report: templates filled with its numbers. Another language would be another file like this."""

from datetime import date

from forecast.history import History
from forecast.outlook import Fit, Outlook, Run
from forecast.questions import Forecast
from forecast.report.ladder_prose import coming, decided
from forecast.report.resolution import OPERATORS, threshold
from forecast.report.words import estimate, last_day, listed, percent, prose_date, said, shortened
from forecast.world import ON_RATES

HOW_TO_READ = (
    "The interval holds the probability nine times in ten, given what is not known about the model's parameters. "
    "The base rate is how often the same happened before, and past windows are the windows of the same length in which "
    "it did, with the number of recorded events of the kind in brackets. The benchmark is the strongest forecast "
    "that was tried of those that fit nothing, where one beats the base rate. Windows are half-open: an event on the "
    "closing day is out."
)
OF_PROCESSES = (
    "Questions over processes stand in a table for each group: a row a process, a column a closing day, and in each "
    "cell the probability, with the base rate in brackets, which is what is usual for processes of its kind at its "
    "stage. All are shares of the same futures; the day that a column names is still in."
)
LEVELS = (
    "How probable it is that the number comes to each level, by each closing day, bent as the forecasts above are. On"
    " the page the threshold can be moved."
)
PATH = (
    "Each point is what was said on that day of the same question over the days that followed it, with its 90 %"
    " interval; filled where it had come out yes by the as-of day."
)
LIMITS = "What is known of each model's reach, whatever it says in this report."
TIMELINE = "What the record held for the last twelve months when the forecast was made, by the day it happened."
MOST = 4
BASE_RATE = "climatology"  # the family that forecasts nothing of its own


def status(run: Run, past: History) -> tuple[str, ...]:
    """Write the lines of the title block."""
    as_of = run.snapshot.as_of
    through = listed(
        f"{about['title']} through {prose_date(date.fromisoformat(about['through']))}" for about in run.sources.values()
    )
    live = all(forecast.live for item in run.outlooks for forecast in item.forecasts)
    kind = (
        "Live forecast: the questions were written before what they ask about could be seen."
        if live
        else "Backtest: models and questions were written after the fact; only what was known then was used, but "
        "hindsight in their choice cannot be ruled out."
    )
    return (
        *([f"For {run.audience}."] if run.audience else []),
        f"As of {prose_date(as_of)}: nothing that became known on that day or later was used.",
        kind,
        f"Data fetched: {through}.",
        gate(run.fits),
        issued(run, past),
    )


def issued(run: Run, past: History) -> str:
    """Say whether these forecasts stand in the book, where they can be scored, and whether they are the same there."""
    now = {one.question.series: one.probability for item in run.outlooks for one in item.forecasts}
    if not past.issued.keys() & now:
        return "Not in the book: nothing said here will be scored, unless the brief is issued too."
    both = {series: told for series, told in past.issued.items() if series in now}
    other = sum(percent(now[series]) != percent(told.probability) for series, told in both.items())
    told = sorted(both.values(), key=lambda one: one.sequence)
    rows = f"between rows {told[0].sequence:,} and {told[-1].sequence:,}"
    said = f"In the book since {prose_date(told[0].written)}, {rows}"
    return f"{said}; {other} of {len(both)} were issued with another number, which counts." if other else f"{said}."


def gate(fits: tuple[Fit, ...]) -> str:
    """Say in a line what the convergence gate found."""
    sampled = [fit for fit in fits if fit.diagnostics]
    if not sampled:
        return "Convergence gate: no model was sampled."
    r_hat = max(fit.diagnostics["r_hat"] for fit in sampled)
    ess = min(min(fit.diagnostics["ess_bulk"], fit.diagnostics["ess_tail"]) for fit in sampled)
    names = listed(fit.spec.title for fit in sampled)
    return f"Convergence gate: passed by {names} (worst R-hat {r_hat:.3f}, smallest effective sample size {ess:,.0f})."


def bottom_line(run: Run, past: History) -> list[str]:
    """Write at most five sentences from the numbers: what is likely, what is unusual, what would move it."""
    lines = [_led(run, lead) for lead in run.lead][:MOST]
    lines = lines or [_likeliest(run, domain) for domain in run.domains if _forecasts(run, domain)][:3]
    lines = lines[: MOST - 1] if past.before else lines
    lines += [line for line in (_moved(run, past), _scheduled(run), _unusual(run), _movers(run)) if line]
    return lines[:5]


def _forecasts(run: Run, domain: str) -> list[Forecast]:
    return [one for item in run.outlooks if item.domain == domain for one in item.forecasts]


def _titled(run: Run, one: Forecast) -> str:
    """Name a question in a few words, with its last day."""
    return f"{_named(run, one)}, by {last_day(one.question)}"


def _named(run: Run, one: Forecast) -> str:
    """Name a question by its group, and its threshold or entity."""
    item = next(item for item in run.outlooks if item.group == one.question.group)
    labels = one.question.labels
    if "next" in labels:
        return f"{labels['name']}: {labels['next']} or later"
    if "entity" in labels:
        return f"{item.title}: {labels['name']}"
    several = len({other.question.rule.threshold for other in item.forecasts}) > 1
    asked = f", {OPERATORS[one.question.rule.op]} {threshold(one)}" if several else ""
    return f"{labels.get('name', item.title)}{asked}"


def _led(run: Run, lead: str) -> str:
    """State the probabilities of a question that the brief puts first, at each of its closing days."""
    found = [one for item in run.outlooks for one in item.forecasts if one.question.begins(lead)]
    days = [f"{said(one.probability, run.vocabulary)} by {last_day(one.question)}" for one in found]
    return f"{_named(run, found[0])}: {listed(days)}."


def _likeliest(run: Run, domain: str) -> str:
    """Name the domain's most probable outcome of its nearest closing day."""
    climbs = {climb.entity: climb for climb in run.climbs}
    every = _forecasts(run, domain)
    # What is scheduled is no forecast.
    open_ = [one for one in every if not decided(one, climbs.get(one.question.labels.get("entity", "")))] or every
    soonest = min(one.question.closes for one in open_)
    best = max((one for one in open_ if one.question.closes == soonest), key=lambda one: one.probability)
    title, now = _titled(run, best), said(best.probability, run.vocabulary)
    return f"{run.domains[domain]}: of what closes first, highest is “{title}”, at {now}."


def _scheduled(run: Run) -> str:
    """Name what is known to come already and decides a question."""
    climbs = {climb.entity: climb for climb in run.climbs}
    every = [one for item in run.outlooks for one in item.forecasts if "entity" in one.question.labels]
    pairs = [(climbs.get(one.question.labels["entity"]), one) for one in every]
    steps = {(climb.name, step): None for climb, one in pairs if climb and (step := decided(one, climb))}
    known = [f"{shortened(name)}, {coming(step)}" for name, step in steps]
    more = [f"{len(known) - MOST} more"] if len(known) > MOST else []
    return f"Known to come already: {listed([*known[:MOST], *more])}." if known else ""


def _moved(run: Run, past: History) -> str:
    """Name the question that moved farthest since the brief's issue before."""
    then = {
        series: told[-1].probability
        for series, told in past.earlier.items()
        if past.before is not None and told[-1].as_of == past.before
    }
    every = [one for item in run.outlooks for one in item.forecasts if one.question.series in then]
    if not every or past.before is None:
        return ""
    far = max(every, key=lambda one: abs(one.probability - then[one.question.series]))
    old = then[far.question.series]
    since = prose_date(past.before)
    if percent(old) == percent(far.probability):
        return f"No forecast says another number than on {since}."
    before, now = (said(each, run.vocabulary) for each in (old, far.probability))
    return f"Moved most since {since}: “{_titled(run, far)}”, from {before} to {now}."


def _unusual(run: Run) -> str:
    """Name the forecast that lies farthest from its base rate."""
    every = [one for item in run.outlooks for one in item.forecasts]
    far = max(every, key=lambda one: abs(one.probability - one.baseline))
    if abs(far.probability - far.baseline) < 0.05:
        return "No forecast lies more than five points from its base rate."
    direction = "above" if far.probability > far.baseline else "below"
    title, now = _titled(run, far), said(far.probability, run.vocabulary)
    return f"Farthest {direction} its base rate of {percent(far.baseline)} is “{title}”, at {now}."


def _movers(run: Run) -> str:
    """Name the covariate whose next event would move the rates most."""
    effects = [
        (row, fit)
        for fit in run.fits
        for row in fit.parameters
        if row.name in {item.name for item in fit.spec.covariates} and row.meaning == ON_RATES.meaning
    ]
    if not effects:
        return ""
    row, fit = max(effects, key=lambda pair: abs(pair[0].posterior[1] - 1))
    low, middle, high = (estimate(value, row.unit) for value in row.posterior)
    title = next(other.spec.title for other in run.fits if fit.spec in other.spec.parts)
    return (
        f"What would move “{title}” most is one more of “{row.name}”, which goes"
        f" with a factor of {middle} on background rates (90 % interval {low} to {high};"
        " an association, not an effect)."
    )


def of_domain(run: Run, domain: str) -> str:
    """Say what a domain's numbers come from."""
    used = {name for one in _forecasts(run, domain) for name in one.models}
    fits = [fit for fit in run.fits if fit.spec.name in used]
    names = listed(f"“{fit.spec.title}”" for fit in fits)
    summaries = " ".join(" ".join(fit.spec.summary.split()) for fit in fits)
    if all(fit.spec.family == BASE_RATE for fit in fits):
        return (
            f"There is no model of this domain yet: these are base rates ({names}), so forecast and base rate agree."
            f" {summaries}"
        )
    return f"From the model{'s' if len(fits) > 1 else ''} {names}. {summaries}"


def caption(item: Outlook) -> str:
    """Say what a group's figure shows."""
    if not item.past or not item.ahead:
        return "Dots: probability; lines: its 90 % interval; hollow diamonds: base rate."
    if item.every == 1:
        return (
            "Left of the line the values known; right of it half of all futures lie in the darker band and nine tenths"
            " in the lighter one. Dashed: median, and the levels that are asked about. A future may touch a level and"
            " fall back, so the bands do not show the probabilities below."
        )
    return (
        f"Bars: past windows of {item.every} days. Boxes: the same windows ahead; half of all futures lie in the darker"
        " box, nine tenths in the lighter one, and the stroke is the median."
    )


def paragraphs(text: str) -> list[str]:
    """Cut a text where lines are blank, each part in one line."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def past(one: Forecast) -> str:
    """Write in how many past windows a question's rule held, and how many events of the kind there were."""
    held, windows = one.past
    if not windows:
        return "–"
    return f"{held} of {windows}" + (f" ({one.events:,})" if one.events is not None else "")

"""The sentences of a report that are made from its numbers: which is said of what, and which number goes in."""

from datetime import date

from forecast.history import History
from forecast.language import say
from forecast.outlook import Fit, Outlook, Run
from forecast.questions import Forecast
from forecast.report.ladder_prose import coming, decided
from forecast.report.resolution import operator, threshold
from forecast.report.words import estimate, last_day, listed, percent, prose_date, said, shortened
from forecast.world import ON_RATES

MOST = 4
BASE_RATE = "climatology"  # the family that forecasts nothing of its own


def status(run: Run, past: History) -> tuple[str, ...]:
    """Write the lines of the title block."""
    as_of = run.snapshot.as_of
    through = listed(
        say("title-source", title=about["title"], day=prose_date(date.fromisoformat(about["through"])))
        for about in run.sources.values()
    )
    live = all(forecast.live for item in run.outlooks for forecast in item.forecasts)
    return (
        *([say("title-audience", audience=run.audience)] if run.audience else []),
        say("title-as-of", day=prose_date(as_of)),
        say("title-live") if live else say("title-backtest"),
        say("title-fetched", sources=through),
        gate(run.fits),
        issued(run, past),
    )


def issued(run: Run, past: History) -> str:
    """Say whether these forecasts stand in the book, where they can be scored, and whether they are the same there."""
    now = {one.question.series: one.probability for item in run.outlooks for one in item.forecasts}
    if not past.issued.keys() & now:
        return say("title-no-book")
    both = {series: told for series, told in past.issued.items() if series in now}
    other = sum(percent(now[series]) != percent(told.probability) for series, told in both.items())
    told = sorted(both.values(), key=lambda one: one.sequence)
    day, ends = prose_date(told[0].written), {"first": told[0].sequence, "last": told[-1].sequence}
    if other:
        return say("title-in-book-other", day=day, **ends, other=other, count=len(both))
    return say("title-in-book", day=day, **ends)


def gate(fits: tuple[Fit, ...]) -> str:
    """Say in a line what the convergence gate found."""
    sampled = [fit for fit in fits if fit.diagnostics]
    if not sampled:
        return say("gate-nothing")
    r_hat = max(fit.diagnostics["r_hat"] for fit in sampled)
    ess = min(min(fit.diagnostics["ess_bulk"], fit.diagnostics["ess_tail"]) for fit in sampled)
    names = listed(fit.spec.title for fit in sampled)
    return say("gate-passed", models=names, rhat=f"{r_hat:.3f}", ess=round(ess))


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
    return say("bottom-titled", name=_named(run, one), day=last_day(one.question))


def _named(run: Run, one: Forecast) -> str:
    """Name a question by its group, and its threshold or entity."""
    item = next(item for item in run.outlooks if item.group == one.question.group)
    labels = one.question.labels
    if "next" in labels:
        return say("bottom-next", name=labels["name"], stage=labels["next"])
    if "entity" in labels:
        return say("bottom-process", group=item.title, name=labels["name"])
    name = labels.get("name", item.title)
    several = len({other.question.rule.threshold for other in item.forecasts}) > 1
    sign = one.question.rule.op
    return say("bottom-level", name=name, operator=operator(sign), level=threshold(one)) if several else name


def _led(run: Run, lead: str) -> str:
    """State the probabilities of a question that the brief puts first, at each of its closing days."""
    found = [one for item in run.outlooks for one in item.forecasts if one.question.begins(lead)]
    days = [say("bottom-by", said=said(one.probability, run.vocabulary), day=last_day(one.question)) for one in found]
    return say("bottom-led", name=_named(run, found[0]), days=listed(days))


def _likeliest(run: Run, domain: str) -> str:
    """Name the domain's most probable outcome of its nearest closing day."""
    climbs = {climb.entity: climb for climb in run.climbs}
    every = _forecasts(run, domain)
    # What is scheduled is no forecast.
    open_ = [one for one in every if not decided(one, climbs.get(one.question.labels.get("entity", "")))] or every
    soonest = min(one.question.closes for one in open_)
    best = max((one for one in open_ if one.question.closes == soonest), key=lambda one: one.probability)
    title, now = _titled(run, best), said(best.probability, run.vocabulary)
    return say("bottom-likeliest", domain=run.domains[domain], title=title, said=now)


def _scheduled(run: Run) -> str:
    """Name what is known to come already and decides a question."""
    climbs = {climb.entity: climb for climb in run.climbs}
    every = [one for item in run.outlooks for one in item.forecasts if "entity" in one.question.labels]
    pairs = [(climbs.get(one.question.labels["entity"]), one) for one in every]
    steps = {(climb.name, step): None for climb, one in pairs if climb and (step := decided(one, climb))}
    known = [say("bottom-known-step", name=shortened(name), step=coming(step)) for name, step in steps]
    more = [say("bottom-known-more", count=len(known) - MOST)] if len(known) > MOST else []
    return say("bottom-known", steps=listed([*known[:MOST], *more])) if known else ""


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
        return say("bottom-still", day=since)
    before, now = (said(each, run.vocabulary) for each in (old, far.probability))
    return say("bottom-moved", day=since, title=_titled(run, far), before=before, now=now)


def _unusual(run: Run) -> str:
    """Name the forecast that lies farthest from its base rate."""
    every = [one for item in run.outlooks for one in item.forecasts]
    far = max(every, key=lambda one: abs(one.probability - one.baseline))
    if abs(far.probability - far.baseline) < 0.05:
        return say("bottom-usual")
    key = "bottom-above" if far.probability > far.baseline else "bottom-below"
    return say(key, base=percent(far.baseline), title=_titled(run, far), said=said(far.probability, run.vocabulary))


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
    return say("bottom-mover", model=title, covariate=row.name, low=low, middle=middle, high=high)


def of_domain(run: Run, domain: str) -> str:
    """Say what a domain's numbers come from."""
    used = {name for one in _forecasts(run, domain) for name in one.models}
    fits = [fit for fit in run.fits if fit.spec.name in used]
    names = listed(say("domain-model", title=fit.spec.title) for fit in fits)
    summaries = " ".join(" ".join(fit.spec.summary.split()) for fit in fits)
    if all(fit.spec.family == BASE_RATE for fit in fits):
        return say("domain-base-rates", models=names, summaries=summaries)
    return say("domain-models", count=len(fits), models=names, summaries=summaries)


def caption(item: Outlook) -> str:
    """Say what a group's figure shows."""
    if not item.past or not item.ahead:
        return say("group-dots")
    return say("group-daily") if item.every == 1 else say("group-windows", days=str(item.every))


def paragraphs(text: str) -> list[str]:
    """Cut a text where lines are blank, each part in one line."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def past(one: Forecast) -> str:
    """Write in how many past windows a question's rule held, and how many events of the kind there were."""
    held, windows = one.past
    if not windows:
        return "–"
    counts = {"held": str(held), "windows": str(windows)}
    if one.events is None:
        return say("questions-held", **counts)
    return say("questions-held-events", **counts, events=one.events)

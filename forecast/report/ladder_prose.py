"""The sentences about processes on ladders: where each stands, what is known to come, its rates, when it may move."""

from datetime import date, timedelta

from forecast.climb import Ahead, Climb, Step
from forecast.questions import Forecast
from forecast.report import words

HOW_TO_READ = (
    "A ladder shows the stages of one process: on the left when it reached those behind it, and how long it stood on "
    "each (pale: suspended; hollow: known to the month or year only); on the right the probability that it reaches "
    "each stage ahead, or a later one, and, where that is asked, that it ends, with the base rate in brackets. Darker "
    "is more probable. The likeliest to reach its next stage stands first."
)
OF_RATES = "Rates are those of the model for the process as it stands, as median and 90 % interval."
OTHERS = (
    "No stage ahead of these is asked about: they stand at the top of their ladder, only their end is asked about, or "
    "they have ended."
)
CAUSES = {"advance": "up", "exit": "to an end", "suspend": "to a suspension"}


def stand(climb: Climb) -> str:
    """Say where a process stands, since when and how long, and when it was last seen."""
    since, at = words.dated(climb.since.at, climb.since.precision), words.plain(climb.stands)
    how_long = words.lasted(climb.days)
    if climb.ended:
        said = f"Ended: {coming(climb.since)}"
    elif climb.suspended:
        said = f"Suspended at “{at}” since {since}, for {how_long}"
    else:
        said = f"Stands at “{at}” since {since}, for {how_long}"
    # A stage that was reached on the day on which it was last seen says so already.
    seen = climb.seen is not None and climb.seen.at > max(step.at for step in climb.record)
    return f"{said}; last seen open on {words.prose_date(climb.seen.at)}." if seen and climb.seen else f"{said}."


def deadline(climb: Climb, as_of: date) -> str:
    """Say when its deadline is, and in which window of it the process is; nothing without one."""
    if climb.deadline is None:
        return ""
    day, days = words.prose_date(climb.deadline), (climb.deadline - as_of).days
    said = f"lies {words.lasted(days)} ahead" if days >= 0 else f"was {words.lasted(-days)} ago"
    # Constant rates know no windows.
    counted = f"; the model counts it as {climb.window}" if climb.rates else ""
    return f"Its deadline, {day}, {said}{counted}."


def scheduled(climb: Climb) -> str:
    """Say what is known to come already."""
    if not climb.scheduled:
        return ""
    return f"Reported as known: {words.listed(coming(step) for step in climb.scheduled)}."


def coming(step: Step) -> str:
    """Name what happened or is known to come, with its day."""
    day = words.dated(step.at, step.precision)
    return f"{words.plain(step.kind)} {'on' if step.precision == 'day' else 'in'} {day}"


def rates(climb: Climb) -> str:
    """Give the rates of what can happen to a process as it stands."""
    if not climb.rates:
        return ""
    said = words.listed(f"{CAUSES[rate.cause]} {rate_of(rate.quantiles)}" for rate in climb.rates)
    later = " once that has come" if climb.scheduled else ""
    return f"Rates a year{later}: {said}."


def rate_of(quantiles: tuple[float, float, float]) -> str:
    """Write a rate as its median and 90 % interval."""
    low, middle, high = (words.number(value) for value in quantiles)
    return f"{middle} ({low} to {high})"


def when(climb: Climb) -> str:
    """Say by when a quarter, half and three quarters of futures have the next stage."""
    one = climb.ahead[0]
    stage, last = words.plain(one.kinds[0]), words.prose_date(climb.until - timedelta(days=1))
    if known_to_come(one, climb):
        return ""
    if one.by[0] is None:
        return f"Fewer than a quarter of futures reach “{stage}”, or a later stage, by {last}."
    shares = ("A quarter", "half", "three quarters")
    said = [f"{share} by {words.prose_date(at)}" for share, at in zip(shares, one.by, strict=True) if at is not None]
    said[0] = f"A quarter of futures reach “{stage}”, or a later stage, by {words.prose_date(one.by[0])}"
    late = [] if one.by[2] is not None else [f"fewer than {shares[len(said)]} by {last}"]
    return f"{', '.join([*said, *late])}."


def decided(one: Forecast, climb: Climb | None) -> Step | None:
    """Find what is known to come already and decides a question with yes."""
    rule, window = one.question.rule, one.question.window
    coming = () if climb is None else climb.scheduled
    return next((step for step in coming if step.kind in rule.kinds and window.opens <= step.at < window.closes), None)


def known_to_come(one: Ahead, climb: Climb) -> bool:
    """Tell whether something ahead is scheduled already."""
    return any(step.kind in one.kinds for step in climb.scheduled)

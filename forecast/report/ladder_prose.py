"""The sentences about processes on ladders: where each stands, what is known to come, its rates, when it may move."""

from datetime import date, timedelta

from forecast.climb import Ahead, Climb, Step
from forecast.language import say
from forecast.questions import Forecast
from forecast.report import words


def stand(climb: Climb) -> str:
    """Say where a process stands, since when and how long, and when it was last seen."""
    stands = {
        "stage": words.plain(climb.stands),
        "since": words.dated(climb.since.at, climb.since.precision),
        "lasted": words.lasted(climb.days),
    }
    said = {"step": coming(climb.since)} if climb.ended else stands
    key = "process-ended" if climb.ended else "process-suspended" if climb.suspended else "process-stands"
    # A stage that was reached on the day on which it was last seen says so already.
    if climb.seen is None or climb.seen.at <= max(step.at for step in climb.record):
        return say(key, **said)
    return say(f"{key}-seen", **said, seen=words.prose_date(climb.seen.at))


def deadline(climb: Climb, as_of: date) -> str:
    """Say when its deadline is, and in which window of it the process is; nothing without one."""
    if climb.deadline is None:
        return ""
    days = (climb.deadline - as_of).days
    said = {"day": words.prose_date(climb.deadline), "lasted": words.lasted(abs(days))}
    key = "process-deadline-ahead" if days >= 0 else "process-deadline-passed"
    # Constant rates know no windows.
    if not climb.rates:
        return say(key, **said)
    return say(f"{key}-counted", **said, window=say("process-window", window=climb.window))


def scheduled(climb: Climb) -> str:
    """Say what is known to come already."""
    if not climb.scheduled:
        return ""
    return say("process-scheduled", steps=words.listed(coming(step) for step in climb.scheduled))


def coming(step: Step) -> str:
    """Name what happened or is known to come, with its day."""
    day = words.dated(step.at, step.precision)
    return say("process-step", kind=words.plain(step.kind), precision=step.precision, day=day)


def rates(climb: Climb) -> str:
    """Give the rates of what can happen to a process as it stands."""
    if not climb.rates:
        return ""
    each = [say("process-rate", cause=rate.cause, rate=rate_of(rate.quantiles)) for rate in climb.rates]
    return say("process-rates-later" if climb.scheduled else "process-rates", rates=words.listed(each))


def rate_of(quantiles: tuple[float, float, float]) -> str:
    """Write a rate as its median and 90 % interval."""
    low, middle, high = (words.number(value) for value in quantiles)
    return say("process-rate-interval", low=low, middle=middle, high=high)


def when(climb: Climb) -> str:
    """Say by when a quarter, half and three quarters of futures have the next stage."""
    one = climb.ahead[0]
    if known_to_come(one, climb):
        return ""
    stage, last = words.plain(one.kinds[0]), words.prose_date(climb.until - timedelta(days=1))
    match [words.prose_date(at) for at in one.by if at is not None]:
        case [quarter, half, most]:
            return say("process-reached-by-most", stage=stage, quarter=quarter, half=half, most=most)
        case [quarter, half]:
            return say("process-reached-by-half", stage=stage, quarter=quarter, half=half, last=last)
        case [quarter]:
            return say("process-reached-by-quarter", stage=stage, quarter=quarter, last=last)
    return say("process-reached-by-few", stage=stage, last=last)


def decided(one: Forecast, climb: Climb | None) -> Step | None:
    """Find what is known to come already and decides a question with yes."""
    rule, window = one.question.rule, one.question.window
    coming = () if climb is None else climb.scheduled
    return next((step for step in coming if step.kind in rule.kinds and window.opens <= step.at < window.closes), None)


def known_to_come(one: Ahead, climb: Climb) -> bool:
    """Tell whether something ahead is scheduled already."""
    return any(step.kind in one.kinds for step in climb.scheduled)

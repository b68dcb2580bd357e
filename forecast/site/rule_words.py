"""How a question is settled, in words and as its rule is written, whatever the day on which it is asked."""

from collections.abc import Iterator, Sequence

from forecast.language import joined, say
from forecast.notation import as_written
from forecast.questions import Question
from forecast.report import resolution, words
from forecast.report.document import Text


def settled(asked: Sequence[Question]) -> Iterator[Text]:
    """Say how a question is settled, once for each form in which it was asked."""
    forms: dict[str, list[Question]] = {}
    for one in asked:
        forms.setdefault(f"{one.settle_days} {one.rules!r}", []).append(one)
    for some in forms.values():
        if len(forms) > 1:
            first, last = (words.prose_date(end(one.opens for one in some)) for end in (min, max))
            yield Text(say("site-rule-asked", first=first, last=last), "note")
        yield Text(_in_words(some))
        rules = joined(map(as_written, some[0].rules))
        yield Text(say("resolution-settled", days=some[0].settle_days, rules=rules))


def _in_words(some: Sequence[Question]) -> str:
    rules = words.listed(map(resolution.holds, some[0].rules))
    told = say("site-rule-yes", window=_window(some), rules=rules)
    return f"{told} {say('resolution-void')}" if some[0].rule.measure == "standing" else told


def _window(some: Sequence[Question]) -> str:
    lengths = {one.window.days for one in some}
    if len({(one.opens, one.closes) for one in some}) == 1:
        return say("site-rule-window", first=words.prose_date(some[0].opens), last=words.last_day(some[0]))
    if len(lengths) == 1:
        return say("site-rule-window-length", length=words.lasted(lengths.pop()))
    return say("site-rule-window-other")

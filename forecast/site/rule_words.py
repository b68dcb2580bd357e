"""How a question is settled, in words and as its rule is written, whatever the day on which it is asked."""

from collections.abc import Iterator, Sequence

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
            days = [words.prose_date(end(one.opens for one in some)) for end in (min, max)]
            yield Text(f"As asked from {days[0]} to {days[1]}:", "note")
        yield Text(_in_words(some))
        rules = " and ".join(map(resolution.as_written, some[0].rules))
        days_later = f"{some[0].settle_days} days after closing"
        yield Text(f"Settled on the record {days_later}, by the rule as written: {rules}.")


def _in_words(some: Sequence[Question]) -> str:
    rules = words.listed(map(resolution.holds, some[0].rules))
    end = " Void if ends that are not on record would decide." if some[0].rule.measure == "standing" else ""
    return f"Resolves yes if, {_window(some)}, {rules}.{end}"


def _window(some: Sequence[Question]) -> str:
    lengths = {one.window.days for one in some}
    if len({(one.opens, one.closes) for one in some}) == 1:
        return f"from {words.prose_date(some[0].opens)} to {words.last_day(some[0])}"
    if len(lengths) == 1:
        return f"in the {words.lasted(lengths.pop())} from the day on which it is asked"
    return "from the day on which it is asked to the day before it closes"

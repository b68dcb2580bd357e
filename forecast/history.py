"""What the book says that a report tells of: what was said before, what it was worth by then, and why it moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from forecast import entries, publishing
from forecast.calibration import Bent, Maps
from forecast.errors import DataError
from forecast.events import Snapshot
from forecast.explain import Explanation, Side
from forecast.ledger import NOTHING, Head, Row
from forecast.predict import Models
from forecast.questions import Question
from forecast.register import Register, Scored, Told

Said = tuple[Question, Told]
NO_HEAD = Head(0, NOTHING)


@dataclass(frozen=True)
class Why:
    """Why forecasts moved since an issue before.

    Parameters
    ----------
    since : date or None
        Its as-of day; None if there is none.
    moves : mapping of str to Explanation
        By what is asked, whatever the day.
    lacking : str
        Why there are none; blank if there are.
    """

    since: date | None = None
    moves: Mapping[str, Explanation] = field(default_factory=dict)
    lacking: str = ""


@dataclass(frozen=True)
class History:
    """What a book held that could be known on a day.

    Parameters
    ----------
    earlier : mapping of str to tuple of Told
        By what is asked, whatever the day: one forecast for each earlier as-of day, oldest first.
    issued : mapping of str to Told
        What the brief has said already as of the day itself.
    previous : tuple of (Question, Told)
        The brief's last issue before.
    scored : tuple of Scored
        All forecasts whose questions had come out by the day.
    learned : Maps
        From these.
    why : Why
    rows : sequence of Row
        Of the book, up to the last one that any of this was read from.
    """

    earlier: Mapping[str, tuple[Told, ...]] = field(default_factory=dict)
    issued: Mapping[str, Told] = field(default_factory=dict)
    previous: tuple[Said, ...] = ()
    scored: tuple[Scored, ...] = ()
    learned: Maps = field(default_factory=lambda: Maps(Bent(), {}))
    why: Why = Why()
    rows: Sequence[Row] = ()

    @property
    def before(self) -> date | None:
        """As-of day of the brief's last issue before; None if there is none."""
        return self.previous[0][1].as_of if self.previous else None

    @property
    def head(self) -> Head:
        """The number of these rows, and the last one's seal."""
        return Head(len(self.rows), self.rows[-1].seal) if self.rows else NO_HEAD


def recall(rows: Sequence[Row], brief: str, as_of: date) -> History:
    """Read off the rows of a book what could be known on a day.

    Of forecasts of the same by several briefs, that of the brief itself is kept, or else the first.

    Parameters
    ----------
    rows : sequence of Row
        In the order of the book.
    brief : str
    as_of : date
    """
    register = Register(rows)
    every = [pair for pair in register.told() if pair[1].as_of <= as_of]
    paths: dict[str, dict[date, Told]] = {}
    for question, told in every:
        days = paths.setdefault(question.series, {})
        if told.as_of < as_of and (told.as_of not in days or told.brief == brief):
            days[told.as_of] = told
    own = [pair for pair in every if pair[1].brief == brief]
    before = max((told.as_of for _, told in own if told.as_of < as_of), default=None)
    earlier = {series: tuple(days[day] for day in sorted(days)) for series, days in paths.items() if days}
    scored = tuple(register.scored(as_of))
    read = [told.sequence for days in earlier.values() for told in days]
    read += [told.sequence for _, told in own if told.as_of == as_of]
    read += [sequence for one in scored for sequence in (one.told.sequence, one.end.sequence)]
    return History(
        earlier=earlier,
        issued={question.series: told for question, told in own if told.as_of == as_of},
        previous=tuple(pair for pair in own if pair[1].as_of == before),
        scored=scored,
        learned=publishing.maps(scored) if scored else Maps(Bent(), {}),
        rows=tuple(rows[: max(read, default=0)]),
    )


def side(rows: Sequence[Row], said: Sequence[Said], snapshot: Snapshot) -> Side:
    """Restore what an issue was made from: its data, its models, and what had been learned by then.

    Parameters
    ----------
    rows : sequence of Row
        In the order of the book.
    said : sequence of (Question, Told)
        Of one brief and day.
    snapshot : Snapshot
        What the record says of that day now.

    Raises
    ------
    DataError
        If that is not what the issue was made from.
    """
    first = min((told for _, told in said), key=lambda told: told.sequence)
    says = rows[first.sequence - 1].says
    if snapshot.digest != says["data"]:
        what = f"what the record says of {first.as_of} today is not what the forecast of that day was made from"
        raise DataError(what, "data/events", hint="take the data folder back to what it was then")
    specs = {row.says["digest"]: row for row in rows if row.kind == "spec"}
    models = [entries.read_spec(specs[digest]) for digest in says["specs"].values()]
    earlier = Register(row for row in rows if row.sequence < first.sequence)
    learned = publishing.maps(earlier.scored(first.as_of))
    questions, probabilities = zip(*((question, told.probability) for question, told in said), strict=True)
    return Side(questions, snapshot, Models(models, ()), learned, probabilities)

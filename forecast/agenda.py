"""What a brief asks, once it is known what was known: plain questions, their headings, and scenarios."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from forecast import answers, phrases
from forecast.brief import Brief, Script
from forecast.errors import SpecError, look_alike
from forecast.events import Snapshot
from forecast.questions import Question
from forecast.scenarios import Scenario
from forecast.templates import QuestionSet


@dataclass(frozen=True)
class Agenda:
    """Questions in the order of the brief, the headings of their groups, scenarios, and pairs of questions."""

    questions: tuple[Question, ...]
    titles: Mapping[str, str]
    scenarios: tuple[Scenario, ...] = ()
    pairs: tuple[tuple[Question, Question], ...] = ()


def agenda(item: Brief, sets: Mapping[str, QuestionSet], snapshot: Snapshot) -> Agenda:
    """Unfold the questions of a brief on a snapshot, and read its scenarios.

    Parameters
    ----------
    item : Brief
    sets : mapping of str to QuestionSet
        The files of questions that the brief names, in its order.
    snapshot : Snapshot

    Raises
    ------
    SpecError
        If a group stands in two files, a domain has no heading, or nothing is meant by a lead or a scenario.
    """
    where = f"reports/briefs/{item.name}.toml"
    titles: dict[str, str] = {}
    asked: list[Question] = []
    for name, found in sets.items():
        asked += answers.unfold(found, snapshot)
        for group, title in found.titles.items():
            if group in titles:
                raise SpecError(f"the group `{group}` stands in two files of questions", f"data/questions/{name}.toml")
            titles[group] = title
    asked = answers.distinct(asked)
    for domain in [*(question.domain for question in asked), *(one.domain for one in item.aftermath)]:
        if domain not in item.domains:
            what = f"the brief has no heading for the domain `{domain}`"
            raise SpecError(what, f"{where}, [domains]", hint=look_alike(domain, item.domains))
    for lead in item.lead:
        _meant(lead, asked, titles, f"{where}, lead")
    scenarios = tuple(_scenario(script, asked, titles, snapshot.as_of, where) for script in item.scenarios)
    pairs = tuple(_pair(pair, asked, titles, f"{where}, pairs") for pair in item.pairs)
    return Agenda(tuple(asked), titles, scenarios, pairs)


def _pair(
    pair: tuple[str, str], asked: Sequence[Question], titles: Mapping[str, str], where: str
) -> tuple[Question, Question]:
    """Find two questions, each the only one whose id begins as is said."""
    found = [_meant(lead, asked, titles, where) for lead in pair]
    for lead, members in zip(pair, found, strict=True):
        if len(members) > 1:
            what = f"`{lead}` begins the ids of {len(members)} questions, and a pair needs one"
            raise SpecError(what, where, hint=f"for instance `{members[0].series}`")
    return found[0][0], found[1][0]


def _meant(lead: str, asked: Sequence[Question], titles: Mapping[str, str], where: str) -> list[Question]:
    """Find the questions whose ids begin as is said."""
    found = [question for question in asked if question.begins(lead)]
    if not found:
        what = f"no question of the brief begins with `{lead}`"
        raise SpecError(what, where, hint=look_alike(lead.partition("/")[0], titles))
    return found


def _scenario(
    script: Script, asked: Sequence[Question], titles: Mapping[str, str], as_of: date, where: str
) -> Scenario:
    """Read a scenario as it is written in a brief."""
    where = f"{where}, scenario `{script.id}`"
    questions = [one for lead in script.questions for one in _meant(lead, asked, titles, where)]
    return Scenario(
        id=script.id,
        title=script.title,
        questions=tuple(answers.distinct(questions)),
        note=" ".join(script.note.split()),
        given=tuple(phrases.given(line, as_of, asked) for line in script.given),
        put=tuple(phrases.supposed(line, as_of) for line in script.suppose),
        taken=script.without,
        draws=script.draws,
        where=where,
    )

"""The folder of a desk: data, models, questions and briefs, read by name and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from forecast import answers, brief, files, predict, spec, templates, world
from forecast.agenda import Agenda, agenda
from forecast.archive import Archive
from forecast.brief import Brief
from forecast.catalogue import Source
from forecast.errors import SpecError, UsageError, look_alike
from forecast.events import Snapshot
from forecast.predict import Models
from forecast.spec import Spec
from forecast.templates import QuestionSet

PARTS = ("data", "models", "reports")


def find(start: Path) -> Path:
    """Find the nearest folder upward that is a desk: one that holds data, models and reports.

    Raises
    ------
    UsageError
        If there is none.
    """
    for folder in (start, *start.parents):
        if all((folder / part).is_dir() for part in PARTS) and (folder / "data" / "sources.toml").exists():
            return folder
    raise UsageError(
        "there is no desk here",
        str(start),
        "a desk is a folder with data/sources.toml, models/ and reports/",
        "cd into one",
    )


@dataclass(frozen=True)
class Case:
    """A brief on a day, and all that is read for it before anything is computed.

    Parameters
    ----------
    brief : Brief
    snapshot : Snapshot
    later : Snapshot
        What is known now, where the brief also tells what happened; else what was known then.
    models : Models
    sets : mapping of str to QuestionSet
        The files of questions that the brief names.
    asks : Agenda
        Made of them.
    sources : mapping of str to Source
        What the desk says about the sources of the brief.
    """

    brief: Brief
    snapshot: Snapshot
    later: Snapshot
    models: Models
    sets: Mapping[str, QuestionSet]
    asks: Agenda
    sources: Mapping[str, Source]

    def about(self, name: str) -> dict[str, str]:
        """Tell of one source what a report does."""
        source = self.sources[name]
        return {
            "title": source.title,
            "publisher": source.publisher,
            "licence": source.licence,
            "url": source.url,
            "through": self.snapshot.through[name].isoformat(),
            "rows": str(int((self.snapshot.events["source"] == name).sum())),
        }


class Folder:
    """A folder of data, models and reports.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def archive(self) -> Archive:
        """The events on disk."""
        return Archive(self.root / "data")

    def reread(self) -> None:
        """Forget what was read of the data, for something may have been added since."""
        self.__dict__.pop("archive", None)

    def names(self, part: str) -> list[str]:
        """List the TOML files in a part of the desk: models, data/questions or reports/briefs."""
        return sorted(path.stem for path in (self.root / part).glob("*.toml"))

    def _text(self, part: str, name: str) -> tuple[str, str]:
        where = f"{part}/{name}.toml"
        if name not in self.names(part):
            raise UsageError(f"there is no `{name}` in {part}/", where, hint=look_alike(name, self.names(part)))
        try:
            return (self.root / where).read_text(encoding="utf-8"), where
        except UnicodeDecodeError as problem:
            raise SpecError("the file is not UTF-8", where, str(problem)) from None

    def spec(self, name: str) -> Spec:
        """Read and check a model's spec, down to the settings of its family."""
        found = spec.parse(*self._text("models", name))
        if found.name != name:
            raise SpecError(f"the file is called `{name}`, the model `{found.name}`", f"models/{name}.toml, name")
        for part in found.parts:
            world.family(part).check(part)
        return found

    def questions(self, name: str) -> QuestionSet:
        """Read a set of questions."""
        return templates.parse(*self._text("data/questions", name))

    def brief(self, name: str) -> Brief:
        """Read a brief."""
        return brief.parse(*self._text("reports/briefs", name))

    def named(self, name: str) -> str:
        """Say which brief is meant: the one that is named, else the usual or the only one.

        Raises
        ------
        UsageError
            If none is named, and none or more than one is usual.
        """
        if name:
            return name
        known = self.names("reports/briefs")
        usual = known if len(known) == 1 else [one for one in known if self.brief(one).usual]
        if len(usual) != 1:
            why = "none of them says `usual = true`" if not usual else f"{', '.join(usual)} all say `usual = true`"
            raise UsageError("which brief is meant?", "--brief", why, look_alike("", known))
        return usual[0]

    def as_of(self, item: Brief, asked: date | None) -> date:
        """Choose the as-of date: the one asked for, the brief's own, or the newest that its sources cover."""
        return asked or item.as_of or self.archive.newest(item.sources)

    def agenda(self, item: Brief, snapshot: Snapshot) -> Agenda:
        """Read what a brief asks, unfolded on the snapshot."""
        return agenda(item, self._sets(item), snapshot)

    def _sets(self, item: Brief) -> dict[str, QuestionSet]:
        return {name: self.questions(name) for name in item.questions}

    def case(self, item: Brief, as_of: date) -> Case:
        """Read all that a report of a brief on a day is made from."""
        snapshot, sets = self.archive.as_of(as_of, item.sources), self._sets(item)
        newest = self.archive.newest(item.sources)
        told = item.afterwards and newest > as_of
        return Case(
            brief=item,
            snapshot=snapshot,
            later=self.archive.as_of(newest, item.sources) if told else snapshot,
            models=self.models(item),
            sets=sets,
            asks=agenda(item, sets, snapshot),
            sources={name: self.archive.sources[name] for name in item.sources},
        )

    @property
    def lock(self) -> str:
        """Digest of the desk's uv.lock; blank if it has none."""
        path = self.root / "uv.lock"
        return files.sha256(path.read_bytes()) if path.exists() else ""

    def models(self, item: Brief) -> Models:
        """Read the models of a brief.

        Raises
        ------
        SpecError
            If one makes or reads a kind of event that is in other sources than those of the brief: it would be taken
            for one that never happens.
        """
        every = (item.models, item.baselines, item.benchmarks)
        found = Models(*([self.spec(model) for model in names] for names in every))
        for model in found.every:
            self.check_covered(item, model)
        return found

    def check_covered(self, item: Brief, model: Spec) -> None:
        """Refuse a model that makes or reads what is in other sources than the brief's; see `models`."""
        for kind in (*model.kinds, *model.reads):
            holders = self.archive.holders.get(kind, ())
            if holders and not set(holders) & set(item.sources):
                what = f"the model `{model.name}` reads events of kind `{kind}`, which are in none of its sources"
                raise SpecError(what, f"reports/briefs/{item.name}.toml, sources", hint=f"add `{holders[0]}`")

    def check(self) -> list[str]:
        """Read everything and sample nothing: data, models, questions, briefs.

        Returns
        -------
        list of str
            One line for each thing that was checked, then notes on the data.
        """
        notes = list(self.archive.notes)
        done = [f"{name}: looked at through {through}" for name, through in sorted(self.archive.through.items())]
        for name in self.names("models"):
            done.append(f"models/{name}.toml: {self.spec(name).title}")
        for name in self.names("reports/briefs"):
            item = self.brief(name)
            as_of = self.as_of(item, None)
            snapshot = self.archive.as_of(as_of, item.sources)
            models, asks = self.models(item), self.agenda(item, snapshot)
            predict.check(models, snapshot, asks.questions, asks.scenarios)
            for model in models.every:
                for part in model.parts:
                    world.family(part).panel(snapshot, part)
            done.append(f"reports/briefs/{name}.toml: {len(asks.questions)} questions as of {as_of}")
            supposed = [one.where for scenario in asks.scenarios for one in scenario.put]
            notes += [f"reports/briefs/{name}.toml: {note}" for note in answers.unseen(supposed, snapshot)]
        return done + [f"note: {note}" for note in notes]

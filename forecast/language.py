"""What reports and sites say: every sentence stands in `languages/`, a folder a language, in Fluent's format."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache, reduce
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from forecast.errors import look_alike

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

USUAL = "en"
LONGEST = 1000  # of a text that the library fills in: it takes what is much longer for an attack
_spoken: ContextVar[str] = ContextVar("spoken", default=USUAL)


def say(key: str, /, **fields: str | int) -> str:
    """Fill a sentence of the language that is spoken.

    Parameters
    ----------
    key : str
        As it stands in the language's files.
    **fields : str or int
        What the sentence leaves open. Whole numbers are written, and choose singular or plural, as the language does;
        all else comes as it shall be read.

    Raises
    ------
    KeyError
        If the language has no such sentence.
    TypeError
        If the fields are not those that the sentence leaves open.
    """
    known = _texts(spoken())
    if key not in known.fields:
        raise KeyError(f"no sentence `{key}` in {spoken()}; {look_alike(key, known.fields)}")
    if known.fields[key] != fields.keys():
        raise TypeError(f"`{key}` leaves {sorted(known.fields[key])} open, and was given {sorted(fields)}")
    long = {name: value for name, value in fields.items() if isinstance(value, str) and len(value) > LONGEST}
    short = {**fields, **{name: f"\0{name}\0" for name in long}}
    said, problems = known.bundle.format_pattern(known.bundle.get_message(key).value, short)
    if problems:
        raise TypeError(f"`{key}`: {problems[0]}")
    for name, value in long.items():
        said = said.replace(f"\0{name}\0", value)
    return str(said)


def spoken() -> str:
    """Name the language that is spoken."""
    return _spoken.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language for a while."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def languages() -> tuple[str, ...]:
    """List the languages in which reports can be written."""
    return tuple(sorted(folder.name for folder in _folder().iterdir() if folder.is_dir()))


def dated(when: date, precision: str = "day", brief: bool = False) -> str:
    """Write a date no more precisely than it is known: 17 May 2019, May 2019 or 2019; in brief, 17 Sep 2019."""
    from babel.dates import format_date

    pattern = say(f"date-{precision}-brief" if brief else f"date-{precision}")
    return str(format_date(when, pattern, spoken()))


def joined(phrases: Iterable[str], last: Literal["and", "or"] = "and") -> str:
    """Join phrases so that the word between them is said each time: a and b and c."""
    every = list(phrases)
    return reduce(lambda most, one: say(f"listed-{last}", most=most, last=one), every) if every else ""


def file(name: str) -> str:
    """Read a file of the language that is spoken."""
    return (_folder() / spoken() / name).read_text(encoding="utf-8")


@dataclass(frozen=True)
class _Texts:
    """The sentences of a language, and what each leaves open."""

    bundle: Any
    fields: Mapping[str, frozenset[str]]


@cache
def _texts(language: str) -> _Texts:
    from fluent.runtime import FluentBundle

    bundle, fields = FluentBundle([language], use_isolating=False), dict[str, frozenset[str]]()
    for source in sorted((_folder() / language).iterdir(), key=lambda each: each.name):
        if source.name.endswith(".ftl"):
            resource, found = _read(source.read_text(encoding="utf-8"), f"languages/{language}/{source.name}")
            twice = sorted(found.keys() & fields)
            if twice:
                raise ValueError(f"languages/{language}/{source.name}: `{twice[0]}` stands in another file too")
            bundle.add_resource(resource)
            fields |= found
    return _Texts(bundle, fields)


def _read(text: str, where: str) -> tuple[Any, dict[str, frozenset[str]]]:
    """Read a file of sentences, and what each leaves open; a sentence goes on where its line ends."""
    from fluent.syntax import FluentParser, ast

    resource = FluentParser(with_spans=False).parse(text)
    fields: dict[str, frozenset[str]] = {}
    for entry in resource.body:
        if isinstance(entry, ast.Junk):
            raise ValueError(f"{where} cannot be read from here on: {str(entry.content).strip()[:80]}")
        if isinstance(entry, ast.Message):
            if entry.id.name in fields:
                raise ValueError(f"{where}: `{entry.id.name}` stands twice")
            parts = list(_parts(entry))
            fields[entry.id.name] = frozenset(each.id.name for each in parts if isinstance(each, ast.VariableReference))
            for each in parts:
                if isinstance(each, ast.TextElement):
                    each.value = each.value.replace("\n", " ")
    return resource, fields


def _parts(node: Any) -> Iterator[Any]:
    """List a node of the syntax tree and all below it."""
    yield node
    for value in vars(node).values():
        for each in value if isinstance(value, list) else [value]:
            if hasattr(each, "to_json"):
                yield from _parts(each)


def _folder() -> "Traversable":
    return files("forecast") / "languages"

"""Codes of refusals: which one an error bears, and what it means, offline."""

import re
import tomllib
from functools import cache
from importlib import resources

from forecast.errors import (
    CoverageError,
    DataError,
    EnvironmentFault,
    ForecastError,
    InternalError,
    NotConverged,
    SpecError,
    UsageError,
    look_alike,
)

GAP = "…"
# The most special first: a refusal bears the letter of the first that it is one of.
LETTERS: tuple[tuple[str, type[ForecastError]], ...] = (
    ("N", NotConverged),
    ("C", CoverageError),
    ("S", SpecError),
    ("U", UsageError),
    ("D", DataError),
    ("E", EnvironmentFault),
    ("I", InternalError),
)
FAMILIES = {
    "N": "a model did not converge, so it says nothing: no probability is printed",
    "C": "an as-of day later than what the sources have looked at",
    "S": "a model, a question, a brief or another file that an analyst edits cannot be accepted",
    "U": "a command, a name or a day that cannot be meant",
    "D": "data that cannot be read without guessing",
    "E": "the machine around the program: disk, permission, lock, cache, network",
    "I": "a broken promise of our own: please report it",
}
Entry = dict[str, str]


@cache
def entries() -> dict[str, Entry]:
    """Read the list of refusals, by code."""
    text = resources.files("forecast").joinpath("refusals.toml").read_text(encoding="utf-8")
    return {one["code"]: one for one in tomllib.loads(text)["refusal"]}


def code(refusal: ForecastError) -> str:
    """Find the code of a refusal: that of the listed one whose words it has; else that of its kind."""
    letter = next((letter for letter, kind in LETTERS if isinstance(refusal, kind)), "I")
    fits = [
        one for one in entries().values() if one["code"][3] == letter and _pattern(one["what"]).fullmatch(refusal.what)
    ]
    best = max(fits, key=lambda one: len(one["what"].replace(GAP, "")), default=None)
    return best["code"] if best else f"BC-{letter}000"


@cache
def _pattern(what: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, what.split(GAP))), re.DOTALL)


def told(refusal: ForecastError) -> str:
    """Write a refusal down with its code."""
    return str(refusal).replace("error:", f"error[{code(refusal)}]:", 1)


def explained(name: str) -> str:
    """Say what a code means.

    Raises
    ------
    UsageError
        If there is no such code.
    """
    families = {f"BC-{letter}000": letter for letter in FAMILIES}
    known = {**families, **entries()}
    if name not in known:
        raise UsageError(f"there is no code `{name}`", "CODE", hint=look_alike(name, known))
    letter = name[3]
    kind = dict(LETTERS)[letter]
    lines = [f"{name}: {FAMILIES[letter]} (exit code {kind.exit_code})"]
    if name in entries():
        one = entries()[name]
        said = [(part, one[part]) for part in ("what", "where", "why", "hint") if one.get(part, "").strip(f"{GAP} :,")]
        lines += [f"{part + ':':<7}{text}" for part, text in said]
        lines += [
            f"`{GAP}` stands for what differs from case to case.",
            f"It is said by forecast/{_file(one['room'])}.",
        ]
        if "retired" in one:
            lines.append("This program no longer says it.")
    return "\n".join(lines)


def _file(room: str) -> str:
    return room.replace(".", "/") + ".py"

"""Every way this program refuses, and the exit code each one ends with.

ForecastError                 what, where, why, hint
├── NotConverged        1     a fit failed the convergence gate: no probability is printed
├── UsageError          2     a date, name or option that cannot be meant
│   ├── SpecError       2     a model, question or brief file with a key or value that is wrong
│   └── CoverageError   2     an as-of date later than what the sources have looked at
├── DataError           3     an event file that cannot be read without guessing
├── EnvironmentFault    4     disk, permission, lock, cache or missing system part
└── InternalError      70     a broken promise of our own: please report it
"""

import difflib
from collections.abc import Iterable

EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143
SHOWN = 20


class ForecastError(Exception):
    """A refusal that says what is wrong, where, why, and what to do.

    Parameters
    ----------
    what : str
        One sentence: what is wrong.
    where : str
        File and line, or the key.
    why : str
        One sentence: why it cannot be accepted; may hold several lines, one a problem.
    hint : str
        What to type or change.
    """

    exit_code = 70

    def __init__(self, what: str, where: str = "", why: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.why, self.hint = what, where, why, hint

    def __str__(self) -> str:
        parts = [("error", self.what), ("where", self.where), ("why", self.why), ("hint", self.hint)]
        return "\n".join(f"{name}: {text}" for name, text in parts if text)


class NotConverged(ForecastError):
    """A fit that failed the convergence gate."""

    exit_code = 1


class UsageError(ForecastError):
    """Something typed that cannot be meant."""

    exit_code = 2


class SpecError(UsageError):
    """A model, question or brief file that cannot be accepted."""


class CoverageError(UsageError):
    """An as-of date later than what the sources have looked at."""


class DataError(ForecastError):
    """An event file that cannot be read without guessing."""

    exit_code = 3


class EnvironmentFault(ForecastError):
    """The machine around the program: disk, permission, lock, cache."""

    exit_code = 4


class InternalError(ForecastError):
    """A promise of ours that was broken."""

    exit_code = 70


def look_alike(word: str, known: Iterable[str]) -> str:
    """Say which known name `word` resembles, or list the names.

    Parameters
    ----------
    word : str
        The name that was not found.
    known : iterable of str
        The names that exist.
    """
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    return "known: " + ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")


def listed(problems: list[str]) -> str:
    """Join the problems of a file, the first twenty and then a count."""
    more = len(problems) - SHOWN
    return "\n  ".join(problems[:SHOWN] + ([f"and {more} more"] if more > 0 else []))

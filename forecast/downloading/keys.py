"""Keys that a host asks for: what is shown to it, and how every secret is blotted out of whatever else is told."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

PERCENT = re.compile("%[0-9A-F]{2}")


@dataclass(frozen=True)
class Credentials:
    """What is shown to a host before it answers.

    Parameters
    ----------
    secrets : mapping of str to str
        Parameter -> value, never shown and never kept.
    token : str
        Address that gives a bearer token for them; blank if they go with the request itself.
    form : mapping of str to str
        What else that address asks for.
    hint : str
        What to look at where the host does not accept them.
    """

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""

    @property
    def query(self) -> Mapping[str, str]:
        """What goes with the request itself, as part of its address."""
        return {} if self.token else self.secrets


def veil(secrets: Iterable[str]) -> Callable[[str], str]:
    """Make what blots every secret out of a text, as it is and as it is written in an address or in JSON."""
    words = sorted({form for value in secrets if value for form in _forms(value)}, key=len, reverse=True)

    def veiled(text: str) -> str:
        for word in words:
            text = text.replace(word, "…")
        return text

    return veiled


def _forms(value: str) -> Iterator[str]:
    written = json.dumps(value)[1:-1]
    yield from (value, written, written.replace("/", r"\/"))
    for quoted in (quote(value), quote(value, ""), quote_plus(value)):
        yield from (quoted, PERCENT.sub(lambda found: found[0].lower(), quoted))

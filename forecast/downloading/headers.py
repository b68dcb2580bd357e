"""What the headers of an answer say: which version it is, which bytes of how many, and when to ask again."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")
LENGTH = re.compile(r"[0-9]{1,18}")
Said = Mapping[str, str]


def encoding(said: Said) -> str:
    """Say how the body is packed; blank if it is not."""
    name = said.get("content-encoding", "").strip().lower()
    return "" if name == "identity" else name


def version(said: Said) -> str:
    """Find what tells versions apart byte for byte, blank if nothing does.

    A strong tag does; a weak one does not; a time of change does if it was over when the answer was made (RFC 9110,
    8.8.2.2 and 13.1.5).
    """
    if encoding(said):
        return ""
    if "etag" in said:
        return said["etag"] if said["etag"].startswith('"') else ""
    changed, sent = _time(said.get("last-modified", "")), _time(said.get("date", ""))
    return said["last-modified"] if changed and sent and changed < sent else ""


def goes_on(said: Said, held: int, known: str) -> bool:
    """Say whether an answer 206 is the rest of a version of which `held` bytes are held."""
    found = RANGE.fullmatch(said.get("content-range", ""))
    same = said.get("etag", "") == known if known.startswith('"') else said.get("last-modified", known) == known
    return bool(found and same and not encoding(said) and int(found[1]) == held and int(found[2]) + 1 == int(found[3]))


def total(said: Said) -> int | None:
    """Say how long the whole file is, in bytes, if the answer says so."""
    found = RANGE.fullmatch(said.get("content-range", ""))
    if found:
        return int(found[3])
    plain = "transfer-encoding" not in said and not encoding(said) and LENGTH.fullmatch(said.get("content-length", ""))
    return int(said["content-length"]) if plain else None


def after(said: Said, now: datetime) -> float | None:
    """Say when the host wants to be asked again, in seconds from now."""
    text = said.get("retry-after", "")
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    when = _time(text)
    return max(0.0, (when - now).total_seconds()) if when else None


def _time(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

"""Downloads: one file from a listed host, politely, within limits, going on where it broke off, saying what came."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, quote_plus

from forecast.downloading.addresses import STRICT, Door, shown
from forecast.downloading.limits import Limits, Pace
from forecast.downloading.partial import Part
from forecast.errors import DataError, EnvironmentFault, ForecastError

HEADERS = ("etag", "last-modified", "content-type", "content-length", "content-range", "date")


@dataclass(frozen=True)
class Download:
    """What came, and where from.

    Parameters
    ----------
    url, final_url : str
        As asked, without what is secret; and, without its query, where its redirects ended.
    status : int
        Of the last answer: 206 if it was the rest of a file.
    sha256, bytes : str, int
        Of the file as it stands.
    fetched_at : datetime
        UTC, when all had come.
    headers : mapping of str to str
        Of the last answer, those that tell versions apart.
    resumed : bool
        Whether bytes of an earlier answer are part of it.
    """

    url: str
    final_url: str
    status: int
    sha256: str
    bytes: int
    fetched_at: datetime
    headers: Mapping[str, str]
    resumed: bool


def download(
    address: str,
    into: Path,
    hosts: Sequence[str],
    now: Callable[[], datetime],
    say: Callable[[str], None],
    limits: Limits | None = None,
    query: Mapping[str, str] | None = None,
    door: Door = STRICT,
) -> Download:
    """Download a file; what stood under its name stays until all of the new one has come.

    Parameters
    ----------
    address : str
    into : Path
        Where the file will stand; what has come of it stands beside it as `.part` meanwhile.
    hosts : sequence of str
        The only hosts that may be asked, redirects included; each `host`, or `host:port` for an odd port.
    now : callable
        The time, with its zone.
    say : callable
        Told how it goes, a line at a time.
    limits : Limits, optional
    query : mapping of str to str, optional
        Secret parameters: sent with the first request, never shown and never kept.
    door : Door, optional

    Raises
    ------
    DataError
        If the address or a redirect may not be asked, or what is answered is not the file, or is too large.
    EnvironmentFault
        If the host cannot be reached, breaks off or is busy after all tries, time is up, or the disk refuses.
    """
    from forecast.downloading.asking import Errand, tried

    limits, secrets = limits or Limits(), query or {}
    veil, part, pace = _veil(secrets), Part.beside(into, address), Pace.begun(limits, door.clock)
    errand = Errand(address, secrets, hosts, part, now, lambda line: say(veil(line)), limits, door, pace)
    try:
        got = tried(errand)
        fetched_at = now().astimezone(UTC)
        digest, size = part.finish()
    except ForecastError as refusal:
        kind = EnvironmentFault if isinstance(refusal, EnvironmentFault) else DataError
        raise kind(*map(veil, (refusal.what, refusal.where or shown(address), refusal.why, refusal.hint))) from None
    except OSError as problem:
        raise EnvironmentFault("the download cannot be kept", str(into), problem.strerror or str(problem)) from None
    finally:
        part.tidy()
    headers = {name: veil(got.said[name]) for name in HEADERS if name in got.said}
    return Download(address, veil(got.url), got.status, digest, size, fetched_at, headers, got.resumed)


def _veil(secrets: Mapping[str, str]) -> Callable[[str], str]:
    """Make what blots out every secret from a text, as it is and as it is written in an address."""
    forms = {form for value in secrets.values() for form in (value, quote(value), quote(value, ""), quote_plus(value))}
    words = sorted(filter(None, forms), key=len, reverse=True)

    def veil(text: str) -> str:
        for word in words:
            text = text.replace(word, "…")
        return text

    return veil

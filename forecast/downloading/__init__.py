"""Downloads: one file from a listed host, politely, within limits, going on where it broke off, saying what came."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from forecast.downloading.addresses import STRICT, Door, shown
from forecast.downloading.keys import Credentials, veil
from forecast.downloading.limits import Limits, Pace
from forecast.downloading.pages import Pages
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
    pages : int
        How many answers were joined; 0 if the file stands as it came.
    """

    url: str
    final_url: str
    status: int
    sha256: str
    bytes: int
    fetched_at: datetime
    headers: Mapping[str, str]
    resumed: bool
    pages: int = 0


def download(
    address: str,
    into: Path,
    hosts: Sequence[str],
    now: Callable[[], datetime],
    say: Callable[[str], None],
    limits: Limits | None = None,
    credentials: Credentials | None = None,
    pages: Pages | None = None,
    door: Door = STRICT,
) -> Download:
    """Download a file, or pages joined into one; what stood under its name stays until all of the new one has come.

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
        Of all requests together.
    credentials : Credentials, optional
        Shown to the host of the address, and to the one that gives a token for them; never told and never kept.
    pages : Pages, optional
        How its rows come in pages; these are never on a disk but as part of the file that they are joined into.
    door : Door, optional

    Raises
    ------
    DataError
        If the address or a redirect may not be asked, or what is answered is not the file, or is too large.
    EnvironmentFault
        If the host cannot be reached, breaks off or is busy after all tries, time is up, or the disk refuses.
    """
    from forecast.downloading.asking import Errand, whole
    from forecast.downloading.joining import joined
    from forecast.downloading.tokens import bearer

    limits, key = limits or Limits(), credentials or Credentials()
    veiled, part, pace = veil(key.secrets.values()), Part.beside(into, address), Pace.begun(limits, door.clock)

    def told(line: str) -> None:
        say(veiled(line))

    errand = Errand(address, hosts, part, now, told, limits, door, pace, key.query, hint=key.hint)
    try:
        errand = replace(errand, bearer=bearer(errand, key))
        veiled = veil([*key.secrets.values(), errand.bearer])
        got = joined(errand, pages) if pages else whole(errand, part)
        fetched_at = now().astimezone(UTC)
        digest, size = part.finish()
    except ForecastError as refusal:
        kind = EnvironmentFault if isinstance(refusal, EnvironmentFault) else DataError
        raise kind(*map(veiled, (refusal.what, refusal.where or shown(address), refusal.why, refusal.hint))) from None
    except OSError as problem:
        raise EnvironmentFault("the download cannot be kept", str(into), problem.strerror or str(problem)) from None
    finally:
        part.tidy()
    headers = {name: veiled(got.said[name]) for name in HEADERS if name in got.said}
    return Download(address, veiled(got.url), got.status, digest, size, fetched_at, headers, got.resumed, got.pages)

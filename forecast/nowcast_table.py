"""The counts of the last days once all is reported, in a terminal or as JSON."""

from collections.abc import Sequence
from dataclasses import asdict

from forecast.events import Snapshot
from forecast.nowcast import Nowcast
from forecast.terminal import console, document, plain, ruled


def show(snapshot: Snapshot, found: Sequence[Nowcast], as_json: bool) -> None:
    """Print, model by model, what is recorded of the last days and what it will come to.

    Parameters
    ----------
    snapshot : Snapshot
    found : sequence of Nowcast
    as_json : bool
    """
    if as_json:
        document({"schema_version": 1, "as_of": snapshot.as_of, "nowcasts": [asdict(one) for one in found]})
        return
    if not found:
        print("no model of this brief learns how late events become known: `counts` and `discounted` do")
        return
    table = ruled(f"Events of the last days before {snapshot.as_of}", "model", *HEAD)
    for one in found:
        final = (f"{one.median:g}", f"{one.low:g} – {one.high:g}")
        table.add_row(plain(one.model), str(one.days), str(one.recorded), f"{one.share:.1%}", *final)
    console().print(table)
    print("Known by now: the share of such days' events that is usually known, by past lags from event to report.")


HEAD = ("days", "recorded", "known by now", "once all is known", "90 % interval")

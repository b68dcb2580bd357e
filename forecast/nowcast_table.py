"""The counts of the last days once all is reported, in a terminal or as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from forecast.events import Snapshot
from forecast.nowcast import Nowcast
from forecast.output import Output
from forecast.terminal import console, plain, ruled


def completed(snapshot: Snapshot, found: Sequence[Nowcast]) -> Output:
    """Say, model by model, what is recorded of the last days and what it will come to."""
    rows = [asdict(one) for one in found]
    return Output(partial(_show, snapshot, found), lambda: {"as_of": snapshot.as_of, "nowcasts": rows}, lambda: rows)


def _show(snapshot: Snapshot, found: Sequence[Nowcast]) -> None:
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

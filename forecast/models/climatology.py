"""Climatology: what has happened before happens again. The baseline of every question, and its first model.

Three ways, chosen by `options.of`; all have the interface of any other family.

`events`
    Replay. Each future is the record from a random day on, moved to start at the as-of day; a future
    that reaches the end of the record goes on at its beginning (the circular block bootstrap, Politis
    and Romano 1992, "A circular block-resampling procedure for stationary data"). Events keep the
    campaigns that they came in, and a longer horizon does not change nearer answers. Rows dated to a
    month or year happen on a random day of it.
`levels`
    The same with log returns between weekdays, from the last value known.
`stages`
    Ordered stages climbed, or left, at constant rates: see `constant_hazards`.

Replayed probabilities are worth the independent windows in the record, not the number of draws: see
`answers.probability`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from forecast import conditions, toml
from forecast.errors import DataError, SpecError
from forecast.events import Futures, Snapshot, day
from forecast.inference import Meaning
from forecast.language import dated, say
from forecast.models import constant_hazards, exposure, ladder
from forecast.models.ladder import Ladder
from forecast.prospect import Prospect
from forecast.spec import Spec, check_carried, check_no_covariates, check_priors

PRIORS: dict[str, Meaning] = {}
DAYS = {"day": 1, "month": 30, "year": 365}


@dataclass(frozen=True)
class Options:
    """Settings of the family `climatology`.

    Parameters
    ----------
    of : str
        events, levels or stages.
    carry : tuple of str
        Attribute columns that replayed events keep, for rules that read them.
    stages : Ladder or None
        Needed where `of` is stages.
    years : int or None
        How many years of record before the as-of day are replayed, at most; all if not given. Of events only.
    """

    of: Literal["events", "levels", "stages"]
    carry: tuple[str, ...] = ()
    stages: Ladder | None = None
    years: int | None = None

    __pydantic_config__ = {"extra": "forbid"}


def _options(spec: Spec) -> Options:
    return toml.parse(Options, dict(spec.options), f"{spec.where}, [options]")


def check(spec: Spec) -> None:
    """Refuse a spec whose settings are not those of this family."""
    check_priors(spec, PRIORS)
    check_no_covariates(spec)
    found = _options(spec)
    if (found.of == "stages") != (found.stages is not None):
        raise SpecError('`stages` is needed where `of = "stages"`, and only there', f"{spec.where}, [options]")
    if found.stages is not None:
        ladder.check(found.stages, f"{spec.where}, [options.stages]")
        if found.stages.traits:
            raise SpecError("constant rates know no traits", f"{spec.where}, [[options.stages.traits]]")
    if found.years is not None and (found.of != "events" or found.years < 1):
        raise SpecError('`years` is 1 or more, and only where `of = "events"`', f"{spec.where}, [options]")


def _since(spec: Spec, found: Options, as_of: date) -> date:
    """Say where the record begins that is replayed."""
    return max(spec.since, as_of - timedelta(days=round(365.25 * found.years))) if found.years else spec.since


def panel(snapshot: Snapshot, spec: Spec) -> xr.Dataset:
    """Take the record that is replayed out of a snapshot.

    Returns
    -------
    Dataset
        Dim `event`: days since the record begins (attribute `since`), value, n, kind, entity and carried attributes;
        or, of stages, what `exposure.panel` says.
    """
    found = _options(spec)
    if found.stages is not None:
        return exposure.panel(snapshot, spec, found.stages)
    rows = snapshot.of_kind(spec.kinds)
    check_carried(spec, rows.columns)
    rows = rows[conditions.matching(rows, spec.target)]
    since = _since(spec, found, snapshot.as_of)
    rows = rows[(rows["event_at"] >= day(since)).to_numpy() & (rows["event_at"] < day(snapshot.as_of)).to_numpy()]
    if rows.empty:
        raise DataError(f"`{spec.name}` has no record to replay before {snapshot.as_of}", f"since {since}")
    columns = {name: rows[name].to_numpy(object) for name in ("kind", "entity", *found.carry)}
    return xr.Dataset(
        {
            "at": ("event", (rows["event_at"].to_numpy() - day(since)) / np.timedelta64(1, "D")),
            "lasts": ("event", rows["precision"].map(DAYS).to_numpy(int)),
            "value": ("event", rows["value"].to_numpy(float)),
            "n": ("event", rows["n"].to_numpy(int)),
            **{name: ("event", values) for name, values in columns.items()},
        },
        attrs={"days": (snapshot.as_of - since).days, "since": since.isoformat()},
    )


def posterior(data: xr.Dataset, spec: Spec, seed: int) -> xr.DataTree:
    """Return what there is to draw from: rates of stages; for a replay, nothing is fitted."""
    found = _options(spec)
    return xr.DataTree() if found.stages is None else constant_hazards.posterior(data, found.stages, seed)


def simulate(
    tree: xr.DataTree,
    data: xr.Dataset,
    spec: Spec,
    prospect: Prospect,
    rng: np.random.Generator,
) -> Futures:
    """Replay the record in every future; the arguments are those of `counts.simulate`."""
    found, sizes = _options(spec), prospect.sizes
    if found.stages is not None:
        return constant_hazards.simulate(tree, data, spec, found.stages, prospect, rng)
    frame = (
        _levels(data, spec, prospect.until, sizes.draws, rng)
        if found.of == "levels"
        else _events(data, prospect.snapshot.as_of, prospect.until, sizes.draws, rng, found.carry)
    )
    days = float(data.attrs["days"])
    frames = {kind: frame[(frame["kind"] == kind).to_numpy()] for kind in spec.kinds}
    return Futures(frames, sizes.draws, sizes.parameters, dict.fromkeys(spec.kinds, days))


def _events(
    data: xr.Dataset, as_of: date, until: date, draws: int, rng: np.random.Generator, carry: tuple[str, ...]
) -> pd.DataFrame:
    record, horizon = int(data.attrs["days"]), (until - as_of).days
    opens = rng.integers(0, record, draws)
    at = (data["at"].to_numpy() + np.floor(rng.random(data.sizes["event"]) * data["lasts"].to_numpy())) % record
    order = np.argsort(at, kind="stable")
    rounds = range(1 + int(np.ceil(horizon / record)))
    circle = np.concatenate([at[order] + turn * record for turn in rounds])
    first, stop = np.searchsorted(circle, opens), np.searchsorted(circle, opens + horizon)
    draw = np.repeat(np.arange(draws), stop - first)
    within = np.arange(len(draw)) - np.repeat(np.cumsum(stop - first) - (stop - first), stop - first)
    place = first[draw] + within
    row = order[place % len(order)]
    moved = np.floor(circle[place] - opens[draw]).astype(np.int64)
    frame = pd.DataFrame({"draw": draw, "event_at": day(as_of) + moved * np.timedelta64(1, "D")})
    return frame.assign(
        value=data["value"].to_numpy()[row],
        n=data["n"].to_numpy()[row],
        **{name: _categories(data[name].to_numpy(), row) for name in ("kind", "entity", *carry)},
    )


def _categories(values: NDArray[np.object_], row: NDArray[np.int64]) -> Any:
    codes, levels = pd.factorize(values, sort=True)
    return pd.Categorical.from_codes(codes[row], pd.Index(levels))


def _levels(data: xr.Dataset, spec: Spec, until: date, draws: int, rng: np.random.Generator) -> pd.DataFrame:
    """Run paths of one series on from its last value; a value is known the day after."""
    returns = np.diff(np.log(data["value"].to_numpy()))
    last = spec.since + timedelta(days=int(data["at"][-1]))
    days = pd.bdate_range(last + timedelta(days=1), until - timedelta(days=1))
    opens = rng.integers(0, len(returns), draws)
    steps = returns[(opens[:, None] + np.arange(len(days))) % len(returns)]
    paths = float(data["value"][-1]) * np.exp(np.cumsum(steps, axis=1))
    at = np.tile(days.to_numpy("datetime64[us]"), draws)
    return pd.DataFrame(
        {
            "draw": np.repeat(np.arange(draws), len(days)),
            "event_at": at,
            "known_at": at + np.timedelta64(1, "D"),
            "value": paths.ravel(),
            "n": 1,
            **{name: _categories(data[name].to_numpy(), np.full(len(at), -1)) for name in ("kind", "entity")},
        }
    )


def method(spec: Spec) -> str:
    """Say in a phrase how the numbers come about."""
    if _options(spec).stages is not None:
        return say("climatology-rates")
    return say("climatology-replayed")


def notes(data: xr.Dataset, spec: Spec) -> tuple[str, ...]:
    """Say what a reader must know about these numbers."""
    if _options(spec).stages is not None:
        return (say("climatology-constant"),)
    since = dated(date.fromisoformat(data.attrs["since"]))
    return (say("climatology-how-often", years=f"{data.attrs['days'] / 365.25:.1f}", since=since),)

"""How likely all that happened to each mechanism is, draw by draw, for the family `stages`.

A mechanism is what is left out: given rates, mechanisms are independent of each other, while days of one are not
foreseen alone, for its stage and the time on it are known from the days around them. Of mechanism i

    log p(i) = sum over its cells of (happened log rate - years at risk rate)  +  log p(where it was led)

where the second is exact given all other mechanisms: Dirichlet-multinomial, with the weights of the family's page.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import gammaln

from forecast import inference
from forecast.events import Snapshot
from forecast.models import climbing, exposure, ladder
from forecast.models.climbing import ADVANCE, Rates
from forecast.models.ladder import CAUSES, Ladder
from forecast.models.spells import Process
from forecast.models.stage_rates import DRAWN, REFERENCE, log_rates, rates
from forecast.spec import Spec

Array = NDArray[np.float64]
AT_ONCE = 100  # draws that are held in memory together
SAME = "`since`, target, stages or exits"


def left_out(tree: xr.DataTree, snapshot: Snapshot, data: xr.Dataset, spec: Spec, draws: int) -> xr.Dataset:  # noqa: ARG001
    """Compute the log likelihood of each mechanism.

    Parameters
    ----------
    tree : DataTree
        A posterior.
    snapshot : Snapshot
        That it was fitted to.
    data : Dataset
        From `stages.panel`.
    spec : Spec
    draws : int
        How many, at most.

    Returns
    -------
    Dataset
        `log_likelihood` (sample, unit), `exact` (unit), which is known without rates, both nats; `happened` (unit,
        what), its days and how often what happened; coordinates `unit` and `time`, on which it began; oldest first.
    """
    found = ladder.parse(dict(spec.options), f"{spec.where}, [options]")
    known, each = exposure.by_process(snapshot, spec, found)
    of_draws = likely(tree, each, len(known), found, draws)
    began = np.array([process.spells[0].begins for process in known]).astype("datetime64[D]")
    order = np.argsort(began, kind="stable")
    names = np.array([process.entity for process in known])
    return xr.Dataset(
        {
            "log_likelihood": (("sample", "unit"), of_draws[:, order]),
            "exact": ("unit", _led(known, found)[order]),
            "happened": (("unit", "what"), happened(known, found)[order]),
        },
        coords={"unit": names[order], "time": ("unit", began[order].astype("datetime64[us]"))},
        attrs={"units": "mechanisms", "same": SAME},
    )


def likely(tree: xr.DataTree, each: xr.Dataset, units: int, found: Ladder, draws: int) -> Array:
    """Compute the log likelihood of when what happened, shape (draw, unit).

    Parameters
    ----------
    tree : DataTree
        A posterior.
    each : Dataset
        From `exposure.by_process`, whose `process_of` says of which unit a stretch is.
    units : int
    found : Ladder
    draws : int
        How many, at most.
    """
    posterior = tree["posterior"]
    drawn = inference.at_most(tree, [name for name in DRAWN if name in posterior], draws)
    firsts = range(0, len(next(iter(drawn.values()))), AT_ONCE)
    parts = [{name: values[first : first + AT_ONCE] for name, values in drawn.items()} for first in firsts]
    return np.concatenate([_likely(rates(part, found), each, units, found) for part in parts])


def _likely(parts: Rates, each: xr.Dataset, units: int, found: Ladder) -> Array:
    cells = {
        "pair": each["state"].to_numpy() * len(found.kinds) + each["kind_of"].to_numpy(),
        "window": each["window"].to_numpy(),
        "log_age": np.log(found.ages() / REFERENCE)[each["age"].to_numpy()],
        "traits": each["traits"].to_numpy(),
    }
    log_rate = log_rates(parts, cells)
    log_rate[:, ADVANCE] += parts.effect @ each["covariates"].to_numpy().T
    place, shape = (each["process_of"].to_numpy(), each["cell_of"].to_numpy()), (units, each.sizes["cell"])
    total = np.zeros((units, len(log_rate)))
    for cause in range(len(CAUSES)):
        years, events = (
            sparse.csr_array((each[name].to_numpy()[:, cause], place), shape) for name in ("exposure_of", "happened_of")
        )
        total += events @ log_rate[:, cause].T - years @ np.exp(log_rate[:, cause]).T
    return np.asarray(total.T)


def happened(known: list[Process], found: Ladder) -> Array:
    """Say how many days each mechanism was followed, and how often what happened, shape (mechanism, what)."""
    codes = list(found.codes)
    counts = np.zeros((len(known), 1 + len(codes)))
    for number, process in enumerate(known):
        counts[number, 0] = sum(spell.days for spell in process.spells)
        for spell in process.spells:
            if spell.event in codes:
                counts[number, 1 + codes.index(spell.event)] += 1
    return counts


def _led(known: list[Process], found: Ladder) -> Array:
    """Compute the log probability of where each mechanism was led, given where all others were, shape (mechanism,)."""
    whole = exposure.destinations(known, found)
    each = [exposure.destinations([process], found) for process in known]
    return np.array([led(whole - own, own, found) for own in each])


def led(others: xr.Dataset, own: xr.Dataset, found: Ladder) -> float:
    """Compute the log probability of where some advances and exits led, given where others did.

    Parameters
    ----------
    others, own : Dataset
        From `exposure.destinations`.
    found : Ladder
    """
    density = 0.0
    for name, can in zip(("leads", "ends"), climbing.destinations(found), strict=True):
        mine = own[name].to_numpy()
        weight = climbing.leaning(others[name].to_numpy(), can, found.strength)
        some = mine > 0
        rows = some.any(axis=-1)
        total, n = weight.sum(axis=-1)[rows], mine.sum(axis=-1)[rows]
        density += (gammaln(weight[some] + mine[some]) - gammaln(weight[some])).sum()
        density += (gammaln(total) - gammaln(total + n)).sum()
    return density

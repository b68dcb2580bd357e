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
    posterior = tree["posterior"]
    drawn = inference.at_most(tree, [name for name in DRAWN if name in posterior], draws)
    firsts = range(0, len(next(iter(drawn.values()))), AT_ONCE)
    parts = [{name: values[first : first + AT_ONCE] for name, values in drawn.items()} for first in firsts]
    likely = np.concatenate([_likely(rates(part, found), each, len(known), found) for part in parts])
    began = np.array([process.spells[0].begins for process in known]).astype("datetime64[D]")
    order = np.argsort(began, kind="stable")
    names = np.array([process.entity for process in known])
    return xr.Dataset(
        {
            "log_likelihood": (("sample", "unit"), likely[:, order]),
            "exact": ("unit", _led(known, found)[order]),
            "happened": (("unit", "what"), _happened(known, found)[order]),
        },
        coords={"unit": names[order], "time": ("unit", began[order].astype("datetime64[us]"))},
        attrs={"units": "mechanisms", "same": SAME},
    )


def _likely(parts: Rates, each: xr.Dataset, mechanisms: int, found: Ladder) -> Array:
    """Compute the log likelihood of when what happened, shape (draw, mechanism)."""
    cells = {
        "pair": each["state"].to_numpy() * len(found.kinds) + each["kind_of"].to_numpy(),
        "window": each["window"].to_numpy(),
        "log_age": np.log(found.ages() / REFERENCE)[each["age"].to_numpy()],
        "traits": each["traits"].to_numpy(),
    }
    log_rate = log_rates(parts, cells)
    log_rate[:, ADVANCE] += parts.effect @ each["covariates"].to_numpy().T
    place, shape = (each["process_of"].to_numpy(), each["cell_of"].to_numpy()), (mechanisms, each.sizes["cell"])
    total = np.zeros((mechanisms, len(log_rate)))
    for cause in range(len(CAUSES)):
        years, happened = (
            sparse.csr_array((each[name].to_numpy()[:, cause], place), shape) for name in ("exposure_of", "happened_of")
        )
        total += happened @ log_rate[:, cause].T - years @ np.exp(log_rate[:, cause]).T
    return np.asarray(total.T)


def _happened(known: list[Process], found: Ladder) -> Array:
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
    density = np.zeros(len(known))
    for number, process in enumerate(known):
        own = exposure.destinations([process], found)
        for name, can in zip(("leads", "ends"), climbing.destinations(found), strict=True):
            mine = own[name].to_numpy()
            weight = climbing.leaning(whole[name].to_numpy() - mine, can, found.strength)
            some = mine > 0
            rows = some.any(axis=-1)
            total, n = weight.sum(axis=-1)[rows], mine.sum(axis=-1)[rows]
            density[number] += (gammaln(weight[some] + mine[some]) - gammaln(weight[some])).sum()
            density[number] += (gammaln(total) - gammaln(total + n)).sum()
    return density

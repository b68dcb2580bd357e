"""How far a fitted model can be trusted: its chains, its priors, replicas of the record, events left out.

A family takes part in what it offers: `PRIORS` for parameters; `sampled` where chains are to be compared;
`log_likelihoods` where the likelihood is to be scaled, `pointwise` and `replicated` where counts of bins are to be
replicated and left out, or `replicas` where it has numbers of its own to set beside those of replicas.

Prior sensitivity is power-scaling of the priors in the model's file, and of these alone: in a hierarchical model
what lies between them and the data is part of the model (Kallioinen and others 2024, doi:10.1007/s11222-023-10366-5).
Raised to a power, they grow narrower or wider around the same middle. Leave-one-out is Pareto-smoothed importance
sampling (Vehtari, Gelman and Gabry 2017, doi:10.1007/s11222-016-9696-4) of one count of one bin and cell, which the
bins after it still remember.
"""

import warnings
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import special, stats

from forecast import replicas, scales
from forecast.convergence import MEASURED
from forecast.elicited import elicited
from forecast.findings import Check, Diagnosis, Influential, LeftOut, Part, Quantity, Ranks
from forecast.inference import Meaning, location_scale
from forecast.language import say
from forecast.reweighing import HIGH_K
from forecast.spec import Prior, Spec
from forecast.world import Fitted, Named, parameters

DRAWS = 400  # of the posterior, for what is computed bin by bin and cell by cell
BINS = 20  # of ranks
SET_BY_PRIOR = 0.7
SENSITIVE = 0.05  # the customary bound of power-scaling
SLIGHT = 1.0  # a count whose log likelihood differs less between draws needs no smoothing


def diagnose(spec: Spec, fitted: Sequence[Fitted], as_of: date) -> Diagnosis:
    """Look at the fits of a model's parts.

    Parameters
    ----------
    spec : Spec
    fitted : sequence of Fitted
        From `world.fit`.
    as_of : date
    """
    return Diagnosis(spec.name, spec.title, as_of, tuple(part(model) for model in fitted))


def part(model: Fitted, whole: bool = True) -> Part:
    """Look at one fit.

    Parameters
    ----------
    model : Fitted
    whole : bool
        Also compare chains by ranks, and leave counts out one at a time.
    """
    page, named = model.family, parameters(model)
    drawn = xr.Dataset({name: values for name, (_, _, values) in named.items()})
    chains, bins = hasattr(page, "sampled"), hasattr(page, "pointwise")
    likely = hasattr(page, "log_likelihoods")
    answers = sensitivity(drawn, _log_prior(named), page.log_likelihoods(*_seen(model))) if likely else {}
    found: xr.Dataset | None = page.pointwise(*_seen(model), DRAWS) if bins else None
    replicated = _replicated(model, found)
    return Part(
        name=model.spec.name,
        title=model.spec.title,
        method=page.method(model.spec),
        gate={str(key): value for key, value in model.told.items() if str(key).removesuffix("_at") in MEASURED},
        quantities=_quantities(named, drawn, answers, chains),
        ranks=tuple(ranks(str(name), drawn[name].to_numpy()) for name in drawn) if chains and whole else (),
        checks=replicated,
        left_out=leave_one_out(found) if found and whole else None,
        skipped=_skipped(bool(named), chains, bool(replicated), likely, bins),
        elicited=elicited(model),
    )


def _replicated(model: Fitted, found: xr.Dataset | None) -> tuple[Check, ...]:
    """Set the record beside replicas: of its bins, if the family has them, or by numbers of the family's own."""
    page, rng = model.family, np.random.default_rng((model.seed, 1))
    if found is not None:
        return replicas.checks(found, page.replicated(found, rng))
    told = page.replicas(*_seen(model), DRAWS, rng) if hasattr(page, "replicas") else {}
    return tuple(replicas.check(name, recorded, made) for name, (recorded, made) in told.items())


def _skipped(named: bool, chains: bool, replicated: bool, likely: bool, bins: bool) -> tuple[str, ...]:
    if not named:
        return (say("fit-nothing"),)
    there = {"fit-exact": chains, "fit-no-replicas": replicated, "fit-no-answers": likely, "fit-no-bins": bins}
    lacking = [say(key) for key, holds in there.items() if not holds]
    return (say("fit-skipped", lacking="; ".join(lacking)),) if lacking else ()


def _seen(model: Fitted) -> tuple[xr.DataTree, xr.Dataset, Spec]:
    return model.tree, model.panel, model.spec


def _scaled(meaning: Meaning, prior: Prior, drawn: xr.DataArray) -> xr.DataArray:
    """Bring draws onto the scale on which the prior is a standard normal."""
    mean, sd = location_scale(prior, meaning.support)
    free: xr.DataArray = xr.apply_ufunc(scales.free, drawn, meaning.support)
    return (free - mean) / sd


def _log_prior(named: Named) -> xr.DataArray:
    """Add up the log densities of the priors in the model's file, but for a constant."""
    return sum((-(_scaled(*each) ** 2) / 2 for each in named.values()), xr.DataArray(0.0))


def _quantities(
    named: Named, drawn: xr.Dataset, answers: Mapping[str, tuple[float, float]], chains: bool
) -> tuple[Quantity, ...]:
    if not named:
        return ()
    import arviz_stats

    wanted = {"kind": "all" if chains else "stats", "ci_prob": 0.9, "ci_kind": "eti", "round_to": "none"}
    table = arviz_stats.summary(drawn, **wanted)
    return tuple(_quantity(name, *named[name], table.loc[name], *answers.get(name, (None, None))) for name in named)


def _quantity(
    name: str,
    meaning: Meaning,
    prior: Prior,
    drawn: xr.DataArray,
    row: Mapping[str, float],
    to_prior: float | None,
    to_likelihood: float | None,
) -> Quantity:
    scaled = _scaled(meaning, prior, drawn)
    kept, moved = float(scaled.std()), float(scaled.mean())
    return Quantity(
        name=name,
        meaning=meaning.meaning,
        unit=meaning.unit,
        prior=(prior.low, prior.high),
        mean=float(row["mean"]),
        sd=float(row["sd"]),
        low=float(row["eti90_lb"]),
        high=float(row["eti90_ub"]),
        ess_bulk=float(row["ess_bulk"]) if "r_hat" in row else None,
        ess_tail=float(row["ess_tail"]) if "r_hat" in row else None,
        r_hat=float(row["r_hat"]) if "r_hat" in row else None,
        kept=kept,
        moved=moved,
        rests_on="data" if kept <= SET_BY_PRIOR else "prior" if abs(moved) < 1 else "moved",
        to_prior=to_prior,
        to_likelihood=to_likelihood,
    )


def ranks(name: str, drawn: NDArray[np.float64]) -> Ranks:
    """Count the ranks of each chain's draws among all draws.

    Parameters
    ----------
    name : str
    drawn : array, shape (chain, draw)
    """
    import arviz_stats

    alone = [float(arviz_stats.ess(chain[None], method="bulk")) for chain in drawn]
    worth = float(np.nanmedian(np.where(np.isfinite(alone), alone, drawn.shape[1])))
    thin = drawn[:, :: max(1, round(drawn.shape[1] / max(worth, 1.0)))]
    place = np.floor((stats.rankdata(thin).reshape(thin.shape) - 0.5) / thin.size * BINS).astype(np.int64)
    counts = np.array([np.bincount(row, minlength=BINS) for row in place])
    filled = counts[:, counts.sum(axis=0) > 0]
    p = float(stats.chi2_contingency(filled).pvalue) if filled.shape[1] > 1 else 1.0
    times = counts / np.maximum(counts.mean(axis=0), 1e-9)
    chain, bin_ = (int(index) for index in np.unravel_index(np.abs(times - 1).argmax(), times.shape))
    return Ranks(name, tuple(map(tuple, counts.tolist())), chain, bin_, float(times[chain, bin_]), p)


def sensitivity(
    drawn: xr.Dataset, log_prior: xr.DataArray, log_likelihood: xr.DataArray
) -> dict[str, tuple[float, float]]:
    """Measure how much each parameter answers when priors, or the likelihood, weigh a little more or less.

    Parameters
    ----------
    drawn : Dataset
        Variables (chain, draw).
    log_prior, log_likelihood : DataArray, dims (chain, draw)

    Returns
    -------
    dict of str to tuple of float
        To the priors, to the likelihood.
    """
    import arviz_stats

    weighed = {"log_prior": xr.Dataset({"all": log_prior}), "log_likelihood": xr.Dataset({"all": log_likelihood})}
    tree = xr.DataTree.from_dict({"posterior": drawn, **weighed})
    prior, likelihood = (arviz_stats.psense(tree, group=group) for group in ("prior", "likelihood"))
    return {str(name): (float(prior[name]), float(likelihood[name])) for name in drawn}


def leave_one_out(found: xr.Dataset) -> LeftOut:
    """Estimate how well each count is foreseen by a posterior that has not seen it.

    Counts whose log likelihood hardly differs between draws, most zeros among them, have weights so even that the
    plain harmonic mean is exact enough; only the others are smoothed, which is a tenth of the work.

    Parameters
    ----------
    found : Dataset
        With `counts` (time, cell) and `log_likelihood` (sample, time, cell).
    """
    import arviz_stats

    every = found["log_likelihood"].transpose("sample", "time", "cell").to_numpy()
    every = every.reshape(len(every), -1)
    alone = -special.logsumexp(-every, axis=0) + np.log(len(every))
    k = np.zeros(every.shape[1])
    uneven = np.flatnonzero(np.ptp(every, axis=0) > SLIGHT)
    if len(uneven):
        lik = xr.Dataset({"count": (("chain", "draw", "row"), every[None][..., uneven])})
        tree = xr.DataTree.from_dict({"posterior": lik.isel(row=0), "log_likelihood": lik})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # high k is what is reported
            smooth = arviz_stats.loo(tree, pointwise=True, reff=1.0)
        alone[uneven], k[uneven] = smooth.elpd_i.to_numpy(), smooth.pareto_k.to_numpy()
    together = special.logsumexp(every, axis=0) - np.log(len(every))
    return LeftOut(
        elpd=float(alone.sum()),
        se=float(np.sqrt(len(alone) * alone.var())),
        p_loo=float((together - alone).sum()),
        counts=len(alone),
        influential=_influential(found["counts"], k),
    )


def _influential(counts: xr.DataArray, k: NDArray[np.float64]) -> tuple[Influential, ...]:
    """List the counts with a high k, highest first."""
    high = [index for index in np.argsort(-k).tolist() if k[index] > HIGH_K]
    places = [np.unravel_index(index, counts.shape) for index in high]
    return tuple(
        Influential(
            counts["time"].to_numpy()[time].astype("datetime64[D]").item(),
            str(counts["cell"].to_numpy()[cell]),
            float(counts.to_numpy()[time, cell]),
            float(k[index]),
        )
        for index, (time, cell) in zip(high, places, strict=True)
    )

"""PyMC models compiled once: data go in afterwards, and an earlier posterior may set the scale.

The compiled model has one free vector x. What the model calls its parameters are, on the unconstrained scale,
`mean + scale x`, with nought and the unit matrix for a first fit. A refit puts the mean of the earlier posterior
and the Cholesky factor of its covariance there, so that the sampler begins with the metric that it would
otherwise have to learn, correlations included. Neither changes the posterior: the map is linear.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

# Names that a model of ours would not use.
FREE, MEAN, SCALE, UNCONSTRAINED = "_free", "_mean", "_scale", "_unconstrained"
POINTS = 40
SHRINK = 0.05  # of correlations, which are known from few effective draws


@dataclass(frozen=True)
class Start:
    """What an earlier posterior leaves to the next fit: a centre, a scale, and points to begin at.

    Parameters
    ----------
    labels : tuple of str
        One for each unconstrained parameter.
    mean : array, shape (labels,)
    scale : array, shape (labels, labels)
        Lower triangular.
    points : array, shape (points, labels)
        Draws of the earlier posterior.
    """

    labels: tuple[str, ...]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    points: NDArray[np.float64]

    def dataset(self) -> xr.Dataset:
        """Lay it out to be stored."""
        return xr.Dataset(
            {
                "mean": ("parameter", self.mean),
                "scale": (("parameter", "column"), self.scale),
                "points": (("point", "parameter"), self.points),
            },
            coords={"parameter": list(self.labels)},
        )

    @classmethod
    def of(cls, stored: xr.Dataset) -> "Start":
        """Read what `dataset` laid out."""
        labels = tuple(str(label) for label in stored["parameter"].to_numpy())
        return cls(labels, stored["mean"].to_numpy(), stored["scale"].to_numpy(), stored["points"].to_numpy())


@dataclass(frozen=True)
class Program:
    """A model compiled for the sampler, and the names of its unconstrained parameters."""

    code: Any
    labels: tuple[str, ...]

    def ready(self, data: Mapping[str, NDArray[Any]], start: Start | None) -> Any:
        """Put data and a start in; nothing is compiled."""
        size = len(self.labels)
        if start is None:
            mean, scale, points = np.zeros(size), np.eye(size), np.zeros((1, size))
        else:
            mean, scale, points = start.mean, start.scale, np.linalg.solve(start.scale, (start.points - start.mean).T).T

        def begin(seed: int) -> NDArray[np.float64]:
            rng = np.random.default_rng(seed)
            jitter = rng.uniform(-1, 1, size) if start is None else 0.0
            return np.asarray(points[rng.integers(len(points))] + jitter)

        return replace(self.code.with_data(**{MEAN: mean, SCALE: scale}, **data), initial_point_func=begin)

    def start(self, draws: NDArray[np.float64]) -> Start:
        """Keep of a posterior what the next fit can begin from.

        Parameters
        ----------
        draws : array, shape (chain, draw, parameter)
            Unconstrained.
        """
        every = draws.reshape(-1, draws.shape[-1])
        points = every[np.linspace(0, len(every), POINTS, endpoint=False).astype(np.int64)]
        covariance = np.cov(every, rowvar=False).reshape(len(self.labels), -1)
        covariance = (1 - SHRINK) * covariance + SHRINK * np.diag(np.diag(covariance))
        return Start(self.labels, every.mean(axis=0), np.linalg.cholesky(covariance), points)


_programs: dict[str, Program] = {}


def program(build: Callable[[], Any], key: str) -> Program:
    """Compile a model, unless one of the same key has been compiled by this process.

    Parameters
    ----------
    build : callable
        Gives the PyMC model; whatever differs between models of one key stands in its `pymc.Data`.
    key : str
    """
    if key not in _programs:
        _programs[key] = _compile(build())
    return _programs[key]


def known(key: str) -> bool:
    """Tell whether a model of this key is compiled already."""
    return key in _programs


def _compile(model: Any) -> Program:
    import nutpie

    flat, labels = _flattened(model)
    return Program(nutpie.compile_pymc_model(flat, initial_points={FREE: np.zeros(len(labels))}), labels)


def _flattened(model: Any) -> tuple[Any, tuple[str, ...]]:
    """Rewrite a model in terms of one unconstrained vector; its variables become deterministic."""
    import pymc as pm
    import pytensor.tensor as pt
    from pytensor.graph.replace import graph_replace

    shapes = {value: np.shape(model.initial_point()[value.name]) for value in model.value_vars}
    labels = tuple(
        f"{value.name}{list(place) or ''}" for value, shape in shapes.items() for place in np.ndindex(*shape)
    )
    named = [*model.free_RVs, *model.deterministics]
    density, graphs = model.logp(), model.replace_rvs_by_values(named)
    dims = dict(model.named_vars_to_dims)
    with pm.Model(coords=dict(model.coords)) as flat:
        free = pm.Flat(FREE, shape=len(labels))
        mean, scale = pm.Data(MEAN, np.zeros(len(labels))), pm.Data(SCALE, np.eye(len(labels)))
        vector = pm.Deterministic(UNCONSTRAINED, mean + pt.dot(scale, free))
        parts, at = {}, 0
        for value, shape in shapes.items():
            size = int(np.prod(shape))
            parts[value] = vector[at : at + size].reshape(shape)
            at += size
        density, *graphs = graph_replace([density, *graphs], parts, strict=False)
        pm.Potential("_density", pt.as_tensor(density))
        for variable, graph in zip(named, graphs, strict=True):
            pm.Deterministic(variable.name, graph, dims=dims.get(variable.name))
    return flat, labels


def split(tree: xr.DataTree) -> tuple[xr.DataTree, NDArray[np.float64]]:
    """Take the unconstrained draws, shape (chain, draw, parameter), out of a sampled tree."""
    drawn = tree["posterior"].to_dataset()
    found = drawn[UNCONSTRAINED].to_numpy()
    tree["posterior"] = xr.DataTree(drawn.drop_vars([FREE, UNCONSTRAINED]))
    return tree, found

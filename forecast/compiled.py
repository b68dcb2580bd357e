"""PyMC models compiled once: data go in afterwards, and an earlier posterior may set the scale.

PyTensor compiles two functions, density with gradient and named variables, which numba keeps on disk; the sampler
calls them from Python. (Its own wrapper around them cannot be kept and costs half a minute a process.) They let go
of the interpreter's lock while they compute, so chains of any but tiny models run side by side.

The compiled model has one free vector x. What the model calls its parameters are, on the unconstrained scale,
`mean + scale x`, with nought and the unit matrix for a first fit. A refit puts the mean of the earlier posterior
and the Cholesky factor of its covariance there, so that the sampler begins with the metric that it would
otherwise have to learn, correlations included. Neither changes the posterior: the map is linear.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

UNCONSTRAINED = "_unconstrained"  # a name that a model of ours would not use
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
    """A compiled model.

    Parameters
    ----------
    labels : tuple of str
        One for each unconstrained parameter.
    density : callable
        Free vector, mean, scale and data -> log density and its gradient.
    named : callable
        The same -> the unconstrained parameters, then all named variables.
    data : mapping of str to dtype
        What goes in after mean and scale, in order.
    variables : mapping of str to tuple of int
        Name -> shape of what `named` gives.
    dims, coords : mapping
        Of the variables.
    """

    labels: tuple[str, ...]
    density: Callable[..., Any]
    named: Callable[..., Any]
    data: Mapping[str, Any]
    variables: Mapping[str, tuple[int, ...]]
    dims: Mapping[str, tuple[str, ...]]
    coords: Mapping[str, Any]

    def ready(self, data: Mapping[str, NDArray[Any]], start: Start | None) -> Any:
        """Put data and a start in; nothing is compiled.

        Parameters
        ----------
        data : mapping of str to array
        start : Start or None

        Returns
        -------
        nutpie.sample.CompiledModel
        """
        from nutpie.compiled_pyfunc import from_pyfunc

        size = len(self.labels)
        mean, scale = (np.zeros(size), np.eye(size)) if start is None else (start.mean, start.scale)
        given = [mean, scale, *(np.array(data[name], dtype, order="C") for name, dtype in self.data.items())]

        def density(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            value, slope = self.density(x, *given)
            return float(value), slope

        def named(x: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
            return dict(zip(self.variables, self.named(x, *given), strict=True))

        return from_pyfunc(
            size,
            lambda: density,
            lambda *_: named,
            [np.dtype(float)] * len(self.variables),
            list(self.variables.values()),
            list(self.variables),
            coords=dict(self.coords),
            dims=dict(self.dims),
            make_initial_point_fn=self._beginner(start),
        )

    def _beginner(self, start: Start | None) -> Callable[[int], NDArray[np.float64]]:
        """Choose where a chain begins: around nought, or at a draw of the earlier posterior."""

        def begin(seed: int) -> NDArray[np.float64]:
            rng = np.random.default_rng(seed)
            if start is None:
                return rng.uniform(-1, 1, len(self.labels))
            return np.linalg.solve(start.scale, start.points[rng.integers(len(start.points))] - start.mean)

        return begin

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
    """Rewrite a model in terms of one unconstrained vector, and compile it."""
    import pytensor.tensor as pt
    from pymc.model.transform.optimization import freeze_dims_and_data
    from pytensor.graph.replace import graph_replace

    model = freeze_dims_and_data(model, data=[])
    initial = model.initial_point()
    shapes = {value: np.shape(initial[value.name]) for value in model.value_vars}
    labels = tuple(
        f"{value.name}{list(place) or ''}" for value, shape in shapes.items() for place in np.ndindex(*shape)
    )
    size = len(labels)
    free, mean, scale = pt.vector(shape=(size,)), pt.vector(shape=(size,)), pt.matrix(shape=(size, size))
    vector = mean + pt.dot(scale, free)
    ends = np.cumsum([math.prod(shape) for shape in shapes.values()]).tolist()
    data = {variable: variable.type() for variable in model.data_vars}
    parts = {
        value: vector[end - math.prod(shape) : end].reshape(shape)
        for end, (value, shape) in zip(ends, shapes.items(), strict=True)
    }
    named = [*model.free_RVs, *model.deterministics]
    graphs = [model.logp(), *model.replace_rvs_by_values(named)]
    density, *graphs = graph_replace(graphs, {**parts, **data}, strict=False)
    arguments = [free, mean, scale, *data.values()]
    density_of = _unlocked(arguments, [density, pt.grad(density, free)])
    named_of = _unlocked(arguments, [vector, *(graph.astype("float64") for graph in graphs)])
    trial = [np.zeros(size), np.zeros(size), np.eye(size), *(variable.get_value() for variable in data)]
    density_of(*trial)
    found = zip([UNCONSTRAINED, *(variable.name for variable in named)], named_of(*trial), strict=True)
    variables = {name: np.shape(value) for name, value in found}
    return Program(
        labels,
        density_of,
        named_of,
        {variable.name: variable.dtype for variable in data},
        variables,
        {name: tuple(dims) for name, dims in model.named_vars_to_dims.items() if name in variables},
        {name: pd.Index(labels) for name, labels in model.coords.items()},
    )


def _unlocked(arguments: list[Any], outputs: list[Any]) -> Callable[..., Any]:
    """Compile a function that does not hold the interpreter's lock; numba keeps it on disk."""
    import numba
    import pytensor

    function = pytensor.function(arguments, outputs, mode="NUMBA", on_unused_input="ignore", trust_input=True)
    return numba.njit(nogil=True, cache=True)(function.vm.jit_fn.py_func)


def split(tree: xr.DataTree) -> tuple[xr.DataTree, NDArray[np.float64]]:
    """Take the unconstrained draws, shape (chain, draw, parameter), out of a sampled tree."""
    drawn = tree["posterior"].to_dataset()
    found = drawn[UNCONSTRAINED].to_numpy()
    tree["posterior"] = xr.DataTree(drawn.drop_vars(UNCONSTRAINED))
    return tree, found

"""The likelihood of `counts` as an operation that a PyMC model calls like any other."""

from collections.abc import Sequence
from typing import Any

import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import register_funcify_default_op_cache_key

from forecast.models.likelihood import log_likelihood

PARAMETERS = slice(1, 6)  # nu, logit, share, effect, size; what stands around them is data


class CountLikelihood(Op):
    """Log likelihood of all counts, followed by its derivatives by the parameters."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Any:
        """Take the arguments of the kernel; give what it returns."""
        found = [pt.as_tensor(item) for item in inputs]
        return Apply(self, found, [pt.dscalar(), *(item.type() for item in found[PARAMETERS])])

    def perform(self, node: Any, inputs: Sequence[NDArray[Any]], storage: Any) -> None:  # noqa: ARG002
        """Run the kernel outside compiled graphs."""
        for cell, value in zip(storage, log_likelihood(*inputs), strict=True):
            cell[0] = value

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Hand out the derivatives that were computed with the value."""
        chained = [cotangents[0] * slope for slope in outputs[1:]]
        around = [DisconnectedType()() for _ in inputs]
        around[PARAMETERS] = chained
        return around

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        """Say that only parameters move the value, and that derivatives are not derived again."""
        moving = range(*PARAMETERS.indices(len(node.inputs)))
        outputs = range(len(node.outputs))
        return [[row in moving and column == 0 for column in outputs] for row in range(len(node.inputs))]


@register_funcify_default_op_cache_key(CountLikelihood)
def _numba(op: CountLikelihood, **_: Any) -> tuple[Any, int]:  # noqa: ARG001
    return log_likelihood, 2

"""What past counts leave behind: exponential memories, trailing sums, and the features made of them."""

import numpy as np
from numpy.typing import NDArray

from forecast.models.cells import Layout, Options


def memories(counts: NDArray[np.float64], half_lives: tuple[int, ...], step: int) -> NDArray[np.float64]:
    """Weigh past counts exponentially; entry t holds what is remembered before bin t, the last one now."""
    keep = 2.0 ** (-step / np.array(half_lives))
    memory = np.zeros((len(counts) + 1, counts.shape[1], len(half_lives)))
    for t in range(len(counts)):
        memory[t + 1] = keep * memory[t] + (1 - keep) * counts[t][:, None]
    return memory


def trailing_sums(counts: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Sum the counts of the `bins` bins before each one; the last entry is the sum now."""
    total = np.concatenate([np.zeros((1, counts.shape[1])), np.cumsum(counts, axis=0)])
    start = np.maximum(np.arange(len(total)) - bins, 0)
    return np.asarray(total - total[start])


def features(
    memory: NDArray[np.float64], recent: NDArray[np.float64], found: Options, plan: Layout
) -> NDArray[np.float64]:
    """Line up what feeds each cell: own and front memories by half-life, origin, everyone.

    Parameters
    ----------
    memory : array, shape (..., cell, half_life)
        Weighted mean count per bin.
    recent : array, shape (..., cell)
        Count in the share window.

    Returns
    -------
    array, shape (..., cell, 2 half_lives + 2)
    """
    in_front = np.eye(len(plan.fronts))[plan.front_of]
    in_origin = np.eye(len(plan.origins))[plan.origin_of]
    share_front = (recent + 0.5) / ((recent @ in_front + 0.5 * in_front.sum(0))[..., plan.front_of])
    share_origin = (recent + 0.5) / ((recent @ in_origin + 0.5 * in_origin.sum(0))[..., plan.origin_of])
    front = np.einsum("...ch,cf->...fh", memory, in_front, optimize=True)[..., plan.front_of, :]
    shared = memory[..., found.memories.index(found.shared)]
    origin = (shared @ in_origin)[..., plan.origin_of]
    everyone = shared.sum(axis=-1, keepdims=True)
    return np.concatenate(
        [
            memory,
            share_front[..., None] * front,
            (share_origin * origin)[..., None],
            (share_origin * everyone)[..., None],
        ],
        axis=-1,
    )


def shaped(feature: NDArray[np.float64], found: Options, step: int) -> NDArray[np.float64]:
    """Let features grow in proportion (`additive`), or ever more slowly (`log`).

    The log form counts events: N is what a memory holds of them, its mean times the bins that it spans, so that a
    first event after long quiet says as much as it should; of the mean, log(1 + 2 N) would hardly differ from 2 N.
    """
    if found.form == "additive":
        return feature
    half_lives = np.array([*found.memories, *found.memories, found.shared, found.shared])
    return np.log1p(2 * feature / (1 - 2.0 ** (-step / half_lives)))

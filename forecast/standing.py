"""What is under way on a day, of events that last: their values added up."""

import numpy as np
from numpy.typing import NDArray

# Days after which an event whose end nobody wrote down is taken to be over. Until then it may be, or not.
FORGOTTEN = 365

Array = NDArray[np.float64]


def on_record(begun: Array, lasts: Array, value: Array, on: Array) -> tuple[Array, Array]:
    """Add up what is under way for certain, and what may be.

    Parameters
    ----------
    begun : array, shape (events,)
        Days from some origin.
    lasts : array, shape (events,)
        Days, the first one counted; NaN where the end is not on record.
    value : array, shape (events,)
    on : array, shape (days,)
        Days from the same origin.

    Returns
    -------
    least, most : array, shape (days,)
    """
    age = on[:, None] - begun
    certain = (age >= 0) & (age < np.nan_to_num(lasts))
    possible = (age >= 0) & (age < np.where(np.isnan(lasts), FORGOTTEN, lasts))
    return certain @ value, possible @ value


def in_futures(draw: NDArray[np.int64], age: Array, lasts: Array, value: Array, draws: int) -> Array:
    """Add up what is under way on one day, on which events have an age in days, in every future, shape (draws,)."""
    there = (age >= 0) & (age < lasts)
    return np.bincount(draw[there], value[there], draws)

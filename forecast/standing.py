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
    certain, possible = _there(on[:, None] - begun, lasts)
    return certain @ value, possible @ value


def in_futures(draw: NDArray[np.int64], age: Array, lasts: Array, value: Array, draws: int) -> tuple[Array, Array]:
    """Add up the same on one day, on which events have an age in days, in every future, shape (draws,)."""
    certain, possible = _there(age, lasts)
    return np.bincount(draw[certain], value[certain], draws), np.bincount(draw[possible], value[possible], draws)


def _there(age: Array, lasts: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    begun = age >= 0
    return begun & (age < np.nan_to_num(lasts)), begun & (age < np.where(np.isnan(lasts), FORGOTTEN, lasts))

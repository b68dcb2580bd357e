"""The scales on which priors are normal: logarithms of positive numbers, logits of shares, and numbers as they are."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import special

FREE: Mapping[str, Callable[[Any], Any]] = {"positive": np.log, "unit": special.logit, "real": np.asarray}
NATURAL: Mapping[str, Callable[[Any], Any]] = {"positive": np.exp, "unit": special.expit, "real": np.asarray}
ENDS: Mapping[str, tuple[float, float]] = {"positive": (0.0, np.inf), "unit": (0.0, 1.0), "real": (-np.inf, np.inf)}


def free(values: Any, support: str) -> Any:
    """Bring numbers in natural units onto the scale of a support: `positive`, `unit` or `real`."""
    return FREE[support](values)


def natural(values: Any, support: str) -> Any:
    """Bring numbers on the scale of a support back into natural units."""
    return NATURAL[support](values)

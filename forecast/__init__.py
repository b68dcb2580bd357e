"""Brinkcast: dated events in, calibrated probabilities and reports out."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# What is public, and the room that it comes from: nothing is imported before it is asked for.
_ROOMS = {
    "Archive": "archive",
    "ForecastError": "errors",
    "Futures": "events",
    "Question": "questions",
    "Said": "collecting",
    "Snapshot": "events",
    "Spec": "spec",
    "Workbench": "workbench",
    "lay_out": "new_desk",
}
__all__ = [
    "Archive",
    "ForecastError",
    "Futures",
    "Question",
    "Said",
    "Snapshot",
    "Spec",
    "Workbench",
    "__version__",
    "lay_out",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"forecast has no public name `{name}`; it has {', '.join(__all__)}")
    return getattr(import_module(f"forecast.{_ROOMS[name]}"), name)

"""Brinkcast: dated events in, calibrated probabilities and reports out."""

__version__ = "0.1.0"

__all__ = ["__version__"]

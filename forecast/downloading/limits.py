"""What a download may cost: bytes, seconds and tries; and how much time is left of it."""

from collections.abc import Callable
from dataclasses import dataclass

from forecast.errors import EnvironmentFault


@dataclass(frozen=True)
class Limits:
    """What a download may cost.

    Parameters
    ----------
    bytes : int
        Of the file, as sent and as unpacked.
    seconds : float
        For all of it, with its tries and pauses.
    stall : float
        Seconds in which nothing comes.
    retries : int
    """

    bytes: int = 2_000_000_000
    seconds: float = 1800
    stall: float = 30
    retries: int = 3


@dataclass(frozen=True)
class Pace:
    """How long a download may go on.

    Parameters
    ----------
    clock : callable
        Seconds, from any origin.
    until : float
        By that clock.
    limits : Limits
    """

    clock: Callable[[], float]
    until: float
    limits: Limits

    @classmethod
    def begun(cls, limits: Limits, clock: Callable[[], float]) -> "Pace":
        """Begin now."""
        return cls(clock, clock() + limits.seconds, limits)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.until - self.clock()

    def timeout(self, most: float = float("inf")) -> float:
        """Say how long the next step may take, in seconds.

        Raises
        ------
        EnvironmentFault
            If no time is left.
        """
        if self.left <= 0:
            raise self.late()
        return min(self.limits.stall, self.left, most)

    def late(self) -> EnvironmentFault:
        """Say that no time is left."""
        hint = "run it again: it goes on where it stopped, if the host can do so"
        return EnvironmentFault(f"the download takes longer than {self.limits.seconds:g} s", hint=hint)

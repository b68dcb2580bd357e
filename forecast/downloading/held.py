"""An answer that is kept in memory only: one page of many, or one that holds a secret."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Held:
    """The part of an answer that has come; never on a disk."""

    def __init__(self) -> None:
        self.content, self.version = bytearray(), ""

    def held(self) -> tuple[int, str]:
        """Say how many bytes are held, and what their version is known by; 0 if nothing tells versions apart."""
        return (len(self.content), self.version) if self.version else (0, "")

    @contextmanager
    def grown(self, start: int, version: str) -> Iterator[Callable[[bytes], int]]:
        """Let it be written on from a byte.

        Yields
        ------
        callable
            Adds bytes, and says how many there are now.
        """
        del self.content[start:]
        self.version = version

        def write(piece: bytes) -> int:
            self.content.extend(piece)
            return len(self.content)

        yield write

    def beginning(self, length: int = 1024) -> bytes:
        """Read its first bytes."""
        return bytes(self.content[:length])

    def drop(self) -> None:
        """Throw it away."""
        self.content.clear()
        self.version = ""

"""The part of a file that has come, beside where the file will stand, with a note of which version it is a part of."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

OVERLAP = 10_000  # bytes
STEP = 16 * 2**20  # bytes between two notes: what a power cut may cost


@dataclass(frozen=True)
class Part:
    """The part of a file that has come.

    Parameters
    ----------
    into : Path
        Where the file will stand.
    path, note : Path
        The part, and what is said of it.
    address : str
        What was asked: a part of another address is begun anew.
    """

    into: Path
    path: Path
    note: Path
    address: str

    @classmethod
    def beside(cls, into: Path, address: str) -> "Part":
        """Name the part of a file."""
        return cls(into, into.with_name(f"{into.name}.part"), into.with_name(f"{into.name}.part.json"), address)

    def held(self) -> tuple[int, str]:
        """Say how many bytes are held, and what their version is known by; 0 if they are no use."""
        try:
            said = json.loads(self.note.read_text(encoding="utf-8"))
            length, version = int(said["bytes"]), str(said["version"])
            whole = 0 < length <= self.path.stat().st_size
            return (length, version) if whole and version and said["address"] == self.address else (0, "")
        except (OSError, ValueError, KeyError, TypeError):
            return 0, ""

    @contextmanager
    def grown(self, start: int, version: str) -> Iterator[Callable[[bytes], int]]:
        """Open it to be written on from a byte; what was written is synced and noted, however it ends.

        Yields
        ------
        callable
            Adds bytes, and says how many the part has now.
        """
        self.into.parent.mkdir(parents=True, exist_ok=True)
        if not start:
            self.note.unlink(missing_ok=True)
        with self.path.open("r+b" if start else "wb") as out:
            out.truncate(start)
            out.seek(start)
            noted = start

            def write(piece: bytes) -> int:
                nonlocal noted
                out.write(piece)
                length = out.tell()
                if length - noted >= STEP:
                    noted = self._noted(out, version)
                return length

            try:
                yield write
            finally:
                self._noted(out, version)

    def _noted(self, out: IO[bytes], version: str) -> int:
        """Sync what was written, then say so: the note never promises more than the disk holds."""
        out.flush()
        os.fsync(out.fileno())
        length = out.tell()
        said = {"address": self.address, "version": version, "bytes": length}
        self.note.write_text(json.dumps(said), encoding="utf-8")
        return length

    def beginning(self, length: int = 1024) -> bytes:
        """Read its first bytes."""
        with self.path.open("rb") as part:
            return part.read(length)

    def texts(self) -> Iterator[str]:
        """Read it as text in pieces that overlap, so that no word of up to 10,000 bytes is cut in all of them."""
        with suppress(FileNotFoundError), self.path.open("rb") as part:
            while piece := part.read(2**20):
                yield piece.decode("utf-8", errors="replace")
                if len(piece) == 2**20:
                    part.seek(-OVERLAP, os.SEEK_CUR)

    def finish(self) -> tuple[str, int]:
        """Move the whole file into place.

        Returns
        -------
        tuple of str and int
            Its SHA-256 and its length, as it stands on the disk.
        """
        with self.path.open("rb") as part:
            digest, length = hashlib.file_digest(part, "sha256").hexdigest(), part.tell()
        self.path.chmod(0o644)
        os.replace(self.path, self.into)
        self.note.unlink(missing_ok=True)
        folder = os.open(self.into.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return digest, length

    def drop(self) -> None:
        """Throw it away."""
        self.note.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Throw it away if it is no use to a later try."""
        with suppress(OSError):
            if not self.held()[0]:
                self.drop()

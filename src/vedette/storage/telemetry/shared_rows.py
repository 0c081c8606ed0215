"""An insert's rows in memory that the engine opens by itself, so that none goes through the socket.

For an engine on this machine, which finds them under `/proc`. Their name cannot be guessed: by it the engine knows
that it opened these and not what another process has at the same place.
"""

import errno
import os
import secrets

from vedette.storage.telemetry.native import Block

WORTH_SHARING_BYTES = 1 << 20
_PIECES = 1024  # of one system call


class SharedRows:
    """Memory that is written anew for each insert. Not while an insert of it may still be read."""

    def __init__(self) -> None:
        self._name = f"vedette-{secrets.token_hex(16)}"
        self._fd = os.memfd_create(self._name)

    @property
    def place(self) -> str:
        """`process/descriptor/name`."""
        return f"{os.getpid()}/{self._fd}/{self._name}"

    def fill(self, block: Block) -> None:
        """Raises `OSError` where there is not the memory for it."""
        os.lseek(self._fd, 0, os.SEEK_SET)
        parts = block.parts
        written = sum(
            os.writev(self._fd, parts[start : start + _PIECES]) for start in range(0, len(parts), _PIECES)
        )
        if written != block.size_bytes:
            raise OSError(errno.ENOSPC, "the rows do not fit")
        os.ftruncate(self._fd, written)

    def close(self) -> None:
        os.close(self._fd)

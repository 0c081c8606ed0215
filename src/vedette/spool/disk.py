"""The few things the spool asks of a disk; tests give one that forgets what was not synced."""

import os
from pathlib import Path
from typing import Protocol


class DiskFile(Protocol):
    """A file open for appending."""

    def write(self, data: bytes) -> None:
        """Append all of `data`. Raises `OSError`; then any part of it may be there."""
        ...

    def sync(self) -> None:
        """What was written outlives a power loss once this returns."""
        ...

    def close(self) -> None: ...


class Disk(Protocol):
    def create(self, path: Path) -> DiskFile:
        """A new empty file. Raises `OSError` when there is one."""
        ...

    def sync_folder(self, folder: Path) -> None:
        """Names made in the folder outlive a power loss once this returns."""
        ...

    def rename(self, source: Path, target: Path) -> None: ...

    def free_bytes(self, folder: Path) -> int:
        """What an ordinary process may still write on the folder's disk."""
        ...


class OsFile:
    """A file of the operating system."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def write(self, data: bytes) -> None:
        written = os.write(self._fd, data)
        while written < len(data):
            written += os.write(self._fd, memoryview(data)[written:])

    def sync(self) -> None:
        os.fdatasync(self._fd)

    def close(self) -> None:
        os.close(self._fd)


class OsDisk:
    def create(self, path: Path) -> DiskFile:
        return OsFile(path)

    def sync_folder(self, folder: Path) -> None:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def rename(self, source: Path, target: Path) -> None:
        source.replace(target)

    def free_bytes(self, folder: Path) -> int:
        state = os.statvfs(folder)
        return state.f_bavail * state.f_frsize

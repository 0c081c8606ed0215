"""Disks for tests of the spool: one that forgets what was not synced, one that refuses."""

import errno
from pathlib import Path

from vedette.spool.disk import DiskFile, OsDisk


class _ForgetfulFile:
    def __init__(self, disk: "ForgetfulDisk", path: Path, file: DiskFile) -> None:
        self._disk = disk
        self._path = path
        self._file = file

    def write(self, data: bytes) -> None:
        self._disk.on_write(self._path, data)
        self._file.write(data)

    def sync(self) -> None:
        self._disk.on_sync()
        self._file.sync()
        self._disk.synced[self._path] = self._path.stat().st_size

    def close(self) -> None:
        self._file.close()


class ForgetfulDisk(OsDisk):
    """Remembers what was synced; `lose_power` leaves nothing else on the real disk.

    `room`: bytes it still takes (None: any number); a write past it leaves its first half.
    """

    def __init__(self, *, free: int = 1 << 40) -> None:
        self.synced: dict[Path, int] = {}
        self.named: set[Path] = set()
        self.room: int | None = None
        self.fails_to_sync = False
        self._free = free

    def create(self, path: Path) -> DiskFile:
        file = _ForgetfulFile(self, path, super().create(path))
        self.synced[path] = 0
        return file

    def sync_folder(self, folder: Path) -> None:
        self.named |= set(folder.iterdir())

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        self.synced[target] = self.synced.pop(source)

    def free_bytes(self, folder: Path) -> int:
        return self._free

    def on_write(self, path: Path, data: bytes) -> None:
        if self.room is not None:
            if len(data) > self.room:
                with path.open("ab") as file:
                    file.write(data[: len(data) // 2])
                raise OSError(errno.ENOSPC, "no space left on device")
            self.room -= len(data)

    def on_sync(self) -> None:
        if self.fails_to_sync:
            raise OSError(errno.EIO, "input/output error")

    def lose_power(self) -> None:
        """Cut every file to what was synced; remove those whose name was not."""
        for path, size in self.synced.items():
            if not path.exists():
                continue
            if path not in self.named:
                path.unlink()
                continue
            with path.open("r+b") as file:
                file.truncate(size)

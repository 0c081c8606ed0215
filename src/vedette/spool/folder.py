"""The spool's folder: its uuid, the writers' folders in it, and who may write or read each.

spool/uuid                          the uuid in use
spool/<uuid>/<writer>/N.seg         segments, numbered upwards, never again with a number used before
spool/<uuid>/<writer>/bodies/       large bodies, named by the position of their record
spool/<uuid>/<writer>/writer.lock   held by the one process that appends
spool/<uuid>/<writer>/owner.lock    held by the one pipeline that reads
"""

import contextlib
import fcntl
import os
import re
import uuid
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import msgspec

from vedette.spool.segment import SUFFIX, file_name

_WRITER = re.compile(r"[A-Za-z0-9_.-]{1,64}")
Role = Literal["writer", "owner"]


class FolderLock:
    """A hold on one role of a writer's folder; the kernel lets go of it when the process dies."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def release(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def lock_folder(folder: Path, role: Role) -> FolderLock | None:
    """The lock, or None while another process holds it. Makes the folder when there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    fd = os.open(folder / f"{role}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return FolderLock(fd)


class SpoolFolder(msgspec.Struct, frozen=True):
    """The spool of this node: `path` is `spool/<uuid>`."""

    path: Path
    uuid: str

    def writer_folder(self, writer: str) -> Path:
        """Where a writer's segments lie. Raises `ValueError` for a name that is no plain file name."""
        if not _WRITER.fullmatch(writer) or writer.startswith("."):
            raise ValueError(f"not a writer's name: {writer!r}")
        return self.path / writer

    def writers(self) -> list[str]:
        """Names of all writers that ever wrote here, sorted."""
        return sorted(entry.name for entry in self.path.iterdir() if entry.is_dir())

    def size_bytes(self) -> int:
        """Bytes of all segments and bodies of all writers."""
        return sum(_folder_bytes(self.path / name) for name in self.writers())


def open_spool(root: Path) -> SpoolFolder:
    """The spool below `root` (`data/spool`), made with a random uuid when there is none."""
    root.mkdir(parents=True, exist_ok=True)
    _finish_change(root)
    if not (root / "uuid").exists():
        _make_uuid(root)
    name = (root / "uuid").read_text().strip()
    (root / name).mkdir(exist_ok=True)
    _sync(root)
    return SpoolFolder(root / name, name)


def new_uuid(root: Path) -> SpoolFolder:
    """Give the spool another uuid, so that no insert token made before can hit again.

    For restore. No process may have the spool open. Survives a crash at any point: the
    next `open_spool` finishes the change.
    """
    open_spool(root)
    _write_durably(root, "uuid.next", uuid.uuid4().hex)
    return open_spool(root)


def segment_numbers(folder: Path) -> list[int]:
    """Numbers of a writer's segments, ascending; none when the folder is not there."""
    if not folder.is_dir():
        return []
    stems = (entry.stem for entry in folder.iterdir() if entry.suffix == SUFFIX)
    return sorted(int(stem) for stem in stems if stem.isdigit())


def segment_path(folder: Path, number: int) -> Path:
    return folder / file_name(number)


def bodies_folder(folder: Path) -> Path:
    return folder / "bodies"


def body_path(folder: Path, segment: int, offset: int) -> Path:
    """Where the body of the record at a position lies when it is outside the segment."""
    return bodies_folder(folder) / f"{segment}-{offset}.body"


def _finish_change(root: Path) -> None:
    coming = root / "uuid.next"
    if not coming.exists():
        return
    old, new = root / (root / "uuid").read_text().strip(), root / coming.read_text().strip()
    if old.exists():
        old.rename(new)
    coming.replace(root / "uuid")
    _sync(root)


def _make_uuid(root: Path) -> None:
    """Of processes that start side by side the first one's stays: all must find the same folder."""
    draft = _written(root / f"uuid.{os.getpid()}.draft", uuid.uuid4().hex)
    with contextlib.suppress(FileExistsError):
        os.link(draft, root / "uuid")
    draft.unlink()
    _sync(root)


def _write_durably(root: Path, name: str, text: str) -> None:
    _written(root / f"{name}.draft", text).replace(root / name)
    _sync(root)


def _written(path: Path, text: str) -> Path:
    with path.open("w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _folder_bytes(folder: Path) -> int:
    size = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                size += _folder_bytes(Path(entry.path))
            else:
                size += _size_of(entry)
    return size


def _size_of(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:  # removed by another process since it was listed
        return 0

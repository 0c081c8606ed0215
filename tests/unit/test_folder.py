"""The data folder."""

import secrets
import tempfile
import time
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from vedette.folder import DataFolder, FolderInUse


def test_the_engines_socket_is_not_put_where_others_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = DataFolder(tmp_path / ("long" * 40))
    socket = folder.engine_socket
    assert socket.parent.parent == tmp_path
    socket.parent.chmod(0o777)
    with pytest.raises(FolderInUse, match="open to others"):
        _ = folder.engine_socket
    socket.parent.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    socket.parent.symlink_to(elsewhere)
    with pytest.raises(FolderInUse, match="somebody else's"):
        _ = folder.engine_socket


def _secrets_at_once(folder: DataFolder, meet: Barrier, found: "Queue[str]") -> None:
    meet.wait(20)
    found.put(folder.secret("engine"))


@pytest.mark.thorough
@pytest.mark.parametrize("is_left_empty", [False, True])
def test_processes_that_start_side_by_side_share_one_secret(
    tmp_path: Path, is_left_empty: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that read the file before it was written had every question to the engine refused, for ever."""
    fork, remove = get_context("fork"), Path.unlink

    def remove_late(path: Path, *, missing_ok: bool = False) -> None:
        time.sleep(secrets.randbelow(10) / 1000)
        remove(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", remove_late)
    for round_ in range(30):
        folder = DataFolder(tmp_path / str(round_))
        folder.make()
        if is_left_empty:
            (folder.run / "engine.secret").touch()
        meet, answers = fork.Barrier(4), fork.Queue()
        processes = [fork.Process(target=_secrets_at_once, args=(folder, meet, answers)) for _ in range(4)]
        for process in processes:
            process.start()
        found = {answers.get(timeout=20) for _ in processes}
        for process in processes:
            process.join()
        assert len(found) == 1
        assert len(found.pop()) > 30
        assert [file.name for file in folder.run.iterdir()] == ["engine.secret"]


def test_an_empty_secret_left_by_a_crash_is_made_anew(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.make()
    (folder.run / "engine.secret").touch()
    assert len(folder.secret("engine")) > 30
    assert (folder.run / "engine.secret").stat().st_mode & 0o777 == 0o600

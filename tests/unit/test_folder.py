"""The data folder."""

import tempfile
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
def test_processes_that_start_side_by_side_share_one_secret(tmp_path: Path) -> None:
    """One that read the file before it was written had every question to the engine refused, for ever."""
    fork = get_context("fork")
    for round_ in range(30):
        folder = DataFolder(tmp_path / str(round_))
        folder.make()
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

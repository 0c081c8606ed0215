"""The data folder."""

import tempfile
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

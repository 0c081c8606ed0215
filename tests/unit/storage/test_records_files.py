"""The files of a SQLite store: passwords' hashes and the signing key are in them."""

import stat
from pathlib import Path

from sqlalchemy import text

from vedette.storage.records.backup import copy_sqlite
from vedette.storage.records.database import Records, sqlite_url


def open_to_others(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) & 0o077


def test_only_their_owner_reads_them_in_a_folder_open_to_all(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    records = Records(sqlite_url(tmp_path / "records.sqlite3"))
    with records.connect() as connection:
        connection.execute(text("CREATE TABLE t (a)"))
        assert {path.name: open_to_others(path) for path in tmp_path.iterdir()} == {
            "records.sqlite3": 0,
            "records.sqlite3-wal": 0,
            "records.sqlite3-shm": 0,
        }
    copy_sqlite(records, tmp_path / "copy.sqlite3")
    assert open_to_others(tmp_path / "copy.sqlite3") == 0
    records.close()


def test_what_is_committed_stays_in_the_log_until_there_is_16_mb_of_it(tmp_path: Path) -> None:
    records = Records(sqlite_url(tmp_path / "records.sqlite3"))
    with records.connect() as connection:
        connection.execute(text("CREATE TABLE t (a)"))
    sizes: list[int] = []
    for _ in range(5):
        with records.connect() as connection:
            connection.execute(text("INSERT INTO t VALUES (zeroblob(4000000))"))
        sizes.append((tmp_path / "records.sqlite3").stat().st_size)
    assert max(sizes[:3]) < 1_000_000
    assert sizes[4] > 15_000_000
    records.close()

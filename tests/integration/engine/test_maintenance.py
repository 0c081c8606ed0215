"""Retention, deletes and backups on a real engine."""

import time
from pathlib import Path

import pytest

from tests.integration.engine.rows import START_US, WEEK_US, error_row
from tests.support.engine import EngineProcess
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.maintenance import (
    backup,
    delete_groups,
    delete_progress,
    delete_project,
    drop_expired,
    drop_oldest,
    partitions,
    restore,
)
from vedette.storage.telemetry.tables import ERRORS, TABLES


@pytest.fixture(autouse=True)
def _empty_tables(telemetry: Telemetry) -> None:
    for table in TABLES:
        telemetry.command(f"TRUNCATE TABLE {table} SYNC")


def _insert(telemetry: Telemetry, *rows: tuple[object, ...]) -> None:
    telemetry.insert("errors", ERRORS.columns, rows, token=f"{time.time_ns()}")


def _titles(telemetry: Telemetry) -> set[object]:
    return {row[0] for row in telemetry.query_rows("SELECT title FROM errors")}


def test_expiry_drops_the_weeks_past_their_retention_class(telemetry: Telemetry):
    _insert(
        telemetry,
        error_row(title="old, 7", keep_days=7),
        error_row(title="old, 90", keep_days=90),
        error_row(title="new, 7", keep_days=7, ts=START_US + 2 * WEEK_US),
    )
    gone = drop_expired(telemetry, now_us=START_US + 3 * WEEK_US, keep_days=90)
    assert [(part.keep_days, part.rows) for part in gone] == [(7, 1)]
    assert _titles(telemetry) == {"old, 90", "new, 7"}


def test_a_full_disk_is_relieved_of_the_oldest_weeks_but_never_of_the_newest(telemetry: Telemetry):
    _insert(telemetry, *(error_row(title=f"week {week}", ts=START_US + week * WEEK_US) for week in range(3)))
    assert [part.rows for part in drop_oldest(telemetry, free_bytes=1)] == [1]
    assert _titles(telemetry) == {"week 1", "week 2"}
    drop_oldest(telemetry, free_bytes=1 << 40)
    assert _titles(telemetry) == {"week 2"}


def test_partitions_say_what_they_take(telemetry: Telemetry):
    _insert(telemetry, error_row())
    (part,) = partitions(telemetry)
    assert (part.table, part.keep_days, part.rows) == ("errors", 90, 1)
    assert part.week_us == 1_699_833_600_000_000 and part.size_bytes > 0


def test_deleting_groups_leaves_the_others_and_shows_progress(telemetry: Telemetry):
    _insert(
        telemetry, *(error_row(number, group_hash=2**63 + number, title=f"{number}") for number in range(4))
    )
    handle = delete_groups(telemetry, 1, [2**63 + 1, 2**63 + 3])
    _wait_done(telemetry, handle)
    assert _titles(telemetry) == {"0", "2"}


def test_deleting_a_project_leaves_the_others(telemetry: Telemetry):
    _insert(telemetry, error_row(1, project_id=1, title="one"), error_row(2, project_id=2, title="two"))
    _wait_done(telemetry, delete_project(telemetry, 1))
    assert _titles(telemetry) == {"two"}


def test_an_unknown_delete_is_not_known(telemetry: Telemetry):
    assert not delete_progress(telemetry, "delete-0000").known


def _wait_done(telemetry: Telemetry, handle: str) -> None:
    deadline = time.monotonic() + 10
    while not (progress := delete_progress(telemetry, handle)).done:
        assert progress.known and not progress.failure and time.monotonic() < deadline
        time.sleep(0.02)


def test_a_backup_restores_into_an_empty_store(
    telemetry: Telemetry, own_engine: EngineProcess, tmp_path: Path
):
    _insert(telemetry, error_row(title="kept"))
    backup(telemetry, tmp_path / "backup")
    restore(own_engine.telemetry, tmp_path / "backup")
    assert _titles(own_engine.telemetry) == {"kept"}

"""Deleted issues and projects leave telemetry and records, whatever crashes in between."""

import time

import pytest
from sqlalchemy import func, select, update

from tests.conftest import SetClock
from tests.support.client import Client
from tests.support.deliveries import container
from tests.support.feed import Feed, error
from vedette.scheduler.deleting import forget_jobs, run_deletions
from vedette.scheduler.watermark import LAG_US
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Issue, Job, Project
from vedette.storage.telemetry.client import Telemetry


def titles(telemetry: Telemetry) -> list[str]:
    return sorted(str(row[0]) for row in telemetry.query_rows("SELECT title FROM errors"))


def count_of(telemetry: Telemetry, table: str) -> int:
    return int(telemetry.query_rows(f"SELECT count() FROM {table}").rows[0][0])


def states(records: Records) -> list[str]:
    with records.read() as session:
        return list(session.scalars(select(Job.state).order_by(Job.id)))


def until_done(records: Records, telemetry: Telemetry, clock: SetClock) -> None:
    deadline = time.monotonic() + 10
    while set(states(records)) != {"done"}:
        assert time.monotonic() < deadline
        run_deletions(records, telemetry, clock(), clock() - LAG_US)
        clock.advance(6)
        time.sleep(0.02)


def issue_ids(records: Records) -> list[int]:
    with records.read() as session:
        return list(session.scalars(select(Issue.id).order_by(Issue.id)))


def test_a_deleted_issues_events_go_and_what_came_later_stays(
    ada: Client, feed: Feed, records: Records, telemetry: Telemetry, clock: SetClock, project_id: int
) -> None:
    feed.send(project_id, error("KeyError", "gone"), error("OSError", "kept"))
    with records.read() as session:
        gone = session.scalars(select(Issue.id).where(Issue.title == "KeyError: gone")).one()
    clock.advance(1)
    assert ada.delete(f"/organizations/acme/issues/{gone}/").status_code == 202
    clock.advance(1)
    feed.send(project_id, error("KeyError", "new"))
    clock.advance(60)
    until_done(records, telemetry, clock)
    assert titles(telemetry) == ["KeyError: new", "OSError: kept"]


def test_a_deletion_waits_until_what_was_received_before_is_stored(
    ada: Client, feed: Feed, records: Records, telemetry: Telemetry, clock: SetClock, project_id: int
) -> None:
    feed.send(project_id, error())
    ada.delete(f"/organizations/acme/issues/{issue_ids(records)[0]}/")
    run_deletions(records, telemetry, clock(), clock() - LAG_US)
    assert states(records) == ["queued"]


def test_a_crash_before_the_handle_is_kept_deletes_once_more(
    ada: Client, feed: Feed, records: Records, telemetry: Telemetry, clock: SetClock, project_id: int
) -> None:
    feed.send(project_id, error())
    clock.advance(1)
    ada.delete(f"/organizations/acme/issues/{issue_ids(records)[0]}/")
    clock.advance(60)
    run_deletions(records, telemetry, clock(), clock() - LAG_US)
    with records.write() as session:
        session.execute(update(Job).values(state="queued", progress={}))
    until_done(records, telemetry, clock)
    assert titles(telemetry) == []


def test_a_deleted_project_goes_with_everything(
    ada: Client, feed: Feed, records: Records, telemetry: Telemetry, clock: SetClock, project_id: int
) -> None:
    feed.send(project_id, *(error(f"Error{number}") for number in range(5)))
    metric = {"name": "orders", "type": "counter", "value": 1}
    feed.send_items(project_id, ("log", container({"body": "gone"})), ("trace_metric", container(metric)))
    assert (count_of(telemetry, "logs"), count_of(telemetry, "metrics")) == (1, 1)
    clock.advance(1)
    assert ada.delete("/projects/acme/api/").status_code == 204
    clock.advance(60)
    until_done(records, telemetry, clock)
    assert titles(telemetry) == []
    assert (count_of(telemetry, "logs"), count_of(telemetry, "metrics")) == (0, 0)
    with records.read() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Project, Issue)]
    assert counts == [0, 0]
    forget_jobs(records, clock() + 8 * 86_400_000_000)
    assert states(records) == []


@pytest.mark.parametrize("count", [3])
def test_issues_deleted_together_are_one_mutation(
    ada: Client,
    feed: Feed,
    records: Records,
    telemetry: Telemetry,
    clock: SetClock,
    project_id: int,
    count: int,
) -> None:
    feed.send(project_id, *(error(f"Error{number}") for number in range(count)))
    clock.advance(1)
    query = "&".join(f"id={id_}" for id_ in issue_ids(records))
    assert ada.delete(f"/organizations/acme/issues/?{query}").status_code == 204
    clock.advance(60)
    run_deletions(records, telemetry, clock(), clock() - LAG_US)
    with records.read() as session:
        handles = {progress["handle"] for progress in session.scalars(select(Job.progress))}
    assert len(handles) == 1
    until_done(records, telemetry, clock)

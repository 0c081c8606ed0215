"""Quotas of projects and organizations, on both stores."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from tests.conftest import SetClock
from tests.support.worlds import World
from vedette.core.time import SECOND_US
from vedette.projects.quotas import Charge, charge, quotas_of
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Project, QuotaFlag


def count_in(records: Records, charges: Sequence[Charge]) -> set[int]:
    with records.connect() as connection:
        return charge(connection, quotas_of(connection, {one.project_id for one in charges}), charges)


def flags(records: Records) -> list[tuple[str, int, str, int]]:
    with records.read() as session:
        query = select(QuotaFlag.scope, QuotaFlag.scope_id, QuotaFlag.category, QuotaFlag.until_us)
        return sorted((row[0], row[1], row[2], row[3]) for row in session.execute(query))


def limit(records: Records, project_id: int, *quotas: dict[str, object]) -> None:
    with records.write() as session:
        session.execute(
            update(Project).where(Project.id == project_id).values(options={"quotas": list(quotas)})
        )


@pytest.fixture
def project_id(world: World) -> int:
    return world.project(world.organization())


def errors(project_id: int, at_us: int, many: int) -> list[Charge]:
    return [Charge(project_id, "error", at_us)] * many


def test_without_quotas_everything_passes(records: Records, project_id: int, clock: SetClock) -> None:
    assert count_in(records, errors(project_id, clock(), 50)) == set()
    assert count_in(records, errors(999, clock(), 1)) == set()
    assert flags(records) == []


def test_a_quota_is_exact_over_batches_and_then_flagged(
    records: Records, project_id: int, clock: SetClock
) -> None:
    limit(records, project_id, {"count": 10, "window_s": 60, "category": "error"})
    assert count_in(records, errors(project_id, clock(), 7)) == set()
    assert flags(records) == []
    assert count_in(records, errors(project_id, clock(), 7)) == {3, 4, 5, 6}
    window_ends = clock() - clock() % (60 * SECOND_US) + 60 * SECOND_US
    assert flags(records) == [("project", project_id, "error", window_ends)]
    assert count_in(records, errors(project_id, clock(), 2)) == {0, 1}
    assert count_in(records, [Charge(project_id, "transaction", clock())]) == set()
    clock.advance(60)
    assert count_in(records, errors(project_id, clock(), 10)) == set()
    assert flags(records) == [("project", project_id, "error", window_ends + 60 * SECOND_US)]


def test_a_container_that_does_not_fit_whole_is_refused_whole(
    records: Records, project_id: int, clock: SetClock
) -> None:
    limit(records, project_id, {"count": 100, "window_s": 60, "category": "log_item"})
    containers = [Charge(project_id, "log_item", clock(), quantity) for quantity in (60, 50, 40)]
    assert count_in(records, containers) == {1, 2}
    assert [flag[2] for flag in flags(records)] == ["log_item"]


def test_a_batch_over_two_windows_is_counted_in_each(
    records: Records, project_id: int, clock: SetClock
) -> None:
    limit(records, project_id, {"count": 2, "window_s": 10, "category": ""})
    late = clock() + 10 * SECOND_US
    assert count_in(records, errors(project_id, clock(), 3) + errors(project_id, late, 3)) == {2, 5}


def test_an_organizations_quota_is_shared_by_its_projects(
    records: Records, world: World, clock: SetClock
) -> None:
    organization = world.organization(quotas=[{"count": 5, "window_s": 60}])
    first, second = world.project(organization, "a"), world.project(organization, "b")
    other = world.project(world.organization("other"), "c")
    mixed = errors(first, clock(), 3) + errors(other, clock(), 3) + errors(second, clock(), 3)
    assert count_in(records, mixed) == {8}
    assert [(scope, number) for scope, number, _, _ in flags(records)] == [("organization", organization)]


def test_a_quota_of_nothing_lets_nothing_through(records: Records, project_id: int, clock: SetClock) -> None:
    limit(records, project_id, {"count": 0, "window_s": 60, "category": ""})
    assert count_in(records, errors(project_id, clock(), 2)) == {0, 1}
    assert len(flags(records)) == 1

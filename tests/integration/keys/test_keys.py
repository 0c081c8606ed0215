"""The key directory on real stores: what is new works, what is revoked stops, strangers cost little."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import event, insert, update
from sqlalchemy.exc import OperationalError

from tests.support.worlds import World
from vedette.core.time import SECOND_US
from vedette.projects import keys as keys_module
from vedette.projects.keys import KeyDirectory, KeyInfo, KeysUnavailable
from vedette.projects.rates import KeyRate
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Organization, Project, ProjectKey, QuotaFlag


def now_us() -> int:
    return time.time_ns() // 1000


def add_key(records: Records, project_id: int, **more: object) -> str:
    public_key = secrets.token_hex(16)
    with records.write() as session:
        session.add(
            ProjectKey(
                project_id=project_id,
                public_key=public_key,
                secret_key=secrets.token_hex(16),
                created_us=0,
                options={},
                **more,
            )
        )
    return public_key


@pytest.fixture
def project_id(world: World) -> int:
    return world.project(world.organization())


@pytest.fixture
async def keys(records: Records) -> AsyncIterator[KeyDirectory]:
    directory = KeyDirectory(records, clock=now_us)
    yield directory
    await directory.stop()


async def eventually(holds: Callable[[], bool], *, within_s: float) -> bool:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if holds():
            return True
        await asyncio.sleep(0.02)
    return holds()


async def test_a_key_is_found_with_all_that_holds_for_it(
    records: Records, project_id: int, keys: KeyDirectory
) -> None:
    public_key = add_key(records, project_id, rate_count=100, rate_window_s=60)
    key = await keys.find(public_key)
    assert key is not None
    assert (key.public_key, key.project_id) == (public_key, project_id)
    assert (key.is_active, key.is_project_active, key.is_organization_active) == (True, True, True)
    assert (key.rate, key.origins) == (KeyRate(100, 60), None)


async def test_allowed_origins_come_with_the_key(
    records: Records, project_id: int, keys: KeyDirectory
) -> None:
    with records.write() as session:
        session.execute(update(Project).values(options={"allowed_origins": ["example.com"]}))
    key = await keys.find(add_key(records, project_id))
    assert key is not None
    assert key.origins is not None
    assert [pattern.host for pattern in key.origins] == ["example.com"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (update(ProjectKey).values(is_active=False), "is_active"),
        (update(Project).values(status="deleting"), "is_project_active"),
        (update(Organization).values(status="deleting"), "is_organization_active"),
    ],
    ids=["key", "project", "organization"],
)
async def test_what_is_revoked_stops(
    records: Records, project_id: int, keys: KeyDirectory, change: object, field: str
) -> None:
    public_key = add_key(records, project_id)
    assert await keys.find(public_key) is not None
    with records.write() as session:
        session.execute(change)  # type: ignore[call-overload]  # an update of one table or another
    await keys.refresh_keys()
    key = await keys.find(public_key)
    assert key is not None
    assert getattr(key, field) is False


async def test_a_deleted_key_is_unknown(records: Records, project_id: int, keys: KeyDirectory) -> None:
    public_key = add_key(records, project_id)
    assert await keys.find(public_key) is not None
    with records.write() as session:
        session.execute(ProjectKey.__table__.delete())  # type: ignore[attr-defined]  # FromClause is a Table here
    await keys.refresh_keys()
    assert await keys.find(public_key) is None


async def test_a_new_key_works_within_a_second_and_a_revoked_one_stops_within_five_in_every_process(
    records: Records, project_id: int
) -> None:
    directories = [KeyDirectory(records, clock=now_us) for _ in range(2)]
    for directory in directories:
        await directory.start()
        await directory.find("unknown")  # was tried before it was made
    public_key = add_key(records, project_id)
    started = time.monotonic()
    for directory in directories:
        while await directory.find(public_key) is None:
            await asyncio.sleep(0.01)
    assert time.monotonic() - started < 1
    with records.write() as session:
        session.execute(update(ProjectKey).values(is_active=False))
    started = time.monotonic()
    for directory in directories:
        while True:
            key = await directory.find(public_key)
            assert key is not None
            if not key.is_active:
                break
            await asyncio.sleep(0.05)
    assert time.monotonic() - started < 5
    for directory in directories:
        await directory.stop()


async def test_strangers_trying_keys_cost_few_queries(records: Records, keys: KeyDirectory) -> None:
    queries = 0

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal queries
        queries += statement.startswith("SELECT")

    event.listen(records.engine, "before_cursor_execute", count)
    tried = [secrets.token_hex(16) for _ in range(1500)]
    assert await asyncio.gather(*(keys.find(key) for key in tried)) == [None] * 1500
    assert await asyncio.gather(*(keys.find(key) for key in tried)) == [None] * 1500
    event.remove(records.engine, "before_cursor_execute", count)
    assert queries <= 4


async def test_past_a_bound_strangers_are_told_to_come_back(
    records: Records, keys: KeyDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_module, "MAX_ASKED", 10)
    tried = [keys.find(secrets.token_hex(16)) for _ in range(12)]
    results = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(result, KeysUnavailable) for result in results) == 2


async def test_without_the_store_known_keys_go_on_and_others_wait(
    records: Records, project_id: int, keys: KeyDirectory
) -> None:
    public_key = add_key(records, project_id)
    await keys.find(public_key)

    def fail(*_: object) -> None:
        raise OperationalError("", {}, Exception("away"))

    event.listen(records.engine, "before_cursor_execute", fail)
    assert await keys.find(public_key) is not None
    with pytest.raises(KeysUnavailable):
        await keys.find("f" * 32)
    with pytest.raises(OperationalError):
        await keys.refresh_keys()
    assert await keys.find(public_key) is not None
    event.remove(records.engine, "before_cursor_execute", fail)
    await asyncio.sleep(0.1)
    assert await keys.find("f" * 32) is None


async def test_without_the_store_a_key_is_known_that_was_never_used_here(
    records: Records, project_id: int, keys: KeyDirectory
) -> None:
    old = add_key(records, project_id)
    await keys.refresh_keys()
    new = add_key(records, project_id)
    await keys.refresh_keys()

    def fail(*_: object) -> None:
        raise OperationalError("", {}, Exception("away"))

    event.listen(records.engine, "before_cursor_execute", fail)
    found = [await keys.find(key) for key in (old, new)]
    event.remove(records.engine, "before_cursor_execute", fail)
    assert [key.public_key for key in found if key] == [old, new]


async def test_flags_become_limits_of_their_scope_until_their_time(
    records: Records, keys: KeyDirectory
) -> None:
    now = now_us()
    flags = [
        ("project", 7, "error", now + 90 * SECOND_US, "quota"),
        ("organization", 3, "", now + 10 * SECOND_US, "quota"),
        ("project", 8, "error", now + 90 * SECOND_US, "quota"),
        ("project", 7, "span", now - 1, "quota"),
    ]
    names = ("scope", "scope_id", "category", "until_us", "reason")
    with records.write() as session:
        session.execute(insert(QuotaFlag), [dict(zip(names, flag, strict=True)) for flag in flags])
    assert keys.limits(KeyInfo(1, "k", 7, 3)) == ()
    await keys.refresh_limits()
    project, organization = keys.limits(KeyInfo(1, "k", 7, 3))
    assert (project.categories, project.scope, project.reason) == (("error",), "project", "quota")
    assert 88 <= project.retry_after_s <= 90
    assert (organization.categories, organization.scope) == ((), "organization")
    assert keys.limits(KeyInfo(1, "k", 9, 4)) == ()

"""Which keys there are and what holds for them, as receivers ask on each request.

Answers come from memory. Keys are read ahead, the newest first; one not in memory is asked for
in the records store, many in one query, so that strangers trying keys cost a bounded number of
queries; keys in memory are read again every two seconds, limits every second. When the store
is away, what is in memory stays: also keys that this process has never been sent.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import msgspec
import structlog
from sqlalchemy import Executable, select
from sqlalchemy.exc import SQLAlchemyError

from vedette.core.time import SECOND_US, Clock
from vedette.projects.options import ProjectOptions, decode
from vedette.projects.rates import KeyRate, KeyRates
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Organization, Project, ProjectKey, QuotaFlag
from vedette.wire.origins import OriginPattern, parse_origins
from vedette.wire.rate_limits import RateLimit, Scope

REFRESH_KEYS_S = 2.0  # a revoked key stops within this and the time of a query
REFRESH_LIMITS_S = 1.0
UNKNOWN_US = SECOND_US // 2  # how long a key stays unknown before it is asked for again
MAX_UNKNOWN = 10_000
MAX_ASKED = 5_000  # keys waiting for an answer; whoever comes after them is told to try later
ASK_AT_MOST = 500  # keys in one query
AHEAD_MOST = 2_000  # keys read before anybody has used them; 10 ms of each refresh
ASK_EVERY_S = 0.05
_log = structlog.get_logger(__name__)
_Result = TypeVar("_Result")
_KEYS = (
    select(
        ProjectKey.id,
        ProjectKey.public_key,
        ProjectKey.is_active,
        ProjectKey.rate_count,
        ProjectKey.rate_window_s,
        Project.id.label("project_id"),
        Project.organization_id,
        Project.status.label("project_status"),
        Project.options,
        Organization.status.label("organization_status"),
    )
    .join(Project, Project.id == ProjectKey.project_id)
    .join(Organization, Organization.id == Project.organization_id)
)


class KeyInfo(msgspec.Struct, frozen=True):
    """One public key and what a receiver must know of it. `origins`: None for any."""

    key_id: int
    public_key: str
    project_id: int
    organization_id: int
    is_active: bool = True
    is_project_active: bool = True
    is_organization_active: bool = True
    rate: KeyRate | None = None
    origins: tuple[OriginPattern, ...] | None = None


class KeysUnavailable(Exception):
    """The key is not in memory and the records store does not answer."""


class Keys(Protocol):
    """What receiving asks of the keys. Every answer comes from memory in the common case."""

    def known(self, public_key: str) -> KeyInfo | None:
        """The key if it is in memory."""
        ...

    async def find(self, public_key: str) -> KeyInfo | None:
        """The key, None when there is none. Raises `KeysUnavailable`."""
        ...

    def limits(self, key: KeyInfo) -> tuple[RateLimit, ...]:
        """Limits that are used up now for the key, its project or its organization."""
        ...

    async def take(self, key: KeyInfo, events: int) -> RateLimit | None:
        """Count events against the key's own rate; the limit when it is used up."""
        ...


class KeyDirectory:
    """The keys of the records store. Belongs to one event loop.

    A new key works at the next request, or half a second after it was last tried in vain; a
    revoked one stops within three seconds; both in every process that has a directory.
    """

    def __init__(self, records: Records, *, clock: Clock, processes: int = 2) -> None:
        """`processes`: how many share a key's rate limit; only the size of their shares depends on it."""
        self._records = records
        self._clock = clock
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="keys")
        self._rates = KeyRates(records, clock=clock, processes=processes, threads=self._threads)
        self._known: dict[str, KeyInfo] = {}
        self._newest_id = 0  # of the keys read ahead
        self._unknown: dict[str, int] = {}  # key → until when it is not asked for again
        self._asked: dict[str, asyncio.Future[KeyInfo | None]] = {}
        self._asking: asyncio.Task[None] | None = None
        self._flags: dict[tuple[str, int], list[_Flag]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to refresh. Does not wait for the store."""
        self._tasks = [
            asyncio.create_task(_every(REFRESH_KEYS_S, self.refresh_keys)),
            asyncio.create_task(_every(REFRESH_LIMITS_S, self.refresh_limits)),
        ]

    async def stop(self) -> None:
        tasks = self._tasks if self._asking is None else [*self._tasks, self._asking]
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._threads.shutdown()

    def known(self, public_key: str) -> KeyInfo | None:
        """The key if it is in memory."""
        return self._known.get(public_key)

    async def find(self, public_key: str) -> KeyInfo | None:
        """The key, None when there is none. Raises `KeysUnavailable`."""
        key = self._known.get(public_key)
        if key is not None:
            return key
        if self._unknown.get(public_key, 0) > self._clock():
            return None
        asked = self._asked.get(public_key)
        if asked is None:
            if len(self._asked) >= MAX_ASKED:
                raise KeysUnavailable("too many unknown keys are being tried")
            asked = self._asked[public_key] = asyncio.get_running_loop().create_future()
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(asked)

    def limits(self, key: KeyInfo) -> tuple[RateLimit, ...]:
        """Limits that are used up now for the key, its project or its organization."""
        if not self._flags:
            return ()
        now = self._clock()
        scopes: tuple[tuple[Scope, int], ...] = (
            ("key", key.key_id),
            ("project", key.project_id),
            ("organization", key.organization_id),
        )
        return tuple(
            RateLimit(-(-(flag.until_us - now) // SECOND_US), flag.categories, scope, flag.reason)
            for scope, number in scopes
            for flag in self._flags.get((scope, number), ())
            if flag.until_us > now
        )

    async def take(self, key: KeyInfo, events: int) -> RateLimit | None:
        """Count events against the key's own rate; the limit when it is used up."""
        return None if key.rate is None else await self._rates.take(key.key_id, key.rate, events)

    async def refresh_keys(self) -> None:
        """Read the keys in memory again, then those made since. Raises `SQLAlchemyError`."""
        asked = list(self._known)
        for start in range(0, len(asked), ASK_AT_MOST):
            names = asked[start : start + ASK_AT_MOST]
            found = await self._in_thread(lambda names=names: self._read(names))
            for name in names:
                if name not in found:
                    self._known.pop(name, None)
            self._known.update(found)
        new = await self._in_thread(self._read_new)
        self._known.update(new)
        self._newest_id = max([self._newest_id, *(key.key_id for key in new.values())])

    async def refresh_limits(self) -> None:
        """Read the limits that are used up. Raises `SQLAlchemyError`."""
        self._flags = await self._in_thread(self._read_flags)

    async def _ask(self) -> None:
        while self._asked:
            names = list(self._asked)[:ASK_AT_MOST]
            try:
                found = await self._in_thread(lambda names=names: self._read(names))
            except SQLAlchemyError as error:
                self._answer_all(names, error)
            else:
                self._learn(names, found)
            await asyncio.sleep(ASK_EVERY_S if self._asked else 0)

    def _learn(self, names: Sequence[str], found: dict[str, KeyInfo]) -> None:
        self._known.update(found)
        if len(self._unknown) + len(names) > MAX_UNKNOWN:
            self._unknown.clear()
        until_us = self._clock() + UNKNOWN_US
        for name in names:
            if name not in found:
                self._unknown[name] = until_us
            asked = self._asked.pop(name)
            if not asked.done():
                asked.set_result(found.get(name))

    def _answer_all(self, names: Sequence[str], error: SQLAlchemyError) -> None:
        _log.warning("keys_unavailable", error=str(error)[:200])
        for name in names:
            asked = self._asked.pop(name)
            if not asked.done():
                asked.set_exception(KeysUnavailable("the records store does not answer"))
                asked.exception()  # seen, even when the client has gone

    def _read(self, names: Sequence[str]) -> dict[str, KeyInfo]:
        return self._run(_KEYS.where(ProjectKey.public_key.in_(names)))

    def _read_new(self) -> dict[str, KeyInfo]:
        newest = _KEYS.where(ProjectKey.id > self._newest_id).order_by(ProjectKey.id.desc())
        return self._run(newest.limit(AHEAD_MOST))

    def _run(self, query: Executable) -> dict[str, KeyInfo]:
        with self._records.read() as session:
            return {row.public_key: _key_info(row) for row in session.execute(query)}

    def _read_flags(self) -> dict[tuple[str, int], list["_Flag"]]:
        query = select(
            QuotaFlag.scope, QuotaFlag.scope_id, QuotaFlag.category, QuotaFlag.until_us, QuotaFlag.reason
        ).where(QuotaFlag.until_us > self._clock())
        flags: dict[tuple[str, int], list[_Flag]] = {}
        with self._records.read() as session:
            for scope, number, category, until_us, reason in session.execute(query):
                flag = _Flag((category,) if category else (), until_us, reason)
                flags.setdefault((scope, number), []).append(flag)
        return flags

    async def _in_thread(self, function: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)


class _Flag(msgspec.Struct, frozen=True):
    categories: tuple[str, ...]
    until_us: int
    reason: str


def _key_info(row: Any) -> KeyInfo:
    rate = KeyRate(row.rate_count, row.rate_window_s) if row.rate_count and row.rate_window_s else None
    return KeyInfo(
        key_id=row.id,
        public_key=row.public_key,
        project_id=row.project_id,
        organization_id=row.organization_id,
        is_active=row.is_active,
        is_project_active=row.project_status == "active",
        is_organization_active=row.organization_status == "active",
        rate=rate,
        origins=parse_origins(decode(ProjectOptions, row.options).allowed_origins),
    )


async def _every(seconds: float, refresh: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await refresh()
        except SQLAlchemyError as error:  # what is in memory stays, until the store is back
            _log.warning("keys_not_refreshed", error=str(error)[:200])
        await asyncio.sleep(seconds)

"""What handlers are given. Built once, by `vedette.app`."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Protocol

import msgspec

from vedette.config import Settings
from vedette.core.time import Clock
from vedette.errors.summaries import Summaries
from vedette.projects.links import PasswordLinks
from vedette.projects.mail import Mailer
from vedette.projects.sessions import Sessions
from vedette.projects.tokens import LastUsed
from vedette.spool.record import SpoolRecord
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry

Append = Callable[[SpoolRecord], object]  # durable when it returns; raises `SpoolFull`, `SpoolFailed`


class LiveHub(Protocol):
    """Tells open pages that something has changed."""

    @property
    def is_crowded(self) -> bool: ...

    def poke(self, organization_id: int, what: str) -> None: ...

    def listen(
        self, organization_id: int, project_ids: frozenset[int], watched: Mapping[int, str] | None = None
    ) -> AsyncIterator[bytes]: ...

    def tail(self, look: Callable[[], bytes], every_s: float) -> AsyncIterator[bytes]: ...


class Services(msgspec.Struct, frozen=True):
    settings: Settings
    records: Records
    telemetry: Telemetry
    clock: Clock
    mailer: Mailer
    sessions: Sessions
    password_links: PasswordLinks
    last_used: LastUsed
    live: LiveHub | None = None
    append: Append | None = None  # where this process has a spool
    summaries: Summaries = msgspec.field(default_factory=Summaries)


def services_of(
    settings: Settings,
    records: Records,
    telemetry: Telemetry,
    clock: Clock,
    mailer: Mailer,
    signing_key: str,
    live: LiveHub | None = None,
    append: Append | None = None,
) -> Services:
    """Services over these stores, signing with the server's key."""
    return Services(
        settings=settings,
        records=records,
        telemetry=telemetry,
        clock=clock,
        mailer=mailer,
        sessions=Sessions(signing_key),
        password_links=PasswordLinks(signing_key),
        last_used=LastUsed(records),
        live=live,
        append=append,
    )

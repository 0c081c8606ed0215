"""What handlers are given. Built once, by `vedette.app`."""

from typing import Protocol

import msgspec

from vedette.config import Settings
from vedette.core.time import Clock
from vedette.projects.mail import Mailer
from vedette.projects.sessions import Sessions
from vedette.projects.tokens import LastUsed
from vedette.storage.records.database import Records


class LiveHub(Protocol):
    """Tells open pages that something has changed."""

    def poke(self, organization_id: int, what: str) -> None: ...


class Services(msgspec.Struct, frozen=True):
    settings: Settings
    records: Records
    clock: Clock
    mailer: Mailer
    sessions: Sessions
    last_used: LastUsed
    telemetry: object = None
    live: LiveHub | None = None

"""The last step of every accepted request: onto disk."""

from collections.abc import Sequence

from vedette.core.time import Clock
from vedette.projects.keys import KeyInfo
from vedette.receive.body import no_room
from vedette.receive.refusal import Counted
from vedette.receive.request import Request
from vedette.spool.appender import BodyFile
from vedette.spool.record import RecordKind, SpoolRecord
from vedette.spool.space import SpoolFull
from vedette.spool.writer import OnCommit, SpoolFailed, SpoolWriter


class Intake:
    """Writes requests to the spool, with what only the request knows."""

    def __init__(self, spool: SpoolWriter, *, clock: Clock) -> None:
        self._spool = spool
        self._clock = clock

    async def keep(
        self,
        kind: RecordKind,
        request: Request,
        key: KeyInfo,
        event_id: str,
        items: Sequence[Counted],
        *,
        limited: tuple[str, ...] = (),
        encoding: str,
        body: bytes,
        file: BodyFile | None = None,
    ) -> None:
        """Returns once the request is durable. `body` is as received, or in `file`.

        Raises `Refusal` of all `items` when the spool takes nothing now.
        """
        outside_bytes = 0 if file is None else file.size_bytes
        record = self._record(
            kind, request, key, event_id, limited=limited, encoding=encoding, body=body, outside=outside_bytes
        )
        try:
            await self._spool.append(record, body=file)
        except (SpoolFull, SpoolFailed) as error:
            raise no_room(error, items) from error

    def keep_soon(
        self,
        kind: RecordKind,
        request: Request,
        key: KeyInfo,
        event_id: str,
        *,
        encoding: str,
        body: bytes,
        done: OnCommit,
    ) -> None:
        """As `keep`, for a body in memory: `done` is called once the request is durable, or is not.

        Raises `SpoolFull`; then it is not called.
        """
        record = self._record(
            kind, request, key, event_id, limited=(), encoding=encoding, body=body, outside=0
        )
        self._spool.append_soon(record, done)

    def _record(
        self,
        kind: RecordKind,
        request: Request,
        key: KeyInfo,
        event_id: str,
        *,
        limited: tuple[str, ...],
        encoding: str,
        body: bytes,
        outside: int,
    ) -> SpoolRecord:
        return SpoolRecord(
            kind,
            self._clock(),
            key.project_id,
            key.key_id,
            key.organization_id,
            event_id,
            encoding,
            request.client_ip,
            request.said.user_agent,
            request.sentry_client,
            request.said.origin,
            limited,
            body=body,
            outside_bytes=outside,
        )

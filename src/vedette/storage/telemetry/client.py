"""The telemetry store as every process but the engine sees it.

The same calls go to the engine and to a real ClickHouse server. Knows SQL text, columns and
tokens; knows nothing of events.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_from_bytes

import msgspec

from vedette.storage.telemetry.blocks import Columns, CutShort, decode_blocks
from vedette.storage.telemetry.columns import Column
from vedette.storage.telemetry.connection import Address, Connections, Reply
from vedette.storage.telemetry.errors import (
    BlockTooLarge,
    TelemetryError,
    TelemetryRefused,
    TelemetryUnavailable,
    error_for,
)
from vedette.storage.telemetry.native import BadColumn, Block, Values, encode_block
from vedette.storage.telemetry.parameters import to_parameter
from vedette.storage.telemetry.rows import JSON_SETTINGS, Rows, parse_rows

MAX_BLOCK_BYTES = 64 << 20  # the engine refuses more
_GRACE_S = 5.0  # beyond a read's own limit, before its connection is given up

# One request is one block, so that its token covers all of it or nothing.
_INSERT_SETTINGS = {
    "insert_deduplicate": "1",
    "max_insert_threads": "1",
    "max_insert_block_size": "1048576",
    "min_insert_block_size_rows": "1048576",
    "min_insert_block_size_bytes": str(512 << 20),
}
_READ_SETTINGS = {"readonly": "1", "wait_end_of_query": "1"}
_ROW_SETTINGS = {**JSON_SETTINGS, **_READ_SETTINGS, "default_format": "JSONCompact"}
_COLUMN_SETTINGS = {**_READ_SETTINGS, "default_format": "Native"}


class Telemetry:
    """Reads and writes telemetry; thread-safe, blocking. Every call raises `TelemetryError`s only."""

    def __init__(self, address: Address) -> None:
        self._connections = Connections(address)
        self._common = {"database": address.database} if address.database else {}

    def insert(
        self,
        table: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Any]],
        *,
        token: str,
        timeout_s: float = 60.0,
    ) -> None:
        """Insert rows as one block, once per token: a second call with the same token changes nothing.

        When it returns, the rows are on disk. Raises `TelemetryUnavailable` when the outcome is
        unknown or the store is out (call again with the same rows and token), `BlockTooLarge` when
        they are too many bytes for one block, `TelemetryRefused` when these rows can never be stored.
        """
        if rows:
            self.insert_columns(
                table, columns, list(zip(*rows, strict=True)), token=token, timeout_s=timeout_s
            )

    def insert_columns(
        self,
        table: str,
        columns: Sequence[Column],
        values: Values,
        *,
        token: str,
        timeout_s: float = 60.0,
    ) -> None:
        """As `insert`, the rows given as one sequence of values per column, or packed."""
        try:
            block = encode_block([(column.name, column.travels_as) for column in columns], values)
        except BadColumn as error:
            raise TelemetryRefused(f"{table}: {error}") from error
        if block.size_bytes > MAX_BLOCK_BYTES:
            raise BlockTooLarge(f"{table}: the block is {block.size_bytes} bytes, limit is {MAX_BLOCK_BYTES}")
        settings = {
            **_INSERT_SETTINGS,
            "insert_deduplication_token": token,
            "query": _insert_sql(table, columns),
        }
        self._ask(settings, block, timeout_s=timeout_s, repeatable=True, reading=False)

    def query(
        self,
        sql: str,
        parameters: Mapping[str, object] | None = None,
        *,
        max_seconds: float = 10.0,
        settings: Mapping[str, str | int] | None = None,
    ) -> list[dict[str, object]]:
        """Rows of a SELECT as dicts; see `query_rows`."""
        return self.query_rows(sql, parameters, max_seconds=max_seconds, settings=settings).dicts()

    def query_rows(
        self,
        sql: str,
        parameters: Mapping[str, object] | None = None,
        *,
        max_seconds: float = 10.0,
        settings: Mapping[str, str | int] | None = None,
    ) -> Rows:
        """Rows of a SELECT with `{name:Type}` parameters, read-only and within limits.

        Settings go in `settings`, never into the SQL. Raises `TelemetryLimit` when it needs more
        than it may have.
        """
        given = {name: str(value) for name, value in (settings or {}).items()}
        body = self._read(sql, parameters or {}, _ROW_SETTINGS | given, max_seconds)
        try:
            return parse_rows(body)
        except msgspec.DecodeError as error:
            raise TelemetryUnavailable(f"the answer was cut short: {error}") from error

    def query_columns(
        self,
        sql: str,
        parameters: Mapping[str, object] | None = None,
        *,
        max_seconds: float = 10.0,
        settings: Mapping[str, str | int] | None = None,
    ) -> Columns:
        """As `query_rows`, by columns: for thousands of rows of numbers and `LowCardinality(String)` alone.

        Times are integers in the unit of their type.
        """
        given = {name: str(value) for name, value in (settings or {}).items()}
        body = self._read(sql, parameters or {}, _COLUMN_SETTINGS | given, max_seconds)
        try:
            return decode_blocks(body)
        except CutShort as error:
            raise TelemetryUnavailable(f"the answer was cut short: {error}") from error

    def command(
        self,
        sql: str,
        parameters: Mapping[str, object] | None = None,
        *,
        settings: Mapping[str, str | int] | None = None,
        timeout_s: float = 600.0,
    ) -> str:
        """Run DDL, a mutation or a backup; returns the answer's text."""
        target = {name: str(value) for name, value in (settings or {}).items()}
        body = self._ask(
            target, sql.encode(), parameters or {}, timeout_s=timeout_s, repeatable=False, reading=False
        )
        return body.decode("utf-8", "replace")

    def ping(self) -> bool:
        """Whether the store takes statements."""
        try:
            return self.query_rows("SELECT 1", max_seconds=2).rows == [[1]]
        except TelemetryError:
            return False

    def give_back(self) -> None:
        """Free the memory that waits for the next insert."""
        self._connections.give_back()

    def close(self) -> None:
        self._connections.close()

    def _read(
        self, sql: str, parameters: Mapping[str, object], settings: Mapping[str, str], max_seconds: float
    ) -> bytes:
        return self._ask(
            {**settings, "max_execution_time": f"{max(1, round(max_seconds))}"},
            sql.encode(),
            parameters,
            timeout_s=max_seconds + _GRACE_S,
            repeatable=True,
            reading=True,
        )

    def _ask(
        self,
        settings: Mapping[str, str],
        body: bytes | Block,
        parameters: Mapping[str, object] | None = None,
        *,
        timeout_s: float,
        repeatable: bool,
        reading: bool,
    ) -> bytes:
        target = _target({**self._common, **settings}, parameters or {})
        reply = self._connections.post(target, body, timeout_s=timeout_s, repeatable=repeatable)
        if reply.status != 200 or reply.code:
            raise _error(reply, reading)
        return reply.body


def _error(reply: Reply, reading: bool) -> TelemetryError:
    message = reply.body[:2000].decode("utf-8", "replace").strip()
    return error_for(reply.status, reply.code, message, reading=reading)


def _insert_sql(table: str, columns: Sequence[Column]) -> str:
    names = ", ".join(f"`{column.name}`" for column in columns)
    if not any(column.expression for column in columns):
        return f"INSERT INTO {table} ({names}) FORMAT Native"
    selected = ", ".join(column.expression or f"`{column.name}`" for column in columns)
    structure = ", ".join(f"`{column.name}` {column.travels_as}" for column in columns)
    source = structure.replace("\\", "\\\\").replace("'", "\\'")
    # Tables and columns are named by our own code, never by a request.
    return f"INSERT INTO {table} ({names}) SELECT {selected} FROM input('{source}') FORMAT Native"  # noqa: S608


def _target(settings: Mapping[str, str], parameters: Mapping[str, object]) -> str:
    pairs = [f"{name}={quote_from_bytes(value.encode(), safe='')}" for name, value in settings.items()]
    pairs += [
        f"param_{name}={quote_from_bytes(to_parameter(value), safe='')}" for name, value in parameters.items()
    ]
    return "/?" + "&".join(pairs)

"""From an HTTP request to a job: credentials, query string, settings and parameters. No I/O."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from vedette.storage.engine.errors import BAD_REQUEST, READONLY, WRONG_PASSWORD, EngineError
from vedette.storage.engine.literals import substitute
from vedette.storage.engine.statements import Kind, kind_of

# Parts of the protocol that are no settings. Those that choose behaviour we do not have are refused.
_PROTOCOL = {
    "query", "database", "user", "password", "default_format", "query_id", "wait_end_of_query", "buffer_size",
    "client_protocol_version", "send_progress_in_http_headers", "readonly",
    "cancel_http_readonly_queries_on_client_close", "rows_at",
}  # fmt: skip
_REFUSED = {"session_id", "session_timeout", "session_check", "compress", "decompress", "role", "stacktrace"}
_QUERY_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class Request(NamedTuple):
    """The URL of a request, taken apart. Names are text, values bytes: a parameter may hold any."""

    query: str
    settings: dict[str, str]
    parameters: dict[str, bytes]
    format: str
    query_id: str
    readonly: bool
    rows_at: str  # where a client on this machine has the rows of an INSERT; empty: they come in the body


def parse_target(target: bytes) -> Request:
    """The request target's query string; raises `EngineError` for what we do not speak."""
    settings: dict[str, str] = {}
    parameters: dict[str, bytes] = {}
    protocol: dict[str, str] = {}
    for name, value in _pairs(target.partition(b"?")[2]):
        if name.startswith("param_"):
            parameters[name[6:]] = value
        elif name in _REFUSED:
            raise EngineError(BAD_REQUEST, f"{name} is not supported")
        else:
            (protocol if name in _PROTOCOL else settings)[name] = _text(value)
    return Request(
        query=protocol.get("query", ""),
        settings=settings,
        parameters=parameters,
        format=protocol.get("default_format", "TabSeparated"),
        query_id=_query_id(protocol.get("query_id", "")),
        readonly=protocol.get("readonly", "0") != "0",
        rows_at=protocol.get("rows_at", ""),
    )


def statement(request: Request, method: str, sql: str) -> tuple[Kind, str]:
    """Kind and text of the statement, parameters filled in; a GET or readonly request may only read."""
    kind = kind_of(sql)
    if kind != "read" and (method != "POST" or request.readonly):
        raise EngineError(READONLY, "cannot execute query in readonly mode")
    return kind, substitute(sql, request.parameters) if request.parameters or "{" in sql else sql


def authorized(headers: Mapping[str, str], secret: str) -> None:
    """Raise `EngineError` unless the request carries the secret: X-ClickHouse-Key, or Basic's password."""
    given = headers.get("x-clickhouse-key", "")
    basic = headers.get("authorization", "")
    if not given and basic.startswith("Basic "):
        given = _basic_password(basic[6:])
    if not hmac.compare_digest(given.encode(), secret.encode()):
        raise EngineError(WRONG_PASSWORD, "authentication failed: the secret is wrong or missing")


def _basic_password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _pairs(query: bytes) -> list[tuple[str, bytes]]:
    pairs: list[tuple[str, bytes]] = []
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        if name:
            pairs.append((_text(_plain(name)), _plain(value)))
    return pairs


def _plain(part: bytes) -> bytes:
    return unquote_to_bytes(part.replace(b"+", b" "))


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise EngineError(BAD_REQUEST, "the URL is not UTF-8") from None


def _query_id(text: str) -> str:
    if text and not _QUERY_ID.fullmatch(text):
        raise EngineError(BAD_REQUEST, "query_id may hold letters, digits and _ . : - only")
    return text

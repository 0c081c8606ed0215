"""Credentials of an ingest request, in every form clients send them.

Knows header and query text; whether a key exists is for the key directory to say.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qsl

import msgspec

from vedette.wire.dsn import DsnError, is_public_key, parse_dsn

NEWEST_VERSION = 8  # of the store protocol; SDKs of today say 7
_VERSION = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?")
_CACHED_BYTES = 1024  # longer ones are not kept: the cache stays under 4 MB
_PAIRS = re.compile(r"[,\s]+")


class AuthError(Exception):
    """Credentials that cannot be used: the status to answer, text for the sender, outcome reason."""

    def __init__(self, status: int, detail: str, reason: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.reason = reason


class Credentials(msgspec.Struct, frozen=True):
    """Who sends, as the request says. `client` is `name/version`, empty when not given."""

    public_key: str
    client: str = ""
    version: str = ""
    project_id: int | None = None  # only a DSN names it


def read_credentials(
    headers: Mapping[bytes, bytes], query: bytes, *, path_key: str = "", dsn: str = ""
) -> Credentials | None:
    """The credentials of a request, None when it has none at all.

    `headers` have lower-case names; `query` is the raw query string; `path_key` a key from
    the path; `dsn` that of the envelope header. Several are fine while they name one key;
    then the first in the order header, query, path, DSN counts.

    Raises `AuthError`: 401 for what cannot be read or differs, 400 for a malformed key or
    a version above 8.
    """
    sentry, authorization = headers.get(b"x-sentry-auth"), headers.get(b"authorization")
    size = len(sentry or b"") + len(authorization or b"") + len(query) + len(dsn)
    read = _read_cached if size <= _CACHED_BYTES else _read
    return read(sentry, authorization, query, path_key, dsn)


def _read(
    sentry: bytes | None, authorization: bytes | None, query: bytes, path_key: str, dsn: str
) -> Credentials | None:
    found = [
        credentials
        for credentials in (
            _from_sentry_header(sentry),
            _from_authorization(authorization),
            _from_query(query),
            Credentials(path_key) if path_key else None,
            _from_dsn(dsn) if dsn else None,
        )
        if credentials is not None
    ]
    return _agreed(found) if found else None


# A handful of keys send nearly all requests: 9 µs saved on each.
_read_cached = lru_cache(maxsize=2048)(_read)


def _agreed(found: list[Credentials]) -> Credentials:
    first = found[0]
    if any(other.public_key != first.public_key for other in found):
        raise AuthError(401, "multiple authorization payloads that differ", "multiple_auth")
    if not is_public_key(first.public_key):
        raise AuthError(400, "malformed sentry_key", "invalid_key")
    _check_version(first.version)
    projects = {other.project_id for other in found} - {None}
    return msgspec.structs.replace(first, project_id=projects.pop()) if projects else first


def _check_version(version: str) -> None:
    if version and not (_VERSION.fullmatch(version) and float(version) <= NEWEST_VERSION):
        raise AuthError(400, f"unsupported protocol version: {version[:16]!r}", "auth_version")


def _from_sentry_header(value: bytes | None) -> Credentials | None:
    if value is None:
        return None
    credentials = parse_auth_header(value)
    if credentials is None:
        raise AuthError(401, "bad x-sentry-auth header", "invalid_auth")
    return credentials


def _from_authorization(value: bytes | None) -> Credentials | None:
    if value is None:
        return None
    scheme = value.lstrip()[:7].lower()
    if scheme.startswith(b"sentry"):
        return _from_sentry_header(value)
    if scheme.startswith(b"basic "):
        return _from_basic(value.lstrip()[6:])
    return None  # another scheme, meant for a proxy on the way


def parse_auth_header(value: bytes) -> Credentials | None:
    """Credentials of `Sentry k=v, k=v`; None when the prefix or `sentry_key` is missing."""
    text = value.decode("latin-1").strip()
    if text[:6].lower() != "sentry" or not text[6:7].isspace():
        return None
    parts = (pair.partition("=") for pair in _PAIRS.split(text[7:]))
    return _from_pairs([(name, value) for name, _, value in parts])


def _from_pairs(found: list[tuple[str, str]]) -> Credentials | None:
    pairs = dict(found)
    key = pairs.get("sentry_key", "")
    if not key or any(name == "sentry_key" and value != key for name, value in found):
        return None
    return Credentials(key, pairs.get("sentry_client", ""), pairs.get("sentry_version", ""))


def _from_basic(value: bytes) -> Credentials:
    try:
        user = base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        user = ""
    if not user:
        raise AuthError(401, "bad authorization header", "invalid_auth")
    return Credentials(user)


def _from_query(query: bytes) -> Credentials | None:
    """Credentials from `sentry_key=…&sentry_version=…&sentry_client=…`; None without a key."""
    if b"sentry_key" not in query:
        return None
    return _from_pairs(parse_qsl(query.decode("latin-1")))


def _from_dsn(text: str) -> Credentials:
    try:
        dsn = parse_dsn(text)
    except DsnError as error:
        raise AuthError(401, f"bad dsn in envelope header: {error}", "invalid_dsn") from error
    return Credentials(dsn.public_key, project_id=dsn.project_id)

"""What a span did, so that equal work is grouped: category, description without literals and ids, action."""

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from vedette.normalize.coerce import as_list, as_object, encode
from vedette.tracing.names import is_id, without_ids
from vedette.tracing.remembered import SHORT, remembered
from vedette.tracing.span import Span
from vedette.tracing.sql import parse_query

_MAX_NORMALIZED = 500
_CATEGORY_OF_OP = {
    "db": "db", "query": "db", "sql": "db", "cache": "cache", "http": "http", "rpc": "http", "grpc": "http",
    "websocket": "http", "queue": "queue", "messaging": "queue", "topic": "queue", "gen_ai": "ai", "ai": "ai",
    "ui": "ui", "resource": "resource", "browser": "browser", "pageload": "browser", "navigation": "browser",
    "serialize": "serialize", "template": "template", "view": "template", "mcp": "mcp",
    "function": "function",
}  # fmt: skip
_AI_KEYS = frozenset(
    ("gen_ai.operation.name", "gen_ai.system", "gen_ai.provider.name", "gen_ai.request.model")
)


class Described(NamedTuple):
    """`system`: of the database, queue or AI provider. Empty for unknown."""

    category: str
    normalized: str
    group_hash: int  # 0 for none
    action: str
    domain: str
    system: str


class _Work(NamedTuple):
    """What of a span says what it did."""

    op: str
    text: str
    system: str
    method: str
    host: str
    target: str  # collection, queue


def describe(span: Span) -> Described:
    """What the span's row says it did."""
    texts = span.texts
    category = _category_of(span.op) or _category_by(texts, span.op)
    if category == "db":
        return _database(span)
    if category in ("http", "resource"):
        method = texts.get("http.request.method") or texts.get("http.method") or ""
        url = (
            ""
            if span.is_segment
            else texts.get("url.full") or texts.get("http.url") or texts.get("url") or ""
        )
        host = texts.get("server.address", "")
        return _described(category, span.op, span.description, "", method, host, url)
    if category == "queue":
        target = texts.get("messaging.destination.name") or texts.get("messaging.destination") or ""
        system = texts.get("messaging.system", "")
        return _described(category, span.op, span.description, system, "", "", target)
    if category == "ai":
        system = texts.get("gen_ai.provider.name") or texts.get("gen_ai.system") or ""
        action = texts.get("gen_ai.operation.name", "")
        return _described(category, span.op, span.description, system, action, "", "")
    return _described(category, span.op, span.description, texts.get("db.system", ""), "", "", "")


def group_hash(category: str, normalized: str) -> int:
    """64 bits of BLAKE2b of category and normalised description; 0 where there is none."""
    if not normalized:
        return 0
    text = f"{category}\0{normalized}".encode("utf-8", "replace")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


@lru_cache(maxsize=4096)
def _category_of(op: str) -> str:
    return _CATEGORY_OF_OP.get(op.partition(".")[0], "")


def _category_by(texts: Mapping[str, str], op: str) -> str:
    """The category where the operation tells none."""
    if not _AI_KEYS.isdisjoint(texts):
        return "ai"
    if op not in ("default", ""):
        return "other"
    if "db.system" in texts or "db.system.name" in texts:
        return "db"
    if "messaging.system" in texts:
        return "queue"
    if "http.request.method" in texts or "http.method" in texts:
        return "http"
    return "other"


def _database(span: Span) -> Described:
    texts = span.texts
    system = texts.get("db.system") or texts.get("db.system.name") or ""
    if not system and span.op.startswith("db.redis"):
        system = "redis"
    text = texts.get("db.query.text") or texts.get("db.statement") or span.description
    operation = texts.get("db.operation.name") or texts.get("db.operation") or ""
    collection = (
        texts.get("db.collection.name")
        or texts.get("db.mongodb.collection")
        or texts.get("db.sql.table")
        or ""
    )
    return _described("db", span.op, text, system, operation, "", collection)


def _described(
    category: str, op: str, text: str, system: str, method: str, host: str, target: str
) -> Described:
    chars = len(text) + len(system) + len(method) + len(host) + len(target)
    return (_short if chars <= SHORT else _long)(category, op, text, system, method, host, target)


def _read(category: str, op: str, text: str, system: str, method: str, host: str, target: str) -> Described:
    work = _Work(op, text, system, method, host, target)
    normalized, action, domain = _READERS.get(category, _plain)(work)
    normalized = normalized[:_MAX_NORMALIZED]
    return Described(
        category, normalized, group_hash(category, normalized), action[:64], domain[:200], system[:64]
    )


_short, _long = remembered(_read)

_Reading = tuple[str, str, str]  # normalised description, action, domain


# --- databases --------------------------------------------------------------------------------


def _query(work: _Work) -> _Reading:
    system = work.system.lower()
    if system == "redis" or work.op == "db.redis":
        command = work.text.split(maxsplit=1)[0].upper() if work.text else ""
        command = command if command.isalpha() else work.method.upper()
        return (f"{command} *" if command else _words(work.text), command, "")
    if system == "mongodb" or work.text.startswith("{"):
        return _mongo(work)
    query = parse_query(work.text)
    if query is None:
        return _words(work.text), work.method.upper() if work.method else "", work.target
    return query.normalized, query.action, ",".join(query.tables) or work.target


_MONGO_DEPTH = 4


def _mongo(work: _Work) -> _Reading:
    """A command as JSON: its keys, without values; `find users` otherwise."""
    try:
        command: object = msgspec.json.decode(work.text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        command = None
    shape = as_object(command)
    if not shape:
        words = work.text.split(maxsplit=2)
        action = work.method or (words[0] if words else "")
        return _words(work.text), action, work.target or (words[1] if len(words) == 2 else "")
    name, target = next(iter(shape.items()))
    collection = work.target or (target if isinstance(target, str) else "")
    shape = {key: value if key == name else _blank(value, _MONGO_DEPTH) for key, value in shape.items()}
    return encode(shape).decode(), work.method or name, collection


def _blank(value: object, depth: int) -> object:
    if depth and (fields := as_object(value)) is not None:
        return {key: _blank(item, depth - 1) for key, item in fields.items()}
    if depth and (items := as_list(value)):
        return [_blank(items[0], depth - 1)]
    return "?"


# --- HTTP -------------------------------------------------------------------------------------

_METHODS = frozenset(
    ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "QUERY")
)


def _request(work: _Work) -> _Reading:
    """`GET host/route` with ids replaced."""
    word, _, rest = work.text.partition(" ")
    method = word.upper() if word.upper() in _METHODS else work.method.upper()
    target = rest if word.upper() in _METHODS else work.text
    url = work.target or target
    host, path = _address(url)
    host = host or work.host
    if not host and not path.startswith("/"):
        return _words(f"{method} {target}".strip()), method, ""
    return f"{method} {host}{without_ids(path)}".strip(), method, host


def _address(url: str) -> tuple[str, str]:
    """Host (with a port that is not the scheme's) and path of a URL; of a path, itself."""
    if "://" not in url[:16]:
        return "", url.split("?", 1)[0].split("#", 1)[0]
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", url.split("?", 1)[0]
    host = parts.hostname or ""
    is_usual = port is None or (parts.scheme, port) in (("http", 80), ("https", 443))
    return host if is_usual else f"{host}:{port}", parts.path


# --- resources, caches, queues, the rest --------------------------------------------------------

_KINDS = {
    "js": "script", "mjs": "script", "css": "css", "woff": "font", "woff2": "font", "ttf": "font", "otf": "font",
    "png": "image", "jpg": "image", "jpeg": "image", "gif": "image", "svg": "image", "webp": "image",
    "avif": "image", "ico": "image", "mp4": "media", "webm": "media", "mp3": "media", "json": "data",
    "wasm": "script", "html": "document",
}  # fmt: skip
_BETWEEN = re.compile(r"([.\-_~])")


def _resource(work: _Work) -> _Reading:
    """`host/path/app.*.js`: hashes of file names go; the action is the kind of file."""
    url = work.text if "://" in work.text[:16] else work.target or work.text
    if url.startswith("data:"):
        return "data:*", "data", ""
    host, path = _address(url)
    folder, slash, file = path.rpartition("/")
    extension = file.rpartition(".")[2].lower() if "." in file else ""
    kind = _KINDS.get(extension) or work.op.partition(".")[2]
    name = "".join("*" if is_id(part) else part for part in _BETWEEN.split(file))
    return f"{host or work.host}{without_ids(folder)}{slash}{name}", kind, host or work.host


_KEY_PARTS = re.compile(r"([\s:/|,.'\"\[\]]+)")


def _cache(work: _Work) -> _Reading:
    return _words(work.text), work.op.rpartition(".")[2], ""


def _queue(work: _Work) -> _Reading:
    action = work.op.split(".")[1] if "." in work.op else ""
    return _words(work.target or work.text), action, work.target


def _model(work: _Work) -> _Reading:
    return _words(work.text), work.method, ""


def _plain(work: _Work) -> _Reading:
    return _words(work.text), "", ""


def _words(text: str) -> str:
    """Any text with the words in it that are ids replaced."""
    if not any(map(str.isdigit, text)) and "@" not in text:
        return text[:_MAX_NORMALIZED]
    return "".join(
        "*" if part and is_id(part) and len(part) > 1 else part
        for part in _KEY_PARTS.split(text[:_MAX_NORMALIZED])
    )


_READERS = {
    "db": _query, "http": _request, "resource": _resource, "cache": _cache, "queue": _queue, "ai": _model,
}  # fmt: skip

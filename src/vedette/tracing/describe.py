"""What a span did, so that equal work is grouped: category, description without literals and ids, action."""

from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from vedette.tracing.span import Span

_CATEGORY_OF_OP = {
    "db": "db", "query": "db", "sql": "db", "cache": "cache", "http": "http", "queue": "queue",
    "messaging": "queue", "topic": "queue", "gen_ai": "ai", "ai": "ai", "ui": "ui", "resource": "resource",
    "browser": "browser", "serialize": "serialize", "template": "template", "view": "template",
    "mcp": "mcp", "function": "function", "pageload": "browser", "navigation": "browser", "rpc": "http",
    "grpc": "http", "websocket": "http",
}  # fmt: skip


class Described(NamedTuple):
    category: str
    normalized: str
    group_hash: int  # 0 for none
    action: str
    domain: str
    system: str


def describe(span: Span) -> Described:
    """What the span's row says it did."""
    texts = span.texts
    system = texts.get("db.system") or texts.get("db.system.name") or texts.get("messaging.system") or ""
    return _described(span.op, span.description, system)


@lru_cache(maxsize=20_000)
def _described(op: str, description: str, system: str) -> Described:
    category = category_of(op)
    return Described(category, description[:200], group_hash(category, description), "", "", system)


def category_of(op: str) -> str:
    return _CATEGORY_OF_OP.get(op.partition(".")[0], "other")


def group_hash(category: str, normalized: str) -> int:
    """64 bits of BLAKE2b of category and normalised description; 0 where there is none."""
    if not normalized:
        return 0
    text = f"{category}\0{normalized}".encode("utf-8", "replace")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")

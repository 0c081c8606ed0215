"""What an event was grouped by, as a tree people can read, and the hash of such a tree.

A leaf holds one text. The hash covers the ids of contributing nodes and the texts of
contributing leaves, in order, so a tree that is shown is the tree that was hashed.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import md5
from typing import Literal

import msgspec

LEAF = "\x1f"  # between a leaf's id and its text
NEXT = "\x1e"  # between tokens

NAMES = {
    "app": "in-app",
    "system": "all frames",
    "default": "default",
    "built-in": "built-in rule",
    "custom-fingerprint": "custom fingerprint",
    "fallback": "fallback",
    "checksum": "checksum",
    "chained-exception": "exceptions",
    "exception": "exception",
    "threads": "threads",
    "stacktrace": "stack trace",
    "frame": "frame",
    "ns-error": "NSError",
    "context-line": "context line",
    "origin": "origin",
    "message": "message",
    "template": "template",
    "csp": "content security policy",
    "hpkp": "public key pinning",
    "expectct": "certificate transparency",
    "expectstaple": "OCSP stapling",
}


class Component(msgspec.Struct, kw_only=True):
    """One node: its id, whether the hash covers it, and why or why not."""

    id: str
    contributes: bool = True
    hint: str | None = None
    values: list["Component | str"] = []

    @property
    def name(self) -> str:
        return NAMES.get(self.id, self.id)


VariantType = Literal[
    "component", "custom-fingerprint", "salted-component", "built-in", "fallback", "checksum"
]


class Variant(msgspec.Struct, kw_only=True):
    """One way the event can be grouped; `hash` is None where the variant does not contribute."""

    key: str
    type: VariantType
    contributes: bool
    hash: str | None
    hint: str | None = None
    component: Component


def leaf_token(component_id: str, text: str) -> str:
    """How a contributing leaf enters the hash."""
    return component_id + LEAF + text


def tokens(component: Component) -> list[str]:
    """What of this tree enters the hash, in order."""
    if not component.contributes:
        return []
    if component.values and isinstance(component.values[0], str):
        return [leaf_token(component.id, component.values[0])]
    inner = [t for v in component.values if isinstance(v, Component) for t in tokens(v)]
    return [component.id, *inner] if inner else []


def hash_of(parts: Iterable[str]) -> str:
    """32 lower-case hex digits of MD5 over the parts."""
    return _hash(tuple(parts))


@lru_cache(maxsize=2048)  # a stack's text may be 20 kB; most of it is shared with the memo of outlines
def _hash(parts: tuple[str, ...]) -> str:
    return md5(NEXT.join(parts).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()

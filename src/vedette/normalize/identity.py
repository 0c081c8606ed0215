"""What an event is and where it came from: id, type, level, release, environment."""

import re
from functools import lru_cache
from hashlib import blake2b
from typing import get_args

from vedette.core.event import ABSENT, EventType, Level
from vedette.core.ids import EventId, parse_event_id
from vedette.normalize.notes import Notes
from vedette.normalize.parts import Parts
from vedette.normalize.received import Received

PLATFORMS = frozenset(
    (
        *(
            "as3",
            "c",
            "cfml",
            "cocoa",
            "csharp",
            "dart",
            "elixir",
            "flutter",
            "go",
            "groovy",
            "haskell",
            "java",
        ),
        *(
            "javascript",
            "native",
            "node",
            "objc",
            "other",
            "perl",
            "php",
            "powershell",
            "python",
            "ruby",
            "rust",
        ),
        *("scala", "swift", "unity"),
    )
)
_NOWHERE = frozenset(("none", ""))
_BAD_RELEASE = re.compile(r"[/\\\x00-\x1f\x7f\u2028\u2029]")
_NO_RELEASE = frozenset((".", "..", "latest", ""))
_DIST = re.compile(r"^[A-Za-z0-9_.-]{1,64}\Z")
_SECURITY = ("csp", "hpkp", "expectct", "expectstaple")
assert set(_SECURITY) < set(get_args(EventType))


def event_id(sent: str | None, facts: Received, payload: bytes, notes: Notes) -> EventId:
    """The envelope's id, else the payload's; else one made from the payload: a replay makes the same."""
    if facts.event_id is not None and (of_envelope := parse_event_id(facts.event_id)):
        return of_envelope
    if sent is not None:
        if of_payload := parse_event_id(sent.strip()):
            return of_payload
        notes.invalid(("event_id",), sent)
    digest = blake2b(payload, digest_size=16, salt=facts.received_us.to_bytes(8, "big"))
    return EventId(digest.hexdigest())


def event_type(parts: Parts, *, has_exception: bool) -> EventType:
    """As stated where that needs a handling of its own, else by what the event holds."""
    if parts.type in ("transaction", "feedback", "generic", "nel"):
        return parts.type
    for name in _SECURITY:
        if getattr(parts, name) is not ABSENT:
            return name
    return "error" if has_exception else "default"


def level(sent: Level | None, kind: EventType) -> Level:
    return sent or ("info" if kind == "transaction" else "error")


def platform(sent: str | None) -> str:
    name = (sent or "other").strip().lower()
    return name if name in PLATFORMS else "other"


@lru_cache(maxsize=4096)
def valid_release(release: str) -> bool:
    return release.strip().lower() not in _NO_RELEASE and not _BAD_RELEASE.search(release)


@lru_cache(maxsize=1024)
def valid_environment(environment: str) -> bool:
    return (
        environment.lower() not in _NOWHERE
        and "/" not in environment
        and not _BAD_RELEASE.search(environment)
    )


def release(sent: str | None, notes: Notes) -> str | None:
    text = (sent or "").strip()
    if not text or valid_release(text):
        return text or None
    return notes.error("invalid_data", "release", text)


def dist(sent: str | None, of_release: str | None, notes: Notes) -> str | None:
    """A dist says nothing without a release."""
    text = (sent or "").strip()
    if not text or of_release is None:
        return None
    return text if _DIST.match(text) else notes.error("invalid_data", "dist", text)


def environment(sent: str | None, notes: Notes) -> str | None:
    text = (sent or "").strip()
    if not text or valid_environment(text):
        return text or None
    return notes.error("invalid_data", "environment", text)


def one_line(sent: str | None) -> str | None:
    """Text without line breaks and outer blanks; None for empty."""
    if sent is None or ("\n" not in sent and "\r" not in sent):
        return (sent or "").strip() or None
    return " ".join(sent.split()) or None

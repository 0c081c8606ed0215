"""Which keys there are and what holds for them, as receivers ask on each request."""

from typing import Protocol

import msgspec

from vedette.wire.origins import OriginPattern
from vedette.wire.rate_limits import RateLimit


class KeyRate(msgspec.Struct, frozen=True):
    """At most `count` events in any window of `window_s` seconds."""

    count: int
    window_s: int


class KeyInfo(msgspec.Struct, frozen=True):
    """One public key and what a receiver must know of it. `origins`: None for any."""

    key_id: int
    public_key: str
    project_id: int
    organization_id: int
    is_active: bool = True
    is_project_active: bool = True
    is_organization_active: bool = True
    rate: KeyRate | None = None
    origins: tuple[OriginPattern, ...] | None = None


class KeysUnavailable(Exception):
    """The key is not in memory and the records store does not answer."""


class KeyDirectory(Protocol):
    """What receiving asks of the keys. Every answer comes from memory in the common case."""

    async def find(self, public_key: str) -> KeyInfo | None:
        """The key, None when there is none. Raises `KeysUnavailable`."""
        ...

    def limits(self, key: KeyInfo) -> tuple[RateLimit, ...]:
        """Limits that are used up now for the key, its project or its organization."""
        ...

    async def take(self, key: KeyInfo, events: int) -> RateLimit | None:
        """Count events against the key's own rate; the limit when it is used up."""
        ...


class KeysInMemory:
    """A directory of given keys, for tests and benchmarks."""

    def __init__(self, *keys: KeyInfo) -> None:
        self.keys = {key.public_key: key for key in keys}
        self.active_limits: tuple[RateLimit, ...] = ()
        self.left: int | None = None  # events that still may be taken
        self.is_available = True

    async def find(self, public_key: str) -> KeyInfo | None:
        if not self.is_available:
            raise KeysUnavailable("keys are not available")
        return self.keys.get(public_key)

    def limits(self, key: KeyInfo) -> tuple[RateLimit, ...]:
        return self.active_limits

    async def take(self, key: KeyInfo, events: int) -> RateLimit | None:
        if self.left is None:
            return None
        if self.left < events:
            return RateLimit(60, RATED_CATEGORIES, "key", "key_rate")
        self.left -= events
        return None


RATED_CATEGORIES = ("default", "error", "security")  # what a key's own rate counts and stops

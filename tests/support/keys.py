"""A key directory without a store."""

from vedette.projects.keys import KeyInfo, KeysUnavailable
from vedette.projects.rates import RATED_CATEGORIES
from vedette.wire.rate_limits import RateLimit


class KeysInMemory:
    """A directory of given keys, for tests and benchmarks."""

    def __init__(self, *keys: KeyInfo) -> None:
        self.keys = {key.public_key: key for key in keys}
        self.active_limits: tuple[RateLimit, ...] = ()
        self.left: int | None = None  # events that still may be taken
        self.is_available = True

    def known(self, public_key: str) -> KeyInfo | None:
        return self.keys.get(public_key) if self.is_available else None

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

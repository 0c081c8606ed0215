"""Rate limits as SDKs read them. Knows header grammar; knows nothing of why a limit holds."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from vedette.wire.items import sdk_names

Scope = Literal["organization", "project", "key", "global"]


class RateLimit(msgspec.Struct, frozen=True):
    """Send none of `categories` for so long. No categories: send nothing at all."""

    retry_after_s: int
    categories: tuple[str, ...]
    scope: Scope
    reason: str = ""

    def covers(self, category: str) -> bool:
        return not self.categories or category in self.categories

    def text(self) -> str:
        """`60:trace_metric;metric:project:quota`, with every name an SDK may know it by."""
        parts = [str(self.retry_after_s), ";".join(sdk_names(self.categories)), self.scope]
        return ":".join([*parts, self.reason] if self.reason else parts)


def rate_limit_headers(limits: Sequence[RateLimit]) -> list[tuple[bytes, bytes]]:
    """`Retry-After` (the longest, whole seconds) and `X-Sentry-Rate-Limits`; nothing without limits."""
    if not limits:
        return []
    longest = max(limit.retry_after_s for limit in limits)
    text = ", ".join(limit.text() for limit in limits)
    return [
        (b"retry-after", str(longest).encode()),
        (b"x-sentry-rate-limits", text.encode("ascii", "replace")),
    ]

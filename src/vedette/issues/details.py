"""`status_details` of an issue: why it is resolved or archived, and until when."""

from typing import Any

import msgspec


class Resolution(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an issue was resolved. At most one of the three kinds is set."""

    in_next_release: bool = False
    in_release: str | None = None
    in_commit: dict[str, str] | None = None  # commit, repository
    base_release: str | None = None  # events of newer releases bring it back; None: any event
    actor_id: int | None = None


class Archive(msgspec.Struct, frozen=True, omit_defaults=True):
    """What ends an archive. Nothing set: nothing does."""

    until_us: int | None = None
    count: int | None = None  # so many further events …
    window_s: int | None = None  # … within so long; None: ever
    user_count: int | None = None
    user_window_s: int | None = None
    hour_limit: int | None = None  # more events than this in one clock hour: escalating
    times_seen: int = 0  # when it was archived
    actor_id: int | None = None

    @property
    def is_conditional(self) -> bool:
        return self.until_us is not None or self.count is not None or self.user_count is not None


def resolution_of(details: dict[str, Any]) -> Resolution:
    return msgspec.convert(details, Resolution)


def archive_of(details: dict[str, Any]) -> Archive:
    return msgspec.convert(details, Archive)


def stored(details: Resolution | Archive) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(details)
    return built

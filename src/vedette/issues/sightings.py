"""What the pipeline tells about events on their way into issues: values only.

They form no cycles, so the cycle collector need not know the thousands of a batch.
"""

from typing import Any, Final, Literal

import msgspec

GroupHash = int  # the first eight bytes of the MD5, signed: what `issue_hashes` is keyed by
HashKey = tuple[int, GroupHash]  # project id and hash


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """An event on its way to an issue. The texts are those the issue shows if it is new."""

    project_id: int
    hashes: tuple[str, ...]  # MD5 in hex, at least one; the first is the primary
    at_us: int
    received_us: int
    type: str = "error"
    category: str = "error"
    issue_type: str = "error"
    level: str = "error"
    platform: str = "other"
    logger: str | None = None
    title: str = ""
    culprit: str = ""
    metadata: dict[str, Any] = {}
    search_text: str = ""
    release: str | None = None
    environment: str | None = None
    is_unhandled: bool = False
    secondary: tuple[str, ...] = ()  # MD5s by an earlier version: looked up, never recorded

    @property
    def key(self) -> HashKey:
        return self.project_id, group_hash(self.hashes[0])


class IssueRef(msgspec.Struct, frozen=True, gc=False):
    """The issue an event belongs to; `is_new` if this very batch opened it."""

    id: int
    is_new: bool = False


Discarded = Literal["discarded"]
DISCARDED: Final[Discarded] = "discarded"  # the event's hash was discarded, or its project is gone


class Seen(msgspec.Struct, frozen=True, gc=False):
    """How often and when events of one environment or release were seen in a batch."""

    name: str  # empty: the events named none
    count: int
    first_us: int
    last_us: int
    last_received_us: int


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """All events of a batch with one primary hash; the texts are those of the newest."""

    project_id: int
    group_hash: GroupHash
    count: int
    first_us: int
    last_us: int
    last_received_us: int
    event_id: str  # the newest event's
    environments: tuple[Seen, ...] = ()
    releases: tuple[Seen, ...] = ()
    users: frozenset[int] = frozenset()  # 64-bit hashes of the users seen, for archives that wait for users
    type: str = "error"
    level: str = "error"
    platform: str = "other"
    logger: str | None = None
    title: str = ""
    culprit: str = ""
    metadata: dict[str, Any] = {}
    search_text: str = ""
    is_unhandled: bool = False  # whether any of the events was

    @property
    def key(self) -> HashKey:
        return self.project_id, self.group_hash


def group_hash(md5: str) -> GroupHash:
    """The signed integer that records keep for an MD5 in hex."""
    return int.from_bytes(bytes.fromhex(md5[:16]), "big", signed=True)


def unsigned(group_hash: int) -> int:
    """The hash as telemetry holds it."""
    return group_hash & 0xFFFF_FFFF_FFFF_FFFF


def signed(number: int) -> int:
    """64 bits as SQL holds them."""
    return number - (1 << 64) if number >= 1 << 63 else number

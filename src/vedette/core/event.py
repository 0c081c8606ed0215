"""The canonical event: what every stage after normalisation may rely on.

Decoding into these structs is the fast path: `msgspec` checks types and length limits in
C. What deviates (legacy aliases, null entries, over-long text) fails that check, is
repaired by `vedette.normalize` on plain dicts, and decodes then. Parts that no stage
reads field by field stay `Raw` JSON and are written back as they came.

Limits: protocol notes, "Size limits" and "Event payload".
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Raw

Level = Literal["fatal", "error", "warning", "info", "debug"]
EventType = Literal[
    "error",
    "default",
    "transaction",
    "csp",
    "hpkp",
    "expectct",
    "expectstaple",
    "nel",
    "feedback",
    "generic",
]

Short = Annotated[str, Meta(max_length=64)]
Label = Annotated[str, Meta(max_length=128)]
Name = Annotated[str, Meta(max_length=256)]
Path = Annotated[str, Meta(max_length=256)]
Names = Annotated[list[Name], Meta(max_length=500)]
Symbol = Annotated[str, Meta(max_length=512)]
Text = Annotated[str, Meta(max_length=8192)]
SourceLine = Annotated[str, Meta(max_length=512)]
SourceLines = Annotated[list[SourceLine], Meta(max_length=50)]
TagKey = Annotated[str, Meta(max_length=200, pattern=r"^[A-Za-z0-9_.:-]+\Z")]
TagValue = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^\S(?:[^\n]*\S)?\Z")]
Long = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]  # what the stores can hold
HexId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]


# `Raw | None` would decode null only; this very object, compared by identity, is "not there".
ABSENT = Raw(b"null")


def present(raw: Raw) -> bool:
    """Whether a raw part was sent and is not null."""
    return raw is not ABSENT and bytes(raw) != b"null"


class _Part(msgspec.Struct, omit_defaults=True, gc=False):
    """A part of the event; absent and null are the same, and neither is written.

    Parts form a tree, so the cycle collector need not know them.
    """


class Frame(_Part):
    """One call. At least one of filename, function, instruction_addr is there."""

    filename: Path | None = None
    abs_path: Path | None = None
    module: Name | None = None
    function: Symbol | None = None
    raw_function: Symbol | None = None
    symbol: Symbol | None = None
    package: Path | None = None
    lineno: Long | None = None
    colno: Long | None = None
    platform: Short | None = None
    in_app: bool | None = None
    context_line: SourceLine | None = None
    pre_context: SourceLines | None = None
    post_context: SourceLines | None = None
    vars: Raw = ABSENT  # object, or list for languages with positional locals
    data: Raw = ABSENT
    image_addr: Label | None = None
    instruction_addr: Label | None = None
    addr_mode: Label | None = None
    function_id: Label | None = None
    symbol_addr: Label | None = None
    trust: Label | None = None
    stack_start: bool | None = None
    lock: Raw = ABSENT


class Stacktrace(_Part):
    """Frames from the oldest caller to the crash; at most 250."""

    frames: Annotated[list[Frame], Meta(max_length=250)] = []
    registers: dict[str, Label] | None = None
    lang: Label | None = None
    snapshot: bool | None = None
    instruction_addr_adjustment: Label | None = None
    frames_omitted: tuple[Long, Long] | None = None


class Mechanism(_Part):
    type: Label = "generic"
    description: Text | None = None
    help_link: Text | None = None
    handled: bool | None = None
    synthetic: bool | None = None
    source: Name | None = None
    exception_id: Long | None = None
    parent_id: Long | None = None
    is_exception_group: bool | None = None
    meta: Raw = ABSENT
    data: Raw = ABSENT


class ExceptionValue(_Part):
    """One exception of the chain. At least one of type and value is there."""

    type: Name | None = None
    value: Text | None = None
    module: Name | None = None
    thread_id: Long | Name | None = None
    mechanism: Mechanism | None = None
    stacktrace: Stacktrace | None = None
    raw_stacktrace: Stacktrace | None = None


class ExceptionChain(_Part):
    """Oldest cause first; the last one was raised."""

    values: Annotated[list[ExceptionValue], Meta(max_length=100)] = []


class Thread(_Part):
    id: Long | Name | None = None
    name: Name | None = None
    crashed: bool | None = None
    current: bool | None = None
    main: bool | None = None
    state: Label | None = None
    held_locks: Raw = ABSENT
    stacktrace: Stacktrace | None = None
    raw_stacktrace: Stacktrace | None = None


class Threads(_Part):
    values: Annotated[list[Thread], Meta(max_length=1000)] = []


class Breadcrumb(_Part):
    """One step before the event. `timestamp`: what `core.time.parse_time` reads, seconds or RFC 3339."""

    timestamp: float | str | None = None
    type: Label | None = None
    category: Label | None = None
    level: Level | None = None  # absent: info
    message: Text | None = None
    data: Raw = ABSENT
    event_id: Short | None = None
    origin: Name | None = None


class LogEntry(_Part):
    """`message` is the template; `formatted` what a person reads. `params`: list or object."""

    message: Text | None = None
    formatted: Text | None = None
    params: Raw = ABSENT


class Geo(_Part):
    city: Label | None = None
    country_code: Label | None = None
    region: Label | None = None
    subdivision: Label | None = None


class User(_Part):
    id: Label | None = None
    username: Label | None = None
    name: Label | None = None
    email: Label | None = None
    ip_address: Short | None = None
    segment: Label | None = None
    geo: Geo | None = None
    data: Raw = ABSENT


def user_tag(user: User | None) -> str | None:
    """The value of the tag `user`: by the first of id, username, email, address that is known."""
    if user is None:
        return None
    if user.id:
        return f"id:{user.id}"
    if user.username:
        return f"username:{user.username}"
    if user.email:
        return f"email:{user.email}"
    return f"ip:{user.ip_address}" if user.ip_address else None


@lru_cache(maxsize=50_000)
def user_hash(user: str) -> int:
    """64 bits of BLAKE2b of a user's display form (`id:5`); 0 for nobody."""
    if not user:
        return 0
    digest = blake2b(user.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


class Request(_Part):
    """Canonical: pairs for query_string, headers and cookies, as lists `[name, value]`."""

    url: Annotated[str, Meta(max_length=2048)] | None = None
    method: Short | None = None
    query_string: list[tuple[str, str | None]] | None = None
    fragment: Annotated[str, Meta(max_length=1024)] | None = None
    data: Raw = ABSENT
    cookies: list[tuple[str, str | None]] | None = None
    headers: list[tuple[str, str | None]] | None = None
    env: Raw = ABSENT
    inferred_content_type: Name | None = None
    body_size: Long | None = None
    api_target: Short | None = None
    protocol: Short | None = None


class Sdk(_Part):
    name: Name | None = None
    version: Name | None = None
    integrations: Names | None = None
    packages: Raw = ABSENT
    features: Names | None = None
    settings: Raw = ABSENT


class TraceContext(_Part):
    """The fields of `contexts.trace` that other stages read; the whole stays in `contexts`."""

    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    op: str | None = None
    status: str | None = None


class ProcessingNote(_Part):
    """One entry of `errors`: what the server found wrong, shown to people."""

    type: Name
    name: Name | None = None
    value: Raw = ABSENT


class Event(_Part):
    """An error, message or report event after normalisation. Times are epoch microseconds.

    Not on the wire under these names: `timestamp_us`, `received_us`, written into the stored
    payload beside the wire's `timestamp` (epoch seconds).
    """

    event_id: HexId
    type: EventType = "default"
    timestamp_us: int = 0
    received_us: int = 0
    platform: Short = "other"
    level: Level = "error"
    logger: Short | None = None
    transaction: Annotated[str, Meta(max_length=200)] | None = None
    server_name: Name | None = None
    release: Annotated[str, Meta(max_length=200)] | None = None
    dist: Short | None = None
    environment: Short | None = None
    tags: dict[str, str] = {}  # client's and derived, in order; keys and values within the limits
    extra: Raw = ABSENT
    modules: dict[str, Name] | None = None
    fingerprint: list[str] | None = None
    user: User | None = None
    request: Request | None = None
    contexts: dict[str, Raw] = {}
    breadcrumbs: Raw = ABSENT  # canonical list, oldest first, at most 100
    exception: ExceptionChain | None = None
    stacktrace: Stacktrace | None = None
    threads: Threads | None = None
    logentry: LogEntry | None = None
    template: Frame | None = None
    debug_meta: Raw = ABSENT
    sdk: Sdk | None = None
    errors: list[ProcessingNote] = []
    checksum: Label | None = None
    csp: Raw = ABSENT
    hpkp: Raw = ABSENT
    expectct: Raw = ABSENT
    expectstaple: Raw = ABSENT
    occurrence: Raw = ABSENT  # of type generic: the problem found in other data, as the API shows it
    other: Raw = ABSENT  # unknown top-level keys, kept opaque, as one object
    meta: Raw = msgspec.field(name="_meta", default=ABSENT)

"""Top-level parts of a payload → typed values.

A payload whose every part is canonical is decoded at once (`read_canonical`). For the others `PARTS`
is the whole of it: for each part, the decoder that takes the canonical form, and the table of
`shapes.py` for what that decoder refuses.
"""

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, NamedTuple, cast

import msgspec
from msgspec import Meta, Raw

from vedette.core.event import (
    ABSENT,
    EventType,
    ExceptionValue,
    Frame,
    Geo,
    Label,
    Level,
    LogEntry,
    Long,
    Name,
    ProcessingNote,
    Sdk,
    Short,
    Stacktrace,
    Text,
    Thread,
)
from vedette.normalize import shapes
from vedette.normalize.coerce import Fix, anything, encode, string
from vedette.normalize.notes import Notes
from vedette.normalize.remembered import Remembered

_MAX_OBJECTS = 5000  # more `{` than this: repair, which cuts lists, before structs are made of them
_MANY_BYTES = (
    64 * 1024
)  # less holds at most 22,000, which are not worth counting: most payloads are that small

ExceptionValues = Annotated[list[ExceptionValue], Meta(max_length=shapes.MAX_EXCEPTIONS)]
ThreadValues = Annotated[list[Thread], Meta(max_length=shapes.MAX_THREADS)]

Line = Annotated[str, Meta(max_length=200)]
Fingerprint = Annotated[list[Name], Meta(max_length=shapes.MAX_FINGERPRINT)]
NotesSent = Annotated[list[ProcessingNote], Meta(max_length=100)]


class Exceptions(msgspec.Struct):
    values: ExceptionValues


class ThreadList(msgspec.Struct):
    values: ThreadValues


class Crumb(msgspec.Struct, omit_defaults=True, gc=False):
    """`core.event.Breadcrumb` with a time that is checked."""

    timestamp: float | datetime | None = None
    type: Label | None = None
    category: Label | None = None
    level: Level | None = None
    message: Text | None = None
    data: Raw = ABSENT
    event_id: Short | None = None
    origin: Name | None = None
    ty: None = None  # the old name of `type`; only its absence is canonical


CrumbValues = Annotated[list[Crumb], Meta(max_length=shapes.MAX_BREADCRUMBS)]


class Crumbs(msgspec.Struct):
    values: CrumbValues


class SentUser(msgspec.Struct, forbid_unknown_fields=True):
    """`core.event.User`, but unknown keys refused: they belong under `data`."""

    id: Label | None = None
    username: Label | None = None
    name: Label | None = None
    email: Label | None = None
    ip_address: Short | None = None
    segment: Label | None = None
    geo: Geo | None = None
    data: Raw = ABSENT


class SentRequest(msgspec.Struct):
    """`core.event.Request` before its lists of pairs are made."""

    url: Annotated[str, Meta(max_length=2048)] | None = None
    method: Short | None = None
    query_string: Raw = ABSENT
    fragment: Annotated[str, Meta(max_length=1024)] | None = None
    data: Raw = ABSENT
    cookies: Raw = ABSENT
    headers: Raw = ABSENT
    env: Raw = ABSENT
    inferred_content_type: Name | None = None
    body_size: Long | None = None
    api_target: Short | None = None
    protocol: Short | None = None


class Parts(msgspec.Struct, forbid_unknown_fields=True):
    """The parts of one payload, typed. None and `ABSENT` both mean "not there".

    Decoded as it stands it takes canonical payloads only: its limits are those of `PARTS`.
    """

    event_id: Short | None = None
    type: EventType | None = None
    timestamp: float | str | None = None
    platform: Short | None = None
    level: Level | None = None
    logger: Short | None = None
    transaction: Line | None = None
    server_name: Name | None = None
    release: Line | None = None
    dist: Short | None = None
    environment: Short | None = None
    site: Line | None = None
    tags: Raw = ABSENT
    extra: Raw = ABSENT
    modules: dict[Name, Name] | None = None
    fingerprint: Fingerprint | None = None
    user: SentUser | None = None
    request: SentRequest | None = None
    contexts: Raw = ABSENT
    breadcrumbs: Crumbs | CrumbValues | None = None
    exception: Exceptions | ExceptionValues | None = None
    stacktrace: Stacktrace | None = None
    threads: ThreadList | ThreadValues | None = None
    logentry: LogEntry | Text | None = None
    template: Frame | None = None
    debug_meta: Raw = ABSENT
    sdk: Sdk | None = None
    errors: NotesSent | None = None
    checksum: Label | None = None
    csp: Raw = ABSENT
    hpkp: Raw = ABSENT
    expectct: Raw = ABSENT
    expectstaple: Raw = ABSENT
    meta: Raw = msgspec.field(name="_meta", default=ABSENT)
    message: LogEntry | Text | None = None  # the older name of `logentry`, which SDKs still use
    transaction_info: Raw = ABSENT  # of no use to us, but SDKs send it: a payload with it is canonical


Others = dict[str, Raw]  # what no stage reads, by its name
_RAW = tuple(field.name for field in msgspec.structs.fields(Parts) if field.type is Raw)
_raw_of = cast("Callable[[Parts], tuple[Raw, ...]]", attrgetter(*_RAW))
_REMEMBERED = {
    "modules": Remembered[dict[str, str] | None](dict[Name, Name] | None),
    "sdk": Remembered[Sdk | None](Sdk | None),
}
_Sent = msgspec.defstruct(
    "_Sent", [(name, Raw, ABSENT) for name in _REMEMBERED], bases=(Parts,), forbid_unknown_fields=True
)  # as `Parts`, but what is remembered is raw yet
_decode_canonical = cast("msgspec.json.Decoder[Parts]", msgspec.json.Decoder(_Sent)).decode


class Part(NamedTuple):
    """How one part is read. `decode` None: it stays raw."""

    field: str
    decode: Callable[[Raw], object] | None
    fix: Fix


def _typed(field: str, kind: Any, fix: Fix) -> Part:
    return Part(field, msgspec.json.Decoder(kind).decode, fix)


def _remembered(field: str, fix: Fix) -> Part:
    return Part(field, _REMEMBERED[field].decode, fix)


def _text(field: str, limit: int) -> Part:
    return _typed(field, Annotated[str, Meta(max_length=limit)], string(limit))


def _raw(field: str) -> Part:
    return Part(field, None, anything)


PARTS: dict[str, Part] = {
    "event_id": _text("event_id", 64),
    "type": _typed("type", EventType, shapes.event_type),
    "timestamp": _typed("timestamp", float | str, shapes.time_value),
    "platform": _text("platform", 64),
    "level": _typed("level", Level, shapes.level),
    "logger": _text("logger", 64),
    "transaction": _text("transaction", 200),
    "server_name": _text("server_name", 256),
    "release": _text("release", 200),
    "dist": _text("dist", 64),
    "environment": _text("environment", 64),
    "site": _text("site", 200),
    "tags": _raw("tags"),
    "extra": _raw("extra"),
    "modules": _remembered("modules", shapes.modules),
    "fingerprint": _typed("fingerprint", Fingerprint, shapes.fingerprint),
    "user": _typed("user", SentUser, shapes.user),
    "request": _typed("request", SentRequest, shapes.request),
    "contexts": _raw("contexts"),
    "breadcrumbs": _typed("breadcrumbs", Crumbs | CrumbValues, shapes.breadcrumbs),
    "exception": _typed("exception", Exceptions | ExceptionValues, shapes.exception),
    "stacktrace": _typed("stacktrace", Stacktrace, shapes.stacktrace),
    "threads": _typed("threads", ThreadList | ThreadValues, shapes.threads),
    "logentry": _typed("logentry", LogEntry | Text, shapes.logentry),
    "template": _typed("template", Frame, shapes.frame),
    "debug_meta": _raw("debug_meta"),
    "sdk": _remembered("sdk", shapes.sdk),
    "errors": _typed("errors", NotesSent, shapes.errors),
    "checksum": _text("checksum", 128),
    "csp": _raw("csp"),
    "hpkp": _raw("hpkp"),
    "expectct": _raw("expectct"),
    "expectstaple": _raw("expectstaple"),
    "_meta": _raw("meta"),
}

# The older names. The current one wins where both are there.
ALIASES = {
    "culprit": "transaction",
    "message": "logentry",
    "sentry.interfaces.Breadcrumbs": "breadcrumbs",
    "sentry.interfaces.Contexts": "contexts",
    "sentry.interfaces.Csp": "csp",
    "sentry.interfaces.Exception": "exception",
    "sentry.interfaces.Http": "request",
    "sentry.interfaces.Message": "logentry",
    "sentry.interfaces.Stacktrace": "stacktrace",
    "sentry.interfaces.Template": "template",
    "sentry.interfaces.Threads": "threads",
    "sentry.interfaces.User": "user",
    "sentry.interfaces.DebugMeta": "debug_meta",
    "debug_metadata": "debug_meta",
    "tags_v2": "tags",
}
_SERVER_SIDE = frozenset(("received", "project", "key_id", "version"))  # ours to say, or of no use


def read_canonical(payload: bytes) -> tuple[Parts, Others, bool] | None:
    """As `read`, of a payload in which nothing needs repair; None for every other, also for what is no JSON."""
    if _has_many_objects(payload):
        return None
    try:
        parts = _decode_canonical(payload)
        is_within_limits = True
        for name, part in _REMEMBERED.items():
            raw: Raw = getattr(parts, name)
            value, fits = (None, True) if raw is ABSENT else part.told(raw)
            is_within_limits = is_within_limits and fits
            setattr(parts, name, value)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    for name, raw in zip(_RAW, _raw_of(parts), strict=True):
        if raw is not ABSENT and raw == ABSENT:
            setattr(parts, name, ABSENT)
    if parts.logentry is None:
        parts.logentry = parts.message
    unread = parts.transaction_info
    return parts, {} if unread is ABSENT else {"transaction_info": unread}, is_within_limits


def _has_many_objects(payload: bytes) -> bool:
    return len(payload) > _MANY_BYTES and payload.count(b"{") > _MAX_OBJECTS


def read(
    payload: bytes, raw: dict[str, Raw], notes: Notes, *, repair_all: bool
) -> tuple[Parts, Others, bool]:
    """The parts of `payload`, each decoded; what no stage reads; whether no limit changes SDK and modules."""
    repair_all = repair_all or _has_many_objects(payload)
    if not ALIASES.keys().isdisjoint(raw):
        raw = _renamed(raw)
    parts, others = Parts(), Others()
    for name, text in raw.items():
        part = PARTS.get(name)
        if part is None:
            if name not in _SERVER_SIDE and bytes(text) != b"null":
                others[name] = text
        elif part.decode is None:
            if bytes(text) != b"null":
                setattr(parts, part.field, text)
        else:
            setattr(parts, part.field, _read_part(name, part, text, notes, repair=repair_all))
    return parts, others, False


def _renamed(raw: dict[str, Raw]) -> dict[str, Raw]:
    kept = {name: text for name, text in raw.items() if name not in ALIASES}
    for old, name in ALIASES.items():
        if old in raw and (name not in kept or bytes(kept[name]) == b"null"):
            kept[name] = raw[old]
    return kept


def _read_part(name: str, part: Part, text: Raw, notes: Notes, *, repair: bool) -> object:
    """The part's value, after repair where it needs one; None when nothing can be made of it."""
    assert part.decode is not None
    if not repair:
        try:
            return part.decode(text)
        except msgspec.ValidationError:
            pass
    sent = bytes(text)
    if sent == b"null":
        return None
    fixed = part.fix(msgspec.json.decode(sent), (name,), notes)
    if fixed is None:
        return None
    try:
        return part.decode(Raw(encode(fixed)))
    except msgspec.ValidationError:  # a gap in the tables: better an event without this part than none
        return notes.invalid((name,))

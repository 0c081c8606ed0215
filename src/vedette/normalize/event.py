"""One payload → one canonical event. The table of contents of this room."""

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT, Event, Sdk
from vedette.core.stages import bare, through
from vedette.normalize import (
    addresses,
    bounds,
    breadcrumbs,
    contexts,
    exceptions,
    frames,
    identity,
    message,
    moment,
    people,
    request,
    tags,
)
from vedette.normalize.notes import Notes
from vedette.normalize.parts import Others, Parts, read, read_canonical
from vedette.normalize.received import InvalidPayload, Received
from vedette.normalize.sanitize import is_sound, is_text, split

__all__ = ["InvalidPayload", "Received", "normalize", "normalize_parts", "normalize_together"]

Sent = tuple[bytes, Received]  # a payload, and the facts of its receipt


def normalize(
    payload: bytes, facts: Received, *, repair_all: bool = False, looks_later: bool = False
) -> Event:
    """The canonical event of one JSON payload, by the facts of its receipt.

    Pure: the same bytes and facts give the same event, also its minted id. Work is linear in the
    payload. Raises `InvalidPayload` when the payload is no JSON object; nothing else in it raises.
    `repair_all` sends canonical parts through repair, too: slower, with the same result.
    `looks_later`: the caller searches the event's raw parts for `sanitize.SUSPECT` and, should there be
    any, calls again without; so that one search serves it and the scrubber.
    """
    try:
        return _normalize(payload, facts, repair_all=repair_all, looks_later=looks_later)
    except (
        msgspec.ValidationError
    ):  # a number that no look has found yet, in a part too large to keep as it is
        if not looks_later:
            raise
        return normalize(payload, facts, repair_all=repair_all)
    except RecursionError as error:
        raise InvalidPayload("invalid_json", "nested too deep") from error


def normalize_together(sent: Sequence[Sent | Exception]) -> list[Event | Exception]:
    """The event of each payload as `normalize` with `looks_later` makes it, or what it raises; step by step for all."""
    drafts = through(_canonical, sent)
    for step in _STEPS:
        drafts = through(step, drafts)
    return [
        draft.event if isinstance(draft, Draft) else _by_itself(one)
        for one, draft in zip(sent, drafts, strict=True)
    ]


def _by_itself(sent: Sent | Exception) -> Event | Exception:
    """What `normalize` makes of a payload that is not canonical."""
    if isinstance(sent, Exception):
        return sent
    try:
        return normalize(*sent, looks_later=True)
    except Exception as error:
        return bare(error)


def _normalize(payload: bytes, facts: Received, *, repair_all: bool, looks_later: bool) -> Event:
    notes = Notes()
    is_clean = is_text(payload) if looks_later else is_sound(payload)
    found = read_canonical(payload) if is_clean and not repair_all else None
    if found is None:
        payload, raw = split(payload)
        found = read(payload, raw, notes, repair_all=repair_all)
    return _event(Draft.of(payload, *found, facts, notes))


def normalize_parts(payload: bytes, raw: dict[str, Raw], facts: Received) -> Event:
    """The same of a payload already taken apart by `sanitize.split`; parts left out count as not sent.

    Raises `RecursionError` for what is nested too deep.
    """
    notes = Notes()
    return _event(Draft.of(payload, *read(payload, raw, notes, repair_all=False), facts, notes))


class Draft(msgspec.Struct, frozen=True, gc=False):
    """An event that is being made, and what it is made of."""

    event: Event
    parts: Parts
    others: Others
    is_within_limits: bool  # no limit changes SDK and modules; else that is to be seen
    facts: Received
    notes: Notes
    shift_us: int  # of the client's clock

    @classmethod
    def of(
        cls,
        payload: bytes,
        parts: Parts,
        others: Others,
        is_within_limits: bool,
        facts: Received,
        notes: Notes,
    ) -> "Draft":
        event = Event(event_id=identity.event_id(parts.event_id, facts, payload, notes))
        event.received_us = facts.received_us
        event.timestamp_us, shift_us = moment.place(parts.timestamp, facts, notes)
        event.platform = identity.platform(parts.platform)
        return cls(event, parts, others, is_within_limits, facts, notes, shift_us)


class _NotCanonical(Exception):
    """The payload needs repair."""


def _canonical(sent: Sent) -> Draft:
    payload, facts = sent
    found = read_canonical(payload) if is_text(payload) else None
    if found is None:
        raise _NotCanonical
    return Draft.of(payload, *found, facts, Notes())


def _event(draft: Draft) -> Event:
    for step in _STEPS:
        step(draft)
    return draft.event


def _add_stacks(draft: Draft) -> Draft:
    event, parts, notes = draft.event, draft.parts, draft.notes
    event.exception, event.stacktrace = exceptions.chain(
        parts.exception, parts.stacktrace, event.platform, notes
    )
    event.threads = exceptions.threads(parts.threads, event.platform, notes)
    return draft


def _add_breadcrumbs(draft: Draft) -> Draft:
    event, parts, notes = draft.event, draft.parts, draft.notes
    event.logentry = message.canonical(parts.logentry, notes)
    event.breadcrumbs = breadcrumbs.canonical(parts.breadcrumbs, draft.shift_us, notes)
    return draft


def _add_interfaces(draft: Draft) -> Draft:
    event, parts, notes = draft.event, draft.parts, draft.notes
    event.request = request.canonical(parts.request, notes)
    event.template = frames.finish_template(parts.template, event.platform, notes)
    event.sdk = parts.sdk if draft.is_within_limits or parts.sdk is None else _bounded_sdk(parts.sdk, notes)
    event.fingerprint = parts.fingerprint or None
    event.checksum = parts.checksum or None
    event.type = identity.event_type(parts, has_exception=event.exception is not None)
    event.level = identity.level(parts.level, event.type)
    return draft


def _bounded_sdk(sent: Sdk, notes: Notes) -> Sdk:
    """The SDK with its free parts within their limits: another one where that changes it, for it is remembered."""
    packages, settings = (
        _bounded_part(sent.packages, "packages", notes),
        _bounded_part(sent.settings, "settings", notes),
    )
    if packages is sent.packages and settings is sent.settings:
        return sent
    return msgspec.structs.replace(sent, packages=packages, settings=settings)


def _bounded_part(sent: Raw, name: str, notes: Notes) -> Raw:
    if sent is ABSENT:
        return sent
    return bounds.bounded(sent, bounds.OTHER_DEPTH, bounds.OTHER_BYTES, ("sdk", name), notes)


def _add_people(draft: Draft) -> Draft:
    event, parts, facts, notes = draft.event, draft.parts, draft.facts, draft.notes
    infer = people.infer_ip(event.sdk.settings) if event.sdk is not None else None
    event.user = people.canonical(parts.user, event.request, facts, event.platform, infer, notes)
    event.contexts = contexts.canonical(parts.contexts, notes)
    user_agent = facts.user_agent if event.platform == "javascript" else None
    contexts.add_user_agent(event.contexts, event.request, user_agent)
    return draft


def _add_bags(draft: Draft) -> Draft:
    event, parts, notes = draft.event, draft.parts, draft.notes
    event.extra = bounds.bounded_fields(
        parts.extra, bounds.EXTRA_DEPTH, bounds.EXTRA_BYTES, bounds.EXTRA_ITEM_BYTES, ("extra",), notes
    )
    event.modules = parts.modules or None
    if not draft.is_within_limits:
        event.modules = bounds.bounded_texts(parts.modules, bounds.MODULES_BYTES, ("modules",), notes)
    event.debug_meta = bounds.bounded_object(
        parts.debug_meta, bounds.OTHER_DEPTH, bounds.OTHER_BYTES, ("debug_meta",), notes
    )
    for name in ("csp", "hpkp", "expectct", "expectstaple"):
        sent: Raw = getattr(parts, name)
        if sent is not ABSENT:
            setattr(
                event,
                name,
                bounds.bounded_object(sent, bounds.OTHER_DEPTH, bounds.BODY_BYTES, (name,), notes),
            )
    if draft.others:
        other = Raw(msgspec.json.encode(draft.others))
        event.other = bounds.bounded_object(other, bounds.OTHER_DEPTH, bounds.OTHER_BYTES, ("other",), notes)
    return draft


def _add_origin(draft: Draft) -> Draft:
    event, parts, notes = draft.event, draft.parts, draft.notes
    event.tags, tagged_environment = tags.from_client(parts.tags, notes)
    event.logger = identity.one_line(parts.logger)
    event.transaction = identity.one_line(parts.transaction)
    event.server_name = identity.one_line(parts.server_name)
    event.release = identity.release(parts.release, notes)
    event.dist = identity.dist(parts.dist, event.release, notes)
    event.environment = identity.environment(parts.environment or tagged_environment, notes)
    return draft


def _derive(draft: Draft) -> Draft:
    event, parts, notes = draft.event, draft.parts, draft.notes
    if not draft.facts.store_ips:
        addresses.forget_addresses(event.tags)
        contexts.forget_addresses(event.contexts)
    tags.derive(event, parts.site)
    for note in parts.errors or ():
        if note.value == ABSENT:
            note.value = ABSENT
    event.errors = [*(parts.errors or ()), *notes.errors]
    event.meta = notes.remarks.merged(parts.meta)
    return draft


# In the order in which they note what is wrong.
_STEPS = (_add_stacks, _add_breadcrumbs, _add_interfaces, _add_people, _add_bags, _add_origin, _derive)

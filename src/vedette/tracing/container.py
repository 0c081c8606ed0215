"""Spans that come by themselves: containers of streamed spans, and standalone ones of version 1.

The spans of a segment may come split over several envelopes, in any order, so nothing here waits for a parent.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from vedette.core.event import User, user_tag
from vedette.core.ids import parse_event_id
from vedette.core.time import to_iso
from vedette.normalize import moment
from vedette.normalize.attributes import MAX_SENT, Attributes, attributes_of, number_text, resolve_address
from vedette.normalize.container import Contents
from vedette.normalize.notes import Notes
from vedette.normalize.people import AUTO, is_address
from vedette.normalize.received import Received
from vedette.normalize.source import add_agent, connection_agent, name_user
from vedette.scrub.rules import Scrubber
from vedette.tracing.decode import SentSpan, SentSpanV2
from vedette.tracing.links import links_text
from vedette.tracing.names import without_ids
from vedette.tracing.scrubbing import MAX_DESCRIPTION, scrub_span
from vedette.tracing.sent import add_measurements, take_http_status, v1_span
from vedette.tracing.span import Scene, Span, microseconds, placed, self_time, span_number
from vedette.tracing.status import status_of_v2

MAX_SPANS = 1000  # of one container
_GENERIC = frozenset(("pageload", "navigation"))  # names that say what happened, not where
_USER_KEYS = frozenset(("user.id", "user.username", "user.name", "user.email", "user.ip_address"))
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_OWN_REQUEST = re.compile(r"/api/[^/?]{1,40}/envelope/?(?:\?|\Z)")


class Streamed(NamedTuple):
    """A span and where it ran."""

    span: Span
    scene: Scene


def streamed_spans(
    container: Contents[SentSpanV2], received: Received, weight: float, scrubber: Scrubber | None
) -> tuple[list[Streamed], int]:
    """The spans of a container in order, and how many of its entries are none: no ids, no times.

    `scrubber`: None where nothing in the container needs scrubbing.
    """
    shift_us = _shift(container.entries, received)
    agent = connection_agent(container.settings.infer_user_agent, received.user_agent)
    found: list[Streamed] = []
    for sent in container.entries:
        bag = attributes_of(sent.attributes, received, container.settings.infer_ip)
        span = _span(sent, bag, shift_us, received)
        if span is not None:
            add_agent(agent, bag.texts)
            scrub_span(span, scrubber)
            found.append(Streamed(span, _scene(span, bag, weight)))
    _name_segments(found)
    return found, container.refused + len(container.entries) - len(found)


def standalone_span(
    sent: SentSpan, received: Received, weight: float, scrubber: Scrubber | None
) -> Streamed | None:
    """A span of version 1 outside of any transaction; None without ids or times. `scrubber`: None for none."""
    end_us = microseconds(sent.timestamp)
    if end_us is None:
        return None
    shift_us = _placed(end_us, received)
    span = v1_span(sent, "", shift_us, received)
    if span is None:
        return None
    bag = Attributes(span.texts, span.numbers)
    add_measurements(bag, dict(sent.measurements or {}))
    _tell_user(bag)
    resolve_address(bag, received, None)
    scrub_span(span, scrubber)
    span.is_segment = span.is_segment or span.segment_id == span.span_id
    profile_id = sent.profile_id or ""
    scene = _scene(span, bag, weight)
    scene.platform = scene.platform or (sent.platform or "")[:64]
    scene.profile_id = scene.profile_id or parse_event_id(profile_id) or ""
    return Streamed(span, scene)


def is_own_request(span: Span) -> bool:
    """Whether it is an SDK's own posting of an envelope, which Python's streams tell of."""
    if not span.op.startswith("http"):
        return False
    texts = span.texts
    url = texts.get("url.full") or texts.get("http.url") or texts.get("url") or ""
    return "/envelope" in url and _OWN_REQUEST.search(url[:2048]) is not None


def _span(sent: SentSpanV2, bag: Attributes, shift_us: int, received: Received) -> Span | None:
    trace_id, span_id = parse_event_id(sent.trace_id or ""), span_number(sent.span_id)
    start_us, end_us = microseconds(sent.start_timestamp), microseconds(sent.end_timestamp)
    if not trace_id or not span_id or start_us is None or end_us is None:
        return None
    start_us, end_us = placed(start_us, end_us, shift_us, received.received_us)
    http_status = take_http_status(bag)
    segment_id = span_number(bag.take("sentry.segment.id") or bag.take("sentry.segment_id"))
    is_segment = bool(sent.is_segment) or segment_id == span_id
    description = sent.name or bag.text("sentry.description")
    exclusive_ms = bag.take_number("sentry.exclusive_time")
    return Span(
        trace_id,
        span_id,
        start_us,
        end_us,
        span_number(sent.parent_span_id),
        segment_id or (span_id if is_segment else 0),
        is_segment,
        bag.take("sentry.op")[:128] or "default",
        description[:MAX_SENT],
        status_of_v2(sent.status, bag.text("sentry.status.message"), http_status),
        bag.take("sentry.origin")[:64] or "manual",
        http_status,
        self_time(exclusive_ms, end_us - start_us),
        "",
        bag.texts,
        bag.numbers,
        links_text(sent.links, received),
        is_long=bag.is_long or len(description) > MAX_DESCRIPTION,
    )


def _scene(span: Span, bag: Attributes, weight: float) -> Scene:
    take, text = bag.take, bag.text
    segment_name = take("sentry.segment.name") or take("sentry.transaction") or text("transaction")
    if not segment_name and span.is_segment:
        segment_name = span.description
    return Scene(
        transaction=segment_name[:200],
        environment=(take("sentry.environment") or take("environment"))[:64],
        release=(take("sentry.release") or take("release"))[:200],
        dist=take("sentry.dist")[:64],
        platform=take("sentry.platform")[:64],
        server_name=text("server.address")[:256] if span.is_segment else "",
        sdk_name=take("sentry.sdk.name")[:256],
        sdk_version=take("sentry.sdk.version")[:256],
        user=_user(bag),
        profile_id=parse_event_id(take("sentry.profiler_id") or take("profile_id")) or "",
        replay_id=parse_event_id(take("sentry.replay_id") or take("replay_id")) or "",
        weight=weight,
    )


def _tell_user(bag: Attributes) -> None:
    """What browsers call `user`, mail, id or address, whichever they know first, under the key of what it is."""
    if not _USER_KEYS.isdisjoint(bag.texts) or "user.id" in bag.numbers:
        return
    said = bag.take("user")
    if said:
        is_ip = said == AUTO or is_address(said)
        bag.texts["user.ip_address" if is_ip else "user.email" if _MAIL.fullmatch(said) else "user.id"] = said


def _user(bag: Attributes) -> str:
    number = bag.numbers.pop("user.id", None)
    if number is not None:  # an application's own numbers: searched for as text
        bag.texts["user.id"] = number_text(number)
    name_user(bag.texts)
    user = User(
        id=bag.text("user.id") or None,
        username=bag.text("user.username") or bag.text("user.name") or None,
        email=bag.text("user.email") or None,
        ip_address=bag.text("user.ip_address") or None,
    )
    return (user_tag(user) or "")[:200]


def _name_segments(found: Sequence[Streamed]) -> None:
    """Names of segments that hold ids lose them; generic ones (`Pageload`) become the path they are of."""
    names: dict[int, str] = {}
    for span, scene in found:
        if span.is_segment:
            name = _segment_name(span, scene.transaction)
            if name != scene.transaction:
                names[span.span_id] = scene.transaction = name
    if names:
        for span, scene in found:
            scene.transaction = names.get(span.segment_id, scene.transaction)


def _segment_name(span: Span, name: str) -> str:
    texts = span.texts
    source = texts.get("sentry.segment.name.source") or texts.get("sentry.span.source") or ""
    if name.lower() in _GENERIC:
        path = texts.get("url.template") or texts.get("http.route") or texts.get("url.path")
        return without_ids(path)[:200] if path else name
    return without_ids(name) if source == "url" else name


def _shift(spans: Sequence[SentSpanV2], received: Received) -> int:
    """By how much the times of a container are moved: its newest end decides for all."""
    ends = [end for span in spans if (end := microseconds(span.end_timestamp)) is not None]
    return _placed(max(ends), received) if ends else 0


def _placed(end_us: int, received: Received) -> int:
    return moment.place(to_iso(end_us), received, Notes())[1]

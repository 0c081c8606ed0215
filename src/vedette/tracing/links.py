"""Links of a span to other spans: those that can be followed, and what is said of them."""

import msgspec
from msgspec import Raw

from vedette.core.event import ABSENT
from vedette.core.ids import parse_event_id
from vedette.normalize.attributes import attributes_of
from vedette.normalize.received import Received
from vedette.scrub.attributes import SPAN, scrub_entry
from vedette.scrub.rules import Scrubber
from vedette.tracing.decode import LINKS, SentLink
from vedette.tracing.span import span_hex, span_number

_MAX_JSON = 8192  # characters; later links are left out
_MAX_ATTRIBUTES = 16  # of one link
_MAX_TEXT = 256  # a longer one says nothing of a link

_encode = msgspec.json.encode


class _Link(msgspec.Struct, omit_defaults=True):
    """One as stored: ids in hex digits, attributes as bare values."""

    trace_id: str
    span_id: str
    sampled: bool | None = None
    attributes: dict[str, str | float] = {}


def links_text(sent: Raw, facts: Received) -> str:
    """The links as JSON, not scrubbed yet; empty for none. What has no ids of a trace and a span is none."""
    if sent is ABSENT or bytes(sent) in (b"null", b"[]"):
        return ""
    kept: list[str] = []
    left = _MAX_JSON
    for one in LINKS.list(sent):
        link = None if one is None else _link(one, facts)
        if link is not None:
            text = _encode(link).decode()
            left -= len(text) + 1
            if left < 1:
                break
            kept.append(text)
    return f"[{','.join(kept)}]" if kept else ""


def scrubbed(links: str, scrubber: Scrubber) -> str:
    """The same links without what the rules take out of their attributes, which are those of a span."""
    if '"attributes"' not in links:
        return links
    found = msgspec.json.decode(links, type=list[_Link])
    for link in found:
        texts = {key: value for key, value in link.attributes.items() if isinstance(value, str)}
        numbers: dict[str, float] = {
            key: value for key, value in link.attributes.items() if not isinstance(value, str)
        }
        scrub_entry(SPAN, "", texts, numbers, scrubber)
        link.attributes = {**texts, **numbers}
    return _encode(found).decode()


def _link(sent: SentLink, facts: Received) -> _Link | None:
    trace_id, span_id = parse_event_id(sent.trace_id or ""), span_number(sent.span_id)
    if not trace_id or not span_id:
        return None
    said = attributes_of(sent.attributes, facts)
    texts = {key: text for key, text in said.texts.items() if len(text) <= _MAX_TEXT}
    attributes = {**texts, **said.numbers}
    return _Link(trace_id, span_hex(span_id), sent.sampled, dict(list(attributes.items())[:_MAX_ATTRIBUTES]))

"""Scrubbing of one span."""

from vedette.scrub.attributes import SPAN, scrub_entry
from vedette.scrub.rules import Scrubber
from vedette.tracing.links import scrubbed
from vedette.tracing.span import Span


def scrub_span(span: Span, scrubber: Scrubber) -> None:
    """Take out of the span what the rules find, in place."""
    span.description = scrub_entry(SPAN, span.description, span.texts, span.numbers, scrubber)
    if span.links:
        span.links = scrubbed(span.links, scrubber)

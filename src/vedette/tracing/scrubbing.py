"""Scrubbing of one span, and its limits: in this order, because JSON that was cut is no longer read as JSON."""

from vedette.normalize.attributes import cut_texts
from vedette.scrub.attributes import SPAN, scrub_entry
from vedette.scrub.rules import Scrubber
from vedette.tracing.links import scrubbed
from vedette.tracing.span import Span

MAX_DESCRIPTION = 8192


def scrub_span(span: Span, scrubber: Scrubber | None) -> None:
    """Take out of the span what the rules find, in place, and bring its texts to what is stored of them.

    `scrubber`: None where there is nothing to find.
    """
    if scrubber is not None:
        span.description = scrub_entry(SPAN, span.description, span.texts, span.numbers, scrubber)
        if span.links:
            span.links = scrubbed(span.links, scrubber)
    if span.is_long:
        span.description = span.description[:MAX_DESCRIPTION]
        cut_texts(span.texts)

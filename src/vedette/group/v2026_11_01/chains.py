"""Chains of exceptions that are told by types and stacks alone: most, and what one issue sends again and again.

Their hashes are remembered by the facts of their frames. Whatever else may count, an exception's value,
a project's rules, an exception group, is not known here: such a chain has no key.
"""

from typing import NamedTuple

import msgspec

from vedette.core.event import Event, ExceptionValue, Frame
from vedette.group.config import GroupingConfig
from vedette.group.mentioned import Mentioned
from vedette.group.v2026_11_01.exceptions import COCOA, Chain, type_text
from vedette.group.v2026_11_01.frames import FrameBook, FrameFacts, facts_bytes
from vedette.group.v2026_11_01.wording import captured_keys

MOST_FRAMES = 100  # of a chain that is remembered

Facts = list[list[FrameFacts]]  # of the frames of each exception


class KnownChain(NamedTuple):
    """What was found: of each variant key, hash and hint; and the exception that names the issue."""

    variants: tuple[tuple[str, str | None, str | None], ...]
    main: int
    mentioned: Mentioned  # by its frames


def plain_facts(event: Event, config: GroupingConfig, book: FrameBook) -> Facts | None:
    """The facts of the frames, where nothing but types and stacks can count; else None."""
    assert event.exception is not None
    values = event.exception.values
    if config.stack_trace_rules or config.options.ignored_wrappers or event.platform in COCOA:
        return None
    stacks = list(map(_plain_frames, values))
    if not all(stacks) or sum(map(len, stacks)) > MOST_FRAMES:
        return None
    return [book.facts(frames, event.platform) for frames in stacks]


def _plain_frames(exception: ExceptionValue) -> list[Frame]:
    """The frames of an exception that is told by type and stack; none where more may count."""
    mechanism = exception.mechanism
    if mechanism is not None and (mechanism.synthetic or mechanism.is_exception_group):
        return []
    if exception.stacktrace is None or captured_keys(exception.value) is not None:
        return []
    return exception.stacktrace.frames


class ChainKey(msgspec.Struct, frozen=True):
    """What decides the hashes of a chain. `exceptions`: type, whether there is a value, facts of the frames.

    Facts are compared by identity, and those of one frame are of all names that `mentioned_by` reads.
    """

    platform: str
    value_at_raise_helper: bool
    exceptions: tuple[tuple[str, bool, tuple[FrameFacts, ...]], ...]


def chain_key(event: Event, config: GroupingConfig, facts: Facts) -> ChainKey:
    """Equal for chains with equal hashes, should `is_told_by_stacks` say so of one of them."""
    assert event.exception is not None
    exceptions = [
        (type_text(value, event.platform), bool(value.value and value.value.strip()), tuple(known))
        for value, known in zip(event.exception.values, facts, strict=True)
    ]
    return ChainKey(event.platform, config.options.value_at_raise_helper, tuple(exceptions))


def chain_bytes(key: ChainKey, chain: KnownChain) -> int:
    """What remembering a chain takes, told too high."""
    told = chain.mentioned.size_bytes + sum([len(hint or "") for _, _, hint in chain.variants])
    return 1_000 + told + sum([len(type_) + facts_bytes(facts) for type_, _, facts in key.exceptions])


def is_told_by_stacks(chain: Chain) -> bool:
    """Whether neither a value nor the place of the event entered the hashes."""
    return chain.has_frames("system") and not any(view.value.counts or view.origin for view in chain.members)

"""Detectors: what is wrong with the spans of one segment. Pure functions over them.

Each looks at every span once. One find for each shape: a loop that runs twice in a transaction is found once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import msgspec

from vedette.tracing.describe import Described
from vedette.tracing.problems import (
    CONSECUTIVE_HTTP,
    LARGE_PAYLOAD,
    N_PLUS_ONE,
    SLOW_QUERY,
    UNCOMPRESSED,
    Kind,
    Problem,
    Thresholds,
)
from vedette.tracing.span import Span

MAX_PROBLEMS = 10  # of one segment
_MAX_SHOWN = 50  # offending spans that are named
_TRANSFERRED = ("http.response_transfer_size", "http.response.body.size", "http.response_content_length")
_ENCODED = ("http.response_content_length", "http.response.body.size")
_DECODED = ("http.decoded_response_content_length", "http.decoded_response_body_length")
_TEXT_ASSETS = frozenset(("script", "css"))


class Told(msgspec.Struct, frozen=True, gc=False):
    """A span and what it did."""

    span: Span
    did: Described


def find_problems(told: Sequence[Told], thresholds: Thresholds) -> list[Problem]:
    """What is wrong with the spans of one segment, at most `MAX_PROBLEMS`, worst kinds first."""
    looked_at: dict[str, list[Told]] = {category: [] for category, _ in _DETECTORS}
    for one in told:
        inner = looked_at.get(one.did.category)
        if inner is not None and not one.span.is_segment:
            inner.append(one)
    for inner in looked_at.values():
        inner.sort(key=_start)
    found: dict[tuple[str, str], Problem] = {}
    for category, detector in _DETECTORS:
        for problem in detector(looked_at[category], thresholds):
            found.setdefault((problem.kind.slug, problem.shape), problem)
    return list(found.values())[:MAX_PROBLEMS]


def _start(one: Told) -> int:
    return one.span.start_us


# --- databases --------------------------------------------------------------------------------


def _n_plus_one(told: Sequence[Told], thresholds: Thresholds) -> Iterable[Problem]:
    """Runs of one query after another under one parent, after a query of another kind that led to them."""
    families: dict[int, list[Told]] = defaultdict(list)
    for one in told:
        families[one.span.parent_span_id].append(one)
    for family in families.values():
        if len(family) > thresholds.n_plus_one_count:
            yield from _runs(family, thresholds)


def _runs(family: Sequence[Told], thresholds: Thresholds) -> Iterable[Problem]:
    start = 0
    for place in range(1, len(family) + 1):
        same = place < len(family) and family[place].did.group_hash == family[start].did.group_hash
        if same and family[place].span.start_us >= family[place - 1].span.end_us:
            continue
        if start > 0 and place - start >= thresholds.n_plus_one_count:
            problem = _run(family[start - 1], family[start:place], thresholds)
            if problem is not None:
                yield problem
        start = place


def _run(cause: Told, run: Sequence[Told], thresholds: Thresholds) -> Problem | None:
    took_us = sum(one.span.duration_us for one in run)
    did, span = run[0].did, run[0].span
    if did.action != "SELECT" or not did.group_hash or took_us < thresholds.n_plus_one_ms * 1000:
        return None
    return Problem(
        N_PLUS_ONE,
        f"{cause.did.normalized}\0{did.normalized}",
        span.description,
        span.op,
        _ids(run),
        span.parent_span_id,
        (cause.span.span_id,),
        len(run),
        took_us,
        (("Preceding Query", cause.span.description[:500]), ("Pattern", did.normalized)),
    )


def _slow_query(told: Sequence[Told], thresholds: Thresholds) -> Iterable[Problem]:
    least_us = thresholds.slow_query_ms * 1000
    for one in told:
        span = one.span
        if span.end_us - span.start_us >= least_us and one.did.action == "SELECT":
            yield _single(SLOW_QUERY, one, one.did.normalized)


# --- requests ---------------------------------------------------------------------------------


def _consecutive_http(told: Sequence[Told], thresholds: Thresholds) -> Iterable[Problem]:
    """Calls that wait for each other, though nothing shows that they must."""
    least_us, gap_us = thresholds.consecutive_http_each_ms * 1000, thresholds.consecutive_http_gap_ms * 1000
    families: dict[int, list[Told]] = defaultdict(list)
    for one in told:
        if one.span.op in ("http.client", "http", "default") and one.span.duration_us >= least_us:
            families[one.span.parent_span_id].append(one)
    for family in families.values():
        for chain in _chains(family, gap_us):
            durations = [one.span.duration_us for one in chain]
            saved_us = sum(durations) - max(durations)
            if (
                len(chain) >= thresholds.consecutive_http_count
                and saved_us >= thresholds.consecutive_http_saved_ms * 1000
            ):
                yield _chain(chain, saved_us)


def _chains(family: Sequence[Told], gap_us: int) -> list[list[Told]]:
    chains = [[family[0]]]
    for before, after in pairwise(family):
        if 0 <= after.span.start_us - before.span.end_us <= gap_us:
            chains[-1].append(after)
        else:
            chains.append([after])
    return chains


def _chain(chain: Sequence[Told], saved_us: int) -> Problem:
    first = chain[0].span
    shape = "\0".join(dict.fromkeys(one.did.normalized for one in chain))
    took_us = sum(one.span.duration_us for one in chain)
    facts = (("Time Saved", f"{saved_us // 1000} ms"),)
    return Problem(
        CONSECUTIVE_HTTP,
        shape,
        first.description,
        first.op,
        _ids(chain),
        first.parent_span_id,
        (),
        len(chain),
        took_us,
        facts,
    )


def _large_payload(told: Sequence[Told], thresholds: Thresholds) -> Iterable[Problem]:
    for one in told:
        size = _size(one.span, _TRANSFERRED)
        if size >= thresholds.large_payload_bytes:
            yield _single(LARGE_PAYLOAD, one, one.did.normalized, (("Payload Size", f"{int(size)} bytes"),))


def _uncompressed(told: Sequence[Told], thresholds: Thresholds) -> Iterable[Problem]:
    least_us = thresholds.uncompressed_ms * 1000
    for one in told:
        span, did = one.span, one.did
        if did.action not in _TEXT_ASSETS or span.duration_us < least_us:
            continue
        encoded, decoded = _size(span, _ENCODED), _size(span, _DECODED)
        if encoded >= thresholds.uncompressed_bytes and encoded == decoded:
            yield _single(UNCOMPRESSED, one, did.normalized, (("Asset Size", f"{int(encoded)} bytes"),))


def _size(span: Span, keys: Iterable[str]) -> float:
    return next((span.numbers[key] for key in keys if key in span.numbers), 0.0)


def _single(kind: Kind, one: Told, shape: str, facts: tuple[tuple[str, str], ...] = ()) -> Problem:
    span = one.span
    return Problem(
        kind,
        shape,
        span.description,
        span.op,
        (span.span_id,),
        span.parent_span_id,
        (),
        1,
        span.duration_us,
        facts,
    )


def _ids(told: Sequence[Told]) -> tuple[int, ...]:
    return tuple(one.span.span_id for one in told[:_MAX_SHOWN])


# Each with the category of the spans it looks at.
_DETECTORS: tuple[tuple[str, Callable[[Sequence[Told], Thresholds], Iterable[Problem]]], ...] = (
    ("db", _n_plus_one),
    ("db", _slow_query),
    ("http", _consecutive_http),
    ("http", _large_payload),
    ("resource", _uncompressed),
)

"""A problem as an event of its own, by which it becomes an issue with evidence."""

from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Raw

from vedette.core.event import Event, Sdk
from vedette.tracing.problems import Problem
from vedette.tracing.span import Scene, Span, span_hex


class Found(msgspec.Struct, frozen=True):
    """A problem and the event that tells of it. `fingerprint`: 32 hex digits."""

    problem: Problem
    event: Event
    fingerprint: str


def found_in_transaction(problem: Problem, event: Event) -> Found:
    """Of a transaction: its event with the evidence."""
    fingerprint = problem.fingerprint(event.transaction or "")
    told = msgspec.structs.replace(
        event,
        event_id=_event_id(event.event_id, fingerprint),
        type="generic",
        level=problem.kind.level,
        tags=dict(event.tags) | {"level": problem.kind.level},
        occurrence=_evidence(problem, event.transaction or "", event.event_id, fingerprint),
    )
    return Found(problem, told, fingerprint)


def found_in_segment(problem: Problem, span: Span, scene: Scene, received_us: int) -> Found:
    """Of streamed spans: an event made of what the segment's spans say of themselves."""
    fingerprint = problem.fingerprint(scene.transaction)
    level = problem.kind.level
    trace: dict[str, str] = {
        "type": "trace",
        "trace_id": span.trace_id,
        "span_id": span_hex(span.segment_id or span.span_id),
    }
    tags = {
        "level": level,
        "environment": scene.environment,
        "release": scene.release,
        "transaction": scene.transaction,
        "user": scene.user,
    }
    source = f"{span.trace_id}{span.segment_id:x}{span.span_id:x}"
    told = Event(
        event_id=_event_id(source, fingerprint),
        type="generic",
        timestamp_us=span.end_us,
        received_us=received_us,
        platform=scene.platform or "other",
        level=level,
        transaction=scene.transaction or None,
        release=scene.release or None,
        environment=scene.environment or None,
        tags={key: value for key, value in tags.items() if value},
        contexts={"trace": Raw(msgspec.json.encode(trace))},
        sdk=Sdk(name=scene.sdk_name, version=scene.sdk_version) if scene.sdk_name else None,
        occurrence=_evidence(problem, scene.transaction, "", fingerprint),
    )
    return Found(problem, told, fingerprint)


def _event_id(source: str, fingerprint: str) -> str:
    """The same at each try: made of what it was found in."""
    return blake2b(f"{source}{fingerprint}".encode(), digest_size=16).hexdigest()


def _evidence(problem: Problem, transaction: str, transaction_id: str, fingerprint: str) -> Raw:
    """What the issue's page shows, under the field's names."""
    kind = problem.kind
    data: dict[str, Any] = {
        "transactionName": transaction,
        "transactionId": transaction_id,
        "parentSpanIds": [span_hex(problem.parent)] if problem.parent else [],
        "causeSpanIds": [span_hex(number) for number in problem.causes],
        "offenderSpanIds": [span_hex(number) for number in problem.offenders],
        "op": problem.op,
        "numRepeatingSpans": str(problem.count),
        "repeatingSpans": problem.description[:1000],
        "duration": problem.duration_us / 1000,  # milliseconds, of all offending spans
    }
    display = [
        {"name": "Transaction", "value": transaction, "important": False},
        {
            "name": "Offending Span",
            "value": f"{problem.op} - {problem.description[:1000]}",
            "important": True,
        },
        *({"name": name, "value": value, "important": False} for name, value in problem.facts),
        {"name": "Count", "value": str(problem.count), "important": False},
        {"name": "Duration", "value": f"{problem.duration_us / 1000:.1f} ms", "important": False},
    ]
    occurrence: dict[str, Any] = {
        "fingerprint": [fingerprint],
        "issueTitle": kind.title,
        "subtitle": problem.description[:1000],
        "type": kind.number,
        "level": kind.level,
        "culprit": transaction,
        "evidenceData": data,
        "evidenceDisplay": display,
    }
    return Raw(msgspec.json.encode(occurrence))

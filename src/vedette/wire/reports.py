"""Client reports: what an SDK says it threw away itself, and why."""

import msgspec

MOST_ENTRIES = 200
_MOST_QUANTITY = 2**31


class ReportError(ValueError):
    """Bytes that are no client report."""


class _Entry(msgspec.Struct, frozen=True):
    reason: str = "unknown"
    category: str = "default"
    quantity: int = 1


class _Report(msgspec.Struct, frozen=True):
    discarded_events: list[_Entry] = []
    rate_limited_events: list[_Entry] = []
    filtered_events: list[_Entry] = []
    filtered_sampling_events: list[_Entry] = []


_decode = msgspec.json.Decoder(_Report).decode


def read_report(payload: bytes) -> list[tuple[str, str, int]]:
    """(category, reason, quantity) of each entry, text cut to 64 characters. Any name is taken.

    Raises `ReportError`.
    """
    try:
        report = _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(str(error)) from error
    entries = [
        *report.discarded_events,
        *report.rate_limited_events,
        *report.filtered_events,
        *report.filtered_sampling_events,
    ]
    return [
        (entry.category[:64], entry.reason[:64], min(entry.quantity, _MOST_QUANTITY))
        for entry in entries[:MOST_ENTRIES]
        if entry.quantity > 0
    ]

"""Containers and what is known of how they came, for tests of features that read them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Raw

from vedette.normalize.received import Received
from vedette.projects.handling import Delivery, Handling
from vedette.scrub.rules import ScrubSettings, compile_settings

RECEIVED_US = 1_795_712_000_000_000  # minutes after the recorded samples were sent
ITEM_KEY = "00000000000000aa"


def delivery(
    *,
    settings: ScrubSettings | None = None,
    store_ips: bool = True,
    sent_at_us: int | None = None,
    sdk: bytes = b"{}",
    trace: bytes = b"{}",
) -> Delivery:
    received = Received(
        RECEIVED_US, sent_at_us=sent_at_us, client_ip="203.0.113.9", user_agent="Mozilla/5.0 Firefox/140.0"
    )
    handling = Handling(compile_settings(settings or ScrubSettings()), store_ips, keep_days=90)
    return Delivery(7, ITEM_KEY, received, handling, Raw(sdk), Raw(trace))


def container(*entries: Any, **more: Any) -> bytes:
    return json.dumps({"items": entries, **more}).encode()


def payload_in(path: Path) -> bytes:
    """The only item's payload of a recorded envelope."""
    return path.read_bytes().split(b"\n")[2]


def fields(names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(names, row, strict=True))

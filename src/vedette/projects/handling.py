"""What a project says about everything it is sent, at one epoch of its configuration."""

import msgspec
from msgspec import Raw

from vedette.normalize.received import Received
from vedette.scrub.rules import Scrubber


class Handling(msgspec.Struct, frozen=True):
    """Read by every feature that stores what clients send."""

    scrubber: Scrubber
    store_ips: bool
    keep_days: int


class Delivery(msgspec.Struct, frozen=True):
    """One item apart from its bytes: whose it is, and what is known of how it came."""

    project_id: int
    item_key: str  # 16 hex digits, of its place in the spool: the first half of its entries' ids
    received: Received
    handling: Handling
    sdk: Raw  # of the envelope, JSON
    trace: Raw  # dynamic sampling context of the envelope, JSON

    def facts(self) -> Received:
        """What was received, by the project's word on addresses."""
        if self.handling.store_ips:
            return self.received
        return msgspec.structs.replace(self.received, store_ips=False)

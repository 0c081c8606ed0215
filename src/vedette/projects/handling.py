"""What a project says about everything it is sent, at one epoch of its configuration."""

import msgspec

from vedette.scrub.rules import Scrubber


class Handling(msgspec.Struct, frozen=True):
    """Read by every feature that stores what clients send."""

    scrubber: Scrubber
    store_ips: bool
    keep_days: int

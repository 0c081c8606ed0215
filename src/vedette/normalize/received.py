"""What the receiver knows about an item besides its bytes."""

import msgspec


class Received(msgspec.Struct, frozen=True):
    """Facts of one item. Times are epoch microseconds."""

    received_us: int
    sent_at_us: int | None = None  # the envelope's `sent_at`; None where there was none
    client_ip: str | None = None  # after trusted proxies
    user_agent: str | None = None  # of the request; used where the event names none
    event_id: str | None = None  # of the envelope header
    item_type: str = "event"
    store_ips: bool = True  # False: the project's "prevent storing of IP addresses"
    release: str | None = None  # security endpoints: query `sentry_release`
    environment: str | None = None  # security endpoints: query `sentry_environment`


class InvalidPayload(ValueError):
    """The item cannot become an event. `reason` is its outcome's reason."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason

"""How many one stands for: the weight of what a sampled sender sent."""

import msgspec
from msgspec import Raw

from vedette.normalize.attributes import Attributes

OWN_RATE = "sentry.client_sample_rate"  # the attribute of an entry that is sampled by itself
_MOST = 1e6


class _Context(msgspec.Struct):
    sample_rate: float | str | None = None


_decode = msgspec.json.Decoder(_Context).decode


def weight_of(trace: Raw) -> float:
    """1 / `sample_rate` of an envelope's dynamic sampling context; 1 where it says none that can be."""
    try:
        return _weight(_decode(trace).sample_rate)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return 1.0


def own_weight(attributes: Attributes) -> float:
    """The same by the entry's own rate: metrics come whether or not their trace was sampled."""
    return _weight(attributes.text(OWN_RATE))


def _weight(sent: float | str | None) -> float:
    try:
        rate = float(sent or 1)
    except ValueError:
        return 1.0
    return min(_MOST, 1 / rate) if 0 < rate <= 1 else 1.0

"""How many one stands for: the weight of what a sampled sender sent."""

import msgspec
from msgspec import Raw

_MOST = 1e6


class _Context(msgspec.Struct):
    sample_rate: float | str | None = None


_decode = msgspec.json.Decoder(_Context).decode


def weight_of(trace: Raw) -> float:
    """1 / `sample_rate` of an envelope's dynamic sampling context; 1 where it says none that can be."""
    try:
        rate = float(_decode(trace).sample_rate or 1)
    except (msgspec.MsgspecError, ValueError, UnicodeDecodeError, RecursionError):
        return 1.0
    return min(_MOST, 1 / rate) if 0 < rate <= 1 else 1.0

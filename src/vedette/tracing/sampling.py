"""How many calls one that was sampled stands for."""

import msgspec
from msgspec import Raw

_MOST = 1e6  # a sample rate below a millionth is a mistake


class _Sampling(msgspec.Struct):
    sample_rate: float | str | None = None


_decode = msgspec.json.Decoder(_Sampling).decode


def weight_of(trace: Raw) -> float:
    """1 / `sample_rate` of an envelope's dynamic sampling context; 1 where it names none."""
    try:
        rate = float(_decode(trace).sample_rate or 0)
    except (msgspec.MsgspecError, ValueError, UnicodeDecodeError, RecursionError):
        return 1.0
    return 1 / rate if 1 / _MOST <= rate <= 1 else 1.0

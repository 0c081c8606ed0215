"""How strong a phone is: `high`, `medium` or `low`. Thresholds are ours, in keeping with phones of the day."""

import re

_IPHONE = re.compile(r"^(?:iPhone|iPad|iPod)(\d{1,3}),")
_GIB = 1 << 30

# At least this much of frequency (MHz), processors and memory for the class.
_ANDROID = (("high", 2500, 8, 6 * _GIB), ("medium", 2000, 8, 4 * _GIB))
_APPLE = (("high", 14), ("medium", 10))  # generation of the model


def device_class(
    os: str | None, model: str | None, frequency: float | None, processors: float | None, memory: float | None
) -> str | None:
    """The class of an Android or Apple device; None for others, and where too little is known."""
    if os in ("iOS", "iPadOS"):
        return _apple(model or "")
    if os != "Android" or not (frequency or processors or memory):
        return None
    for name, least_frequency, least_processors, least_memory in _ANDROID:
        if (
            (frequency or least_frequency) >= least_frequency
            and (processors or least_processors) >= least_processors
            and (memory or least_memory) >= least_memory
        ):
            return name
    return "low"


def _apple(model: str) -> str | None:
    match = _IPHONE.match(model)
    if match is None:
        return None
    generation = int(match[1])
    return next((name for name, least in _APPLE if generation >= least), "low")

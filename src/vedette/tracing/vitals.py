"""Web vitals and mobile vitals: one name for each measurement, and the scores that pages are judged by.

Thresholds and weights are those the field publishes (docs/explanation/traces.md): a score is the share of pages
that are slower, on a log-normal curve through a good value (0.9) and a middling one (0.5).
"""

from functools import lru_cache
from math import erfc, log, sqrt
from typing import NamedTuple

Numbers = dict[str, float]


class _Curve(NamedTuple):
    weight: float
    good: float
    middling: float


_CURVES = {
    "lcp": _Curve(0.30, 1200, 2400),
    "inp": _Curve(0.30, 200, 500),
    "cls": _Curve(0.15, 0.1, 0.25),
    "fcp": _Curve(0.15, 900, 1600),
    "ttfb": _Curve(0.10, 200, 400),
}
_STREAMED = {
    f"browser.web_vital.{name}.value": f"measurements.{name}"
    for name in ("lcp", "fcp", "fp", "cls", "inp", "ttfb", "fid")
} | {"browser.web_vital.ttfb.request_time": "measurements.ttfb.requesttime"}
_OLD_STREAMED = {name: f"measurements.{name}" for name in ("lcp", "fcp", "fp", "cls", "inp", "ttfb")}
_OPS = ("pageload", "navigation", "ui.webvital", "ui.interaction", "default")
_ERFINV_0_8 = 0.9061938024368232
_MAX_START_MS = 180_000  # a phone's start that took longer was a pause


def add_vitals(numbers: Numbers, op: str) -> None:
    """Bring streamed vitals under `measurements.`, add scores and rates, drop what cannot be."""
    for key, name in _STREAMED.items():
        if key in numbers:
            numbers.setdefault(name, numbers[key])
    if op.startswith("ui.webvital."):
        _take_plain(numbers, op.rpartition(".")[2])
    if not any(key.startswith("measurements.") for key in numbers):
        return
    for start in ("measurements.app_start_cold", "measurements.app_start_warm"):
        if numbers.get(start, 0) > _MAX_START_MS:
            del numbers[start]
    _add_rates(numbers)
    if op.startswith(_OPS):
        _add_scores(numbers)


def _take_plain(numbers: Numbers, vital: str) -> None:
    """A span of a vital's own may hold it under its bare name."""
    name = _OLD_STREAMED.get(vital)
    if name is not None and vital in numbers:
        numbers.setdefault(name, numbers[vital])


def _add_rates(numbers: Numbers) -> None:
    total = numbers.get("measurements.frames_total", 0)
    if total > 0:
        for kind in ("slow", "frozen"):
            count = numbers.get(f"measurements.frames_{kind}")
            if count is not None:
                numbers[f"measurements.frames_{kind}_rate"] = count / total


def _add_scores(numbers: Numbers) -> None:
    """`score.ratio.X` of each vital that is there, its `score.weight.X` among them, their product, and the sum."""
    found = {name: numbers[key] for name in _CURVES if (key := f"measurements.{name}") in numbers}
    if not found:
        return
    whole = sum(_CURVES[name].weight for name in found)
    total = 0.0
    for name, value in found.items():
        curve = _CURVES[name]
        ratio, weight = score(value, curve.good, curve.middling), curve.weight / whole
        numbers[f"measurements.score.ratio.{name}"] = ratio
        numbers[f"measurements.score.weight.{name}"] = weight
        numbers[f"measurements.score.{name}"] = ratio * weight
        total += ratio * weight
    numbers["measurements.score.total"] = total


@lru_cache(maxsize=4096)
def score(value: float, good: float, middling: float) -> float:
    """1 for nothing at all, 0.9 at `good`, 0.5 at `middling`, towards 0 beyond."""
    if value <= 0:
        return 1.0
    spread = abs(log(good) - log(middling)) / (sqrt(2) * _ERFINV_0_8)
    return 0.5 * erfc((log(value) - log(middling)) / (sqrt(2) * spread))

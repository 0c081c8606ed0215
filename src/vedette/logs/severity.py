"""Levels of logs and their severity numbers (1 to 24, as OpenTelemetry has them), each from the other."""

LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")
_SPAN = 4  # numbers of each level: trace 1 to 4, debug 5 to 8 …
_SEVERITY = {level: index * _SPAN + 1 for index, level in enumerate(LEVELS)}
_SPELLINGS = {
    "warning": "warn",
    "log": "info",
    "notice": "info",
    "information": "info",
    "critical": "fatal",
    "emergency": "fatal",
    "alert": "fatal",
    "panic": "fatal",
    "err": "error",
    "exception": "error",
    "verbose": "trace",
}
_DEFAULT = "info"
HIGHEST = _SPAN * len(LEVELS)


def resolve(level: str | None, severity: float | None) -> tuple[str, int]:
    """Level and number of an entry that gives both, either or none. What it says of the level is believed first."""
    number = int(severity) if severity is not None and 1 <= severity <= HIGHEST else 0
    known = _known(level) if level else ""
    if not known:
        known = LEVELS[(number - 1) // _SPAN] if number else _DEFAULT
    return known, number or _SEVERITY[known]


def _known(level: str) -> str:
    if level in _SEVERITY:
        return level
    lower = level.strip().lower()
    lower = _SPELLINGS.get(lower, lower)
    return lower if lower in _SEVERITY else ""

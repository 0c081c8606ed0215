"""How talking to the telemetry store fails."""

OUT_OF_REACH = 76  # CANNOT_OPEN_FILE: the engine does not see the memory in which rows were offered
UNKNOWN_SETTING = 115  # an older engine does not know that they may be


class TelemetryError(Exception):
    """Base of all; `code` is ClickHouse's, 0 where there was no answer."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class TelemetryUnavailable(TelemetryError):
    """No store, no answer, or one that is full or overloaded: the same call may succeed later."""


class TelemetryRefused(TelemetryError):
    """The statement or its data is wrong: the same call fails again."""


class BlockTooLarge(TelemetryRefused):
    """One block of rows is more than the store takes: nothing was sent; fewer rows may do."""


class TelemetryLimit(TelemetryRefused):
    """A read needs more time, memory or result than it may have."""


class TelemetryMismatch(TelemetryRefused):
    """A read that asks for what cannot be: a value of another type than what it stands beside, out of its range."""


# By ClickHouse's code: time, result size, rows to read, memory of one query.
_LIMITS = {159, 396, 158, 307, 241}
_REFUSED_STATUS = range(400, 500)


def error_for(status: int, code: int, message: str, *, reading: bool) -> TelemetryError:
    """The error that an HTTP answer means. Memory is a limit for a read, a matter of time for an insert."""
    if code in _LIMITS and reading:
        return TelemetryLimit(message, code)
    if code in _MISMATCHES and reading:
        return TelemetryMismatch(message, code)
    if (status in _REFUSED_STATUS and status != 408 and code != 516) or code in _BAD_DATA:
        if code == 252 and "single INSERT block" not in message:
            return TelemetryUnavailable(message, code)  # too many parts: merges will catch up
        return TelemetryRefused(message, code)
    return TelemetryUnavailable(message, code)


# Codes that real servers answer with 500 though no retry helps: constraint, partitions, conversions.
_BAD_DATA = {469, 252, 349, 6, 27, 33, 53, 70, 72, 117, 131}
# Text that is no number, time or id; arguments and types that do not go together; functions where none may stand;
# numbers out of range; values that do not fit their parameter.
_MISMATCHES = {6, 27, 38, 41, 72, 376, 36, 43, 53, 69, 70, 386, 124, 130, 184, 407, 457}

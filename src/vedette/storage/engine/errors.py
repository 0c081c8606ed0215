"""What goes wrong in the engine, with ClickHouse's own error codes and HTTP statuses."""

import re

BAD_REQUEST = 36  # BAD_ARGUMENTS
BAD_PARAMETER = 457  # BAD_QUERY_PARAMETER
MISSING_PARAMETER = 456  # UNKNOWN_QUERY_PARAMETER
READONLY = 164
CANNOT_OPEN = 76  # CANNOT_OPEN_FILE
TOO_LARGE = 307  # TOO_MANY_BYTES
TOO_MANY_QUERIES = 202  # TOO_MANY_SIMULTANEOUS_QUERIES
WRONG_PASSWORD = 516  # AUTHENTICATION_FAILED
INTERNAL = 1002  # UNKNOWN_EXCEPTION

_CODE = re.compile(r"^Code: (\d+)\.")
_STATUS = {
    **dict.fromkeys((36, 456, 457, 6, 26, 27, 33, 38, 41, 43, 44, 50, 53, 62, 69, 70, 72, 117, 130), 400),
    **dict.fromkeys((16, 42, 46, 47, 60, 81, 115), 404),
    **dict.fromkeys((469, 252, 349), 400),
    **dict.fromkeys((164, 516, 497), 403),
    76: 409,
    159: 408,
    307: 413,
    202: 503,
}


class EngineError(Exception):
    """A statement failed; `code` is ClickHouse's, `str()` its message."""

    def __init__(self, code: int, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status or _STATUS.get(code, 500)


def from_chdb(error: Exception) -> EngineError:
    """The error chDB raised as text (`Code: 62. DB::Exception: …`), with its code read out of it."""
    text = str(error)
    found = _CODE.match(text)
    return EngineError(int(found[1]) if found else INTERNAL, text)

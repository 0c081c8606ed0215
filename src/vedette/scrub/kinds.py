"""Kinds of data by their looks. All patterns run on RE2: linear, whatever the text.

A pattern is searched in texts. Its `glance` is searched in raw JSON, to see quickly that there is
nothing: it must match wherever the pattern would match the decoded text, escapes and all.
"""

from base64 import urlsafe_b64decode
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from vedette.core.patterns import text_pattern


class Kind(NamedTuple):
    """One kind of data in text. `group` is what gets replaced; `verify` has the last word on a match."""

    name: str
    pattern: str
    group: int = 0
    verify: Callable[[str], bool] | None = None
    raw: str = ""  # the pattern for raw JSON, where it must differ by more than its first word boundary

    @property
    def glance(self) -> str:
        """The pattern for raw JSON. A word that follows an escape (`\\n4111…`) has no boundary there."""
        pattern = self.raw or self.pattern
        return _AFTER_ESCAPE + pattern.removeprefix(r"\b") if pattern.startswith(r"\b") else pattern


_AFTER_ESCAPE = r"(?:\b|\\[bfnrt]|\\u[0-9A-Fa-f]{4})"


def _is_card(text: str) -> bool:
    digits = "".join(char for char in text if char.isdigit())
    lengths = _CARD_LENGTHS.get(digits[0], ())
    return len(digits) in lengths and _luhn(digits)


_CARD_LENGTHS = {"2": (16,), "3": (14, 15, 16), "4": (13, 16, 19), "5": (16,), "6": (16, 17, 18, 19)}


def _luhn(digits: str) -> bool:
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def _is_imei(text: str) -> bool:
    return _luhn("".join(char for char in text if char.isdigit()))


def _is_ssn(text: str) -> bool:
    return text[:3] not in ("000", "666") and text[0] != "9" and text[4:6] != "00" and text[7:] != "0000"


_URLSAFE = str.maketrans("+/", "-_")


def _is_basic(text: str) -> bool:
    """Whether it is `user:password` in base64, and no word that follows `basic`."""
    plain = text.rstrip("=").translate(_URLSAFE)
    try:
        said = urlsafe_b64decode(plain + "=" * (-len(plain) % 4)).decode()
    except ValueError:
        return False
    return ":" in said and said.isprintable()


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


_SLASH = r"\\?/"
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

_V6 = r"[0-9A-Fa-f]{0,4}:(?:[0-9A-Fa-f]{0,4}:){1,6}[0-9A-Fa-f]{0,4}"

_KINDS = (
    Kind("creditcard", r"\b[2-6](?:[ -]?[0-9]){12,18}\b", 0, _is_card),
    Kind("usssn", r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", 0, _is_ssn),
    Kind("pemkey", r"-----BEGIN [A-Z ]{0,40}KEY-----[^-]*(?:-----END [A-Z ]{0,40}KEY-----)?"),
    Kind("bearer", r"(?i:\bbearer\s+)([A-Za-z0-9._~+/=-]{16,})", 1, raw=r"(?i:bearer(?:\s|\\))"),
    Kind(
        "basic",
        r"(?i:\bbasic\s+)([A-Za-z0-9+/_-]{4,}={0,2})",
        1,
        _is_basic,
        raw=r"(?i:basic)(?:\s|\\[nrtf])+[A-Za-z0-9+/_\\-]{4}",
    ),
    Kind(
        "urlpassword",
        r"\b[A-Za-z][A-Za-z0-9+.-]*://([^/\s:@\"'\\]*:[^/\s@\"'\\]+)@",
        1,
        raw=rf":{_SLASH}{_SLASH}[^/\s@\"]*:[^/\s@\"]+@",
    ),
    Kind(
        "urlauth",
        r"\b[A-Za-z][A-Za-z0-9+.-]*://([^/\s@\"'\\?#]+)@",
        1,
        raw=rf":{_SLASH}{_SLASH}[^/\s@\"]+@",
    ),
    Kind(
        "ip",
        rf"(?:^|[^0-9A-Za-z_:.])((?:{_BYTE}\.){{3}}{_BYTE}\b|{_V6})",
        1,
        _is_ip,
        raw=rf"(?:{_BYTE}\.){{3}}{_BYTE}|{_V6}",
    ),
    Kind("email", r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    Kind("imei", r"\b[0-9]{2}-?[0-9]{6}-?[0-9]{6}-?[0-9]\b", 0, _is_imei),
    Kind("mac", r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b"),
    Kind("uuid", r"\b[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}\b"),
    Kind(
        "userpath",
        rf"(?i:(?:{_SLASH}(?:home|users)|[a-z]:(?:\\|{_SLASH}){{1,2}}(?:users|documents and settings))"
        r"(?:\\|/){1,2})"
        r"([^/\\\s\"']+)",
        1,
    ),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _KINDS}
DEFAULT_KINDS = ("creditcard", "usssn", "pemkey", "bearer", "basic", "urlpassword")

# Words that make a key a secret's, as a pattern; matched anywhere in the key.
KEY_WORDS = (
    r"passw|secret|api[_-]?key|auth|credential|mysql_pwd|private[_-]?key|access[_-]?key|token|bearer"
    r"|sess(?:ion)?id|connect\.sid"
)
_SECRET = text_pattern(f"(?i){KEY_WORDS.replace('auth', 'auth(?:[^o]|$|o[^r]|ori[zs])')}")


@lru_cache(maxsize=8192)
def is_secret_key(key: str) -> bool:
    """Whether a key names a secret: `password`, `X-Api-Key`, `authorization`, but not `author`."""
    return len(key) <= 200 and _SECRET.search(key) is not None

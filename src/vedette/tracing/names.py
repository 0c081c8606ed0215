"""Names without what differs between calls: parts of paths that are ids become `*`."""

import re
from functools import lru_cache

from vedette.core.patterns import text_pattern

_PART = re.compile(r"[^/]+")
_QUERY = re.compile(r"[?#]")
_LONG = 100  # characters: longer parts are no names that people gave
_HAS_DIGIT = re.compile(r"\d")
_IDS = text_pattern(
    r"\d+"  # 42
    r"|(?i:[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})"
    r"|(?i:[0-9a-f]{7,})"  # a hash, whole or short
    r"|\d{4}-\d\d-\d\d.*"  # a date
    r"|[A-Za-z]{1,5}[-_]?\d{3,}[A-Za-z0-9_-]*"  # ORD-1042
    r"|\d[\w.,:-]*\d"  # 12-34, 10.0.0.1, 1,000
)
_TOKEN = text_pattern(r"[A-Za-z0-9_=+~.-]{20,}")
_TWO_DIGITS = re.compile(r"\d\D{0,100}\d")


@lru_cache(maxsize=20_000)
def without_ids(name: str) -> str:
    """`GET /users/42/orders?page=2` → `GET /users/*/orders`. A name without a slash stays."""
    if "/" not in name:
        return name
    head, slash, path = name.partition("/")
    if head.endswith(":") and path.startswith("/"):  # a URL: its host stays
        host, slash_after, path = path[1:].partition("/")
        head, slash = f"{head}//{host}", slash_after
    return head + slash + _PART.sub(_star, _QUERY.split(path, maxsplit=1)[0])


def _star(part: "re.Match[str]") -> str:
    return "*" if is_id(part[0]) else part[0]


def is_id(part: str) -> bool:
    """Whether one part of a path names one thing among many of its kind."""
    if len(part) > _LONG:
        return True
    if _HAS_DIGIT.search(part) is None:
        return "@" in part and "." in part
    if _IDS.fullmatch(part) is not None:
        return True
    return _TOKEN.fullmatch(part) is not None and _TWO_DIGITS.search(part) is not None

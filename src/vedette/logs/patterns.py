"""Patterns: what a body says without its ids and numbers, by which like logs are counted together."""

from functools import lru_cache
from hashlib import blake2b

from vedette.group.memo import Memo
from vedette.group.v2026_11_01.parametrize import parametrize

_LOOKED_AT = 1000  # characters of a body
_DIGITS = str.maketrans("123456789", "000000000")
_MEMO: Memo[str, int] = Memo(16_384)


def pattern_text(body: str, template: str) -> str:
    """The template where there is one, else the body with its varying parts replaced."""
    return template or parametrize(body[:_LOOKED_AT])


def pattern_hash(body: str, template: str) -> int:
    """64 bits of the pattern; 0 for an empty one.

    Bodies that differ in digits alone are one look at the memo: the parametriser costs fifty times that.
    """
    if template:
        return _hash(template)
    shape = body[:_LOOKED_AT].translate(_DIGITS)
    found = _MEMO.get(shape)
    return _MEMO.put(shape, _hash(parametrize(shape))) if found is None else found


@lru_cache(maxsize=8192)
def _hash(pattern: str) -> int:
    if not pattern:
        return 0
    digest = blake2b(pattern.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little")

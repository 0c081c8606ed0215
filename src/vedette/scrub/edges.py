"""Where a text may be cut before it is scrubbed.

Half of a card number, or of a password in a URL, is not known by its looks any more, and would stay.
"""

from vedette.core.patterns import text_pattern
from vedette.scrub.kinds import KINDS

_AROUND = 2048  # characters of a secret on each side of the cut: tokens of CI systems, as passwords of URLs, have 1,500
_KINDS = tuple((kind, text_pattern(kind.pattern)) for kind in KINDS.values())
_ANY = text_pattern("|".join(f"(?:{kind.pattern})" for kind in KINDS.values()))


def edge(text: str, most: int) -> int:
    """The most characters, up to `most`, to keep of a longer text so that nothing of a kind is cut in two."""
    start = max(0, most - _AROUND)
    # RE2 refuses halves of characters
    around = text[start : most + _AROUND].encode("utf-8", "replace").decode()
    if _ANY.search(around) is None:
        return most
    found = [
        start + match.span(kind.group)[0]
        for kind, pattern in _KINDS
        for match in pattern.finditer(around)
        if match.span(kind.group)[0] < most - start < match.span()[1]
        and (kind.verify is None or kind.verify(match[kind.group] or ""))
    ]
    return min(found, default=most)

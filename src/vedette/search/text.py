"""Text values with wildcards, and how they are escaped.

`*` is a wildcard, `\\*` a star. Backslashes are plain unless they stand before a star, or,
inside quotes, before a quote: there two of them are one (so `C:\\dir` needs no care).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from vedette.core.patterns import escape, text_pattern

# A run of backslashes and what it stands before; the look-behind keeps the search linear.
_STAR = re.compile(r"(?<!\\)(\\*)(\*)")
_STAR_OR_QUOTE = re.compile(r'(?<!\\)(\\*)([*"]|\Z)')
_PLAIN_VALUE = re.compile(r"[^\s()\[\]\",><=!]+\Z")


@dataclass(frozen=True, slots=True)
class Text:
    """Literal pieces with a wildcard between each two: `a*b` is `("a", "b")`.

    One piece: the exact text. Pieces between the first and the last are never empty.
    """

    parts: tuple[str, ...]

    @property
    def exact(self) -> str | None:
        """The text if it has no wildcard."""
        return self.parts[0] if len(self.parts) == 1 else None

    @property
    def empty(self) -> bool:
        return self.parts == ("",)

    def with_prefix(self, prefix: str) -> "Text":
        return Text((prefix + self.parts[0], *self.parts[1:]))


def text_of(parts: list[str]) -> Text:
    """Pieces as a `Text`; wildcards side by side count as one."""
    if len(parts) < 2:
        return Text(tuple(parts))
    return Text((parts[0], *(part for part in parts[1:-1] if part), parts[-1]))


def join(texts: list[Text]) -> Text:
    """The texts with a space between each two."""
    parts = list(texts[0].parts)
    for text in texts[1:]:
        parts[-1] = f"{parts[-1]} {text.parts[0]}"
        parts.extend(text.parts[1:])
    return text_of(parts)


def matcher_of(text: Text) -> Callable[[str], bool]:
    """Whether a whole value is meant: exact texts as they are, wildcards without case.

    In linear time, however many wildcards: what it is tried on may be a stranger's.
    """
    exact = text.exact
    if exact is not None:
        return exact.__eq__
    pattern = text_pattern("(?is)" + ".*".join(escape(part) for part in text.parts))
    return lambda value: pattern.fullmatch(value) is not None


def read_word(raw: str) -> Text:
    """The value of an unquoted word."""
    return _read(raw, _STAR)


def read_quoted(raw: str) -> Text:
    """The value of what stands between two quotes."""
    return _read(raw, _STAR_OR_QUOTE)


def _read(raw: str, special: re.Pattern[str]) -> Text:
    parts = [""]
    last = 0
    for match in special.finditer(raw):
        slashes = len(match[1])
        parts[-1] += raw[last : match.start()] + "\\" * (slashes // 2)
        if match[2] == "*" and slashes % 2 == 0:
            parts.append("")
        else:
            parts[-1] += match[2]
        last = match.end()
    parts[-1] += raw[last:]
    return text_of(parts)


def write_value(text: Text) -> str:
    """The text as it may stand after a colon or in a list: quoted where it must be."""
    word = "*".join(_escape(part, _STAR) for part in text.parts)
    return word if _PLAIN_VALUE.match(word) and read_word(word) == text else write_quoted(text)


def write_quoted(text: Text) -> str:
    return '"' + "*".join(_escape(part, _STAR_OR_QUOTE) for part in text.parts) + '"'


def _escape(part: str, special: re.Pattern[str]) -> str:
    def double(match: re.Match[str]) -> str:
        return match[1] * 2 + (f"\\{match[2]}" if match[2] else "")

    return special.sub(double, part)

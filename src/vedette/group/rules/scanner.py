"""One line of rule text, read left to right. Knows characters and columns, not what rules mean."""

import re

MAX_RULES = 1000
MAX_LINE = 2000
_BARE_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")
_BLANK = re.compile(r"[ \t]*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class RuleError(ValueError):
    """Rule text that cannot be read; `line` and `column` count from 1."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.reason = reason
        self.line = line
        self.column = column


class Scanner:
    """A cursor over one line."""

    def __init__(self, text: str, line: int) -> None:
        self.text = text
        self.line = line
        self.at = 0

    def error(self, reason: str, at: int | None = None) -> RuleError:
        return RuleError(reason, self.line, (self.at if at is None else at) + 1)

    def blank(self) -> None:
        """Skip spaces and tabs."""
        match = _BLANK.match(self.text, self.at)
        assert match
        self.at = match.end()

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def peek(self, token: str) -> bool:
        return self.text.startswith(token, self.at)

    def take(self, token: str) -> bool:
        """Whether `token` is next; if so it is consumed."""
        if not self.peek(token):
            return False
        self.at += len(token)
        return True

    def expect(self, token: str, what: str) -> None:
        if not self.take(token):
            raise self.error(f"expected {what}")

    def quoted(self) -> str:
        """A text in double quotes; a backslash keeps the next character, `\\n` and `\\t` are control."""
        start = self.at
        self.expect('"', "a quoted text")
        out: list[str] = []
        while not self.done:
            char = self.text[self.at]
            self.at += 1
            if char == '"':
                return "".join(out)
            if char == "\\" and not self.done:
                char = self._escaped()
            out.append(char)
        raise self.error("the quote is not closed", start)

    def _escaped(self) -> str:
        """The character after a backslash; one that means nothing keeps its backslash (`C:\\app`)."""
        char = self.text[self.at]
        self.at += 1
        if char in '"\\':
            return char
        return _ESCAPES.get(char, "\\" + char)

    def key(self) -> str:
        """A matcher's key, bare or quoted."""
        if self.peek('"'):
            return self.quoted()
        match = _BARE_KEY.match(self.text, self.at)
        if match is None:
            raise self.error("expected a matcher such as `error.type:…`")
        self.at = match.end()
        return match.group()

    def until(self, stops: str) -> str:
        """Characters up to one of `stops` or the end."""
        start = self.at
        while not self.done and self.text[self.at] not in stops:
            self.at += 1
        return self.text[start : self.at]


def rule_lines(text: str) -> list[tuple[int, str]]:
    """Numbered lines that hold a rule; blank lines and `#` comments are left out.

    Raises `RuleError` for a line or a set beyond the limits.
    """
    lines: list[tuple[int, str]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.lstrip().startswith("#"):
            continue
        if len(raw) > MAX_LINE:
            raise RuleError(f"line is {len(raw)} characters long, limit is {MAX_LINE}", number, MAX_LINE + 1)
        if len(lines) == MAX_RULES:
            raise RuleError(f"more than {MAX_RULES} rules", number, 1)
        lines.append((number, raw.rstrip()))
    return lines

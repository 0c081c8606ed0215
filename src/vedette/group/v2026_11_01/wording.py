"""One wording for what engines say differently, and values that mean something special.

Applied before numbers and the like are replaced. All patterns match a bounded text.
"""

import re

from vedette.group.v2026_11_01.parametrize import parametrize

_LONGEST_LINE = 1024
NETWORK_FAILURE = "network request failed"
_NIL = "(undefined|null)"
_NAME = r"[\w$.\[\]'\"()\-#]{1,200}+"

# (pattern over the whole text, what is said instead)
_WORDINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), said)
    for pattern, said in (
        (rf"Cannot read propert(?:y|ies) of {_NIL} \(reading '([^']{{1,200}}+)'\)", r"cannot read \2 of \1"),
        (rf"Cannot read property '([^']{{1,200}}+)' of {_NIL}", r"cannot read \1 of \2"),
        (rf"[cC]an't access property \"([^\"]{{1,200}}+)\", .{{1,300}} is {_NIL}", r"cannot read \1 of \2"),
        (
            rf"{_NIL} is not an object "
            r"\(evaluating '(?:[^']{0,200}\.)?([\w$]{1,100}+)(?:\([^']{0,200})?'\)",
            r"cannot read \2 of \1",
        ),
        (rf"Cannot set propert(?:y|ies) of {_NIL} \(setting '([^']{{1,200}}+)'\)", r"cannot set \2 of \1"),
        (rf"Cannot set property '([^']{{1,200}}+)' of {_NIL}", r"cannot set \1 of \2"),
        (rf"({_NAME}) is not a function(?:\. \(In .{{1,400}})?", r"\1 is not a function"),
        (rf"({_NAME}) is not a constructor(?:\. \(evaluating .{{1,400}})?", r"\1 is not a constructor"),
        (rf"({_NAME}) is not iterable(?:\W.{{0,400}})?", r"\1 is not iterable"),
        (r"Can't find variable: ([\w$]{1,200}+)", r"\1 is not defined"),
        (
            r"Maximum call stack size exceeded\.?|too much recursion|Out of stack space",
            "call stack exhausted",
        ),
        (
            r"(?:TypeError: )?"
            r"(?:Failed to fetch|NetworkError when attempting to fetch resource\.?|Load failed|"
            r"Network request failed|Network Error|The Internet connection appears to be offline\.?|"
            r"The network connection was lost\.?|fetch failed)(?: \([^()]{1,253}\))?",
            NETWORK_FAILURE,
        ),
        (
            r"JSON\.parse: .{1,400}|JSON Parse error: .{1,400}|"
            r"Unexpected token .{1,400} JSON(?: at position \d+)?.{0,60}|"
            r"Unexpected end of JSON input|Expected .{1,200} in JSON at position \d+.{0,60}",
            "invalid JSON",
        ),
        (
            r"The user aborted a request\.?|The operation was aborted\.? ?|signal is aborted without reason|"
            r"Fetch is aborted|This operation was aborted|AbortError: .{1,200}",
            "request aborted",
        ),
        (
            r"ResizeObserver loop (?:limit exceeded|completed with undelivered notifications\.)",
            "ResizeObserver loop",
        ),
        (r"(?:Cyclic object value|cyclic object value|Converting circular structure to JSON.{0,1000}|"
         r"JSON\.stringify cannot serialize cyclic structures\.?)", "cyclic structure in JSON"),
    )
)  # fmt: skip
_FIRST_WORDS = re.compile(
    r"Cannot |[cC]an't |undefined is|null is|Maximum call|too much|Out of stack|TypeError: |Failed to fetch|"
    r"Network|Load failed|The (?:Internet|network|user|operation)|fetch failed|JSON|Unexpected|Expected|"
    r"signal is|Fetch is|This operation|AbortError|ResizeObserver|[cC]yclic|Converting circular|"
    rf"{_NAME} is not (?:a (?:function|constructor)|iterable)"
)
_TYPE_WORDS = (
    "Maximum call", "too much", "Out of stack", "The ", "signal is", "Fetch is",
    "This operation", "AbortError",
)  # fmt: skip
_TYPE_FOR = {"call stack exhausted": "RangeError", "request aborted": "AbortError"}

_AS = "(?:exception|promise rejection)"
_CAPTURED = rf"(?:Non-Error {_AS} captured|.{{1,200}} captured as {_AS})"
_CAPTURED_WITH_KEYS = re.compile(rf"{_CAPTURED} with keys: (.{{1,2000}})", re.DOTALL)
_CAPTURED_OTHER = re.compile(_CAPTURED, re.DOTALL)
_SAYS_NOTHING = frozenset(
    {"", "<unknown>", "unknown", "error", "undefined", "null", "none", "[object object]", "script error.",
     "script error", "unknown error", "an error occurred", NETWORK_FAILURE, "request aborted", "timeout",
     "invalid json"}
)  # fmt: skip
_TIMEOUT = re.compile(
    r"timeout of <duration> exceeded|(?:request |connection |read )?timed? ?out\.?", re.IGNORECASE
)


def first_lines(text: str) -> str:
    """The first two lines that hold something, with a bound on their length."""
    if "\n" not in text and "\r" not in text:
        return text.strip()[:_LONGEST_LINE]
    lines = (line.strip() for line in text.splitlines())
    found: list[str] = []
    for line in lines:
        if line:
            found.append(line[:_LONGEST_LINE])
        if len(found) == 2:
            break
    return "\n".join(found)


def canonical(text: str, platform: str) -> str:
    """The text as it enters a hash: first lines, one wording over engines, varying parts replaced."""
    text = first_lines(text)
    if platform in ("javascript", "node"):
        text = reworded(text)
    return parametrize(text)


def reworded(text: str) -> str:
    """What an engine said, in the words used for all engines; other texts as they are."""
    if _FIRST_WORDS.match(text):
        for pattern, said in _WORDINGS:
            match = pattern.fullmatch(text)
            if match:
                return match.expand(said)
    return text


def canonical_type(name: str, value: str | None, platform: str) -> str:
    """The type, where engines agree on the failure but not on its class."""
    if value is None or platform not in ("javascript", "node") or not value.startswith(_TYPE_WORDS):
        return name
    return _TYPE_FOR.get(reworded(first_lines(value)), name)


def captured_keys(value: str | None) -> str | None:
    """What an SDK wrote of a thrown object that is no error: its keys, sorted; None for other values."""
    if value is None or " captured" not in value[:240]:
        return None
    match = _CAPTURED_WITH_KEYS.fullmatch(value)
    if match:
        keys = sorted({key.strip() for key in match.group(1).split(",")})
        return "object with keys: " + ", ".join(keys)
    return parametrize(first_lines(value)) if _CAPTURED_OTHER.match(value) else None


def says_nothing(text: str) -> bool:
    """Whether a canonical value tells no failure from another."""
    return text.lower() in _SAYS_NOTHING or _TIMEOUT.fullmatch(text) is not None

"""What varies in a text becomes `<kind>`: one pass, every repetition bounded.

A match starts where no letter or digit stands before it, so `utf8` and `h264` stay. Decimal
numbers and bare hexadecimal ones share a kind: a random id is sometimes all digits.
"""

import re

from vedette.group.memo import Memo

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_ZONE = r"(?:(?:GMT|UTC)?[+-]\d{2}:?\d{2}|Z|UTC|GMT|[ECMP][SD]T|CES?T|EES?T|WES?T|BST|IST|JST|MSK)"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:\s?[AaPp][Mm]\b)?"
_HEX = r"[0-9a-fA-F]"
_END = r"(?![A-Za-z0-9_])"
_TLD = (
    r"(?:com|org|net|edu|gov|mil|int|info|biz|dev|app|cloud|local|localdomain|internal|intranet|lan|corp|svc|"
    r"consul|example|test|invalid|onion|io|ai|co|me|tv|de|uk|fr|nl|eu|ch|at|ru|cn|jp|br|it|es|se|no|dk|fi|us|ca|au)"
)

# Order matters: the first kind that matches at a place takes it.
_KINDS: tuple[tuple[str, str], ...] = (
    ("url", r"[A-Za-z][A-Za-z0-9+.\-]{1,20}+://[^\s\"'<>()\[\]{}\\`|,;]{1,2048}"),
    ("email", r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}+@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,8}"),
    ("traceparent", r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}" + _END),
    ("uuid", rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}{_END}"),
    (
        "date",
        r"datetime\.(?:datetime|date|time|timedelta)\([^()]{0,200}\)"
        rf"|\d{{4}}-\d{{2}}-\d{{2}}(?:[T ]{_CLOCK}(?:\s?{_ZONE})?)?{_END}"
        rf"|\d{{8}}T\d{{6}}(?:\.\d{{1,9}})?Z?{_END}"
        rf"|\d{{1,4}}/\d{{1,2}}/\d{{2,4}}(?:,?\s{_CLOCK})?{_END}"
        rf"|(?:{_DAY},?\s)?\d{{1,2}}[ \-]{_MONTH}[ \-]\d{{2,4}}(?:,?\s{_CLOCK}(?:\s{_ZONE})?)?{_END}"
        rf"|(?:{_DAY},?\s)?{_MONTH}\s{{1,2}}\d{{1,2}},?\s(?:{_CLOCK}\s)?\d{{4}}"
        rf"(?:\s{_CLOCK}(?:\s{_ZONE}(?:\s\([^()]{{1,40}}\))?)?)?{_END}"
        r"|\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:\s?[AaPp][Mm]\b)?(?![\w:])"
        r"|\d{1,2}:\d{2}\s?[AaPp][Mm]\b",
    ),
    ("ip", r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?:/\d{1,2})?(?::\d{1,5})?" + _END),
    (
        "ip",
        r"(?=[0-9a-fA-F:.]{0,39}\d)"  # a digit somewhere: `dead::beef` may be code
        r"(?:(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}"
        r"|(?:[0-9a-fA-F]{1,4}:){1,6}(?::[0-9a-fA-F]{1,4}){1,6}|(?:[0-9a-fA-F]{1,4}:){1,7}:)(?![\w:])",
    ),
    ("version", r"v?\d{1,5}\.\d{1,5}\.\d{1,10}(?:\.\d{1,10})?(?:[\-+][0-9A-Za-z.]{1,40})?" + _END),
    ("number", r"(?:[0-9a-f]{8,128}|[0-9A-F]{8,128})" + _END),
    ("number", r"(?=[a-f]{1,6}\d|\d{1,6}[a-f])[0-9a-f]{5,7}" + _END),
    (
        "duration",
        r"\d{1,15}(?:\.\d{1,15})?(?:\s?(?:ns|us|µs|ms|s|secs?|seconds?|mins?|minutes?|hrs?|hours?|days?)|[mhd])"
        + _END,
    ),
    ("size", r"\d{1,15}(?:\.\d{1,15})?\s?(?:[KMGTkmgt]i?[Bb]|[Bb]ytes?)" + _END),
    ("hex", r"0[xX][0-9a-fA-F]{1,128}" + _END),
    (
        "token",
        r"eyJ[A-Za-z0-9_\-]{8,2000}\.[A-Za-z0-9_\-]{4,4000}(?:\.[A-Za-z0-9_\-]{0,2000})?"
        r"|[a-z]{2,8}_(?=[A-Za-z]{0,24}+\d)[A-Za-z0-9]{14,128}"
        + _END
        + r"|[0-7][0-9A-HJKMNP-TV-Z]{25}"
        + _END,
    ),
    (
        "token",
        r"(?=[A-Za-z+=_\-]{0,64}+\d)(?=[a-z0-9+=_\-]{0,64}+[A-Z])(?=[A-Z0-9+=_\-]{0,64}+[a-z])"
        r"[A-Za-z0-9+_\-]{20,4096}={0,2}" + _END,
    ),
    ("token", r"(?=[A-Za-z+/]{0,80}+\d)(?=[a-z0-9+/]{0,80}+[A-Z])[A-Za-z0-9+/]{60,4096}={0,2}" + _END),
    (
        "path",
        r"[A-Za-z]:\\(?:Users\\[^\\\s\"']{1,64}\\)?(?:[^\\\s\"']{1,64}\\){0,8}[Tt]e?mp\\[^\s\"'<>|]{1,255}",
    ),
    ("number", r"\d++(?:\.\d++)?(?:[eE][+\-]?\d{1,4})?(?![A-Za-z0-9])"),
    ("hostname", rf"(?:[A-Za-z0-9_][A-Za-z0-9_\-]{{0,62}}\.){{1,8}}{_TLD}(?::\d{{1,5}})?(?![A-Za-z0-9_\-(])"),
    ("bool", r"(?<==)(?:[Tt]rue|[Ff]alse|TRUE|FALSE)" + _END),
    ("hostname", r"localhost(?::\d{1,5})?" + _END),
)

# These begin with a sign, not with a letter or digit.
_SIGNED: tuple[tuple[str, str], ...] = (
    ("json", r"\{\s{0,4}[\"'][^{}]{0,4000}+(?:\{[^{}]{0,4000}+\}[^{}]{0,4000}+){0,20}\}"),
    (
        "list",
        r"\[\s{0,4}(?:-?[\d.]{1,40}|\"[^\"\n]{0,200}\"|'[^'\n]{0,200}')"
        r"(?:,\s{0,4}(?:-?[\d.]{1,40}|\"[^\"\n]{0,200}\"|'[^'\n]{0,200}')){1,400}\s{0,4}\]",
    ),
    ("list", r"(?<=\b[iI][nN] )\([^()]{1,4000}+\)"),
    ("list", r"(?<=\b[iI][nN])\([^()]{1,4000}+\)"),
    ("path", r"(?:/private)?(?:/tmp|/var/tmp|/var/folders)/[^\s\"'<>|,;)\]]{1,255}"),
    ("path", r"(?:/home|/Users)/[^\s\"'<>/|,;:)\]]{1,64}(?=/)"),
    (
        "ip",
        r"(?<![\w:])(?=[:a-fA-F]{2,39}+\d)::(?:[0-9a-fA-F]{1,4}:){0,6}"
        r"(?:[0-9a-fA-F]{1,4}|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?![\w:])",
    ),
    ("hex", r"@[0-9a-f]{5,16}" + _END),
    ("number", r"(?<![A-Za-z0-9_])[+\-]\d++(?:\.\d++)?(?:[eE][+\-]?\d{1,4})?(?![A-Za-z0-9])"),
    ("text", r"(?<==)(?:\"[^\"\n]{0,1000}\"|'[^'\n]{0,1000}')"),
)
KINDS = frozenset(kind for kind, _ in _KINDS + _SIGNED)


def _compile() -> re.Pattern[str]:
    """One pattern, a group a row.

    The cheap looks come first: most places of a text are inside a word or at a space.
    """
    words = "|".join(f"({pattern})" for _, pattern in _KINDS)
    signs = "|".join(f"({pattern})" for _, pattern in _SIGNED)
    return re.compile(rf"(?=[A-Za-z0-9])(?<![A-Za-z0-9_])(?:{words})|(?=[{{\[(/:@\"'+\-])(?:{signs})")


_PATTERN = _compile()
_REPLACEMENT = ["", *(f"<{kind}>" for kind, _ in _KINDS + _SIGNED)]
_MEMO: Memo[str, str] = Memo(4096)
_REMEMBERED_CHARS = 512  # longer texts seldom come twice


def parametrize(text: str) -> str:
    """The text with its varying parts replaced, such as `order <number> of <email>`."""
    found = _MEMO.get(text)
    if found is not None:
        return found
    result = _PATTERN.sub(_replace, text)
    return _MEMO.put(text, result) if len(text) <= _REMEMBERED_CHARS else result


def _replace(match: re.Match[str]) -> str:
    return _REPLACEMENT[match.lastindex or 0]

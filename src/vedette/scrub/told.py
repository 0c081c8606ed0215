"""Where texts tell a value by its name: queries, printed objects, SQL, headers, prose.

Patterns run on RE2: linear. What they find must be seen by the looks in `rules.py`, too.
"""

from collections.abc import Iterator
from typing import NamedTuple

from vedette.core.patterns import text_pattern

# What stands in quotes, with the first of them; also where the text around it was escaped.
_QUOTED = r"""(?:"(?:[^"\\]|\\[\s\S])+|'(?:[^'\\]|\\[\s\S]|'')+|\\+["'](?:[^"'\\]|\\+[^"'\\])+)"""
_PREFIX = r"[bBuUrReENn]{0,2}"
# `name=value` of queries and forms; `name = 'value'`, `"name"=>"value"`; `name = value`, which may be prose.
_ASSIGNED = text_pattern(
    r"""([^=&?;,\s"'<>{}()]{1,100})(?:=([^&\s;"'<>,]+)"""
    rf"""|\\*["']?\s*(?:[!:]?={{1,3}}|=>)\s*{_PREFIX}({_QUOTED})"""
    r"""|(?:\s+=\s*|=\s+)([^&\s;"'<>,\\?$:@%(){}\[\]=][^&\s;"'<>,\\()]*))"""
)
# `'name': 'value'` of printed dictionaries and JSON that is not read as such; lists and numbers, too.
_PRINTED = text_pattern(
    rf"""['"]([^'"\\]{{1,100}})\\*['"]\s*:\s*(?:{_PREFIX}({_QUOTED})|([\[{{][^\]}}]*[\]}}]?|-?[0-9][\w.+-]*))"""
)
# `Name: value` of headers and people. The scheme of an authorization stays.
_SAID = text_pattern(
    rf"""([A-Za-z0-9_.-]{{1,100}}):(?:(?:[ \t]+{_PREFIX})?({_QUOTED})"""
    r"""|[ \t]+(?i:(?:basic|bearer|digest|token|negotiate|apikey)[ \t]+)?"""
    r"""([^&\s;"'<>,\\?$:@%(){}\[\]][^&\s;"'<>,\\]*))"""
)
# `PASSWORD 'value'` and the like of statements on accounts; after `IDENTIFIED BY` also without quotes.
_IDENTIFIED = text_pattern(
    rf"""(?i:\bpassword)(?:\s*\(\s*|\s+){_PREFIX}({_QUOTED})"""
    rf"""|(?i:\bset\s+password\s+for)\s[^=;]*=\s*{_PREFIX}({_QUOTED})"""
    r"""|(?i:\bidentified\s+(?:with\s+\S{1,100}\s+)?(?:by|as)\s+(?:password\s+|values\s+)?)"""
    rf"""(?:{_PREFIX}({_QUOTED})|([^\s'"();,\\]+))"""
)
_OF_ACCOUNTS = text_pattern(r"(?i)\b(?:create|alter|grant|set)\s")

_PASSWORD_LAST = text_pattern(r"(?i)(?:passw(?:or)?d?|mysql_pwd)[0-9]*\z")
_SECRET_LAST = text_pattern(
    r"(?i)(?:secret|api[_-]?key|auth|authori[sz]ation|credentials?|private[_-]?key|access[_-]?key|token|bearer"
    r"|sess(?:ion)?id|connect\.sid)[0-9]*\z"
)
_NO_SECRET = text_pattern(
    r"(?i)true|false|null|none|nil|undefined|str|(?:string|text)!?|required|missing|invalid|empty"
)
_WORDS = text_pattern(r"[A-Za-z]+(?:[-'./:_][A-Za-z]+)*[.!]*|[A-Za-z_]\w{0,30}(?:\.[A-Za-z_]\w{0,30}){1,3}")
_LEAST = 6  # characters of a secret that prose tells


class Told(NamedTuple):
    """A value in a text and what it is called there."""

    name: str
    value: str
    end: int  # of the value in the text
    is_number: bool = False
    is_prose: bool = False  # or may be: neither quoted nor joined to its name

    @property
    def span(self) -> tuple[int, int]:
        return self.end - len(self.value), self.end


def assigned(text: str) -> Iterator[Told]:
    if "=" not in text:
        return
    for match in _ASSIGNED.finditer(text):
        name, end = match[1] or "", match.span()[1]
        if (joined := match[2]) is not None:
            yield Told(name, joined, end)
        elif (plain := match[4]) is not None:
            yield Told(name.rpartition(".")[2], plain, end, is_prose=True)
        elif not _is_column(text, end):
            yield Told(name.rpartition(".")[2], _inside(match[3]), end)


def printed(text: str) -> Iterator[Told]:
    if ":" in text:
        for match in _PRINTED.finditer(text):
            quoted, other = match[2], match[3] or ""
            value = other if quoted is None else _inside(quoted)
            yield Told(match[1] or "", value, match.span()[1], is_number=other[:1] not in ("", "[", "{"))


def said(text: str) -> Iterator[Told]:
    if ":" in text:
        for match in _SAID.finditer(text):
            quoted, plain = match[2], match[3] or ""
            value = plain.rstrip(")}]") if quoted is None else _inside(quoted)
            end = match.span()[1] - len(plain) + len(value) if quoted is None else match.span()[1]
            yield Told(match[1] or "", value, end, value.replace(".", "", 1).isdigit(), is_prose=True)


def identified(text: str) -> Iterator[Told]:
    """Passwords of accounts in SQL. `password 'x'` tells one in prose, too."""
    found = list(_IDENTIFIED.finditer(text))
    is_sql = bool(found) and _OF_ACCOUNTS.search(text) is not None
    for match in found:
        said, end = match[1], match.span()[1]
        if said is not None:
            yield Told("password", _inside(said), end, is_prose=not is_sql)
        elif is_sql:
            yield Told("password", match[4] or _inside(match[2] or match[3]), end)


def _inside(quoted: str | None) -> str:
    return (quoted or "").lstrip("\\")[1:]


def tells_secret(name: str, value: str) -> bool:
    """Whether prose tells a secret: `password: hunter2` does, `Invalid token: expired` does not."""
    if _NO_SECRET.fullmatch(value) is not None:
        return False
    if _PASSWORD_LAST.search(name) is not None:
        return True
    return len(value) >= _LEAST and _WORDS.fullmatch(value) is None and _SECRET_LAST.search(name) is not None


def _is_column(text: str, end: int) -> bool:
    """Whether what ends there is a table's name in quotes: `"a"."token" = "b"."token"`."""
    return text[end : end + 8].replace("\\", "").startswith('"."')

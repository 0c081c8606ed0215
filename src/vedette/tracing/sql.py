"""SQL without what differs between calls, in one pass over its tokens.

First literals, comments and numbers go, which makes most queries of a program the same text; what that text is
is remembered. Work is linear in the text, whatever it holds. For showing a query well, this is not the place.
"""

import re
from typing import NamedTuple

from vedette.tracing.remembered import SHORT, remembered

MAX_CHARS = 8192
_MAX_NORMALIZED = 1000
_MAX_TABLES = 5

# What stands for a value. Identifiers in quotes are matched so that what they hold is left alone. No group repeats
# possessively: before 3.11.5 Python takes too much where such a group fails half-way. Nothing here can fail behind one.
_VALUES = re.compile(
    r"""
      (?P<comment> --[^\n]*+ | /\*(?:[^*]++|\*(?!/))*(?:\*/|\Z) )
    | (?P<quoted> "(?:[^"]++|"")*(?:"|\Z) | `[^`]*+(?:`|\Z) )
    | (?P<value>
          (?:\b[eEnNbBxX])?'(?:[^'\\]++|''|\\(?:.|\Z))*(?:'|\Z)
        | \$(?P<tag>[A-Za-z_]\w*+|)\$(?:[^$]++|\$(?!(?P=tag)\$))*(?:\$(?P=tag)\$|\Z)
        | (?<![\w$.])(?:0[xX][0-9a-fA-F]++|\d++(?:\.\d*+)?(?:[eE][+-]?\d++)?)(?!\w)
        | (?<![\w.])\.\d++(?:[eE][+-]?\d++)?
        | %\(\w++\)s | %s
        | (?<![\w$])\$\d++
        | (?<![\w?])\?\d*+(?![\w?|&])
        | (?<![:\w])[:@][A-Za-z_]\w*+(?![:\w(])
      )
    """,
    re.VERBOSE | re.DOTALL,
)
_TOKEN = re.compile(r"%s|\"(?:[^\"]++|\"\")*\"?|`[^`]*+`?|\[\w[^\]\n]*+\]|[\w$]++|[^\s\w]")
_NUMBER_IN_NAME = re.compile(
    r"\d{4,}|(?<=_)\d++(?=_|\Z)|(?<![0-9a-zA-Z])(?=[a-f]*\d)[0-9a-f]{8,}(?![0-9a-zA-Z])"
)
_VERBS = frozenset(
    (
        *("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "UPSERT", "CREATE", "ALTER", "DROP"),
        *(
            "TRUNCATE",
            "BEGIN",
            "COMMIT",
            "ROLLBACK",
            "SAVEPOINT",
            "RELEASE",
            "SET",
            "SHOW",
            "EXPLAIN",
            "CALL",
        ),
        *("EXEC", "EXECUTE", "START", "PRAGMA", "VACUUM", "ANALYZE", "LOCK", "COPY", "DECLARE", "FETCH"),
        *("CLOSE", "USE", "GRANT", "REVOKE", "LISTEN", "NOTIFY", "UNLISTEN", "DISCARD", "WITH", "VALUES"),
        *("DESCRIBE", "KILL", "OPTIMIZE", "DEALLOCATE", "PREPARE", "END", "ABORT", "REFRESH", "ATTACH"),
    )
)
_MAIN_VERBS = frozenset(("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"))
_KEYWORDS = _VERBS | frozenset(
    (
        *(
            "FROM",
            "WHERE",
            "AND",
            "OR",
            "NOT",
            "IN",
            "IS",
            "NULL",
            "LIKE",
            "ILIKE",
            "BETWEEN",
            "EXISTS",
            "AS",
        ),
        *("ON", "USING", "JOIN", "LEFT", "RIGHT", "INNER", "OUTER", "FULL", "CROSS", "NATURAL", "LATERAL"),
        *("GROUP", "BY", "ORDER", "HAVING", "LIMIT", "OFFSET", "FOR", "UNION", "ALL", "EXCEPT", "INTERSECT"),
        *("DISTINCT", "CASE", "WHEN", "THEN", "ELSE", "ASC", "DESC", "INTO", "RETURNING", "TABLE", "INDEX"),
        *("TRUE", "FALSE", "IF", "ONLY", "TRANSACTION", "CONFLICT", "DO", "NOTHING", "TO", "WORK", "DEFAULT"),
        *("FIRST", "NULLS", "LAST", "OVER", "PARTITION", "SKIP", "LOCKED", "RECURSIVE", "VIEW", "UNIQUE"),
    )
)
_BEFORE_TABLE = frozenset(("FROM", "JOIN", "INTO", "UPDATE", "TABLE", "ONLY", "TRUNCATE"))
_NO_SPACE_BEFORE = frozenset((",", ")", ".", ";", "]", ":"))
_NO_SPACE_AFTER = frozenset(("(", ".", "[", ":"))


# Statements on accounts by their verb, and what stands before a password in them.
_OF_ACCOUNTS = frozenset(("CREATE", "ALTER", "SET", "GRANT"))
_ACCOUNTS = frozenset(("USER", "ROLE", "LOGIN", "PASSWORD"))
_BEFORE_PASSWORD = ("PASSWORD", "BY", "AS", "VALUES", "REPLACE")
_BESIDE_PASSWORD = frozenset((*_BEFORE_PASSWORD, "FOR", "WITH", "=", "("))


class Query(NamedTuple):
    """`tables` in order of appearance, without quotes; `action` is the verb in capitals."""

    normalized: str
    action: str
    tables: tuple[str, ...]


def parse_query(text: str) -> Query | None:
    """The query without its values; None where the text is no SQL."""
    shape = _VALUES.sub(_placeholder, text[:MAX_CHARS])
    return (_short if len(shape) <= SHORT else _long)(shape)


def _placeholder(found: "re.Match[str]") -> str:
    if found.lastgroup == "quoted":
        return found[0]
    return " " if found["comment"] is not None else "%s"


def _parse_shape(shape: str) -> Query | None:
    words = [_canonical(word) for word in _TOKEN.findall(shape)]
    while words and words[0] in ("(", ";"):
        words.pop(0)
    if not words or words[0] not in _VERBS:
        return None
    action = _action(words)
    if action in ("SAVEPOINT", "RELEASE", "ROLLBACK"):
        words = _without_savepoint(words)
    if _is_of_account(words):
        words = _without_passwords(words)
    return Query(_written(_folded(words))[:_MAX_NORMALIZED], action, _tables(words))


_short, _long = remembered(_parse_shape)


def _canonical(word: str) -> str:
    """Keywords in capitals, names without quotes and without numbers of their own."""
    first = word[0]
    if first in '"`[' and len(word) > 1:
        return _name(word[1:-1] if word[-1] in '"`]' else word[1:])
    upper = word.upper()
    if upper in _KEYWORDS:
        return "%s" if upper in ("TRUE", "FALSE") else upper
    return _name(word) if first.isalpha() or first == "_" else word


def _name(name: str) -> str:
    return _NUMBER_IN_NAME.sub("%s", name) if any(map(str.isdigit, name)) else name


def _action(words: list[str]) -> str:
    if words[0] != "WITH":
        return words[0]
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if depth == 0 and word in _MAIN_VERBS:
            return word
    return "SELECT"


def _without_savepoint(words: list[str]) -> list[str]:
    if "SAVEPOINT" not in words:
        return words
    return [*words[: words.index("SAVEPOINT") + 1], "%s"]


def _is_of_account(words: list[str]) -> bool:
    if words[0] not in _OF_ACCOUNTS or len(words) < 3:
        return False
    kind = words[3:4] if words[1:3] == ["OR", "REPLACE"] else words[1:2]
    return words[0] == "GRANT" or bool(kind and kind[0].upper() in _ACCOUNTS)


def _without_passwords(words: list[str]) -> list[str]:
    """Passwords of accounts as values, also where they look like names: in double quotes, or in none."""
    kept: list[str] = []
    before, expected = _BEFORE_PASSWORD[:1], False
    if words[1].upper() == "PASSWORD" and words[2:3] == ["FOR"]:
        before = (*before, "=")
    for word in words:
        upper = word.upper()
        kept.append("%s" if expected and upper not in _BESIDE_PASSWORD else word)
        if upper == "IDENTIFIED":
            before = _BEFORE_PASSWORD
        expected = upper in before or (expected and upper in ("=", "("))
    return kept


def _folded(words: list[str]) -> list[str]:
    """Lists of values as one value; a sign before a value and what follows the last `;` are left out."""
    kept: list[str] = []
    for word in words:
        if word == "%s":
            if len(kept) > 1 and kept[-1] in ("-", "+") and not _is_operand(kept[-2]):
                kept.pop()
            if kept[-2:] == ["%s", ","]:
                kept.pop()
                continue
        kept.append(word)
        if kept[-7:] == ["(", "%s", ")", ",", "(", "%s", ")"]:
            del kept[-4:]
    while kept and kept[-1] == ";":
        kept.pop()
    return kept


def _is_operand(word: str) -> bool:
    """Whether what follows a word is an operator, so that a minus is no sign."""
    return word in ("%s", ")", "]") or (word[0].isalnum() and word not in _KEYWORDS) or word[0] == "_"


def _written(words: list[str]) -> str:
    out: list[str] = []
    before = ""
    for word in words:
        if out and not _is_tight(before, word):
            out.append(" ")
        out.append(word)
        before = word
    return "".join(out)


def _is_tight(before: str, word: str) -> bool:
    if word in _NO_SPACE_BEFORE or before in _NO_SPACE_AFTER:
        return True
    if word == "(":
        return before not in _KEYWORDS and (before[-1].isalnum() or before[-1] == "_")
    if word == "[":
        return True
    both = f"{before}{word}"
    return both in (
        "<=",
        ">=",
        "<>",
        "!=",
        "||",
        "->",
        "=>",
        "@>",
        "<@",
        "#>",
        "&&",
        ">>",
        "<<",
        "==",
        "!~",
        "~*",
    )


def _tables(words: list[str]) -> tuple[str, ...]:
    """Names after FROM, JOIN, INTO, UPDATE …, without those that WITH defines."""
    defined: set[str] = set()
    found: dict[str, None] = {}
    place = 0
    while place < len(words):
        word = words[place]
        if word == "AS" and place + 1 < len(words) and words[place + 1] == "(" and words[0] == "WITH":
            defined.add(words[place - 1])
        elif word in _BEFORE_TABLE:
            place = _names_after(words, place + 1, found, is_list=word == "FROM")
            continue
        place += 1
    return tuple(name for name in found if name not in defined)[:_MAX_TABLES]


def _names_after(words: list[str], place: int, found: dict[str, None], *, is_list: bool) -> int:
    """Read a table's name, or a list of them with aliases; where to go on."""
    while place < len(words) and words[place] in ("IF", "NOT", "EXISTS", "ONLY", "LATERAL", "TABLE"):
        place += 1
    while place < len(words) and _is_name(words[place]):
        name = words[place]
        place += 1
        while place + 1 < len(words) and words[place] == "." and _is_name(words[place + 1]):
            name = f"{name}.{words[place + 1]}"
            place += 2
        if place < len(words) and words[place] == "(" and is_list:
            return place  # a function
        found.setdefault(name)
        if not is_list:
            return place
        place += place < len(words) and words[place] == "AS"
        place += place < len(words) and _is_name(words[place])
        if place >= len(words) or words[place] != ",":
            return place
        place += 1
    return place


def _is_name(word: str) -> bool:
    """Names may begin with a number that was taken out: `%s_orders`."""
    begins = word[0].isalpha() or word[0] == "_" or (word.startswith("%s") and len(word) > 2)
    return begins and word not in _KEYWORDS

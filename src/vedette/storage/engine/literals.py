"""Server-side query parameters, turned into literals that cannot be anything but literals.

chDB's own `params=` hands one thread another thread's rows (59 of 5,568 queries), so the
engine does what a server does: `{name:Type}` in the SQL text becomes the parameter's value,
parsed as that type and written anew. A string is written with printable ASCII only, every
other byte and both quote characters as `\\xHH`: whatever a value holds, it stays one value.
Pure: knows no HTTP and no engine.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from vedette.storage.engine.errors import BAD_PARAMETER, MISSING_PARAMETER, EngineError


class TypeName(NamedTuple):
    """`Map(String, UInt64)` as name and arguments; `text` is the canonical spelling."""

    name: str
    arguments: tuple["TypeName", ...]
    text: str


_PIECES = re.compile(
    r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`|--[^\n]*|/\*.*?\*/"""
    r"""|\{\s*([A-Za-z_]\w*)\s*:\s*([^{}]*?)\s*\}""",
    re.DOTALL,
)
_INT_BITS = {f"{sign}Int{bits}": (sign, bits) for sign in ("", "U") for bits in (8, 16, 32, 64)}
_INT = re.compile(rb"[+-]?\d{1,20}")
_UUID = re.compile(rb"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_TIME = re.compile(rb"[0-9][0-9T :.+-]{0,40}Z?")
_IDENTIFIER = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{0,99}")
_TYPE_WORD = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)\s*")
_TYPE_DETAIL = re.compile(r"\(\s*(\d{1,4})?\s*,?\s*('[A-Za-z0-9_/+-]{1,40}')?\s*\)")
_NESTING = {"Array": 1, "Nullable": 1, "LowCardinality": 1, "Map": 2, "Tuple": 0}
_DETAILED = {"FixedString", "DateTime", "DateTime64"}
_PLAIN = {"String", "UUID", "Bool", "Date", "Date32", "Float32", "Float64", "Identifier", *_INT_BITS}
_MAX_TYPE_DEPTH = 5
_SAFE = re.compile(rb"[ !#-&(-\[\]-~]*")  # printable ASCII without both quotes and the backslash
_BYTE = [chr(byte) if _SAFE.fullmatch(bytes([byte])) else f"\\x{byte:02X}" for byte in range(256)]
_ESCAPES = {
    b"t": b"\t", b"n": b"\n", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"0": b"\0", b"a": b"\a", b"v": b"\v",
}  # fmt: skip
_ESCAPED = re.compile(rb"\\(x[0-9a-fA-F]{2}|.)", re.DOTALL)
_QUOTED = re.compile(rb"'((?:[^'\\]|\\.|'')*)'", re.DOTALL)
_BARE = re.compile(rb"[^,\[\](){}:'\s]+")
_SPACE = re.compile(rb"\s*")


def substitute(sql: str, parameters: Mapping[str, bytes]) -> str:
    """`sql` with each `{name:Type}` outside of quotes and comments replaced by a literal.

    Values are in ClickHouse's `Escaped` form, as the HTTP protocol's `param_name` carries
    them. Raises `EngineError` for a missing parameter, an unknown type or a value not of it.
    """

    def replace(found: re.Match[str]) -> str:
        name, kind = found[1], found[2]
        if name is None:
            return found[0]
        if name not in parameters:
            raise EngineError(MISSING_PARAMETER, f"query parameter `{name}` is not set")
        return literal(parse_type(kind), parameters[name])

    return _PIECES.sub(replace, sql)


def skeleton(sql: str) -> str:
    """`sql` with quoted strings emptied and comments blanked: what is left is its structure.

    Quoted identifiers keep their text without quotes, so that a quoted function name is seen.
    """

    def blank(found: re.Match[str]) -> str:
        text = found[0]
        if text[0] == "'":
            return "''"
        if text[0] in '"`':
            return text[1:-1]
        return found[0] if text[0] == "{" else " "

    return _PIECES.sub(blank, sql)


def parse_type(text: str) -> TypeName:
    """The type, checked against those we use; raises `EngineError` for any other text."""
    found, end = _parse_type(text, 0, 0)
    if text[end:].strip():
        raise EngineError(BAD_PARAMETER, f"type {text!r} is not one of those parameters may have")
    return found


def _parse_type(text: str, start: int, depth: int) -> tuple[TypeName, int]:
    word = _TYPE_WORD.match(text, start)
    name = word[1] if word else ""
    end = word.end() if word else start
    if depth > _MAX_TYPE_DEPTH or not (name in _PLAIN or name in _DETAILED or name in _NESTING):
        raise EngineError(BAD_PARAMETER, f"type {text!r} is not one of those parameters may have")
    if name in _NESTING:
        return _parse_nested(text, name, end, depth)
    detail = _TYPE_DETAIL.match(text, end) if name in _DETAILED else None
    if detail:
        inside = ", ".join(part for part in detail.groups() if part)
        return TypeName(name, (), f"{name}({inside})"), detail.end()
    return TypeName(name, (), name), end


def _parse_nested(text: str, name: str, start: int, depth: int) -> tuple[TypeName, int]:
    arguments: list[TypeName] = []
    at, closing = start, text[start : start + 1]
    while closing in ("(", ","):
        argument, at = _parse_type(text, at + 1, depth + 1)
        while text[at : at + 1] == " ":
            at += 1
        arguments.append(argument)
        closing = text[at : at + 1]
        if closing == ")":
            break
    if closing != ")" or not arguments or len(arguments) != (_NESTING[name] or len(arguments)):
        raise EngineError(BAD_PARAMETER, f"type {text!r} is not one of those parameters may have")
    inside = ", ".join(argument.text for argument in arguments)
    return TypeName(name, tuple(arguments), f"{name}({inside})"), at + 1


def literal(kind: TypeName, value: bytes) -> str:
    """The SQL text of one top-level value given in `Escaped` form."""
    if kind.name == "Identifier":
        return "`" + _checked(_IDENTIFIER, value, kind) + "`"
    if kind.name == "Nullable":
        return _cast("NULL", kind) if value == b"\\N" else _cast(literal(kind.arguments[0], value), kind)
    if kind.name == "LowCardinality":
        return literal(kind.arguments[0], value)
    if kind.name in ("Array", "Map", "Tuple"):
        raw, end = _composite(kind, value, 0)
        if value[end:].strip():
            raise _not_a(kind)
        return _cast(raw, kind)
    return _cast(_scalar(kind, _unescape(value)), kind)


def quote(value: bytes) -> str:
    """A string literal holding exactly these bytes, in printable ASCII."""
    if _SAFE.fullmatch(value):
        return f"'{value.decode('ascii')}'"
    return "'" + "".join([_BYTE[byte] for byte in value]) + "'"


def _cast(raw: str, kind: TypeName) -> str:
    return raw if kind.name == "String" else f"CAST({raw}, {quote(kind.text.encode())})"


def _scalar(kind: TypeName, value: bytes) -> str:
    """One value of a plain type, its bytes already unescaped, as SQL without its cast."""
    if kind.name in ("String", "FixedString"):
        return quote(value)
    return _SCALARS[kind.name](kind, value)


def _integer(kind: TypeName, value: bytes) -> str:
    number = int(_checked(_INT, value, kind))
    sign, bits = _INT_BITS[kind.name]
    low, high = (0, 1 << bits) if sign else (-(1 << bits - 1), 1 << bits - 1)
    if not low <= number < high:
        raise _not_a(kind)
    return str(number)


def _real(kind: TypeName, value: bytes) -> str:
    try:
        return quote(repr(float(value)).encode())
    except ValueError:
        raise _not_a(kind) from None


def _boolean(kind: TypeName, value: bytes) -> str:
    if value.lower() in (b"1", b"true"):
        return "true"
    if value.lower() in (b"0", b"false"):
        return "false"
    raise _not_a(kind)


def _uuid(kind: TypeName, value: bytes) -> str:
    plain = _checked(_UUID, value, kind).replace("-", "")
    return f"'{plain[:8]}-{plain[8:12]}-{plain[12:16]}-{plain[16:20]}-{plain[20:]}'"


def _time(kind: TypeName, value: bytes) -> str:
    return f"'{_checked(_TIME, value, kind)}'"


_SCALARS: dict[str, Callable[[TypeName, bytes], str]] = {
    **dict.fromkeys(_INT_BITS, _integer),
    "Float32": _real,
    "Float64": _real,
    "Bool": _boolean,
    "UUID": _uuid,
    **dict.fromkeys(("Date", "Date32", "DateTime", "DateTime64"), _time),
}


def _checked(pattern: re.Pattern[bytes], value: bytes, kind: TypeName) -> str:
    if not pattern.fullmatch(value):
        raise _not_a(kind)
    return value.decode("ascii")


def _not_a(kind: TypeName) -> EngineError:
    return EngineError(BAD_PARAMETER, f"query parameter is not a valid {kind.text}")


def _unescape(value: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        code = found[1]
        if len(code) == 3:
            return bytes([int(code[1:], 16)])
        return _ESCAPES.get(code, code)

    return _ESCAPED.sub(plain, value) if b"\\" in value else value


def _composite(kind: TypeName, value: bytes, at: int) -> tuple[str, int]:
    """One nested value in `Quoted` form from `at` on, as SQL, and where it ends."""
    if kind.name == "Array":
        items, end = _items(kind, value, at, b"[", b"]")
        return f"[{', '.join(items)}]", end
    if kind.name == "Tuple":
        items, end = _items(kind, value, at, b"(", b")")
        return f"tuple({', '.join(items)})", end
    if kind.name == "Map":
        items, end = _items(kind, value, at, b"{", b"}")
        return f"map({', '.join(items)})", end
    return _element(kind, value, at)


def _items(kind: TypeName, value: bytes, at: int, opening: bytes, closing: bytes) -> tuple[list[str], int]:
    at = _skip(value, at)
    if value[at : at + 1] != opening:
        raise _not_a(kind)
    at = _skip(value, at + 1)
    items: list[str] = []
    while value[at : at + 1] != closing:
        if items:
            at = _expect(kind, value, at, b":" if kind.name == "Map" and len(items) % 2 else b",")
        argument = kind.arguments[len(items) % len(kind.arguments)]
        item, at = _composite(argument, value, at)
        items.append(item)
        at = _skip(value, at)
    if (kind.name == "Map" and len(items) % 2) or (
        kind.name == "Tuple" and len(items) != len(kind.arguments)
    ):
        raise _not_a(kind)
    return items, at + 1


def _element(kind: TypeName, value: bytes, at: int) -> tuple[str, int]:
    if kind.name == "LowCardinality":
        return _composite(kind.arguments[0], value, at)
    if kind.name == "Nullable":
        if value[at : at + 4].upper() == b"NULL":
            return "NULL", at + 4
        return _composite(kind.arguments[0], value, at)
    found = _QUOTED.match(value, at)
    if found:
        return _scalar(kind, _unescape(found[1].replace(b"''", b"'"))), found.end()
    bare = _BARE.match(value, at)
    if not bare or kind.name in ("String", "FixedString", "Identifier"):
        raise _not_a(kind)
    return _scalar(kind, bare[0]), bare.end()


def _expect(kind: TypeName, value: bytes, at: int, char: bytes) -> int:
    if value[at : at + 1] != char:
        raise _not_a(kind)
    return _skip(value, at + 1)


def _skip(value: bytes, at: int) -> int:
    found = _SPACE.match(value, at)
    return found.end() if found else at

"""Throws query parameters at the engine's escaper: whatever the value, the SQL keeps its structure.

    .venv/bin/python fuzz/engine_literals.py [seconds]

Each round substitutes random bytes (many of them quotes, backslashes, braces and SQL) as a
random type. Either they are refused, or the text around them is untouched and what stands
between is one expression of literals, casts and brackets, in printable ASCII.
"""

import random
import re
import sys
import time

from vedette.storage.engine.errors import EngineError
from vedette.storage.engine.literals import substitute

_TYPES = (
    "String",
    "FixedString(4)",
    "UUID",
    "UInt8",
    "UInt64",
    "Int64",
    "Float64",
    "Bool",
    "Date",
    "DateTime('UTC')",
    "DateTime64(6, 'UTC')",
    "Nullable(String)",
    "Nullable(UInt8)",
    "LowCardinality(String)",
    "Identifier",
    "Array(String)",
    "Array(UInt64)",
    "Array(Array(String))",
    "Array(UUID)",
    "Array(Nullable(String))",
    "Map(String, String)",
    "Map(String, Array(String))",
    "Tuple(String, UInt8)",
    "Array(Tuple(UInt64, String))",
)
_PIECES = (
    b"'",
    b"''",
    b"\\",
    b"\\'",
    b"\\\\'",
    b"\\x27",
    b"`",
    b'"',
    b"{",
    b"}",
    b"{b:String}",
    b"[",
    b"]",
    b"(",
    b")",
    b",",
    b":",
    b"--",
    b"/*",
    b"*/",
    b";",
    b"\0",
    b"\n",
    b"\t",
    b"\\N",
    b"NULL",
    b" OR 1=1",
    b"a",
    b"1",
    b"-1",
    b"1e9",
    b"file('x')",
    b"\xff",
    b"\xc3\x28",
    b"\xe2\x80\x99",
    b"2023-11-14",
    b"61f0c404-5cb3-11e7-907b-a6006ad3dba0",
)
_BRACKETS = ((b"", b""), (b"['", b"']"), (b"{'", b"':'x'}"), (b"('", b"',1)"), (b"'", b"'"))
_STRING = r"'(?:[ !#-&(-\[\]-~]|\\x[0-9A-F]{2})*'"
_EXPRESSION = re.compile(
    rf"(?:{_STRING}|-?\d+|true|false|NULL|CAST\(|map\(|tuple\(|[\[\](),]|\s|`[A-Za-z_][A-Za-z0-9_]*`)+"
)
_BEFORE, _AFTER = "SELECT 1 WHERE a = ", " AND project_id = 5"


def value(rnd: random.Random) -> bytes:
    """Random bytes, half of the time within brackets that look like a container's."""
    inside = b"".join(rnd.choice(_PIECES) for _ in range(rnd.randrange(8)))
    if rnd.random() < 0.3:
        inside = bytes(rnd.randrange(256) for _ in range(rnd.randrange(12)))
    opening, closing = rnd.choice(
        ((b"", b""), (b"['", b"']"), (b"{'", b"':'x'}"), (b"('", b"',1)"), (b"'", b"'"))
    )
    return opening + inside + closing


def check(kind: str, given: bytes) -> bool:
    """Whether the value was accepted. Raises `AssertionError` when it broke out."""
    try:
        text = substitute(f"{_BEFORE}{{a:{kind}}}{_AFTER}", {"a": given, "b": b"x"})
    except EngineError:
        return False
    assert text.startswith(_BEFORE) and text.endswith(_AFTER), (kind, given, text)
    expression = text[len(_BEFORE) : -len(_AFTER)]
    assert _EXPRESSION.fullmatch(expression), (kind, given, expression)
    plain = re.sub(_STRING, "", expression)
    assert plain.count("(") == plain.count(")") and plain.count("[") == plain.count("]"), (
        kind,
        given,
        expression,
    )
    return True


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    seed = time.time_ns()
    rnd = random.Random(seed)
    rounds = accepted = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        accepted += check(rnd.choice(_TYPES), value(rnd))
        rounds += 1
    print(f"{rounds} values, {accepted} accepted, none broke out (seed {seed})")


if __name__ == "__main__":
    main()

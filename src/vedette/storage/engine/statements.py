"""What a request's SQL asks for, and the text that chDB is given for it.

A read is run with `readonly=1` and limits; an insert's rows, wherever they came from, are
read back with `file()`, because that is the only way chDB raises when it stores nothing;
anything else is a command. Pure: strings in, strings out.
"""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from vedette.storage.engine.errors import BAD_REQUEST, READONLY, EngineError
from vedette.storage.engine.literals import quote, skeleton

Kind = Literal["read", "insert", "command"]

_FIRST_WORD = re.compile(r"[\s(]*([A-Za-z]+)")
_READS = {"select", "with", "show", "describe", "desc", "exists", "explain"}
# Live under readonly=1 all the same: they read files, call Python or write the answer to a file.
_FORBIDDEN_IN_READS = re.compile(
    r"\b(?:file|python|executable|url|s3|azureBlobStorage|hdfs|remote|remoteSecure|mysql|postgresql|mongodb"
    r"|redis|sqlite|odbc|jdbc|input|catboostEvaluate)\w*\s*\(|\bINTO\s+OUTFILE\b",
    re.IGNORECASE,
)
_INSERT = re.compile(
    r"\s*INSERT\s+INTO\s+(?:TABLE\s+)?(?P<table>[\w.`\"]+)\s*(?P<columns>\([\w\s,`\".]*\))?\s*(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_INPUT = re.compile(r"\binput\s*\(\s*'((?:[^'\\]|\\.)*)'\s*\)", re.IGNORECASE)
_INLINE_DATA = re.compile(rb"\b(?:(VALUES)\b|FORMAT[ ]+(\w+)(?:[ ]*\r?\n|[ ]))", re.IGNORECASE)
_SETTING_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_COMPRESSIONS = {"": "none", "identity": "none", "lz4": "lz4", "gzip": "gz", "zstd": "zstd", "br": "br"}


class Insert(NamedTuple):
    """An INSERT that carries rows: `select` with `{file}` where they are read from."""

    target: str  # `INSERT INTO t (a, b)`
    select: str
    format: str
    structure: str  # empty: that of the table, or of the data itself


def kind_of(sql: str) -> Kind:
    """Read, insert or command; raises `EngineError` for more than one statement or none."""
    shape = skeleton(sql)
    if ";" in shape.rstrip().rstrip(";"):
        raise EngineError(BAD_REQUEST, "one statement a request")
    found = _FIRST_WORD.match(shape)
    word = found[1].lower() if found else ""
    if not word:
        raise EngineError(BAD_REQUEST, "no statement was given")
    if word in _READS:
        return "read"
    return "insert" if word == "insert" else "command"


def read_text(sql: str, settings: Mapping[str, str]) -> str:
    """The read as chDB runs it: read-only, within `settings`, which end its text.

    Raises `EngineError` where it names what reads outside of the tables.
    """
    forbidden = _FORBIDDEN_IN_READS.search(skeleton(sql))
    if forbidden:
        raise EngineError(READONLY, f"{forbidden[0].strip(' (')} is not allowed in reads")
    clause = settings_clause({**settings, "readonly": "1"})
    return f"{sql.rstrip().rstrip(';')}\n{clause}"


def split_inline(body: bytes) -> tuple[str, bytes]:
    """Statement and rows of an INSERT whose body holds both; rows are empty for INSERT … SELECT."""
    found = _INLINE_DATA.search(body, 0, 10_000)
    if not found:
        return body.decode(), b""
    name = b"Values" if found[1] else found[2]
    return f"{body[: found.start()].decode()} FORMAT {name.decode()}", body[found.end() :]


def parse_insert(sql: str) -> Insert | None:
    """The INSERT taken apart, or None when it brings no rows (INSERT … SELECT FROM a table)."""
    found = _INSERT.fullmatch(sql)
    if not found:
        raise EngineError(BAD_REQUEST, "an INSERT reads: INSERT INTO table (columns) FORMAT name")
    fmt = _FORMAT.search(found["rest"])
    if not fmt:
        return None
    target = f"INSERT INTO {found['table']} {found['columns'] or ''}"
    middle = found["rest"][: fmt.start()].strip()
    if not middle:
        return Insert(target, "SELECT * FROM {file}", fmt[1], "")
    source = _INPUT.search(middle)
    if not source or not middle[:6].lower() == "select":
        raise EngineError(BAD_REQUEST, "before FORMAT only SELECT … FROM input('…') may stand")
    select = f"{middle[: source.start()]}{{file}}{middle[source.end() :]}"
    return Insert(target, select, fmt[1], source[1])


def insert_text(insert: Insert, path: str, encoding: str, settings: Mapping[str, str]) -> str:
    """The INSERT as chDB runs it, reading its rows from the file at `path`.

    One thread, so that the rows of a request become one block. Raises `EngineError` for an
    unknown Content-Encoding.
    """
    if encoding not in _COMPRESSIONS:
        raise EngineError(BAD_REQUEST, f"Content-Encoding {encoding!r} is not supported")
    structure = f"'{insert.structure}'" if insert.structure else "'auto'"
    compression = _COMPRESSIONS[encoding]
    source = f"file({quote(path.encode())}, {quote(insert.format.encode())}, {structure}, '{compression}')"
    clause = settings_clause(
        {"insert_deduplicate": "1", **settings, "max_threads": "1", "max_insert_threads": "1"}
    )
    return f"{insert.target} {clause} {insert.select.replace('{file}', source)}"


def settings_clause(settings: Mapping[str, str]) -> str:
    """`SETTINGS a='1', b='x'`; a name that cannot be a setting's raises.

    chDB refuses the names it does not know, and reads every value from a string: as a number, a
    token made of digits would not be one.
    """
    for name in settings:
        if not _SETTING_NAME.fullmatch(name):
            raise EngineError(115, f"unknown setting {name!r}")
    return "SETTINGS " + ", ".join(f"{name}={quote(value.encode())}" for name, value in settings.items())

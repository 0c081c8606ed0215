"""Group hashes in the records store: which issue each belongs to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

import msgspec
from sqlalchemy import BigInteger, bindparam, insert, select, update
from sqlalchemy.engine import Connection

from vedette.issues.sightings import GroupHash, HashKey
from vedette.storage.records.schema import IssueHash

CHUNK = 1000  # parameters of one IN list: far below SQLite's 32,766, long enough to be one round trip

_T = TypeVar("_T")


class HashRow(msgspec.Struct, frozen=True):
    """One known hash. Without an issue it is discarded, or left over from a deleted issue."""

    issue_id: int | None
    is_discarded: bool
    since_us: int


def chunks(values: Iterable[_T], size: int = CHUNK) -> Iterator[list[_T]]:
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def by_project(keys: Iterable[HashKey]) -> dict[int, list[GroupHash]]:
    """The keys' hashes per project, sorted: statements of two nodes take rows in the same order."""
    projects: dict[int, list[GroupHash]] = {}
    for project_id, hash_ in sorted(keys):
        projects.setdefault(project_id, []).append(hash_)
    return projects


_KNOWN = select(IssueHash.group_hash, IssueHash.issue_id, IssueHash.state, IssueHash.since_us).where(
    IssueHash.project_id == bindparam("project_id"),
    IssueHash.group_hash.in_(bindparam("hashes", type_=BigInteger, expanding=True)),
)


def known_hashes(connection: Connection, keys: Iterable[HashKey]) -> dict[HashKey, HashRow]:
    """The rows of those keys that are known."""
    known: dict[HashKey, HashRow] = {}
    for project_id, hashes in by_project(set(keys)).items():
        for part in chunks(hashes):
            rows = connection.execute(_KNOWN, {"project_id": project_id, "hashes": part})
            for hash_, issue_id, state, since_us in rows:
                known[project_id, hash_] = HashRow(issue_id, state == "discarded", since_us)
    return known


def add_hashes(
    connection: Connection, hashes: Mapping[HashKey, str], issues: Mapping[HashKey, int], now_us: int
) -> None:
    """Record MD5s for their issues. The caller holds the projects' locks, so none of them is known."""
    rows = [
        {
            "project_id": project_id,
            "group_hash": hash_,
            "md5": hashes[project_id, hash_],
            "issue_id": issue_id,
            "state": "open",
            "since_us": 0,
            "created_us": now_us,
        }
        for (project_id, hash_), issue_id in sorted(issues.items())
    ]
    if rows:
        connection.execute(insert(IssueHash), rows)


_ADOPT = (
    update(IssueHash)
    .where(IssueHash.project_id == bindparam("p"), IssueHash.group_hash == bindparam("h"))
    .values(issue_id=bindparam("i"))
)


def adopt_hashes(connection: Connection, issues: Mapping[HashKey, int]) -> None:
    """Give hashes that outlived their issue to another one; their `since_us` stays."""
    rows: Sequence[dict[str, int]] = [{"p": p, "h": h, "i": i} for (p, h), i in sorted(issues.items())]
    if rows:
        connection.execute(_ADOPT, rows)

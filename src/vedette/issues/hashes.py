"""Group hashes in the records store: which issue each belongs to."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection

from vedette.issues.sightings import GroupHash, HashKey
from vedette.storage.records.portable import many, one_of
from vedette.storage.records.schema import IssueHash


class HashRow(msgspec.Struct, frozen=True, gc=False):
    """One known hash. Without an issue it is discarded, or left over from a deleted issue."""

    issue_id: int | None
    is_discarded: bool
    since_us: int


def by_project(keys: Iterable[HashKey]) -> dict[int, list[GroupHash]]:
    """The keys' hashes per project, sorted: statements of two nodes take rows in the same order."""
    projects: dict[int, list[GroupHash]] = {}
    for project_id, hash_ in sorted(keys):
        projects.setdefault(project_id, []).append(hash_)
    return projects


def known_hashes(connection: Connection, keys: Iterable[HashKey]) -> dict[HashKey, HashRow]:
    """The rows of those keys that are known."""
    known: dict[HashKey, HashRow] = {}
    statement = select(IssueHash.group_hash, IssueHash.issue_id, IssueHash.state, IssueHash.since_us).where(
        IssueHash.project_id == bindparam("project_id"), one_of(connection, IssueHash.group_hash, "hashes")
    )
    for project_id, hashes in by_project(set(keys)).items():
        values = {"project_id": project_id, "hashes": many(connection, hashes)}
        for hash_, issue_id, state, since_us in connection.execute(statement, values).all():
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

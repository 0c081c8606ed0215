"""Which group hashes belong to which issues: the bridge from records to telemetry."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.storage.records.schema import IssueHash
from vedette.storage.telemetry.expressions import Parameters, time_sql

GroupKey = tuple[int, int]  # project id and unsigned group hash
CHUNK = 900  # values of one IN list in records

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Group:
    """One hash of an issue, as telemetry has it (unsigned).

    Events received before `since_us` are not the issue's: they belong to one deleted since.
    """

    project_id: int
    group_hash: int
    issue_id: int
    since_us: int = 0


def unsigned(group_hash: int) -> int:
    """The hash as telemetry holds it."""
    return group_hash & 0xFFFF_FFFF_FFFF_FFFF


def signed(group_hash: int) -> int:
    """The hash as records hold it."""
    return group_hash - (1 << 64) if group_hash >= 1 << 63 else group_hash


def chunks(values: Iterable[_T], size: int = CHUNK) -> Iterator[list[_T]]:
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def by_whole_issues(groups: Iterable[Group], size: int = 500) -> Iterator[list[Group]]:
    """The groups in parts of about this size, those of one issue always together."""
    part: list[Group] = []
    for group in sorted(groups, key=lambda group: (group.issue_id, group.group_hash)):
        if len(part) >= size and group.issue_id != part[-1].issue_id:
            yield part
            part = []
        part.append(group)
    if part:
        yield part


def groups_of(session: Session, issue_ids: Iterable[int]) -> list[Group]:
    """All hashes of these issues."""
    found: list[Group] = []
    for part in chunks(issue_ids):
        rows = session.execute(
            select(IssueHash.project_id, IssueHash.group_hash, IssueHash.issue_id, IssueHash.since_us).where(
                IssueHash.issue_id.in_(part), IssueHash.state == "open"
            )
        )
        found += [Group(project, unsigned(hash_), issue or 0, since) for project, hash_, issue, since in rows]
    return found


def in_groups(groups: Sequence[Group], parameters: Parameters, *, received: bool = True) -> str:
    """The rows of these groups as an expression; of none: false.

    `received`: leave out rows from before `since_us` (`issue_hours` cannot tell them).
    """
    alike: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for group in groups:
        alike[group.project_id, group.since_us if received else 0].append(group.group_hash)
    return " OR ".join(_alike(*key, hashes, parameters) for key, hashes in alike.items()) or "0"


def _alike(project_id: int, since_us: int, hashes: list[int], parameters: Parameters) -> str:
    project = f"project_id = {parameters.add(project_id, 'UInt64')}"
    if len(hashes) == 1:
        test = f"group_hash = {parameters.add(hashes[0], 'UInt64')}"
    else:
        test = f"group_hash IN {parameters.add(hashes, 'Array(UInt64)')}"
    since = f" AND received >= {time_sql(since_us, parameters)}" if since_us else ""
    return f"({project} AND {test}{since})"


def issue_of_row(groups: Sequence[Group], parameters: Parameters) -> str:
    """The issue's id of a row as an expression; 0 for hashes that are not among the groups.

    Grouping by it folds the hashes of an issue into one, also for `uniq`.
    """
    projects: defaultdict[int, list[Group]] = defaultdict(list)
    for group in groups:
        projects[group.project_id].append(group)
    parts = [_issue_in_project(project_id, found, parameters) for project_id, found in projects.items()]
    return f"multiIf({', '.join(parts)}, 0)" if parts else "0"


def _issue_in_project(project_id: int, groups: Sequence[Group], parameters: Parameters) -> str:
    hashes = parameters.add([group.group_hash for group in groups], "Array(UInt64)")
    issues = parameters.add([group.issue_id for group in groups], "Array(UInt64)")
    project = parameters.add(project_id, "UInt64")
    return f"project_id = {project}, transform(group_hash, {hashes}, {issues}, toUInt64(0))"

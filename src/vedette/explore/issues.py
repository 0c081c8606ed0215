"""Groups and issues: which hashes a search for an issue means, which issue a row belongs to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vedette.core.ids import parse_number, parse_short_id, short_id
from vedette.explore.conditions import Groups
from vedette.issues.sightings import signed, unsigned
from vedette.storage.records.schema import Issue, IssueHash

_CHUNK = 900  # values of one IN list
_MOST_MERGED = 5_000


class IssueName(NamedTuple):
    id: int
    short_id: str


def groups_of_issues(session: Session, projects: Mapping[int, str], words: Iterable[str]) -> Groups:
    """The groups of the issues, given by their short ids or numbers; of one that is not there: none."""
    return tuple(group for word in words for group in _groups(session, projects, word))


def _groups(session: Session, projects: Mapping[int, str], word: str) -> Groups:
    query = select(IssueHash.project_id, IssueHash.group_hash).where(
        IssueHash.project_id.in_(list(projects)), IssueHash.state == "open"
    )
    number, parsed = parse_number(word), parse_short_id(word)
    if number is not None:
        query = query.where(IssueHash.issue_id == number)
    elif parsed:
        ids = [id_ for id_, slug in projects.items() if slug == parsed[0]]
        query = query.join(Issue, Issue.id == IssueHash.issue_id).where(
            Issue.project_id.in_(ids), Issue.short_number == parsed[1]
        )
    else:
        return ()
    return tuple((project, unsigned(hash_)) for project, hash_ in session.execute(query))


def issue_names(
    session: Session, projects: Mapping[int, str], keys: Collection[tuple[int, int]]
) -> dict[tuple[int, int], IssueName]:
    """The issue of each (project, unsigned hash) that has one."""
    found: dict[tuple[int, int], IssueName] = {}
    by_project: dict[int, list[int]] = {}
    for project_id, hash_ in sorted(keys):
        by_project.setdefault(project_id, []).append(signed(hash_))
    for project_id, hashes in by_project.items():
        for part in _chunks(hashes):
            rows = session.execute(
                select(IssueHash.group_hash, Issue.id, Issue.short_number)
                .join(Issue, Issue.id == IssueHash.issue_id)
                .where(IssueHash.project_id == project_id, IssueHash.group_hash.in_(part))
            )
            for hash_, id_, number in rows:
                name = IssueName(id_, short_id(projects[project_id], number))
                found[project_id, unsigned(hash_)] = name
    return found


def merged_hashes(session: Session, projects: Collection[int]) -> dict[int, int]:
    """Hash → the least hash of its issue, of issues that have several: rows of one issue are one group."""
    several = (
        select(IssueHash.issue_id)
        .where(IssueHash.project_id.in_(list(projects)), IssueHash.issue_id.is_not(None))
        .group_by(IssueHash.issue_id)
        .having(func.count() > 1)
        .limit(_MOST_MERGED)
    )
    rows = session.execute(
        select(IssueHash.issue_id, IssueHash.group_hash)
        .where(IssueHash.issue_id.in_(several))
        .order_by(IssueHash.issue_id, IssueHash.group_hash)
        .limit(_MOST_MERGED)
    )
    first: dict[int | None, int] = {}
    return {unsigned(hash_): first.setdefault(issue_id, unsigned(hash_)) for issue_id, hash_ in rows}


def _chunks(values: Sequence[int]) -> Iterable[Sequence[int]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))

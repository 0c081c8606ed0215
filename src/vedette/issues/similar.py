"""Issues that look like another one: same kind of failure, in the same place or in like words."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.issues.query import IssueRow
from vedette.storage.records.schema import Issue

_LOOKED_AT = 500  # newest of the project that share the type or the culprit
_LEAST = 0.3
_WORD = re.compile(r"[a-z_]{3,}")


def similar_issues(session: Session, issue: IssueRow, limit: int) -> dict[int, float]:
    """Ids and likeness (0 to 1) of the project's issues that are most alike, the likest first."""
    prefix = f"{issue.event_metadata['type']}:%" if issue.event_metadata.get("type") else None
    alike = Issue.culprit == issue.culprit if issue.culprit else Issue.title == issue.title
    if prefix is not None:
        alike = alike | Issue.title.like(prefix.replace("\\", "\\\\").replace("_", "\\_"), escape="\\")
    rows = session.execute(
        select(Issue.id, Issue.title, Issue.culprit, Issue.event_metadata)
        .where(Issue.project_id == issue.project_id, Issue.id != issue.id, alike)
        .order_by(Issue.last_seen_us.desc())
        .limit(_LOOKED_AT)
    )
    scored = [(_likeness(issue, title, culprit, metadata), id_) for id_, title, culprit, metadata in rows]
    best = sorted((pair for pair in scored if pair[0] >= _LEAST), key=lambda pair: (-pair[0], pair[1]))
    return {id_: round(score, 3) for score, id_ in best[:limit]}


def _likeness(issue: IssueRow, title: str, culprit: str, metadata: dict[str, object]) -> float:
    """A third each for the type, the place and the words of the title."""
    same_type = bool(metadata.get("type")) and metadata.get("type") == issue.event_metadata.get("type")
    same_place = bool(culprit) and culprit == issue.culprit
    one, other = set(_WORD.findall(issue.title.lower())), set(_WORD.findall(title.lower()))
    words = len(one & other) / len(one | other) if one | other else 1.0
    return (same_type + same_place + words) / 3

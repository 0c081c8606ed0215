"""Release rows: which versions exist, and in which projects and when they were seen."""

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from vedette.storage.records.portable import greatest, least, upsert
from vedette.storage.records.schema import Release, ReleaseProject


class SeenRelease(msgspec.Struct, frozen=True):
    """A version seen in a project from first to last, with so many issues opened by it."""

    organization_id: int
    project_id: int
    version: str
    first_us: int
    last_us: int
    new_issues: int = 0

    def with_more(self, other: "SeenRelease") -> "SeenRelease":
        return msgspec.structs.replace(
            self,
            first_us=min(self.first_us, other.first_us),
            last_us=max(self.last_us, other.last_us),
            new_issues=self.new_issues + other.new_issues,
        )


def record_releases(connection: Connection, seen: Iterable[SeenRelease]) -> None:
    """Create what is new, widen what is known. Order of arrival makes no difference."""
    ordered = sorted(seen, key=lambda one: (one.organization_id, one.version, one.project_id))
    if not ordered:
        return
    ids = _release_ids(connection, ordered)
    statement = upsert(connection.dialect.name, ReleaseProject)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["release_id", "project_id"],
        set_={
            "first_seen_us": least(ReleaseProject.__table__.c.first_seen_us, new.first_seen_us),
            "last_seen_us": greatest(ReleaseProject.__table__.c.last_seen_us, new.last_seen_us),
            "new_issues": ReleaseProject.__table__.c.new_issues + new.new_issues,
        },
    )
    connection.execute(
        statement,
        [
            {
                "release_id": ids[one.organization_id, one.version],
                "project_id": one.project_id,
                "first_seen_us": one.first_us,
                "last_seen_us": one.last_us,
                "new_issues": one.new_issues,
            }
            for one in ordered
        ],
    )


def _release_ids(connection: Connection, seen: Iterable[SeenRelease]) -> Mapping[tuple[int, str], int]:
    versions: dict[int, dict[str, int]] = {}
    for one in seen:
        known = versions.setdefault(one.organization_id, {})
        known[one.version] = min(one.first_us, known.get(one.version, one.first_us))
    ids: dict[tuple[int, str], int] = {}
    for organization_id, firsts in versions.items():
        found = _known_ids(connection, organization_id, firsts)
        missing = {version: at_us for version, at_us in firsts.items() if version not in found}
        if missing:
            _create(connection, organization_id, missing)
            found |= _known_ids(connection, organization_id, missing)
        ids.update({(organization_id, version): id_ for version, id_ in found.items()})
    return ids


def _known_ids(connection: Connection, organization_id: int, versions: Iterable[str]) -> dict[str, int]:
    rows = connection.execute(
        select(Release.version, Release.id).where(
            Release.organization_id == organization_id, Release.version.in_(list(versions))
        )
    )
    return {row.version: row.id for row in rows}


def _create(connection: Connection, organization_id: int, firsts: Mapping[str, int]) -> None:
    connection.execute(
        upsert(connection.dialect.name, Release).on_conflict_do_nothing(
            index_elements=["organization_id", "version"]
        ),
        [
            {"organization_id": organization_id, "version": version, "created_us": at_us}
            for version, at_us in sorted(firsts.items())
        ],
    )


def release_dates(connection: Connection, organization_id: int, versions: Iterable[str]) -> dict[str, int]:
    """When each known version was released, or first seen."""
    rows = connection.execute(
        select(Release.version, func.coalesce(Release.released_us, Release.created_us).label("at_us")).where(
            Release.organization_id == organization_id, Release.version.in_(sorted(versions))
        )
    )
    return {row.version: row.at_us for row in rows}

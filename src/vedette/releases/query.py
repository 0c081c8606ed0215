"""Reading releases."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vedette.releases.versions import Version, parse_version
from vedette.storage.records.schema import Release, ReleaseProject

_LOOKED_AT = 100  # newest by date; a version beyond them is not the latest


def latest_release(session: Session, project_id: int) -> str | None:
    """The project's latest version: among the newest by date, the highest of the newest one's package."""
    versions = [
        parse_version(version)
        for version in session.scalars(
            select(Release.version)
            .join(ReleaseProject, ReleaseProject.release_id == Release.id)
            .where(ReleaseProject.project_id == project_id)
            .order_by(func.coalesce(Release.released_us, Release.created_us).desc(), Release.id.desc())
            .limit(_LOOKED_AT)
        )
    ]
    return _highest(versions).raw if versions else None


def _highest(versions: list[Version]) -> Version:
    newest = versions[0]
    highest = newest
    for version in versions[1:]:
        if version.package != newest.package or not version.number or not highest.number:
            continue
        if version.number > highest.number:
            highest = version
    return highest

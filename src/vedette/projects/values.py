"""What other rooms see of the tables: frozen values, made from rows inside a session."""

from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.projects.options import OrganizationOptions, ProjectOptions, decode
from vedette.storage.records import schema


class User(msgspec.Struct, frozen=True):
    id: int
    email: str
    name: str
    is_active: bool
    is_superuser: bool
    has_password: bool
    session_nonce: str
    options: dict[str, Any]
    created_us: int
    last_login_us: int | None
    last_active_us: int | None

    @property
    def label(self) -> str:
        return self.name or self.email


class Organization(msgspec.Struct, frozen=True):
    id: int
    slug: str
    name: str
    status: str
    options: OrganizationOptions
    created_us: int


class Team(msgspec.Struct, frozen=True):
    id: int
    organization_id: int
    slug: str
    name: str
    created_us: int


class Project(msgspec.Struct, frozen=True):
    id: int
    organization_id: int
    slug: str
    name: str
    platform: str | None
    status: str
    options: ProjectOptions
    first_event_us: int | None
    created_us: int
    team_ids: tuple[int, ...]


def user_of(row: schema.User) -> User:
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        is_active=row.is_active,
        is_superuser=row.is_superuser,
        has_password=row.password_hash is not None,
        session_nonce=row.session_nonce,
        options=row.options,
        created_us=row.created_us,
        last_login_us=row.last_login_us,
        last_active_us=row.last_active_us,
    )


def organization_of(row: schema.Organization) -> Organization:
    return Organization(
        id=row.id,
        slug=row.slug,
        name=row.name,
        status=row.status,
        options=decode(OrganizationOptions, row.options),
        created_us=row.created_us,
    )


def team_of(row: schema.Team) -> Team:
    return Team(row.id, row.organization_id, row.slug, row.name, row.created_us)


def project_of(row: schema.Project, team_ids: tuple[int, ...]) -> Project:
    return Project(
        id=row.id,
        organization_id=row.organization_id,
        slug=row.slug,
        name=row.name,
        platform=row.platform,
        status=row.status,
        options=decode(ProjectOptions, row.options),
        first_event_us=row.first_event_us,
        created_us=row.created_us,
        team_ids=team_ids,
    )


def projects_of(session: Session, rows: list[schema.Project]) -> list[Project]:
    """Projects with the ids of their teams, in the order given."""
    teams: dict[int, list[int]] = {row.id: [] for row in rows}
    link = schema.ProjectTeam
    pairs = select(link.project_id, link.team_id).where(link.project_id.in_(teams)).order_by(link.team_id)
    for project_id, team_id in session.execute(pairs):
        teams[project_id].append(team_id)
    return [project_of(row, tuple(teams[row.id])) for row in rows]

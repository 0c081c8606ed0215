"""Makes what a test needs in the records store: people, organizations, teams, projects, tokens."""

from collections.abc import Callable
from functools import cache

from sqlalchemy import select, update

from vedette.projects.passwords import hash_password
from vedette.projects.sessions import new_nonce
from vedette.projects.tokens import (
    create_token,
    integration_token_text,
    organization_token_text,
    user_token_text,
)
from vedette.storage.records import schema
from vedette.storage.records.database import Records


@cache
def _hashed(password: str) -> str:
    """Hashing is slow on purpose, and the same password will do for everybody here."""
    return hash_password(password)


class World:
    """Each method returns ids or, for tokens, the token's text."""

    def __init__(self, records: Records, clock: Callable[[], int]) -> None:
        self._records = records
        self._clock = clock

    def user(self, email: str = "ada@example.com", *, password: str | None = None) -> int:
        row = schema.User(
            email=email,
            name=email.partition("@")[0].title(),
            password_hash=_hashed(password) if password else None,
            session_nonce=new_nonce(),
            created_us=self._clock(),
        )
        return self._add(row)

    def organization(self, slug: str = "acme", **options: object) -> int:
        row = schema.Organization(slug=slug, name=slug.title(), options=options, created_us=self._clock())
        return self._add(row)

    def member(self, organization_id: int, user_id: int, role: str = "owner") -> int:
        row = schema.Member(
            organization_id=organization_id, user_id=user_id, role=role, created_us=self._clock()
        )
        return self._add(row)

    def team(self, organization_id: int, slug: str = "web") -> int:
        row = schema.Team(
            organization_id=organization_id, slug=slug, name=slug.title(), created_us=self._clock()
        )
        return self._add(row)

    def join(self, team_id: int, member_id: int, role: str = "contributor") -> None:
        with self._records.write() as session:
            session.add(schema.TeamMember(team_id=team_id, member_id=member_id, role=role))

    def project(self, organization_id: int, slug: str = "api", *, team_id: int | None = None) -> int:
        row = schema.Project(
            organization_id=organization_id, slug=slug, name=slug.upper(), created_us=self._clock()
        )
        project_id = self._add(row)
        if team_id is not None:
            with self._records.write() as session:
                session.add(schema.ProjectTeam(project_id=project_id, team_id=team_id))
        return project_id

    def project_id(self, slug: str) -> int:
        with self._records.read() as session:
            return session.scalars(select(schema.Project.id).where(schema.Project.slug == slug)).one()

    def organization_id(self, slug: str) -> int:
        with self._records.read() as session:
            return session.scalars(
                select(schema.Organization.id).where(schema.Organization.slug == slug)
            ).one()

    def user_id(self, email: str) -> int:
        with self._records.read() as session:
            return session.scalars(select(schema.User.id).where(schema.User.email == email)).one()

    def environment(self, project_id: int, name: str) -> int:
        row = schema.Environment(project_id=project_id, name=name, first_seen_us=self._clock())
        return self._add(row)

    def issue(self, project_id: int, number: int = 1) -> int:
        """An issue seen once, without its event."""
        now_us = self._clock()
        row = schema.Issue(
            project_id=project_id,
            short_number=number,
            title="ValueError: bad id",
            status_changed_us=now_us,
            first_seen_us=now_us,
            last_seen_us=now_us,
            times_seen=1,
            created_us=now_us,
        )
        return self._add(row)

    def switch_off(self, user_id: int) -> None:
        with self._records.write() as session:
            session.execute(update(schema.User).where(schema.User.id == user_id).values(is_active=False))

    def token(self, user_id: int, *scopes: str) -> str:
        """A user's token; without scopes, one with all of them."""
        text = user_token_text()
        with self._records.write() as session:
            create_token(
                session,
                text,
                kind="user",
                name="test",
                scopes=list(scopes) or ["all"],
                now_us=self._clock(),
                user_id=user_id,
            )
        return text

    def organization_token(self, organization_id: int, *scopes: str) -> str:
        with self._records.write() as session:
            slug = session.scalars(
                select(schema.Organization.slug).where(schema.Organization.id == organization_id)
            ).one()
            text = organization_token_text(slug, "http://testserver", self._clock())
            create_token(
                session,
                text,
                kind="organization",
                name="ci",
                scopes=list(scopes) or ["org:ci"],
                now_us=self._clock(),
                organization_id=organization_id,
            )
        return text

    def integration_token(self, organization_id: int, *scopes: str) -> str:
        text = integration_token_text()
        with self._records.write() as session:
            create_token(
                session,
                text,
                kind="integration",
                name="integration",
                scopes=list(scopes) or ["all"],
                now_us=self._clock(),
                organization_id=organization_id,
            )
        return text

    def acme(self, role: str = "owner") -> str:
        """Ada, in this role, in organization `acme` with team `web` and project `api`; her token."""
        user = self.user()
        organization = self.organization()
        member = self.member(organization, user, role)
        team = self.team(organization)
        self.join(team, member)
        self.project(organization, team_id=team)
        return self.token(user)

    def _add(self, row: schema.Base) -> int:
        with self._records.write() as session:
            session.add(row)
            session.flush()
            return int(row.id)  # type: ignore[attr-defined]  # each table used here has one

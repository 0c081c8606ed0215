"""The first run: the one-time link, and the first account with its organization and project."""

import hmac

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from vedette.config import Settings
from vedette.projects.access import Caller, access_to
from vedette.projects.client_keys import dsn_of, list_keys
from vedette.projects.errors import Denied, Taken
from vedette.projects.links import new_link_token
from vedette.projects.organizations import create_organization
from vedette.projects.passwords import hash_password
from vedette.projects.projects import NewProject, create_project
from vedette.projects.teams import create_team
from vedette.projects.tokens import token_hash
from vedette.projects.users import create_user
from vedette.projects.values import Organization, Project, User
from vedette.storage.records import schema
from vedette.storage.records.database import Records
from vedette.storage.records.schema import ServerSetting

_NAME = "setup_token"


class First(msgspec.Struct, frozen=True):
    """What the first run made. `dsn` is empty without a project."""

    user: User
    organization: Organization
    project: Project | None
    dsn: str


class FirstRun(msgspec.Struct, frozen=True):
    """What the first run is to make."""

    email: str
    password: str
    organization: str
    name: str = ""
    project: str = ""
    platform: str | None = None


def is_needed(session: Session) -> bool:
    """True as long as nobody has an account."""
    return not session.scalar(select(func.count()).select_from(schema.User))


def new_setup_token(records: Records, now_us: int) -> str | None:
    """The token for `/setup/?token=…`, which replaces an older one; None when there is an account."""
    with records.write() as session:
        if not is_needed(session):
            return None
        token, hashed = new_link_token()
        session.execute(delete(ServerSetting).where(ServerSetting.name == _NAME))
        session.add(ServerSetting(name=_NAME, value={"hash": hashed}, updated_us=now_us))
        return token


def setup_with_token(records: Records, token: str, first: FirstRun, settings: Settings, now_us: int) -> First:
    """What the form of the first run does. Raises `Denied` for a wrong token, `Taken` when it is over."""
    password_hash = hash_password(first.password)
    with records.write() as session:
        _check_token(session, token)
        return _create(session, first, password_hash, settings, now_us)


def create_first(records: Records, first: FirstRun, settings: Settings, now_us: int) -> First:
    """The first account, its organization, and a project with team and key if one is named.

    Raises `Taken` if there is an account already, `Invalid` for a field that will not do.
    """
    password_hash = hash_password(first.password)
    with records.write() as session:
        return _create(session, first, password_hash, settings, now_us)


def _create(session: Session, first: FirstRun, password_hash: str, settings: Settings, now_us: int) -> First:
    if not is_needed(session):
        raise Taken("this server has been set up already")
    session.execute(delete(ServerSetting).where(ServerSetting.name == _NAME))
    user = create_user(
        session,
        email=first.email,
        name=first.name,
        password_hash=password_hash,
        is_superuser=True,
        now_us=now_us,
    )
    organization = create_organization(session, name=first.organization, owner_id=user.id, now_us=now_us)
    project = _first_project(session, user, organization, first, now_us) if first.project else None
    keys = list_keys(session, project.id, active=True, limit=1) if project else []
    dsn = dsn_of(settings.base_url, keys[0]) if keys else ""
    return First(user, organization, project, dsn)


def first_dsn(session: Session, base_url: str) -> str | None:
    """The DSN of the oldest active key, for the line that `serve` prints at each start."""
    table, project = schema.ProjectKey, schema.Project
    oldest = (
        select(table.project_id)
        .join(project, project.id == table.project_id)
        .where(table.is_active, project.status == "active")
        .order_by(table.id)
        .limit(1)
    )
    project_id = session.scalar(oldest)
    if project_id is None:
        return None
    return dsn_of(base_url, list_keys(session, project_id, active=True, limit=1)[0])


def _first_project(
    session: Session, user: User, organization: Organization, first: FirstRun, now_us: int
) -> Project:
    caller = Caller(kind="session", user=user)
    row = session.get_one(schema.Organization, organization.id)
    access = access_to(session, caller, row)
    assert access is not None
    team = create_team(session, access, name=organization.name, slug="", now_us=now_us)
    new = NewProject(first.project, platform=first.platform)
    return create_project(session, access, new, [team.id], now_us)


def _check_token(session: Session, token: str) -> None:
    if not is_needed(session):
        raise Taken("this server has been set up already")
    row = session.get(ServerSetting, _NAME, with_for_update=True)  # the link works once
    if row is None or not hmac.compare_digest(str(row.value["hash"]), token_hash(token)):
        raise Denied("this set-up link is not valid: the server's log has the present one")


# ── what `serve` does at each start ───────────────────────────────────────────────────────


class Started(msgspec.Struct, frozen=True):
    """What to print at a start. `email` and `password` only when the account was just made."""

    dsn: str = ""
    email: str = ""
    password: str = ""
    setup_token: str = ""


def begin(records: Records, settings: Settings, now_us: int) -> Started:
    """Make the first account where settings name one; else a set-up link while there is none.

    Raises `Invalid` for an address or a password in the settings that will not do.
    """
    with records.read() as session:
        needed, dsn = is_needed(session), first_dsn(session, settings.base_url) or ""
    if not needed:
        return Started(dsn=dsn)
    if not (settings.admin_email and settings.admin_password):
        return Started(setup_token=new_setup_token(records, now_us) or "")
    first = FirstRun(
        email=settings.admin_email,
        password=settings.admin_password,
        organization=settings.org or "Vedette",
        project=settings.project,
    )
    try:
        made = create_first(records, first, settings, now_us)
    except Taken:  # another node of the cluster was first
        return begin(records, settings, now_us)
    return Started(dsn=made.dsn, email=made.user.email, password=settings.admin_password)

"""Environments of projects, as their events have named them."""

from typing import Literal

import msgspec
from sqlalchemy import Integer, cast, func, select, update
from sqlalchemy.orm import Session

from vedette.projects.access import Access, visible_projects
from vedette.projects.errors import Missing
from vedette.projects.values import Project
from vedette.storage.records import schema

Visibility = Literal["all", "hidden", "visible"]


class Environment(msgspec.Struct, frozen=True):
    id: int
    name: str
    is_hidden: bool


def organization_environments(session: Session, access: Access, visibility: Visibility) -> list[Environment]:
    """Names seen in any project the caller sees; hidden only where every project hides it."""
    table = schema.Environment
    hidden = func.min(cast(table.is_hidden, Integer))
    wanted = (
        select(func.min(table.id), table.name, hidden)
        .join(schema.Project, schema.Project.id == table.project_id)
        .where(visible_projects(access))
        .group_by(table.name)
        .order_by(table.name)
    )
    found = [Environment(id_, name, bool(is_hidden)) for id_, name, is_hidden in session.execute(wanted)]
    return [one for one in found if _shown(one.is_hidden, visibility)]


def project_environments(session: Session, project: Project, visibility: Visibility) -> list[Environment]:
    table = schema.Environment
    rows = session.scalars(select(table).where(table.project_id == project.id).order_by(table.name))
    return [_of(row) for row in rows if _shown(row.is_hidden, visibility)]


def find_environment(session: Session, project: Project, name: str) -> Environment:
    table = schema.Environment
    row = session.scalar(select(table).where(table.project_id == project.id, table.name == name))
    if row is None:
        raise Missing
    return _of(row)


def hide_environments(
    session: Session, project: Project, names: list[str], is_hidden: bool
) -> list[Environment]:
    """Hide or show these. Raises `Missing` if one of them is not there."""
    table = schema.Environment
    here = (table.project_id == project.id) & table.name.in_(names)
    session.execute(update(table).where(here).values(is_hidden=is_hidden))
    found = [_of(row) for row in session.scalars(select(table).where(here).order_by(table.name))]
    if len(found) < len(set(names)):
        raise Missing
    return found


def _of(row: schema.Environment) -> Environment:
    return Environment(row.id, row.name, row.is_hidden)


def _shown(is_hidden: bool, visibility: Visibility) -> bool:
    return visibility == "all" or is_hidden == (visibility == "hidden")

"""Changing the options of organizations and projects, with the epochs the pipeline goes by.

Whatever changes what the pipeline reads of a project writes a `ConfigChange` in the same
transaction: a range of the spool is processed under the epoch it was opened with.
"""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from vedette.projects.options import (
    OrganizationOptions,
    ProjectOptions,
    decode,
    encode,
    pipeline_config,
)
from vedette.storage.records import schema

_EPOCHS_LOCK = 7_140_001  # any number of our own: the name of the advisory lock


def change_organization_options(
    session: Session, organization_id: int, options: OrganizationOptions, now_us: int
) -> None:
    """Store an organization's options; each of its projects gets an epoch if theirs changes with it."""
    table = schema.Organization
    session.execute(update(table).where(table.id == organization_id).values(options=encode(options)))
    projects = select(schema.Project).where(schema.Project.organization_id == organization_id)
    for row in session.scalars(projects).all():
        _write_epoch(session, row, options, decode(ProjectOptions, row.options), now_us)


def change_options(session: Session, project_id: int, options: ProjectOptions, now_us: int) -> None:
    """Store a project's options and, if the pipeline reads what changed, a new epoch."""
    row = session.get_one(schema.Project, project_id)
    row.options = encode(options)
    session.flush()
    organization = session.get_one(schema.Organization, row.organization_id)
    _write_epoch(session, row, decode(OrganizationOptions, organization.options), options, now_us)


def _write_epoch(
    session: Session,
    project: schema.Project,
    organization_options: OrganizationOptions,
    options: ProjectOptions,
    now_us: int,
) -> None:
    config = encode(pipeline_config(project.organization_id, organization_options, options))
    _one_at_a_time(session)
    table = schema.ConfigChange
    newest = select(func.max(table.epoch)).where(table.project_id == project.id).scalar_subquery()
    if session.scalar(select(table.config).where(table.epoch == newest)) == config:
        return
    session.add(table(project_id=project.id, config=config, created_us=now_us))
    session.flush()


def _one_at_a_time(session: Session) -> None:
    """Epochs become visible in the order of their numbers: a reader never sees 8 and later 7.

    SQLite has one writer anyway; PostgreSQL hands out sequence numbers to parallel writers.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_EPOCHS_LOCK)))

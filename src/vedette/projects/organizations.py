"""Organizations: making and changing them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.projects import audit
from vedette.projects.access import Access, Caller
from vedette.projects.errors import Invalid, Taken
from vedette.projects.options import OrganizationOptions
from vedette.projects.settings import change_organization_options
from vedette.projects.slugs import ORGANIZATION_MOST, checked_slug, free_slug, slugify
from vedette.projects.values import Organization, organization_of
from vedette.storage.records import schema


def create_organization(
    session: Session, *, name: str, slug: str = "", owner_id: int, now_us: int
) -> Organization:
    """A new organization with its owner."""
    name = checked_name(name)
    slug = checked_slug(slug, ORGANIZATION_MOST) if slug else _free(session, name)
    if _is_taken(session, slug):
        raise Taken(f"there is an organization {slug} already")
    row = schema.Organization(slug=slug, name=name, created_us=now_us)
    session.add(row)
    session.flush()
    session.add(schema.Member(organization_id=row.id, user_id=owner_id, role="owner", created_us=now_us))
    session.flush()
    return organization_of(row)


def change_organization(
    session: Session,
    access: Access,
    *,
    name: str | None,
    slug: str | None,
    options: OrganizationOptions,
    now_us: int,
) -> Organization:
    """Change name, slug and options. Raises `Taken` for a slug in use."""
    row = session.get_one(schema.Organization, access.organization.id)
    if name is not None:
        row.name = checked_name(name)
    if slug is not None and slug != row.slug:
        row.slug = checked_slug(slug, ORGANIZATION_MOST)
        if _is_taken(session, row.slug, but=row.id):
            raise Taken(f"there is an organization {row.slug} already")
    session.flush()
    change_organization_options(session, row.id, options, now_us)
    session.refresh(row)
    audit.note(session, row.id, access.caller, "org.edit", row.slug, now_us)
    return organization_of(row)


def checked_name(name: str, most: int = 64) -> str:
    name = name.strip()
    if not name or len(name) > most:
        raise Invalid("name", f"1 to {most} characters")
    return name


def first_organization(session: Session) -> Organization | None:
    """The oldest organization, for pages that need one before anybody has chosen."""
    row = session.scalar(select(schema.Organization).order_by(schema.Organization.id).limit(1))
    return organization_of(row) if row else None


def found_organization(session: Session, caller: Caller, name: str, slug: str, now_us: int) -> Organization:
    """A signed-in person makes an organization of her own."""
    assert caller.user is not None
    made = create_organization(session, name=name, slug=slug, owner_id=caller.user.id, now_us=now_us)
    audit.note(session, made.id, caller, "org.create", made.slug, now_us)
    return made


def _free(session: Session, name: str) -> str:
    wanted = slugify(name, ORGANIZATION_MOST)
    return free_slug(wanted, ORGANIZATION_MOST, lambda slug: _is_taken(session, slug))


def _is_taken(session: Session, slug: str, but: int = 0) -> bool:
    table = schema.Organization
    with session.no_autoflush:
        return session.scalar(select(table.id).where(table.slug == slug, table.id != but)) is not None

"""Questions that people keep: their own, and those that everybody of the organization sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import orjson
from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, or_, select
from sqlalchemy.orm import Session

from vedette.projects.errors import Denied, Invalid, Missing
from vedette.storage.records.schema import SavedQuery, SavedQueryStar, User

QueryKind = Literal["discover", "explore"]
VISIBILITIES = ("owner", "organization")
_LONGEST_NAME = 255
_MOST_BYTES = 32 * 1024
_ORDERS: dict[str, SQLColumnExpression[Any]] = {
    "name": func.lower(SavedQuery.name),
    "dateCreated": SavedQuery.created_us,
    "dateAdded": SavedQuery.created_us,
    "dateUpdated": SavedQuery.updated_us,
}


class Kept(msgspec.Struct, frozen=True):
    """One kept question. Who made it is None for an integration."""

    id: int
    name: str
    visibility: str
    body: dict[str, Any]
    created_us: int
    updated_us: int
    user_id: int | None
    user_name: str | None
    user_email: str | None
    starred: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """Who asks: a person, or an integration; whether others' questions may be changed too."""

    organization_id: int
    user_id: int | None
    may_change_all: bool = False


def kept_queries(
    session: Session,
    owner: Owner,
    kind: QueryKind,
    *,
    text: str = "",
    sort: str = "",
    limit: int,
    offset: int = 0,
) -> list[Kept]:
    """Those the caller sees whose name holds the text; without an order, starred and then the latest first."""
    query = _visible(owner, kind)
    if text:
        query = query.where(func.lower(SavedQuery.name).contains(text.lower(), autoescape=True))
    return [
        _kept(row)
        for row in session.execute(query.order_by(*_order(owner, sort)).limit(limit).offset(offset))
    ]


def kept_query(session: Session, owner: Owner, kind: QueryKind, id_: int) -> Kept:
    """Raises `Missing`."""
    row = session.execute(_visible(owner, kind).where(SavedQuery.id == id_)).first()
    if row is None:
        raise Missing
    return _kept(row)


def keep_query(
    session: Session,
    owner: Owner,
    kind: QueryKind,
    name: str,
    visibility: str,
    body: dict[str, Any],
    now_us: int,
) -> Kept:
    """Raises `Invalid`."""
    row = SavedQuery(
        organization_id=owner.organization_id,
        user_id=owner.user_id,
        kind=kind,
        name=_name(name),
        visibility=_visibility(visibility),
        body=_body(body),
        created_us=now_us,
        updated_us=now_us,
    )
    session.add(row)
    session.flush()
    return kept_query(session, owner, kind, row.id)


def change_query(
    session: Session,
    owner: Owner,
    kind: QueryKind,
    id_: int,
    name: str | None,
    visibility: str | None,
    body: dict[str, Any],
    now_us: int,
) -> Kept:
    """What is given replaces what is there. Raises `Missing`, `Denied` or `Invalid`."""
    row = _own(session, owner, kind, id_)
    if name is not None:
        row.name = _name(name)
    if visibility is not None:
        row.visibility = _visibility(visibility)
    row.body = _body({**row.body, **body})
    row.updated_us = now_us
    session.flush()
    return kept_query(session, owner, kind, id_)


def drop_query(session: Session, owner: Owner, kind: QueryKind, id_: int) -> None:
    """Raises `Missing` or `Denied`."""
    session.delete(_own(session, owner, kind, id_))


def star_query(session: Session, owner: Owner, kind: QueryKind, id_: int, starred: bool) -> Kept:
    """The caller's own mark. Raises `Missing`; `Denied` for an integration."""
    if owner.user_id is None:
        raise Denied("only a person can star queries, not a token of an organization")
    kept_query(session, owner, kind, id_)
    known = session.get(SavedQueryStar, (id_, owner.user_id))
    if starred and known is None:
        session.add(SavedQueryStar(query_id=id_, user_id=owner.user_id))
    elif not starred and known is not None:
        session.delete(known)
    session.flush()
    return kept_query(session, owner, kind, id_)


def _starred(owner: Owner) -> ColumnElement[bool]:
    return (
        select(SavedQueryStar.query_id)
        .where(SavedQueryStar.query_id == SavedQuery.id, SavedQueryStar.user_id == (owner.user_id or 0))
        .exists()
    )


def _visible(owner: Owner, kind: QueryKind) -> Select[SavedQuery, str, str, bool]:
    seen = SavedQuery.visibility == "organization"
    if owner.user_id is not None:
        seen = or_(seen, SavedQuery.user_id == owner.user_id)
    return (
        select(SavedQuery, User.name, User.email, _starred(owner))
        .outerjoin(User, User.id == SavedQuery.user_id)
        .where(SavedQuery.organization_id == owner.organization_id, SavedQuery.kind == kind, seen)
    )


def _kept(row: Any) -> Kept:
    query, name, email, starred = row
    return Kept(
        query.id,
        query.name,
        query.visibility,
        query.body,
        query.created_us,
        query.updated_us,
        query.user_id,
        name,
        email,
        bool(starred),
    )


def _order(owner: Owner, sort: str) -> Sequence[ColumnElement[Any]]:
    column = _ORDERS.get(sort.removeprefix("-"))
    if column is None:
        return [_starred(owner).desc(), SavedQuery.updated_us.desc(), SavedQuery.id.desc()]
    return [column.desc() if sort.startswith("-") else column.asc(), SavedQuery.id.asc()]


def _own(session: Session, owner: Owner, kind: QueryKind, id_: int) -> SavedQuery:
    kept = kept_query(session, owner, kind, id_)
    is_own = owner.user_id is not None and kept.user_id == owner.user_id
    if not is_own and not owner.may_change_all:
        raise Denied("only the one who saved a query can change it")
    row = session.get(SavedQuery, id_)
    assert row is not None
    return row


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise Invalid("name", f"takes 1 to {_LONGEST_NAME} characters")
    return name


def _visibility(text: str) -> str:
    if text not in VISIBILITIES:
        raise Invalid("visibility", f"one of {', '.join(VISIBILITIES)}")
    return text


def _body(body: dict[str, Any]) -> dict[str, Any]:
    size = len(orjson.dumps(body))
    if size > _MOST_BYTES:
        raise Invalid("query", f"is {size} bytes long, the limit is {_MOST_BYTES}")
    return body

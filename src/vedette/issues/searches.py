"""Searches that people keep, and those they ran lately."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from vedette.projects.errors import Denied, Invalid, Missing
from vedette.storage.records.schema import RecentSearch, SavedSearch, Team

_RECENT = 30  # kept for each person
_LONGEST = 2048
VISIBILITIES = ("owner", "team", "organization")


class Search(msgspec.Struct, frozen=True):
    id: int
    user_id: int | None
    team_id: int | None
    name: str
    query: str
    sort: str
    visibility: str
    position: int
    options: dict[str, Any]
    created_us: int


class Recent(msgspec.Struct, frozen=True):
    id: int
    query: str
    created_us: int
    last_seen_us: int


class Draft(msgspec.Struct, frozen=True):
    """What a person says of a search; None leaves as it is."""

    name: str | None = None
    query: str | None = None
    sort: str | None = None
    visibility: str | None = None
    team: str | None = None
    position: int | None = None
    options: dict[str, Any] | None = None


class Keeper(msgspec.Struct, frozen=True):
    """Who keeps searches: a person, the own teams, and whether others' may be changed too."""

    organization_id: int
    user_id: int
    team_ids: Sequence[int] = ()
    may_change_all: bool = False


def saved_searches(session: Session, keeper: Keeper) -> list[Search]:
    """The person's own, those of the own teams and of the organization, in their order."""
    rows = session.scalars(
        select(SavedSearch)
        .where(SavedSearch.organization_id == keeper.organization_id, _visible(keeper))
        .order_by(SavedSearch.position, SavedSearch.id)
    )
    return [msgspec.convert(row, Search, from_attributes=True) for row in rows]


def _visible(keeper: Keeper) -> ColumnElement[bool]:
    return or_(
        SavedSearch.visibility == "organization",
        SavedSearch.user_id == keeper.user_id,
        (SavedSearch.visibility == "team") & SavedSearch.team_id.in_(keeper.team_ids),
    )


def save_search(session: Session, keeper: Keeper, draft: Draft, now_us: int) -> Search:
    """Raises `Invalid`."""
    row = SavedSearch(
        organization_id=keeper.organization_id,
        user_id=keeper.user_id,
        name="",
        query="",
        sort="date",
        visibility="owner",
        position=0,
        options={},
        created_us=now_us,
    )
    _write(session, row, keeper, draft)
    if not row.name:
        raise Invalid("name", "may not be empty")
    session.add(row)
    session.flush()
    return msgspec.convert(row, Search, from_attributes=True)


def change_search(session: Session, keeper: Keeper, id_: int, draft: Draft) -> Search:
    """Raises `Missing`, `Denied` or `Invalid`."""
    row = _own(session, keeper, id_)
    _write(session, row, keeper, draft)
    session.flush()
    return msgspec.convert(row, Search, from_attributes=True)


def drop_search(session: Session, keeper: Keeper, id_: int) -> None:
    """Raises `Missing` or `Denied`."""
    session.delete(_own(session, keeper, id_))


def _own(session: Session, keeper: Keeper, id_: int) -> SavedSearch:
    row = session.scalar(
        select(SavedSearch).where(
            SavedSearch.id == id_, SavedSearch.organization_id == keeper.organization_id, _visible(keeper)
        )
    )
    if row is None:
        raise Missing
    if row.user_id != keeper.user_id and not keeper.may_change_all:
        raise Denied("only the one who saved a search can change it")
    return row


def _write(session: Session, row: SavedSearch, keeper: Keeper, draft: Draft) -> None:
    if draft.name is not None:
        row.name = draft.name.strip()[:128]
    if draft.query is not None:
        row.query = _short(draft.query)
    row.sort = (draft.sort or row.sort)[:16]
    if draft.visibility is not None:
        if draft.visibility not in VISIBILITIES:
            raise Invalid("visibility", f"one of {', '.join(VISIBILITIES)}")
        row.visibility = draft.visibility
    if draft.team is not None:
        row.team_id = _team(session, keeper, draft.team)
    if row.visibility == "team" and row.team_id is None:
        raise Invalid("team", "which team is it for?")
    if draft.position is not None:
        row.position = draft.position
    if draft.options is not None:
        row.options = draft.options


def _team(session: Session, keeper: Keeper, slug: str) -> int:
    found = session.scalar(
        select(Team.id).where(Team.organization_id == keeper.organization_id, Team.slug == slug.lower())
    )
    if found is None or not (found in keeper.team_ids or keeper.may_change_all):
        raise Invalid("team", "there is no such team among your own")
    return found


def _short(query: str) -> str:
    if len(query) > _LONGEST:
        raise Invalid("query", f"is {len(query)} characters long, the limit is {_LONGEST}")
    return query


# ── lately ────────────────────────────────────────────────────────────────────────────────


def recent_searches(session: Session, keeper: Keeper, text: str, limit: int) -> list[Recent]:
    """The person's searches that hold the text, the latest first."""
    rows = session.scalars(
        select(RecentSearch)
        .where(_recent(keeper), RecentSearch.query.contains(text, autoescape=True))
        .order_by(RecentSearch.last_seen_us.desc(), RecentSearch.id.desc())
        .limit(limit)
    )
    return [msgspec.convert(row, Recent, from_attributes=True) for row in rows]


def _recent(keeper: Keeper) -> ColumnElement[bool]:
    return (RecentSearch.organization_id == keeper.organization_id) & (RecentSearch.user_id == keeper.user_id)


def note_search(session: Session, keeper: Keeper, query: str, now_us: int) -> bool:
    """Remember a search; True if it is new. Only the latest thirty are kept."""
    query = _short(query.strip())
    known = session.scalar(select(RecentSearch).where(_recent(keeper), RecentSearch.query == query))
    if known is not None:
        known.last_seen_us = now_us
        return False
    session.add(
        RecentSearch(
            organization_id=keeper.organization_id,
            user_id=keeper.user_id,
            query=query,
            created_us=now_us,
            last_seen_us=now_us,
        )
    )
    session.flush()
    kept = (
        select(RecentSearch.id)
        .where(_recent(keeper))
        .order_by(RecentSearch.last_seen_us.desc(), RecentSearch.id.desc())
        .limit(_RECENT)
    )
    session.execute(
        delete(RecentSearch).where(_recent(keeper), RecentSearch.id.not_in(list(session.scalars(kept))))
    )
    return True

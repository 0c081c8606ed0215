"""The issue's story, as entries are added to it."""

from typing import Any

import msgspec
from sqlalchemy.orm import Session

from vedette.storage.records.schema import Activity


class Actor(msgspec.Struct, frozen=True):
    """Who changes something. No user: a token of the organization, or the server."""

    user_id: int | None = None


def tell(
    session: Session, issue_id: int, kind: str, by: Actor, at_us: int, data: dict[str, Any] | None = None
) -> Activity:
    entry = Activity(issue_id=issue_id, type=kind, user_id=by.user_id, data=data or {}, created_us=at_us)
    session.add(entry)
    return entry

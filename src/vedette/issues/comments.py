"""Comments on issues, and whom they mention."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import insert
from sqlalchemy.orm import Session

from vedette.core.facts import MentionFact
from vedette.core.ids import parse_number
from vedette.issues.activity import Actor, tell
from vedette.issues.markdown import mentioned
from vedette.issues.participants import members_named, members_of_teams, subscribe
from vedette.projects.errors import Denied, Invalid, Missing
from vedette.storage.records.schema import Activity, Fact, Issue

_LONGEST = 10_000


def add_comment(
    session: Session,
    issue: Issue,
    text: str,
    by: Actor,
    now_us: int,
    *,
    mentions: Iterable[str] = (),
    consumers: Sequence[str] = (),
) -> Activity:
    """Add a comment; its author and those it mentions are subscribed, the latter are told.

    `mentions`: `user:5`, `team:3`, besides those in the text. Raises `Invalid` for an empty or
    over-long text.
    """
    note = tell(session, issue.id, "note", by, now_us, {"text": _checked(text)})
    issue.num_comments += 1
    session.flush()
    if by.user_id is not None:
        subscribe(session, [issue.id], [by.user_id], "comment")
    called = _called(session, issue, text, mentions) - {by.user_id}
    if called:
        subscribe(session, [issue.id], called, "mentioned")
        _publish(session, MentionFact(issue.project_id, issue.id, note.id, sorted(called), now_us), consumers)
    return note


def edit_comment(
    session: Session, issue_id: int, note_id: int, text: str, by: Actor, now_us: int
) -> Activity:
    """Change an own comment. Raises `Missing`, `Denied` or `Invalid`."""
    note = _note(session, issue_id, note_id)
    if by.user_id is None or note.user_id != by.user_id:
        raise Denied("only its author can change a comment")
    note.data = {**note.data, "text": _checked(text), "edited_us": now_us}
    session.flush()
    return note


def delete_comment(session: Session, issue: Issue, note_id: int, by: Actor, *, any_author: bool) -> None:
    """Raises `Missing` or `Denied`. `any_author`: the caller may delete others' too."""
    note = _note(session, issue.id, note_id)
    if not any_author and (by.user_id is None or note.user_id != by.user_id):
        raise Denied("only its author can delete a comment")
    session.delete(note)
    issue.num_comments = max(issue.num_comments - 1, 0)
    session.flush()


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid("text", "may not be empty")
    if len(text) > _LONGEST:
        raise Invalid("text", f"is {len(text)} characters long, the limit is {_LONGEST}")
    return text


def _note(session: Session, issue_id: int, note_id: int) -> Activity:
    note = session.get(Activity, note_id)
    if note is None or note.issue_id != issue_id or note.type != "note":
        raise Missing
    return note


def _called(session: Session, issue: Issue, text: str, mentions: Iterable[str]) -> set[int]:
    mails, slugs = mentioned(text)
    ids: dict[str, set[int]] = {"user": set(), "team": set()}
    for mention in mentions:
        kind, _, id_ = mention.partition(":")
        number = parse_number(id_)
        if kind in ids and number is not None:
            ids[kind].add(number)
    people = members_named(session, issue, mails, ids["user"]) if mails or ids["user"] else set[int]()
    teams = members_of_teams(session, issue, slugs, ids["team"]) if slugs or ids["team"] else set[int]()
    return people | teams


def _publish(session: Session, fact: MentionFact, consumers: Sequence[str]) -> None:
    rows = [
        {
            "consumer": consumer,
            "kind": "mention",
            "project_id": fact.project_id,
            "payload": msgspec.to_builtins(fact),
            "due_us": fact.at_us,
            "attempts": 0,
            "created_us": fact.at_us,
        }
        for consumer in consumers
    ]
    if rows:
        session.execute(insert(Fact), rows)

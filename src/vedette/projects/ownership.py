"""Ownership rules: who is responsible for which code. One rule a line.

    path:src/billing/* #billing ada@example.com
    url:*/checkout* #shop
    tags.region:eu #europe

Comments begin with `#` and a blank; owners are `#team` or an address.
"""

import re

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.projects.errors import Invalid
from vedette.storage.records import schema

TYPES = ("path", "url", "module", "codeowners")
_MATCHER = re.compile(r"^(path|url|module|codeowners|tags\.[^:\s]{1,200}):(\S+)$")
MOST_BYTES = 100_000


class Owner(msgspec.Struct, frozen=True):
    type: str  # team user
    identifier: str  # slug or address
    id: int = 0
    name: str = ""


class Rule(msgspec.Struct, frozen=True):
    type: str
    pattern: str
    owners: tuple[Owner, ...]


def parse_ownership(raw: str) -> list[Rule]:
    """The rules, in their order. Raises `Invalid` naming the first line that cannot be read."""
    if len(raw.encode()) > MOST_BYTES:
        raise Invalid("raw", f"at most {MOST_BYTES} bytes")
    rules: list[Rule] = []
    for number, line in enumerate(raw.splitlines(), 1):
        text = line.strip()
        if text and not (text.startswith("# ") or text == "#"):
            rules.append(_rule(text, number))
    return rules


def with_owners(session: Session, organization_id: int, rules: list[Rule]) -> list[Rule]:
    """The rules with each owner's id and name. Raises `Invalid` for an owner who is not here."""
    teams = _teams(session, organization_id, rules)
    users = _users(session, organization_id, rules)
    known = {("team", slug): found for slug, found in teams.items()}
    known |= {("user", email): found for email, found in users.items()}
    return [
        Rule(rule.type, rule.pattern, tuple(_known(known, owner) for owner in rule.owners)) for rule in rules
    ]


def _rule(text: str, number: int) -> Rule:
    matcher, *owners = text.split()
    match = _MATCHER.match(matcher)
    if match is None:
        raise Invalid("raw", f"line {number}: begins with path:, url:, module: or tags.name:")
    if not owners:
        raise Invalid("raw", f"line {number}: no owner, give #team or an address")
    return Rule(match[1], match[2], tuple(_owner(owner, number) for owner in owners))


def _owner(text: str, number: int) -> Owner:
    if text.startswith("#") and len(text) > 1:
        return Owner("team", text[1:].lower())
    if "@" in text:
        return Owner("user", text.lower())
    raise Invalid("raw", f"line {number}: {text[:64]} is neither #team nor an address")


def _known(known: dict[tuple[str, str], Owner], owner: Owner) -> Owner:
    found = known.get((owner.type, owner.identifier))
    if found is None:
        raise Invalid("raw", f"unknown owner {owner.identifier}")
    return found


def _identifiers(rules: list[Rule], kind: str) -> set[str]:
    return {owner.identifier for rule in rules for owner in rule.owners if owner.type == kind}


def _teams(session: Session, organization_id: int, rules: list[Rule]) -> dict[str, Owner]:
    table = schema.Team
    wanted = select(table.slug, table.id).where(
        table.organization_id == organization_id, table.slug.in_(_identifiers(rules, "team"))
    )
    return {slug: Owner("team", slug, id_, slug) for slug, id_ in session.execute(wanted)}


def _users(session: Session, organization_id: int, rules: list[Rule]) -> dict[str, Owner]:
    user, member = schema.User, schema.Member
    wanted = (
        select(user.email, user.id)
        .join(member, member.user_id == user.id)
        .where(member.organization_id == organization_id, user.email.in_(_identifiers(rules, "user")))
    )
    return {email: Owner("user", email, id_, email) for email, id_ in session.execute(wanted)}

"""Scopes: what a credential may do, and what each role brings. Pure tables.

Within a family `admin` implies `write` implies `read`; `project:write` implies
`project:releases`. Routes therefore name only the weakest scope that will do.
"""

from collections.abc import Iterable

_LADDERS = ("org", "project", "team", "member", "event", "alerts")
ALIASES = {"release:read": "project:read", "release:write": "project:releases"}  # asked for by old clients

SCOPES = (
    *("org:read", "org:write", "org:admin", "org:integrations", "org:ci"),
    *("project:read", "project:write", "project:admin", "project:releases", "project:distribution"),
    *("team:read", "team:write", "team:admin"),
    *("member:read", "member:write", "member:admin", "member:invite"),
    *("event:read", "event:write", "event:admin"),
    *("alerts:read", "alerts:write"),
)


def _implied() -> dict[str, frozenset[str]]:
    implied: dict[str, set[str]] = {scope: {scope} for scope in SCOPES}
    for family in _LADDERS:
        implied[f"{family}:write"].add(f"{family}:read")
        if f"{family}:admin" in implied:
            implied[f"{family}:admin"] |= {f"{family}:write", f"{family}:read"}
    for scope in ("project:write", "project:admin"):
        implied[scope].add("project:releases")
    implied["member:admin"].add("member:invite")
    implied["member:write"].add("member:invite")
    return {scope: frozenset(those) for scope, those in implied.items()}


IMPLIED = _implied()


def expand(scopes: Iterable[str]) -> frozenset[str]:
    """The scopes with all that they imply; aliases replaced, unknown ones left out."""
    found: set[str] = set()
    for scope in scopes:
        found |= IMPLIED.get(ALIASES.get(scope, scope), frozenset())
    return frozenset(found)


def accepted_by(scope: str) -> frozenset[str]:
    """The scopes that are enough where `scope` is asked for."""
    return frozenset(other for other, implied in IMPLIED.items() if scope in implied)


def is_scope(scope: str) -> bool:
    return scope in IMPLIED or scope in ALIASES


ROLES = ("member", "admin", "manager", "owner")  # from least to most
ROLE_NAMES = {"member": "Member", "admin": "Admin", "manager": "Manager", "owner": "Owner"}
TEAM_ROLES = ("contributor", "admin")
TEAM_ROLE_NAMES = {"contributor": "Contributor", "admin": "Team Admin"}

_MEMBER = expand(
    (
        *("org:read", "org:ci", "team:read", "member:read", "alerts:read", "event:write"),
        *("project:read", "project:releases", "project:distribution"),
    )
)
_ADMIN = _MEMBER | expand(("event:admin", "alerts:write", "org:integrations"))
_MANAGER = expand(scope for scope in SCOPES if scope != "org:admin")
ROLE_SCOPES = {"member": _MEMBER, "admin": _ADMIN, "manager": _MANAGER, "owner": expand(SCOPES)}

# What a team admin, or an organization's `admin` (a retired role), may do in the own teams.
OWN_TEAM_SCOPES = expand(("project:admin", "team:admin", "event:admin", "alerts:write"))


def at_least(role: str, least: str) -> bool:
    """True if `role` is `least` or above it."""
    return ROLES.index(role) >= ROLES.index(least)

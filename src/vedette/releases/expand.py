"""Conditions whose meaning depends on records: releases by version, the latest release.

What comes out names releases plainly, so that it can be asked of events.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import ge, gt, le, lt
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vedette.releases.versions import parse_version
from vedette.search.conditions import Condition, Conditions, Exists, Matches, Version
from vedette.search.error import SearchError
from vedette.search.text import Text, matcher_of
from vedette.search.tree import leaves, map_leaves
from vedette.storage.records.schema import Release, ReleaseProject

_RELEASE_KEYS = {"release", "firstRelease", "release.version", "release.package", "release.build"}
_LATEST = Text(("latest",))
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}


class Scope(Protocol):
    """Whose releases a search means: those of an organization, in these projects, since a time."""

    @property
    def organization_id(self) -> int: ...
    @property
    def projects(self) -> Mapping[int, str]: ...
    @property
    def from_us(self) -> int: ...


def expand(tree: Conditions, session: Session, scope: Scope) -> Conditions:
    """The tree with versions and `latest` spelled out. Raises `SearchError`."""
    if not any(leaf.key.name in _RELEASE_KEYS for leaf in leaves(tree)):
        return tree
    return map_leaves(tree, lambda leaf: _expand(leaf, session, scope))


def _expand(condition: Condition, session: Session, scope: Scope) -> Condition:
    key, test = condition.key, condition.test
    if key.name in ("release", "firstRelease"):
        if not isinstance(test, Matches) or _LATEST not in test.texts:
            return condition
        plain = [text for text in test.texts if text != _LATEST]
        return _named(condition, plain + _texts(_latest(session, scope)))
    if key.name not in _RELEASE_KEYS:
        return condition
    choose = _chooser(condition)
    return _named(condition, _texts(version for version in _versions(session, scope) if choose(version)))


def _named(condition: Condition, texts: list[Text]) -> Condition:
    return Condition(condition.key, Matches(tuple(texts)), condition.negated, condition.at)


def _texts(versions: Iterable[str]) -> list[Text]:
    return [Text((version,)) for version in versions]


def _chooser(condition: Condition) -> Callable[[str], bool]:
    test, read = condition.test, _PARTS[condition.key.name]
    if isinstance(test, Version):
        return _comparison(test, condition.at)
    if isinstance(test, Matches):
        tests = [matcher_of(text) for text in test.texts]
        return lambda version: any(holds(read(version)) for holds in tests)
    assert isinstance(test, Exists), test
    return lambda version: read(version) != ""


def _comparison(test: Version, at: int) -> Callable[[str], bool]:
    bound = parse_version(test.version).number
    if bound is None:
        raise SearchError(f"{test.version} is not a version such as 1.2.0", at)
    compare = _ORDER[test.op]

    def holds(version: str) -> bool:
        number = parse_version(version).number
        return number is not None and compare(number.rank, bound.rank)

    return holds


def _number_text(version: str) -> str:
    number = parse_version(version).number
    return number.raw.removeprefix("v").split("+", 1)[0] if number else ""


def _build(version: str) -> str:
    number = parse_version(version).number
    return (number.build or "") if number else ""


_PARTS: Mapping[str, Callable[[str], str]] = {
    "release.version": _number_text,
    "release.package": lambda version: parse_version(version).package or "",
    "release.build": _build,
}


def _versions(session: Session, scope: Scope) -> list[str]:
    """Every version seen in the scope's projects since its time began."""
    seen = select(ReleaseProject.release_id).where(
        ReleaseProject.project_id.in_(list(scope.projects)), ReleaseProject.last_seen_us >= scope.from_us
    )
    rows = session.scalars(
        select(Release.version).where(Release.organization_id == scope.organization_id, Release.id.in_(seen))
    )
    return list(rows)


def _latest(session: Session, scope: Scope) -> list[str]:
    """The newest release of each project, by the day it was released or first seen."""
    newest: dict[int, tuple[int, str]] = {}
    rows = session.execute(
        select(
            ReleaseProject.project_id,
            func.coalesce(Release.released_us, ReleaseProject.first_seen_us),
            Release.version,
        )
        .join(Release, Release.id == ReleaseProject.release_id)
        .where(ReleaseProject.project_id.in_(list(scope.projects)))
    )
    for project_id, at_us, version in rows:
        newest[project_id] = max(newest.get(project_id, (0, "")), (at_us, version))
    return sorted({version for _, version in newest.values()})

"""Quotas of projects and organizations: counted where events are processed, told to receivers by flags.

Counting happens in the transaction that claims a range, so a quota is exact over all
processes and a retried range is not counted twice. Receivers read the flags every second;
what they let through until then is refused here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import msgspec
from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from vedette.core.time import SECOND_US
from vedette.projects.options import OrganizationOptions, ProjectOptions, Quota, decode
from vedette.storage.records.portable import greatest, upsert
from vedette.storage.records.schema import Organization, Project, QuotaFlag, QuotaUsage

REASON = "quota"


class Charge(msgspec.Struct, frozen=True):
    """One item that wants to be counted, as so many of its category."""

    project_id: int
    category: str
    received_us: int
    quantity: int = 1


class _Window(msgspec.Struct, frozen=True, order=True):
    """One quota in one of its windows. Ordered, so that all take their locks alike."""

    scope: str
    scope_id: int
    category: str
    start_us: int
    ends_us: int
    count: int


Quotas = Mapping[int, tuple[tuple[str, int, Quota], ...]]  # project → scope, its id, the quota


def quotas_of(connection: Connection, projects: Iterable[int]) -> Quotas:
    """The quotas that hold for each of these projects, but for projects without any."""
    query = (
        select(Project.id, Project.organization_id, Project.options, Organization.options)
        .join(Organization, Organization.id == Project.organization_id)
        .where(Project.id.in_(list(projects)))
    )
    found = {
        project_id: (
            *(("project", project_id, quota) for quota in decode(ProjectOptions, options).quotas),
            *(("organization", owner, quota) for quota in decode(OrganizationOptions, owner_options).quotas),
        )
        for project_id, owner, options, owner_options in connection.execute(query)
    }
    return {project_id: quotas for project_id, quotas in found.items() if quotas}


def charge(connection: Connection, quotas: Quotas, charges: Sequence[Charge]) -> set[int]:
    """Count the items against the quotas of their projects and organizations.

    Returns the numbers of those that are over one; in a window the first received pass.
    Sets the flags of quotas that are now used up. Part of the caller's transaction.
    """
    wanting: dict[_Window, list[int]] = defaultdict(list)
    for number, one in enumerate(charges):
        for window in _windows(quotas.get(one.project_id, ()), one):
            wanting[window].append(number)
    over: set[int] = set()
    for window in sorted(wanting):
        numbers = [number for number in wanting[window] if number not in over]
        taken = _take(connection, window, [charges[number].quantity for number in numbers])
        over.update(numbers[taken:])
    return over


def _windows(quotas: Iterable[tuple[str, int, Quota]], one: Charge) -> Iterable[_Window]:
    for scope, scope_id, quota in quotas:
        if quota.category in ("", one.category):
            length_us = quota.window_s * SECOND_US
            start_us = one.received_us - one.received_us % length_us
            yield _Window(scope, scope_id, quota.category, start_us, start_us + length_us, quota.count)


def _take(connection: Connection, window: _Window, quantities: Sequence[int]) -> int:
    """Count the first of these as far as the window has room for whole ones; how many those were."""
    key = {
        "scope": window.scope,
        "scope_id": window.scope_id,
        "category": window.category,
        "window_us": window.start_us,
    }
    dialect = connection.dialect.name
    connection.execute(upsert(dialect, QuotaUsage).values(**key, quantity=0).on_conflict_do_nothing())
    here = [getattr(QuotaUsage, name) == value for name, value in key.items()]
    used = connection.scalars(select(QuotaUsage.quantity).where(*here).with_for_update()).one()
    ends = list(accumulate(quantities, initial=used))
    taken = max(place for place, end in enumerate(ends) if place == 0 or end <= window.count)
    connection.execute(update(QuotaUsage).where(*here).values(quantity=ends[taken]))
    if taken < len(quantities) or ends[taken] >= window.count:
        _flag(connection, window)
    return taken


def _flag(connection: Connection, window: _Window) -> None:
    values: dict[str, Any] = {
        "scope": window.scope,
        "scope_id": window.scope_id,
        "category": window.category,
        "until_us": window.ends_us,
        "reason": REASON,
    }
    statement = upsert(connection.dialect.name, QuotaFlag).values(**values)
    later = greatest(QuotaFlag.until_us, statement.excluded.until_us)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["scope", "scope_id", "category"], set_={"until_us": later}
        )
    )

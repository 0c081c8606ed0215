"""Who asks, about which projects, environments and time: what every search is bound by."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person who asks; without an id (an integration's token) `me` is nobody."""

    user_id: int | None = None
    team_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """The limits of a search. `projects` are those the viewer may see and has chosen: id → slug.

    Times are from `from_us` up to, not including, `to_us`. No environments: all of them; an
    empty name is "events that named none".
    """

    organization_id: int
    projects: Mapping[int, str]
    from_us: int
    to_us: int
    environments: tuple[str, ...] = ()
    viewer: Viewer = field(default=Viewer())

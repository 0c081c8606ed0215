"""When an event brings a resolved issue back. No I/O.

Only events received after the resolution count: a queue that empties late reopens nothing.
"""

from collections.abc import Iterable, Mapping

from vedette.issues.sightings import Seen
from vedette.releases.versions import is_newer


def regressing_release(
    base: str | None, resolved_us: int, releases: Iterable[Seen], dates: Mapping[str, int]
) -> str | None:
    """The release whose events bring the issue back (empty if they name none), or None.

    `base`: the release that is said to hold the cure, or the newest at the time of
    "resolved in the next release"; only events of newer ones count then. Without it any
    event counts. `dates`: when each release was released, or first seen; one that is not
    in it was first heard of at the resolution.
    """
    for seen in releases:
        if seen.last_received_us > resolved_us and _is_after(seen, base, resolved_us, dates):
            return seen.name
    return None


def _is_after(seen: Seen, base: str | None, resolved_us: int, dates: Mapping[str, int]) -> bool:
    if base is None:
        return True
    if not seen.name:
        return False
    return is_newer(
        seen.name,
        base,
        seen_us=dates.get(seen.name, resolved_us),
        than_seen_us=dates.get(base, resolved_us),
    )

"""Real SDK bodies of the load generator: as many issues as it makes."""

from collections.abc import Callable

import msgspec
import pytest

from bench import load
from vedette.core.event import Event
from vedette.group import GroupingConfig, explain, group
from vedette.normalize.event import Received, normalize

Build = Callable[[str, int, int, str, bool, int], list[tuple[str, bytes, int]]]
SETS = ["mixed", "py", "js", pytest.param("big", marks=pytest.mark.thorough), "small"]


def events(name: str, count: int, issues: int, *, noisy: bool) -> list[Event]:
    build: Build = load.build  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - a plain script
    bodies = build(name, count, issues, "7", noisy, 0)
    facts = Received(received_us=1_767_323_045_000_000)
    return [normalize(raw.split(b"\n")[2], facts) for _, raw, _ in bodies]


@pytest.mark.parametrize("noisy", [True, False], ids=["noisy", "quiet"])
@pytest.mark.parametrize("name", SETS)
def test_ten_bugs_are_ten_issues(name: str, noisy: bool) -> None:
    found = [group(event, GroupingConfig()) for event in events(name, 100, 10, noisy=noisy)]
    assert len({g.hashes[0] for g in found}) == 10
    assert len({g.primary_u64 for g in found}) == 10


@pytest.mark.parametrize("name", SETS)
def test_each_body_is_explained_as_it_is_hashed(name: str) -> None:
    for event in events(name, 10, 10, noisy=True):
        shown = [v.hash for v in explain(event, GroupingConfig()) if v.contributes]
        assert tuple(dict.fromkeys(shown)) == group(event, GroupingConfig()).hashes


def test_an_event_read_back_from_the_store_groups_the_same() -> None:
    for event in events("mixed", 12, 6, noisy=True):
        again = msgspec.json.decode(msgspec.json.encode(event), type=Event)
        assert group(again, GroupingConfig()) == group(event, GroupingConfig())

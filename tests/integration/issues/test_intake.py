"""Opening and counting issues, on a real records store."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import md5
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from vedette.core.facts import IssueFact
from vedette.core.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from vedette.issues.details import Archive, Resolution, stored
from vedette.issues.intake import (
    DISCARDED,
    Candidate,
    IssueRef,
    Seen,
    Sighting,
    expire_archives,
    group_hash,
    open_issues,
    record_sightings,
    settle_issues,
)
from vedette.issues.lifecycle import State
from vedette.storage.records.database import Records
from vedette.storage.records.schema import (
    Activity,
    Environment,
    Fact,
    Issue,
    IssueEnvironment,
    IssueHash,
    Organization,
    Project,
    Release,
    ReleaseProject,
)

NOW = 1_790_000_000 * SECOND_US
PROJECT = 7


@pytest.fixture
def store(records: Records) -> Records:
    """The store with two projects."""
    with records.connect() as connection:
        connection.execute(insert(Organization).values(id=1, slug="acme", name="Acme", created_us=0))
        for id_ in (PROJECT, PROJECT + 1):
            connection.execute(
                insert(Project).values(id=id_, organization_id=1, slug=f"api{id_}", name="API", created_us=0)
            )
    return records


def digest(name: str) -> str:
    return md5(name.encode(), usedforsecurity=False).hexdigest()


def candidate(*names: str, at_us: int = NOW, **other: Any) -> Candidate:
    given: dict[str, Any] = {"received_us": at_us, "title": f"Error: {names[0]}", **other}
    return Candidate(PROJECT, tuple(digest(name) for name in names), at_us, **given)


def key(name: str, project_id: int = PROJECT) -> tuple[int, int]:
    return project_id, group_hash(digest(name))


def sighting(name: str, at_us: int = NOW, count: int = 1, **other: Any) -> Sighting:
    release = other.pop("release", "")
    seen = (Seen(release, count, at_us, at_us, at_us),)
    given: dict[str, Any] = {"title": f"Error: {name}", "releases": seen, **other}
    return Sighting(*key(name), count, at_us, at_us, at_us, "ab" * 16, **given)


def opened(store: Records, *candidates: Candidate, now_us: int = NOW) -> dict[tuple[int, int], Any]:
    with store.connect() as connection:
        return dict(open_issues(connection, candidates, now_us))


def seen(store: Records, *sightings: Sighting, now_us: int = NOW) -> list[IssueFact]:
    with store.connect() as connection:
        return record_sightings(connection, sightings, now_us, ("alerts",))


def issue(store: Records, id_: int) -> Issue:
    with store.read() as session:
        found = session.get_one(Issue, id_)
        session.expunge(found)
        return found


def one_issue(store: Records, name: str = "a", **other: Any) -> int:
    """A counted issue's id."""
    id_ = opened(store, candidate(name, **other))[key(name)].id
    seen(store, sighting(name))
    return id_


def put(store: Records, id_: int, state: State, details: Resolution | Archive, at_us: int = NOW) -> None:
    with store.connect() as connection:
        connection.execute(
            update(Issue)
            .where(Issue.id == id_)
            .values(
                status=state.status,
                substatus=state.substatus,
                status_details=stored(details),
                status_changed_us=at_us,
            )
        )


def kinds(facts: list[IssueFact]) -> list[str]:
    return [fact.kind for fact in facts]


# ── opening ───────────────────────────────────────────────────────────────────────────────


def test_a_new_hash_opens_an_issue_with_the_next_short_number(store: Records) -> None:
    answers = opened(store, candidate("a"), candidate("b", at_us=NOW + 1), candidate("a", at_us=NOW + 2))
    first, second = issue(store, answers[key("a")].id), issue(store, answers[key("b")].id)
    assert [first.short_number, second.short_number] == [1, 2]
    assert answers[key("a")] == IssueRef(first.id, is_new=True)
    assert (first.status, first.substatus, first.times_seen) == ("unresolved", "new", 0)
    assert issue(store, opened(store, candidate("c"))[key("c")].id).short_number == 3


def test_a_retry_finds_what_the_first_try_opened(store: Records) -> None:
    first = opened(store, candidate("a", "s"), candidate("b"))
    again = opened(store, candidate("a", "s"), candidate("b"))
    assert {k: ref.id for k, ref in first.items()} == {k: ref.id for k, ref in again.items()}
    assert not any(ref.is_new for ref in again.values())


def test_an_unknown_primary_joins_the_issue_of_another_known_hash(store: Records) -> None:
    old = opened(store, candidate("a", "s"))[key("a")].id
    assert opened(store, candidate("b", "s"))[key("b")] == IssueRef(old)
    assert opened(store, candidate("b"))[key("b")] == IssueRef(old)


def test_a_known_primary_wins_over_other_hashes(store: Records) -> None:
    a = opened(store, candidate("a"))[key("a")].id
    b = opened(store, candidate("b"))[key("b")].id
    assert opened(store, candidate("b", "a"))[key("b")].id == b
    assert opened(store, candidate("a", "b"))[key("a")].id == a


def test_new_hashes_beside_the_primary_are_recorded_for_the_issue(store: Records) -> None:
    old = opened(store, candidate("a"))[key("a")].id
    opened(store, candidate("a", "s"))
    assert opened(store, candidate("z", "s"))[key("z")].id == old


def earlier(name: str, *secondary: str, **other: Any) -> Candidate:
    """An event whose hashes by an earlier version of grouping were these."""
    return candidate(name, secondary=tuple(digest(one) for one in secondary), **other)


def test_an_unknown_event_joins_the_issue_of_its_hash_by_the_earlier_version(store: Records) -> None:
    old = opened(store, candidate("old"))[key("old")].id
    assert opened(store, earlier("new", "unknown", "old")) == {key("new"): IssueRef(old)}
    assert opened(store, candidate("new")) == {key("new"): IssueRef(old)}
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(IssueHash)) == 2  # `unknown` is not recorded


def test_a_known_hash_wins_over_the_earlier_version(store: Records) -> None:
    opened(store, candidate("old"))
    new = opened(store, candidate("new"))[key("new")].id
    assert opened(store, earlier("new", "old"))[key("new")].id == new


def test_events_with_one_hash_and_several_earlier_ones_are_of_one_issue(store: Records) -> None:
    old = opened(store, candidate("old"), candidate("other"))
    batch = (earlier("new"), earlier("new", "old"), earlier("new", "other"), earlier("finer", "unknown"))
    answers = opened(store, *batch)
    assert answers[key("new")] == IssueRef(old[key("old")].id)
    assert answers[key("finer")].is_new


def test_issues_that_only_the_earlier_version_would_have_joined_stay_two(store: Records) -> None:
    answers = opened(store, earlier("a", "old"), earlier("b", "old"))
    assert answers[key("a")].id != answers[key("b")].id


def test_what_was_discarded_or_deleted_by_the_earlier_version_is_not_opened(store: Records) -> None:
    opened(store, candidate("discarded"), candidate("deleted"))
    with store.connect() as connection:
        connection.execute(update(IssueHash).values(issue_id=None, since_us=NOW + 5))
        of = IssueHash.group_hash == group_hash(digest("discarded"))
        connection.execute(update(IssueHash).where(of).values(state="discarded"))
    later = NOW + 6
    assert opened(store, earlier("a", "discarded", at_us=later)) == {key("a"): DISCARDED}
    assert opened(store, earlier("b", "deleted", at_us=NOW + 4)) == {key("b"): DISCARDED}
    assert opened(store, earlier("b", "deleted", at_us=later))[key("b")].is_new


def test_candidates_of_a_batch_that_share_a_hash_open_one_issue(store: Records) -> None:
    answers = opened(store, candidate("a", "s"), candidate("b", "s", at_us=NOW + 1))
    assert answers[key("a")].id == answers[key("b")].id
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Issue)) == 1


def test_a_candidate_joins_an_issue_through_a_hash_that_the_same_batch_adds(store: Records) -> None:
    old = opened(store, candidate("a"))[key("a")].id
    answers = opened(store, candidate("b", "s"), candidate("a", "s"))
    assert answers[key("b")].id == answers[key("a")].id == old


def test_chains_of_shared_hashes_leave_each_hash_with_one_issue(store: Records) -> None:
    batch = [
        candidate("a", at_us=NOW),
        candidate("b", at_us=NOW + 1),
        candidate("c", "b", "a", at_us=NOW + 2),
        candidate("d", "a", "b", at_us=NOW + 3),
    ]
    answers = opened(store, *batch)
    assert answers[key("c")].id == answers[key("b")].id
    assert answers[key("d")].id == answers[key("a")].id
    assert opened(store, *batch) == {k: IssueRef(ref.id) for k, ref in answers.items()}


def test_equal_hashes_of_two_projects_are_two_issues(store: Records) -> None:
    other = Candidate(PROJECT + 1, (digest("a"),), NOW, NOW)
    answers = opened(store, candidate("a"), other)
    assert answers[key("a")].id != answers[key("a", PROJECT + 1)].id


@pytest.mark.parametrize("names", [("a",), ("b", "a")])
def test_events_of_a_discarded_hash_are_discarded(store: Records, names: tuple[str, ...]) -> None:
    opened(store, candidate("a"))
    with store.connect() as connection:
        connection.execute(update(IssueHash).values(issue_id=None, state="discarded", since_us=NOW))
    assert opened(store, candidate(*names, at_us=NOW + 1)) == {key(names[0]): DISCARDED}


def test_a_hash_of_a_deleted_issue_opens_a_new_one_for_what_was_received_later(store: Records) -> None:
    old = opened(store, candidate("a"))[key("a")].id
    with store.connect() as connection:
        connection.execute(update(IssueHash).values(issue_id=None, since_us=NOW + 5))
    assert opened(store, candidate("a", at_us=NOW + 4)) == {key("a"): DISCARDED}
    new = opened(store, candidate("a", at_us=NOW + 6))[key("a")]
    assert new.is_new
    assert new.id != old
    with store.read() as session:
        assert session.scalars(select(IssueHash.since_us)).all() == [NOW + 5]


def test_events_of_a_project_that_is_gone_are_discarded(store: Records) -> None:
    assert opened(store, Candidate(99, (digest("a"),), NOW, NOW)) == {key("a", 99): DISCARDED}


def test_an_opened_issue_counts_as_new_in_its_release(store: Records) -> None:
    opened(store, candidate("a", release="api@1"), candidate("b", release="api@1"))
    with store.read() as session:
        assert session.scalars(select(ReleaseProject.new_issues)).all() == [2]
        assert session.scalars(select(Activity.type)).all() == ["first_seen", "first_seen"]


@pytest.mark.parametrize("names", [("a",), ("a", "s")])
def test_those_who_race_to_open_an_issue_end_in_one(store: Records, names: tuple[str, ...]) -> None:
    barrier = Barrier(4)

    def open_it(number: int) -> Any:
        barrier.wait()
        return opened(store, candidate(*names), candidate(f"own {number}"))[key("a")].id

    with ThreadPoolExecutor(4) as threads:
        ids = list(threads.map(open_it, range(4)))
    assert len(set(ids)) == 1
    with store.read() as session:
        numbers = session.scalars(select(Issue.short_number).order_by(Issue.short_number)).all()
    assert numbers == [1, 2, 3, 4, 5]


def test_those_who_count_side_by_side_lose_nothing(store: Records) -> None:
    names = [f"n{number}" for number in range(20)]
    opened(store, *(candidate(name) for name in names))

    def count(seed: int) -> None:
        for round_ in range(5):
            order = sorted(names, key=lambda name: digest(f"{seed} {round_} {name}"))
            seen(store, *(sighting(name, NOW + round_, release="api@1") for name in order))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count, range(4)))
    with store.read() as session:
        assert session.scalars(select(Issue.times_seen)).all() == [20] * 20
        kinds_ = session.scalars(select(Fact.kind)).all()
    assert sorted(kinds_) == ["first_event"] + ["issue_new"] * 20


# ── counting ──────────────────────────────────────────────────────────────────────────────


def test_counters_are_the_same_in_any_order(store: Records) -> None:
    id_ = opened(store, candidate("a", at_us=NOW + 50))[key("a")].id
    for at_us, count in ((NOW + 100, 3), (NOW + 10, 2), (NOW + 70, 1)):
        seen(store, sighting("a", at_us, count, title=f"at {at_us}"))
    found = issue(store, id_)
    assert (found.times_seen, found.first_seen_us, found.last_seen_us) == (6, NOW + 10, NOW + 100)
    assert found.title == f"at {NOW + 100}"


def test_sightings_of_several_hashes_of_one_issue_are_added_up(store: Records) -> None:
    id_ = opened(store, candidate("a", "s"), candidate("b", "s"))[key("a")].id
    facts = seen(store, sighting("a", count=2), sighting("b", NOW + 1, 3, is_unhandled=True))
    found = issue(store, id_)
    assert (found.times_seen, found.title, found.is_unhandled) == (5, "Error: b", True)
    assert kinds(facts) == ["issue_new", "first_event"]


def test_environments_and_releases_are_kept_with_their_times(store: Records) -> None:
    id_ = opened(store, candidate("a"))[key("a")].id
    both = (Seen("production", 2, NOW, NOW + 1, NOW + 1), Seen("", 1, NOW, NOW, NOW))
    seen(store, sighting("a", count=3, environments=both, release="api@1.0"))
    seen(store, sighting("a", NOW + 9, environments=(Seen("production", 1, NOW + 9, NOW + 9, NOW + 9),)))
    with store.read() as session:
        rows = session.scalars(select(IssueEnvironment).order_by(IssueEnvironment.environment)).all()
        assert [(r.environment, r.times_seen, r.first_seen_us, r.last_seen_us) for r in rows] == [
            ("", 1, NOW, NOW),
            ("production", 3, NOW, NOW + 9),
        ]
        assert session.scalars(select(Environment.name)).all() == ["production"]
        assert session.scalars(select(Release.version)).all() == ["api@1.0"]
    assert issue(store, id_).last_release is None  # the newest event named none


def test_new_issues_and_the_first_event_are_facts_for_each_consumer(store: Records) -> None:
    id_ = opened(store, candidate("a"))[key("a")].id
    seen(store, sighting("a"))
    assert seen(store, sighting("a")) == []
    with store.read() as session:
        facts = session.scalars(select(Fact).order_by(Fact.id)).all()
        assert [(f.consumer, f.kind, f.payload["issue_id"]) for f in facts] == [
            ("alerts", "issue_new", id_),
            ("alerts", "first_event", id_),
        ]


def test_sightings_of_an_issue_that_was_deleted_meanwhile_are_dropped(store: Records) -> None:
    opened(store, candidate("a"))
    with store.connect() as connection:
        connection.execute(update(IssueHash).values(issue_id=None, since_us=NOW))
    assert seen(store, sighting("a")) == []


# ── regression ────────────────────────────────────────────────────────────────────────────


REGRESSIONS = [
    # base release, event's release, received after the resolution?, comes back?
    (None, "", True, True),
    (None, "", False, False),
    (None, "api@1.0.0", True, True),
    ("api@1.4.0", "api@1.5.0", True, True),
    ("api@1.4.0", "api@1.5.0", False, False),
    ("api@1.4.0", "api@1.4.0", True, False),
    ("api@1.4.0", "api@1.3.9", True, False),
    ("api@1.4.0", "", True, False),
    ("api@1.4.0", "c0ffee", True, True),  # first seen after the resolution
]


@pytest.mark.parametrize(("base", "release", "later", "comes_back"), REGRESSIONS)
def test_a_resolved_issue_reopens_only_for_events_its_cure_should_have_prevented(
    store: Records, base: str | None, release: str, later: bool, comes_back: bool
) -> None:
    id_ = one_issue(store)
    if base:
        seen(store, sighting("a", release=base))
    put(store, id_, State.RESOLVED, Resolution(base_release=base), NOW + 10)
    at_us = NOW + (20 if later else 5)
    facts = seen(store, sighting("a", at_us, release=release), now_us=NOW + 30)
    found = issue(store, id_)
    assert kinds(facts) == (["issue_regressed"] if comes_back else [])
    assert (found.status, found.substatus) == (
        ("unresolved", "regressed") if comes_back else ("resolved", None)
    )
    assert found.times_seen == (3 if base else 2)


def test_a_regression_says_which_release_brought_it_back(store: Records) -> None:
    id_ = one_issue(store)
    put(store, id_, State.RESOLVED, Resolution(base_release="api@1.0.0"), NOW)
    seen(store, sighting("a", NOW + 1, release="api@1.1.0"), now_us=NOW + 2)
    with store.read() as session:
        story = session.scalars(select(Activity).where(Activity.type == "set_regression")).one()
        assert story.data == {"version": "api@1.1.0", "event_id": "ab" * 16}
    assert issue(store, id_).status_details == {}


# ── archives ──────────────────────────────────────────────────────────────────────────────


def test_an_archive_ends_after_so_many_further_events(store: Records) -> None:
    id_ = one_issue(store)
    put(store, id_, State.UNTIL_CONDITION, Archive(count=5, times_seen=1))
    assert seen(store, sighting("a", NOW + 1, 4)) == []
    assert kinds(seen(store, sighting("a", NOW + 2, 1))) == ["issue_unarchived"]
    assert issue(store, id_).substatus == "escalating"


def test_events_in_a_window_do_not_add_up_over_a_longer_time(store: Records) -> None:
    id_ = one_issue(store)
    put(store, id_, State.UNTIL_CONDITION, Archive(count=5, window_s=3600, times_seen=1))
    assert seen(store, sighting("a", NOW + HOUR_US, 4)) == []
    assert seen(store, sighting("a", NOW + 3 * HOUR_US, 4)) == []
    assert kinds(seen(store, sighting("a", NOW + 3 * HOUR_US + 30 * MINUTE_US, 1))) == ["issue_unarchived"]


def test_users_are_counted_once(store: Records) -> None:
    id_ = one_issue(store)
    put(store, id_, State.UNTIL_CONDITION, Archive(user_count=3))
    assert seen(store, sighting("a", NOW + 1, 9, users=frozenset({1, 2}))) == []
    assert seen(store, sighting("a", NOW + 2, 9, users=frozenset({1, 2}))) == []
    assert kinds(seen(store, sighting("a", NOW + 3, users=frozenset({3})))) == ["issue_unarchived"]
    assert issue(store, id_).status == "unresolved"


def test_more_events_in_an_hour_than_forecast_escalate(store: Records) -> None:
    id_ = one_issue(store)
    hour = NOW // HOUR_US * HOUR_US + HOUR_US
    put(store, id_, State.UNTIL_ESCALATING, Archive(hour_limit=10))
    assert seen(store, sighting("a", hour - 1, 10)) == []
    assert seen(store, sighting("a", hour, 10)) == []
    assert kinds(seen(store, sighting("a", hour + 1, 1))) == ["issue_escalating"]
    found = issue(store, id_)
    assert (found.substatus, found.priority) == ("escalating", "high")


def test_nothing_ends_an_archive_for_ever(store: Records) -> None:
    id_ = one_issue(store)
    put(store, id_, State.FOREVER, Archive())
    assert seen(store, sighting("a", NOW + DAY_US, 1_000_000, users=frozenset(range(100)))) == []
    assert issue(store, id_).status == "ignored"


def test_an_archive_until_a_time_ends_then(store: Records) -> None:
    id_ = one_issue(store)
    put(store, id_, State.UNTIL_CONDITION, Archive(until_us=NOW + 100))
    with store.connect() as connection:
        assert expire_archives(connection, NOW + 99) == []
        facts = expire_archives(connection, NOW + 100, ("alerts",))
    assert kinds(facts) == ["issue_unarchived"]
    assert issue(store, id_).substatus == "ongoing"


@pytest.mark.parametrize("state", [State.NEW, State.REGRESSED, State.ESCALATING])
def test_news_is_ongoing_after_a_week(store: Records, state: State) -> None:
    id_ = one_issue(store)
    put(store, id_, state, Archive())
    with store.connect() as connection:
        assert settle_issues(connection, NOW + 7 * DAY_US) == 0
        assert settle_issues(connection, NOW + 7 * DAY_US + 1) == 1
    assert issue(store, id_).substatus == "ongoing"

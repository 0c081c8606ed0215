"""Reads of events, tags and numbers against the same worked out in Python."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.integration.errors.sample import DAY_US, FROM_US, HOUR_US, NOW_US, Event, Issue, Sample
from vedette.errors.groups import Group, groups_of
from vedette.errors.issue_stats import Counts, Hours, IssueStats, Steps
from vedette.errors.query import EventCursor, EventQueries, EventRow
from vedette.errors.selection import EventFilter
from vedette.errors.tags import TagQueries
from vedette.search.bind import understand
from vedette.search.issue_keys import EVENT_KEYS
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry


@pytest.fixture
def events(filled: Telemetry) -> EventQueries:
    return EventQueries(filled)


@pytest.fixture
def tags(filled: Telemetry) -> TagQueries:
    return TagQueries(filled)


@pytest.fixture
def issue(sample: Sample) -> Issue:
    """The issue with most events of those with several hashes."""
    return max((one for one in sample.issues if len(one["hashes"]) > 1), key=lambda one: len(one["events"]))


def of(*issues: Issue) -> EventFilter:
    groups = [Group(one["project_id"], hash_, one["id"]) for one in issues for hash_ in one["hashes"]]
    return EventFilter.of_groups(groups)


def newest(issue: Issue) -> list[Event]:
    return sorted(issue["events"], key=lambda event: event["ts"], reverse=True)


def ids(rows: list[EventRow]) -> list[str]:
    return [row.event_id for row in rows]


def test_hashes_of_issues_come_from_records(sqlite: Records, sample: Sample) -> None:
    with sqlite.read() as session:
        groups = groups_of(session, [issue["id"] for issue in sample.issues])
    assert {(group.issue_id, group.group_hash) for group in groups} == {
        (issue["id"], hash_) for issue in sample.issues for hash_ in issue["hashes"]
    }


def test_an_event_is_found_by_its_id_with_and_without_its_time(events: EventQueries, sample: Sample) -> None:
    event = sample.events[7]
    found = events.by_id((1, 2), event["event_id"])
    assert found and found == events.by_id((1, 2), event["event_id"], ts_us=event["ts"])
    assert (found.ts_us, found.title, found.exception_types) == (
        event["ts"],
        event["title"],
        event["exception_types"],
    )
    assert events.payload(found) == event["payload"].encode()
    assert events.by_id((9,), event["event_id"]) is None
    assert events.by_id((1, 2), "f" * 32) is None


def test_an_events_tags_are_all_of_its_tags(events: EventQueries, sample: Sample) -> None:
    event = next(event for event in sample.events if event["handled"] == 0 and event["browser_name"])
    found = events.by_id((1, 2), event["event_id"])
    assert found
    shown = dict(found.tags())
    assert shown.items() >= event["tags"].items()
    assert (shown["handled"], shown["level"], shown["browser.name"]) == (
        "no",
        event["level"],
        event["browser_name"],
    )
    assert "dist" not in shown


def test_latest_and_oldest_are_over_all_hashes(events: EventQueries, issue: Issue) -> None:
    expected = newest(issue)
    latest, oldest = events.latest(of(issue)), events.oldest(of(issue))
    assert latest and latest.event_id == expected[0]["event_id"]
    assert oldest and oldest.event_id == expected[-1]["event_id"]
    assert events.latest(EventFilter.of_groups([])) is None


def test_the_recommended_event_has_a_trace(events: EventQueries, issue: Issue) -> None:
    found = events.recommended(of(issue))
    assert found and (found.trace_id or not any(event["trace_id"] for event in issue["events"]))


def test_pages_of_events_go_on_where_the_last_one_ended(events: EventQueries, issue: Issue) -> None:
    seen: list[EventRow] = []
    after: EventCursor | None = None
    while page := events.page(of(issue), 3, after=after):
        seen += page
        after = EventCursor(page[-1].ts_us, page[-1].event_id)
    assert ids(seen) == [event["event_id"] for event in newest(issue)]
    assert ids(events.page(of(issue), 100, oldest_first=True)) == ids(seen)[::-1]
    assert events.count(of(issue), 1000) == len(seen)
    assert sorted(ids(events.sample(of(issue), 100))) == sorted(ids(seen))


def test_neighbours_are_the_events_before_and_after(events: EventQueries, issue: Issue) -> None:
    rows = events.page(of(issue), 100)
    names = [None, *ids(rows), None]
    for index, row in enumerate(rows):
        assert events.neighbours(of(issue), row) == (names[index + 2], names[index])


def test_a_page_obeys_query_environment_and_time(events: EventQueries, issue: Issue) -> None:
    query = understand("customer:c1 level:[error, warning, fatal]", EVENT_KEYS, NOW_US)
    chosen = replace(of(issue), conditions=query, environments=("production", ""), from_us=FROM_US)
    expected = [
        event["event_id"]
        for event in newest(issue)
        if event["tags"]["customer"] == "c1"
        and event["environment"] in ("production", "")
        and event["ts"] >= FROM_US
    ]
    assert ids(events.page(chosen, 100)) == expected


def test_events_received_before_a_deletion_are_not_the_issues(events: EventQueries, issue: Issue) -> None:
    middle = newest(issue)[len(issue["events"]) // 2]
    groups = [Group(issue["project_id"], h, issue["id"], middle["received"]) for h in issue["hashes"]]
    expected = [event["event_id"] for event in newest(issue) if event["received"] >= middle["received"]]
    assert ids(events.page(EventFilter.of_groups(groups), 100)) == expected


def test_tag_keys_and_values_are_counted(tags: TagQueries, sample: Sample) -> None:
    every = EventFilter((1, 2))
    counted = Counter(event["tags"]["customer"] for event in sample.events)
    detail = tags.values(every, "customer", 10)
    assert (detail.events, detail.value_count) == (len(sample.events), 3)
    assert {value.value: value.events for value in detail.values} == counted
    first = detail.values[0]
    times = [event["ts"] for event in sample.events if event["tags"]["customer"] == first.value]
    assert (first.first_us, first.last_us) == (min(times), max(times))
    keys = {key.key: key.events for key in tags.keys(every)}
    assert keys["customer"] == keys["level"] == len(sample.events)
    assert keys["region"] == sum("region" in event["tags"] for event in sample.events)
    assert keys["handled"] == sum(event["handled"] >= 0 for event in sample.events)
    top = {detail.key: detail for detail in tags.top(every, 2)}
    assert top["customer"].values == detail.values[:2]
    assert (top["customer"].value_count, top["customer"].events) == (3, len(sample.events))
    assert tags.values(every, "no such tag", 10).values == []
    assert [value.value for value in tags.values(every, "customer", 1, 1, "age").values]


@pytest.mark.parametrize(
    ("prefix", "expected"), [("C2", {"c22"}), ("", {"c1", "c22", "c*3"}), ("*", {"c*3"})]
)
def test_values_are_completed(tags: TagQueries, prefix: str, expected: set[str]) -> None:
    assert {value.value for value in tags.complete(EventFilter((1, 2)), "customer", prefix, 10)} == expected


def test_values_of_tags_with_columns_are_read_from_these(tags: TagQueries, sample: Sample) -> None:
    levels = Counter(event["level"] for event in sample.events)
    for key, expected in (("level", levels), ("handled", Counter(yes_or_no(sample.events)))):
        found = tags.values(EventFilter((1, 2)), key, 10)
        assert {value.value: value.events for value in found.values} == expected


def yes_or_no(events: list[Event]) -> list[str]:
    return [["no", "yes"][event["handled"]] for event in events if event["handled"] >= 0]


def test_users_are_told_apart(tags: TagQueries, issue: Issue) -> None:
    counted = Counter(event["user"] for event in issue["events"] if event["user"])
    assert {user.user: user.events for user in tags.users(of(issue), 10)} == counted
    totals = tags.totals(of(issue))
    assert (totals.events, totals.users) == (len(issue["events"]), len(counted))
    assert (totals.first_us, totals.last_us) == (issue["first_seen_us"], issue["last_seen_us"])
    assert tags.totals(EventFilter((9,))).events == 0


def test_a_histogram_adds_up(tags: TagQueries, issue: Issue) -> None:
    chosen = replace(of(issue), from_us=FROM_US, to_us=NOW_US)
    bars = tags.histogram(chosen, FROM_US, DAY_US, "release")
    expected: Counter[Any] = Counter(
        ((event["ts"] - FROM_US) // DAY_US, event["release"])
        for event in issue["events"]
        if event["ts"] >= FROM_US
    )
    assert {(bar.step, bar.value): bar.events for bar in bars} == expected
    assert sum(bar.events for bar in tags.histogram(chosen, FROM_US, HOUR_US)) == expected.total()


def test_series_and_counts_of_many_issues(filled: Telemetry, sample: Sample) -> None:
    stats = IssueStats(filled)
    groups = list(of(*sample.issues).groups or ())
    series = stats.series(groups, FROM_US, 20, DAY_US)
    bars = [Steps(FROM_US, DAY_US, 20), Steps(NOW_US - 5 * HOUR_US, HOUR_US, 6)]
    window = Hours(FROM_US, NOW_US, ("production",))
    summaries = stats.summaries(groups, window, bars)
    narrowed = stats.summaries(groups, Hours(environments=("production",)), bars[:1], ("production",))
    totals = stats.event_totals(of(*sample.issues))
    for issue in sample.issues:
        expected = [0] * 20
        for event in issue["events"]:
            if event["ts"] >= FROM_US:
                expected[(event["ts"] - FROM_US) // DAY_US] += 1
        assert series.get(issue["id"], [0] * 20) == expected
        users = {event["user_hash"] for event in issue["events"]} - {0}
        summary = summaries[issue["id"]]
        assert summary.ever == Counts(len(issue["events"]), len(users))
        assert summary.series[0] == expected
        production = [e for e in issue["events"] if e["environment"] == "production"]
        recent = [e for e in production if e["ts"] >= FROM_US]
        assert summary.window == Counts(len(recent), len({e["user_hash"] for e in recent} - {0}))
        assert sum(narrowed[issue["id"]].series[0]) == len(recent)
        assert narrowed[issue["id"]].window.events == len(production)
        found = totals[issue["id"]]
        assert (found.events, found.users) == (len(issue["events"]), len(users))
        assert (found.first_us, found.last_us) == (issue["first_seen_us"], issue["last_seen_us"])
    last_hours = [e for e in sample.events if e["ts"] // HOUR_US >= NOW_US // HOUR_US - 5]
    assert sum(sum(summary.series[1]) for summary in summaries.values()) == len(last_hours)
    assert stats.series([], FROM_US, 2, DAY_US) == {}
    assert stats.summaries([], None, bars) == {}

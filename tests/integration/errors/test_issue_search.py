"""Issue search against a plain evaluation of the same query over the same events."""

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from tests.integration.errors import naive
from tests.integration.errors.sample import (
    DAY_US,
    FROM_US,
    HOUR_US,
    NOW_US,
    Issue,
    Sample,
    fill_records,
    scope,
)
from vedette.errors.conditions import event_where
from vedette.errors.issue_records import Sort
from vedette.errors.issue_search import IssueQuery, IssueSearch
from vedette.errors.scope import Scope, Viewer
from vedette.search.bind import understand
from vedette.search.error import SearchError
from vedette.search.issue_keys import ISSUE_KEYS
from vedette.search.text import Text, write_quoted
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Activity, IssueHash, IssueUser
from vedette.storage.records.schema import Issue as IssueRecord
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.expressions import Parameters

ISSUE_TERMS = (
    "is:unresolved", "!is:unresolved", "is:new", "is:assigned", "is:unassigned", "assigned:me", "assigned:bob@x.io",
    "assigned:Ada", "!assigned:me", "bookmarks:me", "level:error", "level:[error, fatal]", "!level:warning",
    "level:w*", "firstSeen:-15d", "lastSeen:+2d", "times_seen:>12", "times_seen:[10, 14]", "userCount:>2",
    "userCount:<2", "!userCount:3", "firstRelease:shop@*", "!firstRelease:abc", "priority:high", "issue:API-8",
    "issue.id:>10", "project:api", "!project:w*", "is:for_review", "has:assigned", "firstRelease:latest",
)  # fmt: skip
EVENT_TERMS = (
    "customer:c1", "!customer:c1", "customer:[c1, c22]", "customer:c*", r"customer:c\*3", "region:us", "region:U*",
    "has:region", "!has:region", 'region:""', "tags[n,number]:>3", "tags[n,number]:[1, 2]", "tags[region,boolean]:true",
    "browser:Chrome", 'browser:"Chrome 1"', "!browser:Chrome", "os:Windows", "os.name:linux", "user.email:ada@x.io",
    "user.id:1", "user:id:2", "has:user", "release:shop@1.2.0", "release:latest", "release:shop@*",
    "release.version:>=1.2.0", "release.version:<1.10.0", "release.version:1.*", "release.package:shop",
    "release.build:7", "release.version:>9", "error.type:OSError", "!error.type:OSError", "error.type:*error",
    "error.value:*9%*", "error.handled:true", "error.unhandled:true", "has:error.handled",
    "stack.filename:views.py", "stack.filename:*views.py", "filename:views.py", "filename:app/views.py",
    "filename:srv/app/views.py", "filename:main.cs", "!filename:core.py", "stack.in_app:true", "stack.function:f4",
    "transaction:/page/1", "platform:python", "environment:staging", "timestamp:>-5d", "message:*Ä_1", "message:*ä_1",
    "title:*id_7*", "bad", "BAD", '"id 7"', "b*d", "f12", "nowhere", "has:trace",
    "id:00000000000000000000000000000010", "tags[level]:error", "tags[handled]:yes",
    "user.segment:gold", "!user.segment:g*", "has:user.segment", r'user.segment:"sil\"ver"', "geo.city:k*",
    "geo.city:Köln", "http.status_code:404", "app.in_foreground:true", "app.in_foreground:false", "stack.lineno:>7",
    "stack.lineno:[7, 8]", "stack.colno:1",
)  # fmt: skip
SORTS: tuple[Sort, ...] = ("date", "new", "freq", "user", "priority")

terms = st.sampled_from(ISSUE_TERMS + EVENT_TERMS)
queries = st.one_of(
    terms,
    st.lists(terms, min_size=2, max_size=3).map(" AND ".join),
    st.tuples(terms, terms).map(" OR ".join),
    st.tuples(terms, terms, terms).map(lambda parts: f"({parts[0]} OR {parts[1]}) AND {parts[2]}"),
    st.tuples(terms, terms, terms).map(lambda parts: f"({parts[0]} AND {parts[1]}) OR {parts[2]}"),
)
environments = st.sampled_from([(), (), ("production",), ("staging", "")])


@pytest.fixture(scope="module")
def search(sqlite: Records, filled: Telemetry) -> IssueSearch:
    return IssueSearch(sqlite, filled)


def all_pages(search: IssueSearch, text: str, scope: Scope, sort: Sort, limit: int = 7) -> list[int]:
    """The ids of all pages, checking the way back and the count as it goes."""
    conditions = understand(text, ISSUE_KEYS, NOW_US)
    query = IssueQuery(scope, conditions, sort, limit)
    page = search.find(query, NOW_US)
    ids = list(page.issue_ids)
    pages = [page]
    while page.has_next:
        page = search.find(IssueQuery(scope, conditions, sort, limit, str(page.next)), NOW_US)
        assert page.has_previous and page.issue_ids
        ids += page.issue_ids
        pages.append(page)
    for later, earlier in zip(pages[:0:-1], pages[-2::-1], strict=True):
        back = search.find(IssueQuery(scope, conditions, sort, limit, str(later.previous)), NOW_US)
        assert back.issue_ids == earlier.issue_ids
        assert back.has_next
    assert pages[-1].hits == len(ids)
    return ids


def expected(sample: Sample, text: str, scope: Scope, sort: Sort) -> list[int]:
    conditions = understand(text, ISSUE_KEYS, NOW_US)
    return naive.order(sample, naive.found(sample, conditions, scope), sort, scope)


@pytest.mark.parametrize("text", ("", *ISSUE_TERMS, *EVENT_TERMS))
def test_each_key_finds_what_a_plain_evaluation_finds(text: str, search: IssueSearch, sample: Sample) -> None:
    here = scope()
    assert all_pages(search, text, here, "date") == expected(sample, text, here, "date")


@given(queries, environments, st.sampled_from(SORTS))
@settings(max_examples=120, deadline=None)
def test_any_mixture_finds_what_a_plain_evaluation_finds(
    search: IssueSearch, sample: Sample, text: str, names: tuple[str, ...], sort: Sort
) -> None:
    here = scope(*names)
    assert all_pages(search, text, here, sort) == expected(sample, text, here, sort)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("text", ["is:unresolved", "customer:c1", "assigned:me OR customer:c22 level:error"])
def test_both_engines_of_records_answer_alike(
    text: str, sort: Sort, records: Records, filled: Telemetry, sample: Sample
) -> None:
    fill_records(records, sample)
    here = scope("production")
    assert all_pages(IssueSearch(records, filled), text, here, sort) == expected(sample, text, here, sort)


@pytest.mark.parametrize("sort", get_args(Sort))
def test_every_order_gives_every_issue_once(sort: Sort, search: IssueSearch, sample: Sample) -> None:
    ids = all_pages(search, "", scope(), sort)
    assert sorted(ids) == sorted(expected(sample, "", scope(), "date"))


@pytest.mark.parametrize("names", [(), ("production",), ("staging", "")])
@pytest.mark.parametrize("until", [scope().to_us, FROM_US + 3 * DAY_US, FROM_US])
def test_many_counts_at_once_are_those_of_one_search_each(
    search: IssueSearch, names: tuple[str, ...], until: int
) -> None:
    here = replace(scope(*names), to_us=until)
    texts = ("", *ISSUE_TERMS, "is:unresolved is:for_review", "customer:c1", "assigned:me OR region:us")
    queries = [understand(text, ISSUE_KEYS, NOW_US) for text in texts]
    one_by_one = [search.find(IssueQuery(here, query, limit=1), NOW_US).hits for query in queries]
    assert search.counts(here, queries, NOW_US) == one_by_one
    assert search.counts(here, [], NOW_US) == []


def test_a_window_in_the_past_asks_events(search: IssueSearch, sample: Sample) -> None:
    past = Scope(1, {1: "api", 2: "web"}, FROM_US, FROM_US + 3 * DAY_US + HOUR_US // 2)
    assert all_pages(search, "is:unresolved", past, "date") == expected(sample, "is:unresolved", past, "date")


def test_other_projects_are_not_found(search: IssueSearch, sample: Sample) -> None:
    here = Scope(1, {1: "api"}, FROM_US, NOW_US)
    ids = set(all_pages(search, "", here, "date")) | set(all_pages(search, "bad", here, "freq"))
    assert ids and all(issue["project_id"] == 1 for issue in sample.issues if issue["id"] in ids)
    assert all_pages(search, "", Scope(1, {}, FROM_US, NOW_US), "date") == []


def test_me_is_nobody_without_a_person(search: IssueSearch) -> None:
    assert all_pages(search, "assigned:me", scope(viewer=Viewer()), "date") == []


def test_a_member_of_another_organization_is_nobody(search: IssueSearch) -> None:
    assert all_pages(search, "assigned:eve@else.io", scope(), "date") == []


def test_a_foreign_cursor_is_the_first_page(search: IssueSearch) -> None:
    query = IssueQuery(scope(), understand("", ISSUE_KEYS, NOW_US), "date", 5)
    first = search.find(query, NOW_US)
    for text in ("0:0:0", "x", "1:2", "'; --"):
        again = search.find(IssueQuery(query.scope, query.conditions, "date", 5, text), NOW_US)
        assert again.issue_ids == first.issue_ids


def test_too_many_mixed_alternatives_are_refused(search: IssueSearch) -> None:
    text = " ".join(f"(is:new OR customer:c{number})" for number in range(6))
    with pytest.raises(SearchError, match="combinations"):
        search.find(IssueQuery(scope(), understand(text, ISSUE_KEYS, NOW_US)), NOW_US)


@pytest.mark.parametrize("sort", ["freq", "user"])
@pytest.mark.parametrize("text", ["", "!is:resolved", "level:error"])
@pytest.mark.parametrize("limit", [1, 2])
def test_the_first_issues_by_number_are_right_without_reading_all(
    sort: Sort, text: str, limit: int, search: IssueSearch, sample: Sample
) -> None:
    here = scope("production", "staging")
    page = search.find(IssueQuery(here, understand(text, ISSUE_KEYS, NOW_US), sort, limit), NOW_US)
    ids = expected(sample, text, here, sort)
    assert list(page.issue_ids) == ids[:limit]
    assert (page.hits, page.has_next, page.has_previous) == (len(ids), True, False)


@pytest.mark.parametrize("sort", ["freq", "user"])
@pytest.mark.parametrize("hours", [3, 24, 100])
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_issues_that_had_their_time_before_the_window_come_after_those_of_it(
    sort: Sort, hours: int, limit: int, search: IssueSearch, sample: Sample
) -> None:
    here = replace(scope(), from_us=NOW_US // HOUR_US * HOUR_US - hours * HOUR_US)
    page = search.find(IssueQuery(here, understand("", ISSUE_KEYS, NOW_US), sort, limit), NOW_US)
    assert list(page.issue_ids) == expected(sample, "", here, sort)[:limit]


def test_events_of_an_issue_deleted_since_are_not_found(
    records: Records, filled: Telemetry, sample: Sample
) -> None:
    fill_records(records, sample)
    issue = max(sample.issues, key=lambda issue: len(issue["events"]))
    middle = sorted(event["received"] for event in issue["events"])[len(issue["events"]) // 2]
    with records.write() as session:
        session.execute(update(IssueHash).where(IssueHash.issue_id == issue["id"]).values(since_us=middle))
    later = [event for event in issue["events"] if event["received"] >= middle]
    younger = Sample(
        sample.events, [{**one, "events": later} if one is issue else one for one in sample.issues]
    )
    search = IssueSearch(records, filled)
    for sort in ("date", "freq", "user"):
        for text in ("bad", "!has:region"):
            assert all_pages(search, text, scope(), sort) == expected(younger, text, scope(), sort)


@pytest.mark.parametrize(
    ("text", "event_part"),
    [
        ("is:new", ""),
        ("is:new customer:c1 level:error", "customer:c1"),
        ("is:new OR customer:c1", ""),
        ("release:latest", "release:abc"),
        ("release.version:>=2.0.0", "release:[web@2.0.0+7]"),
    ],
)
def test_the_event_part_is_what_figures_are_filtered_by(
    text: str, event_part: str, search: IssueSearch
) -> None:
    found = search.event_part(understand(text, ISSUE_KEYS, NOW_US), scope())
    wanted = understand(event_part, ISSUE_KEYS, NOW_US)
    parameters, others = Parameters(), Parameters()
    assert event_where(found, parameters) == event_where(wanted, others)
    assert parameters.values == others.values


HOSTILE = (
    *(
        "'",
        '"',
        "\\",
        "\\\\'",
        "%",
        "_",
        "*",
        "a%b_c",
        "\n",
        "\t",
        "é\u2028",
        "{p0:String}",
        "$where",
        "`",
        ";",
    ),
    *("' OR 1=1 --", "\\x27 OR 1=1", "(?:", "[", "a|b", "💥", "x" * 300),
)
KEYS = (
    *(
        "customer",
        "tags[level]",
        "title",
        "filename",
        "stack.filename",
        "error.value",
        "id",
        "trace",
        "user.email",
    ),
    *("release.package", "release", "firstRelease", "assigned", "project", "issue", "team", "geo.city"),
)


@pytest.mark.parametrize("key", KEYS)
def test_hostile_values_are_nothing_but_values(
    key: str, sqlite: Records, filled: Telemetry, sample: Sample
) -> None:
    search = IssueSearch(sqlite, filled)
    for value in HOSTILE:
        for text in (f"{key}:{write_quoted(Text((value,)))}", f"{key}:{write_quoted(Text(('', value, '')))}"):
            found = search.find(IssueQuery(scope(), understand(text, ISSUE_KEYS, NOW_US)), NOW_US)
            if key not in ("assigned", "issue", "team"):
                assert list(found.issue_ids) == expected(sample, text, scope(), "date")[:25], text


def test_a_hostile_tag_name_is_nothing_but_a_name(search: IssueSearch) -> None:
    for name in HOSTILE:
        if '"' not in name and "\\" not in name and len(name) < 200:
            text = f'tags["{name}"]:x OR tags["{name}",number]:>1 OR has:tags["{name}"]'
            assert search.find(IssueQuery(scope(), understand(text, ISSUE_KEYS, NOW_US)), NOW_US).hits == 0


FIELDS: list[tuple[str, Callable[[Issue], bool]]] = [
    ("team:#core", lambda issue: issue["project_id"] == 1),
    ("team:my_teams", lambda issue: issue["project_id"] == 1),
    ("team:other", lambda _: False),
    ("assigned:#core", lambda issue: issue["id"] == 5),
    ("assigned:my_teams", lambda issue: issue["id"] == 5),
    ("!assigned:#core", lambda issue: issue["id"] != 5),
    ("regressed_in_release:2.*", lambda issue: issue["id"] == 6),
    ("has:regressed_in_release", lambda issue: issue["id"] == 6),
    ("subscribed:me", lambda issue: issue["id"] == 7),
    ("!subscribed:me", lambda issue: issue["id"] != 7),
    ("bookmarks:none", lambda issue: not issue["bookmarked"]),
    ("bookmarks:bob@x.io", lambda _: False),
    ("is:linked", lambda _: False),
    ("is:unlinked", lambda _: True),
    (
        "!is:for_review is:unresolved",
        lambda issue: issue["status"] == "unresolved" and issue["substatus"] == "ongoing",
    ),
    ("issue.category:error", lambda _: True),
    ("issue.type:err*", lambda _: True),
    ("project.id:[1, 3]", lambda issue: issue["project_id"] == 1),
    ("issue.id:999999999999999999b", lambda _: False),
    ("times_seen:<999999999999999999b", lambda _: True),
    ("issue.id:<=5", lambda issue: issue["id"] <= 5),
    ("issue:[api-8, WEB-9]", lambda issue: issue["id"] in (8, 9)),
    ("has:firstSeen", lambda _: True),
]


def test_every_field_of_issues_can_be_asked_on_both_engines(
    records: Records, filled: Telemetry, sample: Sample
) -> None:
    fill_records(records, sample)
    with records.write() as session:
        session.execute(update(IssueRecord).where(IssueRecord.id == 5).values(assignee_team_id=1))
        data = {"version": "2.1"}
        session.add(Activity(issue_id=6, type="set_regression", user_id=None, data=data, created_us=0))
        session.merge(IssueUser(issue_id=7, user_id=1, subscribed=True))
    search = IssueSearch(records, filled)
    recent = [issue for issue in sample.issues if issue["last_seen_us"] >= FROM_US]
    for text, holds in FIELDS:
        page = search.find(IssueQuery(scope(), understand(text, ISSUE_KEYS, NOW_US), limit=100), NOW_US)
        assert set(page.issue_ids) == {issue["id"] for issue in recent if holds(issue)}, text

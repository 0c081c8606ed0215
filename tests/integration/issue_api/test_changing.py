"""Changes to issues over the API, and what comes of them."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import SetClock
from tests.support.client import Client
from tests.support.feed import Feed, error
from tests.support.worlds import World
from vedette.core.time import DAY_US
from vedette.issues.intake import expire_archives
from vedette.scheduler.deleting import run_deletions
from vedette.scheduler.watermark import LAG_US
from vedette.storage.records.database import Records
from vedette.storage.records.schema import AuditEntry, Fact, IssueHash, Job, Organization, Team
from vedette.storage.telemetry.client import Telemetry

LIST = "/organizations/acme/issues/"
Json = dict[str, Any]


def found(client: Client, query: str = "") -> list[str]:
    """Titles of what a query finds, by short id."""
    issues = client.get(LIST, params={"query": query}).json()
    return [issue["title"] for issue in sorted(issues, key=lambda issue: issue["shortId"])]


def ids(client: Client) -> list[str]:
    issues = client.get(LIST, params={"query": ""}).json()
    return [issue["id"] for issue in sorted(issues, key=lambda issue: issue["shortId"])]


def put(client: Client, path: str, body: Json, status: int = 200) -> Any:
    answer = client.put(path, body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


@pytest.fixture
def issue(ada: Client, feed: Feed, project_id: int, clock: SetClock) -> str:
    """The path of an issue with one event."""
    feed.send(project_id, error(release="api@1.0.0"))
    clock.advance(60)
    return f"/issues/{ids(ada)[0]}/"


def stories(client: Client, issue: str) -> list[str]:
    return [entry["type"] for entry in client.get(f"{issue}activities/").json()["activity"]]


# ── status ────────────────────────────────────────────────────────────────────────────────

TERMS: list[tuple[Json, tuple[str, str | None], Json, str]] = [
    ({"status": "resolved"}, ("resolved", None), {}, "set_resolved"),
    (
        {"status": "resolvedInNextRelease"},
        ("resolved", None),
        {"inNextRelease": True},
        "set_resolved_in_release",
    ),
    (
        {"status": "resolved", "statusDetails": {"inRelease": "api@2.0.0"}},
        ("resolved", None),
        {"inRelease": "api@2.0.0"},
        "set_resolved_in_release",
    ),
    (
        {"status": "resolved", "statusDetails": {"inRelease": "latest"}},
        ("resolved", None),
        {"inRelease": "api@1.0.0"},
        "set_resolved_in_release",
    ),
    (
        {"status": "resolved", "statusDetails": {"inCommit": {"commit": "c0ffee", "repository": "a/b"}}},
        ("resolved", None),
        {"inCommit": {"id": "c0ffee", "repository": "a/b"}},
        "set_resolved_in_commit",
    ),
    ({"status": "ignored"}, ("ignored", "archived_until_escalating"), {}, "set_ignored"),
    (
        {"status": "ignored", "substatus": "archived_forever"},
        ("ignored", "archived_forever"),
        {},
        "set_ignored",
    ),
    (
        {"status": "ignored", "ignoreCount": 10, "ignoreWindow": 60},
        ("ignored", "archived_until_condition_met"),
        {"ignoreCount": 10, "ignoreWindow": 60},
        "set_ignored",
    ),
    (
        {"status": "ignored", "statusDetails": {"ignoreDuration": 30}},
        ("ignored", "archived_until_condition_met"),
        {"ignoreUntil": "2026-01-02T03:35:05Z"},
        "set_ignored",
    ),
]


@pytest.mark.parametrize(("body", "state", "details", "story"), TERMS)
def test_a_status_is_set_with_its_terms_and_told(
    ada: Client, issue: str, body: Json, state: tuple[str, str | None], details: Json, story: str
) -> None:
    changed = put(ada, issue, body)
    actor = changed["statusDetails"].pop("actor", None)
    assert (changed["status"], changed["substatus"]) == state
    assert changed["statusDetails"] == details
    assert not details or actor["email"] == "ada@example.com"
    assert stories(ada, issue) == [story, "first_seen"]
    assert put(ada, issue, body)["status"] == state[0]
    assert stories(ada, issue) == [story, "first_seen"], "the same again is no news"
    back = put(ada, issue, {"status": "unresolved"})
    assert (back["status"], back["substatus"], back["statusDetails"]) == ("unresolved", "ongoing", {})


def test_a_resolved_issue_reopens_when_a_later_release_fails(
    ada: Client, feed: Feed, issue: str, project_id: int, clock: SetClock
) -> None:
    put(ada, issue, {"status": "resolved", "statusDetails": {"inNextRelease": True}})
    clock.advance(10)
    feed.send(project_id, error(release="api@1.0.0"))
    assert found(ada, "is:resolved") == ["ValueError: bad id"]
    clock.advance(10)
    feed.send(project_id, error(release="api@1.0.1"))
    after = ada.get(issue).json()
    assert (after["status"], after["substatus"], after["count"]) == ("unresolved", "regressed", "3")
    assert after["activity"][0]["type"] == "set_regression"
    assert after["activity"][0]["data"]["version"] == "api@1.0.1"
    assert found(ada, "is:regressed") == ["ValueError: bad id"]


def test_an_archive_for_minutes_ends_by_the_clock(
    ada: Client, issue: str, records: Records, clock: SetClock
) -> None:
    put(ada, issue, {"status": "ignored", "ignoreDuration": 5})
    assert found(ada, "is:archived") == ["ValueError: bad id"]
    clock.advance(5 * 60)
    with records.connect() as connection:
        expire_archives(connection, clock())
    assert found(ada, "is:unresolved") == ["ValueError: bad id"]


def test_an_archived_issue_escalates_beyond_its_forecast(
    ada: Client, feed: Feed, issue: str, project_id: int, clock: SetClock
) -> None:
    put(ada, issue, {"status": "ignored", "substatus": "archived_until_escalating"})
    clock.advance(3600)
    feed.send(project_id, *(error() for _ in range(10)))
    assert ada.get(issue).json()["status"] == "ignored"
    feed.send(project_id, error())
    after = ada.get(issue).json()
    assert (after["substatus"], after["priority"]) == ("escalating", "high")


def test_next_release_is_refused_where_there_is_none(ada: Client, feed: Feed, project_id: int) -> None:
    feed.send(project_id, error())
    answer = put(ada, f"/issues/{ids(ada)[0]}/", {"status": "resolvedInNextRelease"}, 400)
    assert answer == {"statusDetails": ["the project has no release yet"]}


# ── the rest ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["ada@example.com", "user:{user}", "{user}", "Ada", "#web", "team:{team}"])
def test_an_issue_is_assigned_by_any_name(ada: Client, issue: str, records: Records, who: str) -> None:
    with records.read() as session:
        team = session.scalars(select(Team.id)).one()
    user = ada.get("/").json()["user"]["id"]
    changed = put(ada, issue, {"assignedTo": who.format(user=user, team=team)})
    kind = "team" if who.startswith(("#", "team")) else "user"
    assert changed["assignedTo"]["type"] == kind
    assert stories(ada, issue)[0] == "assigned"
    assert found(ada, "assigned:me" if kind == "user" else "assigned:#web") == ["ValueError: bad id"]
    assert put(ada, issue, {"assignedTo": ""})["assignedTo"] is None
    assert stories(ada, issue)[0] == "unassigned"


@pytest.mark.parametrize("who", ["nobody@example.com", "#nothing", "team:99", "user:99", "user:x"])
def test_an_unknown_assignee_is_refused(ada: Client, issue: str, who: str) -> None:
    assert "assignedTo" in put(ada, issue, {"assignedTo": who}, 400)


def test_marks_are_the_persons_own(
    ada: Client, api: Client, world: World, issue: str, records: Records
) -> None:
    body = {"hasSeen": True, "isBookmarked": True, "isSubscribed": True, "priority": "low"}
    changed = put(ada, issue, body)
    assert {key: changed[key] for key in body} == body
    assert [person["email"] for person in changed["seenBy"]] == ["ada@example.com"]
    assert changed["subscriptionDetails"] == {"reason": "unknown"}
    with records.read() as session:
        acme = session.scalars(select(Organization.id)).one()
    bob = world.user("bob@example.com")
    world.member(acme, bob)
    other = api.with_token(world.token(bob)).get(issue).json()
    assert (other["hasSeen"], other["isBookmarked"], other["isSubscribed"]) == (False, False, False)
    assert other["priority"] == "low"
    assert other["priorityLockedAt"] is not None


def test_a_shared_issue_is_read_by_anybody_and_shows_no_people(
    ada: Client, api: Client, feed: Feed, project_id: int
) -> None:
    feed.send(project_id, error(user={"email": "secret@x.io"}, tags={"customer": "secret"}))
    issue = f"/issues/{ids(ada)[0]}/"
    share_id = put(ada, issue, {"isPublic": True})["shareId"]
    answer = api.get(f"/shared/issues/{share_id}/")
    assert answer.status_code == 200
    assert answer.json()["latestEvent"]["entries"][0]["type"] == "exception"
    assert answer.json()["title"] == "ValueError: bad id"
    for secret in ("secret", "ada@", "'x'"):
        assert secret not in answer.text
    put(ada, issue, {"isPublic": False})
    assert api.get(f"/shared/issues/{share_id}/").status_code == 404


# ── many ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def three(ada: Client, feed: Feed, project_id: int, clock: SetClock) -> list[str]:
    """Ids of three issues: A, B, C, with 3, 2 and 1 events."""
    for number, kind in enumerate(("A", "B", "C")):
        feed.send(project_id, *(error(kind, environment=kind) for _ in range(3 - number)))
    clock.advance(1)
    return ids(ada)


def test_ids_are_taken_from_the_query_and_from_the_body(ada: Client, three: list[str]) -> None:
    changed = put(ada, f"{LIST}?id={three[0]}&id={three[1]}", {"status": "resolved"})
    assert changed == {"status": "resolved", "substatus": None, "statusDetails": {}}
    assert found(ada, "is:resolved") == ["A: bad id", "B: bad id"]
    put(ada, LIST, {"id": [three[2]], "status": "resolved"})
    assert found(ada, "is:unresolved") == []
    put(ada, f"/projects/acme/api/issues/?id={three[0]}&status=resolved", {"status": "unresolved"})
    assert found(ada, "is:unresolved") == ["A: bad id"]


def test_a_query_says_which_issues_are_meant(ada: Client, three: list[str]) -> None:
    put(ada, f"{LIST}?query=environment:B", {"status": "resolved"})
    assert found(ada, "is:resolved") == ["B: bad id"]
    put(ada, f"{LIST}?query=", {"priority": "low"})
    assert len(found(ada, "issue.priority:low")) == 3


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ("", {}, 400),
        ("", {"id": []}, 204),
        ("", {"id": ["99"]}, 204),
        ("", {"id": None}, 204),
        ("?id=99", {}, 204),
        ("?id=", {}, 204),
        ("?id=x", {}, 204),
        ("?query=nothing", {}, 204),
    ],
)
def test_ids_that_find_nothing_never_mean_all(
    ada: Client, three: list[str], query: str, body: Json, status: int
) -> None:
    put(ada, f"{LIST}{query}", {**body, "status": "resolved"}, status)
    assert found(ada, "is:resolved") == []


def test_merged_issues_are_one_from_then_on(
    ada: Client, feed: Feed, project_id: int, three: list[str]
) -> None:
    ada.post(f"/issues/{three[1]}/notes/", {"text": "of B"})
    answer = put(ada, f"{LIST}?id={three[2]}&id={three[1]}&id={three[0]}", {"merge": 1})
    assert answer == {"merge": {"parent": three[0], "children": [three[1], three[2]]}}
    assert len(ids(ada)) == 1
    for old in (three[1], "API-2", "api-3"):
        assert ada.get(f"/issues/{old}/").json()["id"] == three[0]
    parent = ada.get(f"/issues/{three[0]}/").json()
    assert (parent["count"], parent["numComments"]) == ("6", 1)
    assert {entry["type"] for entry in parent["activity"]} == {"merge", "note", "first_seen"}
    assert len(ada.get(f"/issues/{three[0]}/events/").json()) == 6
    assert ada.get(LIST, params={"environment": "B"}).json()[0]["count"] == "2"
    feed.send(project_id, error("C"))
    assert ada.get(f"/issues/{three[0]}/").json()["count"] == "7"
    assert len(ids(ada)) == 1


def test_unmerged_hashes_stay_apart(ada: Client, feed: Feed, project_id: int, three: list[str]) -> None:
    put(ada, f"{LIST}?id={three[0]}&id={three[1]}", {"merge": 1})
    path = f"/organizations/acme/issues/{three[0]}/hashes/"
    hashes = ada.get(path).json()
    assert hashes[0]["latestEvent"]["entries"]
    of_b = [one["id"] for one in hashes if one["latestEvent"]["title"].startswith("B:")]
    answer = ada.delete(path, params={"id": of_b})
    assert answer.status_code == 202, answer.text
    assert found(ada) == ["A: bad id", "C: bad id", "B: bad id"]
    new = ada.get("/issues/API-4/").json()
    assert (new["count"], new["substatus"], new["metadata"]["type"]) == ("2", "ongoing", "B")
    assert ada.get(f"/issues/{three[0]}/").json()["count"] == "3"
    assert stories(ada, "/issues/API-4/") == ["unmerge_destination"]
    feed.send(project_id, error("A"), error("B"))
    assert ada.get("/issues/API-4/").json()["count"] == "3"
    assert ada.get(f"/issues/{three[0]}/").json()["count"] == "4"
    assert len(ids(ada)) == 3


@pytest.mark.parametrize("hashes", [[], ["x"], ["0" * 32]])
def test_only_the_issues_own_hashes_leave_it(ada: Client, three: list[str], hashes: list[str]) -> None:
    assert ada.delete(f"/issues/{three[0]}/hashes/", params={"id": hashes}).status_code == 400


def test_one_hash_must_stay(ada: Client, three: list[str]) -> None:
    path = f"/issues/{three[0]}/hashes/"
    all_ = [one["id"] for one in ada.get(path).json()]
    assert ada.delete(path, params={"id": all_}).status_code == 400


def test_issues_of_two_projects_are_not_merged(
    ada: Client, feed: Feed, world: World, records: Records, three: list[str]
) -> None:
    with records.read() as session:
        acme = session.scalars(select(Organization.id)).one()
    feed.send(world.project(acme, "web"), error("D"))
    other = ada.get("/issues/WEB-1/").json()["id"]
    assert "merge" in put(ada, f"{LIST}?id={three[0]}&id={other}", {"merge": 1}, 400)
    assert "merge" in put(ada, f"{LIST}?id={three[0]}", {"merge": 1}, 400)


# ── away ──────────────────────────────────────────────────────────────────────────────────


def test_a_deleted_issue_is_gone_at_once_and_its_error_opens_a_new_one(
    ada: Client, feed: Feed, project_id: int, issue: str, records: Records, clock: SetClock
) -> None:
    assert ada.delete(issue).status_code == 202
    assert ada.get(issue).status_code == 404
    assert ids(ada) == []
    with records.read() as session:
        job = session.scalars(select(Job)).one()
        assert (job.kind, job.payload["project_id"]) == ("delete_events", project_id)
        assert session.scalars(select(AuditEntry.event)).all() == ["issue.delete"]
    clock.advance(1)
    feed.send(project_id, error())
    (new,) = ada.get(LIST).json()
    assert (new["shortId"], new["count"], new["substatus"]) == ("API-2", "1", "new")
    assert len(ada.get("/issues/API-2/events/").json()) == 1, "what was deleted does not come back"


def test_a_discarded_issue_keeps_its_events_away(
    ada: Client, feed: Feed, project_id: int, issue: str, records: Records, clock: SetClock
) -> None:
    put(ada, issue, {"discard": True}, 204)
    clock.advance(1)
    feed.send(project_id, error())
    assert ids(ada) == []
    with records.read() as session:
        assert set(session.scalars(select(IssueHash.state))) == {"discarded"}


def test_many_are_deleted_by_id_and_by_query(ada: Client, three: list[str]) -> None:
    assert ada.delete(f"{LIST}?id={three[0]}").status_code == 204
    assert ada.delete("/projects/acme/api/issues/?query=environment:B").status_code == 204
    assert ids(ada) == [three[2]]
    assert ada.delete(LIST).status_code == 400
    assert ids(ada) == [three[2]]


# ── comments ──────────────────────────────────────────────────────────────────────────────


def test_comments_are_written_changed_and_deleted_by_their_author(
    ada: Client, api: Client, world: World, issue: str, records: Records
) -> None:
    note = ada.post(f"{issue}notes/", {"text": "look **here** <b>"})
    assert note.status_code == 201
    assert note.json()["data"]["html"] == "<p>look <strong>here</strong> &lt;b&gt;</p>\n"
    path = f"{issue}notes/{note.json()['id']}/"
    with records.read() as session:
        acme = session.scalars(select(Organization.id)).one()
    bob = world.user("bob@example.com")
    world.member(acme, bob, "member")
    other = api.with_token(world.token(bob))
    assert other.put(path, {"text": "mine"}).status_code == 403
    assert other.delete(path).status_code == 403
    assert ada.put(path, {"text": "there"}).json()["data"]["text"] == "there"
    assert ada.get(issue).json()["numComments"] == 1
    assert [one["data"]["text"] for one in ada.get(f"{issue}notes/").json()] == ["there"]
    assert ada.delete(path).status_code == 204
    assert ada.get(issue).json()["numComments"] == 0
    assert ada.post(f"{issue}notes/", {"text": "  "}).json() == {"text": ["may not be empty"]}


def test_who_is_mentioned_is_subscribed_and_told(
    ada: Client, world: World, issue: str, records: Records
) -> None:
    with records.read() as session:
        acme = session.scalars(select(Organization.id)).one()
    bob, eve = world.user("bob@example.com"), world.user("eve@elsewhere.com")
    world.member(acme, bob)
    ada.post(
        f"{issue}notes/", {"text": "@bob@example.com and @eve@elsewhere.com", "mentions": [f"user:{eve}"]}
    )
    people = [person["email"] for person in ada.get(issue).json()["participants"]]
    assert people == ["ada@example.com", "bob@example.com"]
    with records.read() as session:
        fact = session.scalars(select(Fact).where(Fact.kind == "mention")).one()
        assert fact.payload["user_ids"] == [bob]


# ── searches ──────────────────────────────────────────────────────────────────────────────


def test_searches_are_kept_for_oneself_or_for_all(
    ada: Client, api: Client, world: World, records: Records
) -> None:
    path = "/organizations/acme/searches/"
    mine = ada.post(path, {"name": "Mine", "query": "level:error", "sort": "freq"}).json()
    ours = ada.post(path, {"name": "Ours", "query": "is:new", "visibility": "organization"}).json()
    assert [one["name"] for one in ada.get(path).json()] == ["Mine", "Ours"]
    with records.read() as session:
        acme = session.scalars(select(Organization.id)).one()
    bob = world.user("bob@example.com")
    world.member(acme, bob, "member")
    other = api.with_token(world.token(bob))
    assert [one["name"] for one in other.get(path).json()] == ["Ours"]
    assert other.delete(f"{path}{ours['id']}/").status_code == 403
    assert other.delete(f"{path}{mine['id']}/").status_code == 404
    assert ada.put(f"{path}{mine['id']}/", {"name": "My own"}).json()["name"] == "My own"
    assert ada.delete(f"{path}{mine['id']}/").status_code == 204
    assert ada.post(path, {"query": "x"}).status_code == 400
    recent = "/organizations/acme/recent-searches/"
    assert ada.post(recent, {"query": "is:new"}).status_code == 201
    assert ada.post(recent, {"query": "is:new"}).status_code == 204
    assert [one["query"] for one in ada.get(recent).json()] == ["is:new"]


def test_a_hash_that_was_seen_long_ago_still_finds_its_issue(
    ada: Client, feed: Feed, project_id: int, issue: str, clock: SetClock
) -> None:
    clock.advance(20 * DAY_US / 1_000_000)
    feed.send(project_id, error())
    assert ada.get(issue).json()["count"] == "2"


def test_events_of_a_deleted_issue_leave_telemetry(
    ada: Client,
    feed: Feed,
    project_id: int,
    three: list[str],
    records: Records,
    telemetry: Telemetry,
    clock: SetClock,
) -> None:
    ada.delete(f"{LIST}?id={three[0]}&id={three[1]}")
    clock.advance(1)
    feed.send(project_id, error("A"))
    clock.advance(60)  # until the watermark has passed the deletion
    for _ in range(50):
        run_deletions(records, telemetry, clock(), clock() - LAG_US)
        clock.advance(6)
        with records.read() as session:
            if set(session.scalars(select(Job.state))) == {"done"}:
                break
    rows = telemetry.query("SELECT title, count() AS n FROM errors GROUP BY title ORDER BY title")
    assert rows == [{"title": "A: bad id", "n": 1}, {"title": "C: bad id", "n": 1}]
    with records.read() as session:
        assert set(session.scalars(select(Job.state))) == {"done"}

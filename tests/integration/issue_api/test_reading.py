"""Issues and events as they are read over the API."""

import re
from typing import Any

from tests.conftest import SetClock
from tests.support.client import Client
from tests.support.feed import Feed, error

LIST = "/organizations/acme/issues/"


def test_an_issue_is_listed_in_the_shape_that_clients_read(
    ada: Client, feed: Feed, project_id: int, clock: SetClock
) -> None:
    feed.send(project_id, error(user={"id": "5"}, release="api@1.2.0", environment="production"))
    clock.advance(60)
    feed.send(project_id, error(user={"id": "6"}, release="api@1.2.0"))
    answer = ada.get(LIST)
    assert answer.status_code == 200, answer.text
    (issue,) = answer.json()
    assert answer.headers["x-hits"] == "1"
    assert 'rel="next"; results="false"' in answer.headers["link"]
    expected: dict[str, Any] = {
        "shortId": "API-1",
        "title": "ValueError: bad id",
        "culprit": "app.views in show_ValueError",
        "permalink": f"http://testserver/organizations/acme/issues/{issue['id']}/",
        "level": "error",
        "status": "unresolved",
        "substatus": "new",
        "statusDetails": {},
        "platform": "python",
        "count": "2",
        "userCount": 2,
        "firstSeen": "2026-01-02T03:04:05Z",
        "lastSeen": "2026-01-02T03:05:05Z",
        "assignedTo": None,
        "hasSeen": False,
        "isPublic": False,
        "shareId": None,
        "filtered": None,
        "type": "error",
        "issueCategory": "error",
    }
    assert {key: issue[key] for key in expected} == expected
    assert issue["project"] == {"id": str(project_id), "name": "API", "slug": "api", "platform": None}
    assert issue["metadata"]["type"] == "ValueError"
    assert issue["lifetime"]["count"] == "2"
    assert len(issue["stats"]["24h"]) == 24
    assert sum(count for _, count in issue["stats"]["24h"]) == 2


def test_an_event_is_told_whole(ada: Client, feed: Feed, project_id: int, clock: SetClock) -> None:
    sent = error(
        user={"id": "5", "email": "ada@x.io", "data": {"plan": "pro"}},
        release="api@1.2.0+5",
        environment="production",
        tags={"customer": "c1"},
        extra={"depth": {"a": 1}},
        contexts={"runtime": {"name": "CPython", "version": "3.13"}, "odd": {"x": 1}},
        breadcrumbs=[{"message": "hello", "category": "log", "timestamp": clock.now_us / 1e6}],
        request={
            "url": "https://x.io/a",
            "method": "post",
            "query_string": "q=1",
            "headers": {"Host": "x.io"},
            "data": {"b": 2},
        },
        modules={"django": "5.1"},
        sdk={"name": "sentry.python", "version": "2.75.0"},
        logentry={"message": "id %s", "params": ["x"]},
    )
    (event_id,) = feed.send(project_id, sent)
    event = ada.get(f"/projects/acme/api/events/{event_id}/").json()
    assert event == ada.get("/issues/API-1/events/latest/").json()
    assert event["dateCreated"] == event["dateReceived"] == "2026-01-02T03:04:05Z"
    assert (event["type"], event["event.type"], event["message"]) == ("error", "error", "id x")
    assert (event["nextEventID"], event["previousEventID"]) == (None, None)
    assert event["release"]["version"] == "api@1.2.0+5"
    assert event["release"]["shortVersion"] == "1.2.0 (5)"
    assert event["user"]["data"] == {"plan": "pro"}
    assert event["contexts"]["runtime"]["version"] == "3.13"
    assert (event["context"], event["packages"]) == ({"depth": {"a": 1}}, {"django": "5.1"})
    assert event["sdk"]["name"] == "sentry.python"
    tags = {tag["key"]: tag["value"] for tag in event["tags"]}
    assert tags["customer"] == "c1"
    assert {"key": "user", "value": "id:5", "query": 'user.id:"5"'} in event["tags"]
    entries = {entry["type"]: entry["data"] for entry in event["entries"]}
    assert list(entries) == ["exception", "message", "breadcrumbs", "request"]
    (exception,) = entries["exception"]["values"]
    library, own = exception["stacktrace"]["frames"]
    assert (exception["type"], exception["value"], exception["threadId"]) == ("ValueError", "bad id", None)
    assert exception["stacktrace"]["hasSystemFrames"] is True
    assert (library["inApp"], own["inApp"], own["lineNo"], own["absPath"]) == (
        False,
        True,
        42,
        "/srv/app/views.py",
    )
    assert own["context"] == [[41, "def show(id):"], [42, "  int(id)"]]
    assert own["vars"] == {"id": "'x'"}
    assert entries["message"] == {"formatted": "id x", "message": "id %s", "params": ["x"]}
    (crumb,) = entries["breadcrumbs"]["values"]
    assert (crumb["message"], crumb["timestamp"]) == ("hello", "2026-01-02T03:04:05Z")
    request = entries["request"]
    assert (request["method"], request["url"], request["query"]) == ("POST", "https://x.io/a", [["q", "1"]])
    assert request["data"] == {"b": 2}
    assert len(event["fingerprints"][0]) == 32
    raw = ada.get(f"/projects/acme/api/events/{event_id}/json/").json()
    assert raw["exception"]["values"][0]["stacktrace"]["frames"][1]["abs_path"] == "/srv/app/views.py"
    assert raw["timestamp"] == clock.now_us / 1e6
    info = ada.get(f"/projects/acme/api/events/{event_id}/grouping-info/").json()
    assert {variant["hash"] for variant in info.values() if variant["contributes"]} >= {
        event["fingerprints"][0]
    }
    assert not any(variant["hashMismatch"] for variant in info.values())


def test_grouping_says_where_the_rules_were_others_then(ada: Client, feed: Feed, project_id: int) -> None:
    (event_id,) = feed.send(project_id, error())
    rules = {"fingerprintingRules": "error.type:* -> {{ error.type }}"}
    assert ada.put("/projects/acme/api/", rules).status_code == 200
    info = ada.get(f"/projects/acme/api/events/{event_id}/grouping-info/").json()
    assert {key for key, one in info.items() if one["hashMismatch"]} == {
        key for key, one in info.items() if one["contributes"]
    }
    (later_id,) = feed.send(project_id, error())
    info = ada.get(f"/projects/acme/api/events/{later_id}/grouping-info/").json()
    assert not any(one["hashMismatch"] for one in info.values())


def test_events_are_paged_both_ways_and_know_their_neighbours(
    ada: Client, feed: Feed, project_id: int, clock: SetClock
) -> None:
    sent: list[str] = []
    for _ in range(5):
        sent += feed.send(project_id, error())
        clock.advance(1)
    newest = sent[::-1]
    path = "/issues/API-1/events/"
    pages: list[list[str]] = []
    links: list[dict[str, str]] = []
    cursor = ""
    while True:
        answer = ada.get(path, params={"per_page": 2, "cursor": cursor})
        pages.append([event["id"] for event in answer.json()])
        links.append(_links(answer.headers["link"]))
        if links[-1]["next results"] == "false":
            break
        cursor = links[-1]["next cursor"]
    assert pages == [newest[:2], newest[2:4], newest[4:]]
    back = ada.get(path, params={"per_page": 2, "cursor": links[-1]["previous cursor"]})
    assert [event["id"] for event in back.json()] == newest[2:4]
    assert links[0]["previous results"] == "false"
    middle = ada.get(f"{path}{newest[2]}/").json()
    assert (middle["nextEventID"], middle["previousEventID"]) == (newest[1], newest[3])
    assert ada.get(f"{path}oldest/").json()["id"] == sent[0]
    assert ada.get(f"{path}latest/").json()["id"] == sent[-1]
    assert {event["id"] for event in ada.get(path, params={"sample": 1}).json()} == set(sent)


def _links(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in header.split(", <"):
        values = dict(re.findall(r'(\w+)="([^"]*)"', part))
        found |= {f"{values['rel']} {name}": values[name] for name in ("results", "cursor")}
    return found


def test_figures_are_of_the_environment_and_the_time_asked_for(
    ada: Client, feed: Feed, project_id: int, clock: SetClock
) -> None:
    feed.send(project_id, error(environment="production", user={"id": "1"}))
    clock.advance(3 * 24 * 3600)
    feed.send(project_id, error(environment="staging", user={"id": "2"}), error(user={"id": "2"}))
    whole = ada.get(LIST).json()[0]
    assert (whole["count"], whole["userCount"]) == ("3", 2)
    staging = ada.get(LIST, params={"environment": "staging"}).json()[0]
    assert (staging["count"], staging["userCount"], staging["lifetime"]["count"]) == ("1", 1, "3")
    assert staging["firstSeen"] == "2026-01-05T03:04:05Z"
    day = ada.get(LIST, params={"statsPeriod": "24h", "groupStatsPeriod": "auto"}).json()[0]
    assert (day["count"], day["userCount"], day["lifetime"]["userCount"]) == ("2", 1, 2)
    assert sum(count for _, count in day["stats"]["auto"]) == 2
    filtered = ada.get(LIST, params={"query": "user.id:1"}).json()[0]
    assert (filtered["filtered"]["count"], filtered["count"]) == ("1", "3")
    bare = ada.get(LIST, params={"collapse": "stats"}).json()[0]
    assert not {"stats", "userCount", "lifetime", "filtered"} & set(bare)
    detail = ada.get("/issues/API-1/").json()
    assert {name: len(bars) for name, bars in detail["stats"].items()} == {"24h": 24, "30d": 30}
    assert {tag["key"] for tag in detail["tags"]} >= {"environment", "user", "level"}
    series = ada.get("/issues/API-1/stats/", params={"groupBy": "environment"}).json()
    counts = {one["by"]["environment"]: sum(n for _, n in one["series"]) for one in series["groups"]}
    assert counts == {"production": 1, "staging": 1, "": 1}

"""Every path of issues and events answers, by each of its names."""

import pytest

from tests.conftest import SetClock
from tests.support.client import Client
from tests.support.feed import Feed, error

PARTS = (
    *("", "events/", "events/latest/", "events/oldest/", "events/recommended/", "hashes/", "tags/"),
    *("tags/level/", "tags/level/values/", "tags/user/values/", "activities/", "notes/", "similar-issues/"),
    *("stats/", "stats/?groupBy=release", "user-reports/", "external-issues/", "attachments/"),
    *(
        "events/?full=1",
        "events/?sample=1",
        "events/?query=level:error&statsPeriod=24h",
        "events/?query=is:unresolved",
    ),
)
LISTS = (
    *("", "?query=", "?query=is:unresolved", "?sort=new", "?sort=freq", "?sort=user", "?sort=trends"),
    *("?sort=inbox", "?sort=recommended", "?statsPeriod=24h", "?statsPeriod=14d&groupStatsPeriod=auto"),
    *("?groupStatsPeriod=", "?groupStatsPeriod=14d", "?environment=production", "?collapse=stats"),
    *("?collapse=lifetime&collapse=filtered&collapse=unhandled&collapse=base", "?expand=owners&expand=inbox"),
    *("?query=level:error", "?query=user.id:5", "?query=filename:views.py", "?query=bad", "?cursor="),
    *("?start=2026-01-01T00:00:00&end=2026-01-03T00:00:00Z&utc=true", "?limit=1", "?query=undefined"),
    *("?query=customer:c1&sort=user", "?project=-1", "?referrer=x&per_page=5"),
)


@pytest.fixture
def event_id(feed: Feed, project_id: int, clock: SetClock) -> str:
    first = error(
        user={"id": "5", "email": "ada@x.io"},
        release="api@1.2.0",
        environment="production",
        tags={"customer": "c1"},
        extra={"a": 1},
        contexts={"runtime": {"name": "CPython"}},
        breadcrumbs=[{"message": "hello", "timestamp": clock.now_us / 1e6}],
        request={"url": "https://x.io/a", "method": "GET", "headers": {"Host": "x.io"}},
        modules={"django": "5.1"},
    )
    return feed.send(project_id, first)[0]


def test_every_part_of_an_issue_answers_with_and_without_the_organization(ada: Client, event_id: str) -> None:
    issue = ada.get("/organizations/acme/issues/").json()[0]
    for base in (f"/organizations/acme/issues/{issue['id']}/", f"/issues/{issue['id']}/", "/issues/api-1/"):
        for part in (*PARTS, f"events/{event_id}/"):
            answer = ada.get(base + part)
            assert answer.status_code == 200, (base + part, answer.text)


@pytest.mark.parametrize("base", ["/organizations/acme/issues/", "/projects/acme/api/issues/"])
def test_every_form_of_a_list_finds_the_issue(ada: Client, event_id: str, base: str) -> None:
    for query in (*LISTS, f"?query={event_id}", "?query=API-1&shortIdLookup=1"):
        answer = ada.get(base + query)
        assert answer.status_code == 200, (query, answer.text)
        assert [issue["shortId"] for issue in answer.json()] == ["API-1"], query


def test_events_answer_below_their_project_and_by_their_id(
    ada: Client, event_id: str, project_id: int
) -> None:
    base = "/projects/acme/api/events/"
    paths = [
        "",
        "?full=1",
        *(f"{event_id}/{part}" for part in ("", "json/", "attachments/", "source-map-debug/")),
    ]
    for path in (*(base + one for one in paths), f"{base}{event_id}/grouping-info/"):
        answer = ada.get(path)
        assert answer.status_code == 200, (path, answer.text)
    found = ada.get(f"/organizations/acme/eventids/{event_id}/").json()
    assert found["projectSlug"] == "api"
    assert found["event"]["entries"]
    short = ada.get("/organizations/acme/shortids/API-1/").json()
    assert short["groupId"] == found["groupId"] == short["group"]["id"]
    assert short["group"]["metadata"]["title"]
    for path in (
        "tags/",
        "tags/level/values/",
        "tags/customer/values/?query=c",
        "searches/",
        "recent-searches/",
    ):
        answer = ada.get(f"/organizations/acme/{path}")
        assert answer.status_code == 200, (path, answer.text)
    counts = ada.get("/organizations/acme/issues-count/?query=is:unresolved&query=is:resolved").json()
    assert counts == {"is:unresolved": 1, "is:resolved": 0}
    stats = ada.get(f"/organizations/acme/issues-stats/?groups={found['groupId']}").json()
    assert stats[0]["count"] == "1"
    table = ada.get("/organizations/acme/issues/?format=csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert "ValueError: bad id" in table.text


MISSING = (
    *("/issues/99/", "/issues/API-99/", "/issues/nothing/", "/organizations/acme/issues/99/"),
    *(f"/issues/{'9' * 30}/", f"/organizations/acme/shortids/API-{'Z' * 13}/"),
    *("/organizations/acme/shortids/API-9/", "/organizations/acme/eventids/" + "0" * 32 + "/"),
    *(
        "/projects/acme/api/events/" + "0" * 32 + "/",
        "/issues/1/events/" + "0" * 32 + "/",
        "/issues/1/events/x/",
    ),
    *("/shared/issues/nothing/", "/issues/1/tags/nothing/", "/organizations/acme/live/?topics=nothing"),
    "/organizations/acme/issues/?project=99",
)
REFUSED = (
    *("?query=(", "?sort=colour", "?statsPeriod=soon", "?start=2026-01-01T00:00:00", "?groupStatsPeriod=1y"),
    *("?query=timesSeen:many", "?start=x&end=y", "?start=2026-01-03T00:00:00&end=2026-01-01T00:00:00"),
)


def test_what_is_not_there_is_missing_and_what_cannot_be_read_refused(ada: Client, event_id: str) -> None:
    for path in MISSING:
        answer = ada.get(path)
        assert answer.status_code == 404, (path, answer.text)
    for query in REFUSED:
        answer = ada.get(f"/organizations/acme/issues/{query}")
        assert answer.status_code == 400, (query, answer.text)
        assert "detail" in answer.json()


def test_numbers_that_no_store_can_hold_name_nothing(ada: Client, event_id: str) -> None:
    huge = "9" * 30
    assert ada.put(f"/issues/1/notes/{huge}/", {"text": "x"}).status_code == 404
    assert ada.delete(f"/issues/1/notes/{huge}/").status_code == 404
    assert ada.delete(f"/organizations/acme/searches/{huge}/").status_code == 404
    assert ada.get(f"/organizations/acme/issues-stats/?groups={huge}&groups=%C2%B2").json() == []
    for query in (f"cursor={huge[:19]}:1234567890000000000:0", f"query=issue:API-{'Z' * 13}"):
        assert ada.get(f"/organizations/acme/issues/?{query}").status_code == 200, query

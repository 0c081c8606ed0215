"""Issues and events as they are read over the API."""

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

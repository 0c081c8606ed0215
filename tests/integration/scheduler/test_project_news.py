"""What a project's own pages ask: samples, previews of rules, live news."""

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.conftest import SetClock
from tests.support.client import Client
from tests.support.feed import Feed, error
from vedette.api.live import Hub
from vedette.api.live_projects import ProjectWatch
from vedette.api.reasons import in_words
from vedette.api.services import Services
from vedette.core.outcomes import Outcome
from vedette.spool.record import SpoolRecord
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.tables import OUTCOMES


@pytest.fixture
def services(services: Services, feed: Feed) -> Services:
    def append(record: SpoolRecord) -> None:
        feed.send(record.project_id, json.loads(record.body))

    return msgspec.structs.replace(services, append=append)


def test_a_sample_is_an_event_like_any_other(ada: Client, project_id: int) -> None:
    made = ada.post("/projects/acme/api/create-sample/").json()
    assert made["groupID"] and made["projectID"] == str(project_id)
    event = ada.get(f"/projects/acme/api/events/{made['eventID']}/").json()
    assert {"key": "sample", "value": "yes"}.items() <= next(
        t for t in event["tags"] if t["key"] == "sample"
    ).items()
    assert "KeyError" in event["title"]


def preview(ada: Client, kind: str, **body: Any) -> Any:
    return ada.post(f"/projects/acme/api/{kind}-preview/", body).json()


def test_grouping_rules_are_tried_on_the_newest_events(ada: Client, feed: Feed, project_id: int) -> None:
    feed.send(project_id, error("KeyError"), error("OSError"))
    seen = preview(ada, "grouping", fingerprintingRules="error.type:KeyError -> everything")
    changed = {event["title"].partition(":")[0]: event["changed"] for event in seen["events"]}
    assert changed == {"KeyError": True, "OSError": False} and seen["errors"] == []
    assert {event["before"]["shortId"] for event in seen["events"]} == {"API-1", "API-2"}
    assert next(event for event in seen["events"] if event["changed"])["after"]["issueId"] is None


def test_mistakes_in_rules_have_a_place(ada: Client) -> None:
    seen = preview(ada, "grouping", fingerprintingRules="error.type:A -> b\nnonsense")
    assert [(one["field"], one["line"]) for one in seen["errors"]] == [("fingerprintingRules", 2)]


def test_scrubbing_is_tried_on_the_last_event(ada: Client, feed: Feed, project_id: int) -> None:
    feed.send(project_id, error(extra={"shoe_size": "43", "colour": "red"}))
    assert preview(ada, "scrubbing")["event"]["changes"] == []
    changes = preview(ada, "scrubbing", sensitiveFields=["shoe_size"])["event"]["changes"]
    assert [(one["path"], one["before"]) for one in changes] == [("extra.shoe_size", "43")]


def test_a_project_without_events_has_nothing_to_show(ada: Client) -> None:
    assert preview(ada, "scrubbing") == {"errors": [], "event": None}
    assert preview(ada, "grouping") == {"errors": [], "events": []}


def test_a_watch_tells_of_events_and_of_what_was_not_taken(
    ada: Client, feed: Feed, records: Records, telemetry: Telemetry, clock: SetClock, project_id: int
) -> None:
    watch = ProjectWatch(records, telemetry, clock, project_id, "api")
    assert watch.look() == []
    event_id = feed.send(project_id, error())[0]
    row = (project_id, 1, "error", int(Outcome.RATE_LIMITED), "quota", clock() // 60_000_000 * 60, 3)
    telemetry.insert("outcomes", OUTCOMES.columns, [row], token="refused")
    received, rejected = (news.content for news in watch.look())
    assert (received["kind"], received["event"], received["topic"]) == ("received", event_id, "project:api")
    assert received["issue"]
    assert (rejected["reason"], rejected["quantity"]) == ("quota", 3) and "quota" in rejected["message"]
    assert watch.look() == []


async def test_a_listener_hears_of_this_process_refusals_at_once(
    ada: Client, records: Records, telemetry: Telemetry, clock: SetClock, project_id: int
) -> None:
    hub = Hub(records, clock, telemetry=telemetry)
    stream = hub.listen(1, frozenset(), {project_id: "api"})
    assert b"hello" in await anext(stream)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.05)
    hub.on_reject(project_id, "unknown_key", "no such key")
    hub.on_reject(project_id + 1, "unknown_key", "of another")
    told = json.loads((await asyncio.wait_for(waiting, 5)).removeprefix(b"data: "))
    assert (told["kind"], told["reason"], told["detail"]) == ("rejected", "unknown_key", "no such key")
    await hub.close()
    await stream.aclose()  # type: ignore[attr-defined]  # it is a generator


def test_topics_of_projects_that_are_not_seen_do_not_exist(ada: Client) -> None:
    assert ada.get("/organizations/acme/live/?topics=project:nobody").status_code == 404
    assert ada.get("/organizations/acme/live/?topics=other").status_code == 404


def test_reasons_have_words() -> None:
    assert "allowed domains" in in_words("cors")
    assert in_words("too_large:event") == "Too large: the limit of event is passed."
    assert in_words("something_new") == "Not taken: something new."


def test_receiving_has_no_other_reasons() -> None:
    """Whoever adds a refusal writes its words here, too."""
    import re

    from vedette.api import reasons

    sources = "".join(
        path.read_text() for path in (Path(reasons.__file__).parents[1] / "receive").glob("*.py")
    )
    named = set(re.findall(r'Refusal\(\s*\d+,\s*[^)]*?,\s*"([a-z_]+)"', sources))
    without = {reason for reason in named if in_words(reason).startswith("Not taken") and reason != "path"}
    assert not without, without

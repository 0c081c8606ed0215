"""A small world, made from a seed: 30 issues in two projects, some with several hashes, 400 events."""

import json
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from vedette.core.event import user_hash
from vedette.core.time import DAY_US, HOUR_US, SECOND_US
from vedette.errors.groups import signed
from vedette.errors.scope import Scope, Viewer
from vedette.storage.records import schema
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.tables import ERRORS, ISSUE_HOURS, tag_hash

Event = dict[str, Any]  # a row of `errors` by column
Issue = dict[str, Any]  # a row of `issues` by column, and `hashes`, `events`, `bookmarked_by`

NOW_US = 1_790_000_000 * SECOND_US // HOUR_US * HOUR_US
FROM_US = NOW_US - 20 * DAY_US
PROJECTS = {1: "api", 2: "web"}
RELEASES = ("shop@1.0.0", "shop@1.2.0", "shop@1.10.0-rc.1", "web@2.0.0+7", "abc")
SEED = 11


@dataclass(frozen=True)
class Sample:
    events: list[Event]
    issues: list[Issue]

    @staticmethod
    def make() -> "Sample":
        rng = random.Random(SEED)
        issues = [_issue(rng, number) for number in range(1, 31)]
        events = [_event(rng, index, rng.choice(issues)) for index in range(400)]
        for issue in issues:
            _count(issue)
        return Sample(events, [issue for issue in issues if issue["events"]])


ADA = Viewer(1, (1,))


def scope(*environments: str, viewer: Viewer = ADA, **more: Any) -> Scope:
    return Scope(1, PROJECTS, FROM_US, NOW_US, environments, viewer, **more)


def _issue(rng: random.Random, number: int) -> Issue:
    # The same hash in both projects is two issues.
    hashes = [number * 1000 + (1 << 63 if number % 2 else 0)] if number > 2 else [77]
    if number % 4 == 0:
        hashes += [number * 1000 + 1, number * 1000 + 2]
    status = rng.choice(["unresolved", "unresolved", "resolved", "ignored"])
    substatus = {"unresolved": rng.choice(["new", "ongoing", "regressed"]), "ignored": "archived_forever"}
    return {
        "id": number,
        "project_id": 1 + number % 2,
        "short_number": number,
        "status": status,
        "substatus": substatus.get(status),
        "status_changed_us": NOW_US - number * HOUR_US,
        "level": rng.choice(["error", "warning", "fatal"]),
        "priority": rng.choice(["high", "medium", "low"]),
        "assignee_user_id": rng.choice([None, None, 1, 2]),
        "assignee_team_id": None,
        "logger": None,
        "created_us": 0,
        "category": "error",
        "hashes": hashes,
        "events": [],
        "bookmarked": rng.random() < 0.2,
    }


def _event(rng: random.Random, index: int, issue: Issue) -> Event:
    number: int = issue["id"]
    kind = ["ValueError", "TypeError", "KeyError"][number % 3]
    message = f"bad id {rng.randint(0, 9)}% of {['Ä_1', 'row'][number % 2]}"
    title = f"{kind}: {message}"
    user = rng.choice(["", "id:1", "id:2", "email:ada@x.io"])
    browser = rng.choice(["Chrome", "Firefox", ""])
    tags = {"customer": rng.choice(["c1", "c22", "c*3"]), "n": str(rng.randint(0, 5))}
    if browser:
        tags["browser"] = f"{browser} {rng.randint(1, 3)}"
    if rng.random() < 0.5:
        tags["region"] = rng.choice(["eu", "US", "true"])
    ts = NOW_US - rng.randint(1, 30 * 24 * 3600) * SECOND_US - index
    files = rng.sample(["app/views.py", "views.py", "lib/core.py", "C:\\app\\main.cs", "app/reviews.py"], 2)
    event: Event = {column.name: _EMPTY.get(column.type.split("(")[0], "") for column in ERRORS.columns} | {
        "keep_days": 90,
        "project_id": issue["project_id"],
        "group_hash": rng.choice(issue["hashes"]),
        "ts": ts,
        "received": ts + SECOND_US,
        "event_id": f"{index:032x}",
        "platform": rng.choice(["python", "node"]),
        "level": issue["level"],
        "type": "error",
        "title": title,
        "culprit": f"app.views in f{number}",
        "message": message,
        "location": files[0],
        "transaction": f"/page/{number % 5}",
        "environment": rng.choice(["production", "staging", ""]),
        "release": rng.choice(RELEASES),
        "user": user,
        "user_id": user.removeprefix("id:") if user.startswith("id:") else "",
        "user_email": "ada@x.io" if user.startswith("email") else "",
        "user_hash": user_hash(user),
        "browser_name": browser,
        "os_name": rng.choice(["Linux", "Windows"]),
        "handled": rng.choice([-1, 0, 1]),
        "trace_id": f"{index % 7:032x}" if index % 7 else "",
        "exception_types": [kind, "OSError"][: rng.randint(1, 2)],
        "exception_values": [message],
        "stack_filename": files,
        "stack_abs_path": [f"/srv/{file}" for file in files],
        "stack_function": [f"f{number}"],
        "stack_in_app": [0, 1],
        "tags": tags,
        "tag_hashes": [tag_hash(key, value) for key, value in tags.items()],
        "search": f"{title}\n{message}\napp.views in f{number}".lower(),
    }
    event["payload:user.segment"] = rng.choice(["", "gold", 'sil"ver'])
    event["payload:user.geo.city"] = rng.choice(["", "Köln"]) if event["payload:user.segment"] else ""
    event["payload:contexts.response.status_code"] = rng.choice(["", "404"])
    event["payload:contexts.app.in_foreground"] = rng.choice(["", "true", "false"])
    event["payload:frames.lineno"] = rng.choice([[], [7, 42]])
    event["payload"] = _payload(event)
    issue["events"].append(event)
    return event


def _payload(event: Event) -> str:
    """The event's JSON, as much of it as is searched or shown here."""
    code, shown = (
        event[f"payload:contexts.{name}"] for name in ("response.status_code", "app.in_foreground")
    )
    user = {"segment": event["payload:user.segment"], "geo": {"city": event["payload:user.geo.city"]}}
    frames = [{"lineno": line} for line in event["payload:frames.lineno"]] + [{"function": "f"}]
    return json.dumps(
        {
            "event_id": event["event_id"],
            "user": user if user["segment"] else None,
            "contexts": {"response": {"status_code": int(code)} if code else {}}
            | ({"app": {"in_foreground": shown == "true"}} if shown else {}),
            "exception": {"values": [{"type": "A", "stacktrace": {"frames": frames}}, {"type": "B"}]},
        },
        ensure_ascii=False,
    )


_EMPTY: dict[str, Any] = {
    "UInt16": 0, "UInt32": 0, "UInt64": 0, "Int8": 0, "DateTime64": 0, "Array": [], "Map": {},
}  # fmt: skip


def _count(issue: Issue) -> None:
    events = sorted(issue["events"], key=lambda event: event["ts"])
    if not events:
        return
    issue |= {
        "title": events[-1]["title"],
        "culprit": events[-1]["culprit"],
        "platform": events[-1]["platform"],
        "first_seen_us": events[0]["ts"],
        "last_seen_us": events[-1]["ts"],
        "times_seen": len(events),
        "first_release": events[0]["release"],
        "last_release": events[-1]["release"],
    }


def fill_telemetry(telemetry: Telemetry, sample: Sample) -> None:
    rows = [tuple(event[column.name] for column in ERRORS.columns) for event in sample.events]
    telemetry.insert("errors", ERRORS.columns, rows, token="sample")
    hours: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for event in sample.events:
        hour_s = event["ts"] // HOUR_US * 3600
        key = (90, event["project_id"], event["group_hash"], event["environment"], hour_s)
        hours[key].append(event["user_hash"])
    counted = [(*key, len(users), sorted({user for user in users if user})) for key, users in hours.items()]
    telemetry.insert("issue_hours", ISSUE_HOURS.columns, counted, token="sample hours")


def fill_records(records: Records, sample: Sample) -> None:
    people = [(1, "ada@x.io", "Ada"), (2, "bob@x.io", "Bob"), (3, "eve@else.io", "Eve")]
    with records.connect() as connection:
        for table, rows in (
            (schema.User, [_user(*person) for person in people]),
            (schema.Organization, [{"id": 1, "slug": "acme", "name": "Acme", "created_us": 0}]),
            (schema.Member, [_member(1), _member(2)]),
            (schema.Team, [{"id": 1, "organization_id": 1, "slug": "core", "name": "Core", "created_us": 0}]),
            (schema.Project, [_project(*project) for project in PROJECTS.items()]),
            (schema.ProjectTeam, [{"project_id": 1, "team_id": 1}]),
            (schema.Issue, [_row(issue) for issue in sample.issues]),
            (schema.IssueUser, _bookmarks(sample.issues)),
            (schema.IssueHash, list(_hashes(sample.issues))),
            (schema.IssueEnvironment, list(_environments(sample.issues))),
            (schema.Release, list(_releases())),
            (schema.ReleaseProject, list(_release_projects(sample.events))),
        ):
            connection.execute(insert(table), rows)


def _user(id: int, email: str, name: str) -> dict[str, Any]:
    return {"id": id, "email": email, "name": name, "session_nonce": "", "created_us": 0}


def _member(user_id: int) -> dict[str, Any]:
    return {"organization_id": 1, "user_id": user_id, "role": "owner", "created_us": 0}


def _project(id: int, slug: str) -> dict[str, Any]:
    return {"id": id, "organization_id": 1, "slug": slug, "name": slug, "created_us": 0}


def _row(issue: Issue) -> dict[str, Any]:
    return {key: value for key, value in issue.items() if key not in ("hashes", "events", "bookmarked")}


def _bookmarks(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    marked = [issue for issue in issues if issue["bookmarked"]]
    return [{"issue_id": issue["id"], "user_id": 1, "bookmarked": True} for issue in marked]


def _hashes(issues: Iterable[Issue]) -> Iterable[dict[str, Any]]:
    for issue in issues:
        for group_hash in issue["hashes"]:
            yield {
                "project_id": issue["project_id"],
                "group_hash": signed(group_hash),
                "md5": "",
                "issue_id": issue["id"],
                "created_us": 0,
            }


def _environments(issues: Iterable[Issue]) -> Iterable[dict[str, Any]]:
    for issue in issues:
        for name in {event["environment"] for event in issue["events"]}:
            times = [event["ts"] for event in issue["events"] if event["environment"] == name]
            yield {
                "issue_id": issue["id"],
                "environment": name,
                "first_seen_us": min(times),
                "last_seen_us": max(times),
                "times_seen": len(times),
            }


def _releases() -> Iterable[dict[str, Any]]:
    for number, version in enumerate(RELEASES, 1):
        yield {"id": number, "organization_id": 1, "version": version, "created_us": number}


def _release_projects(events: Iterable[Event]) -> Iterable[dict[str, Any]]:
    for version, project in sorted({(event["release"], event["project_id"]) for event in events}):
        number = RELEASES.index(version) + 1
        yield {
            "release_id": number,
            "project_id": project,
            "first_seen_us": number,  # the later in the list, the newer
            "last_seen_us": NOW_US,
        }

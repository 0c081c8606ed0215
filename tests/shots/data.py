"""A team's fortnight: what the server of the pictures holds.

Real envelopes of the SDKs from `bench/bodies`, spread over fourteen days, releases, environments and
people, and a few events made by hand for what those do not have.
"""

import json
import random
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from bench import load
from tests.e2e.server import Api, Server
from tests.shots import insights, telemetry
from tests.shots.trace import FAILED, SPANS, TRACE, transactions

Json = dict[str, Any]

DAY_S = 86_400
ERRORS = "issue.category:error"  # without what is found in the spans
PEOPLE = (
    ("71", "ada@example.org", "Ada Lovelace", "203.0.113.7"),
    ("72", "grace@example.org", "Grace Hopper", "198.51.100.23"),
    ("73", "søren@example.dk", "Søren Ødegård", "2001:db8::4f"),
    ("74", "mei@example.cn", "林美玲", "192.0.2.81"),
    ("75", "a.very.long.address.of.a.person@subsidiary.of.a.company.example.com", "", "203.0.113.99"),
)
RELEASES = {
    "demo": ("shop@4.6.0", "shop@4.7.0", "shop@4.7.1"),
    "web": ("shop-web@9.0.4", "shop-web@9.1.1", "shop-web@9.1.2"),
    "api": ("shop-api@2.2.9", "shop-api@2.3.0"),
}
# set of bench/load.py, project, issues, events
SENT = (
    ("py_django_keyerror", "demo", 4, 60),
    ("py_django_chained", "demo", 3, 40),
    ("py_logging_export", "demo", 2, 24),
    ("py_template", "demo", 2, 16),
    ("py_message", "demo", 2, 12),
    ("js_browser", "web", 5, 60),
    ("js_node_express", "api", 4, 40),
)
LONG = (
    "could not reconcile ledger entry 4711 with statement line 12 of 2026-11-14: expected EUR 1,204.50, "
    "got EUR 1,204.05 after conversion from SEK at 11.4821; candidates considered: " + ", ".join(
        f"payment {n}" for n in range(4100, 4160)
    )
)  # fmt: skip

CRUMBS: tuple[tuple[str, str, str, Json], ...] = (
    ("navigation", "info", "", {"from": "/books", "to": "/books/3"}),
    ("query", "info", "SELECT * FROM ledger_entry WHERE day = %s", {}),
    ("http", "info", "", {"method": "GET", "url": "https://bank.example/v2/statement", "status_code": 200, "duration": 0.412}),
    ("http", "warning", "", {"method": "GET", "url": "https://rates.example/SEK", "status_code": 503, "duration": 2.2}),
    ("console", "error", "rate service is away, using yesterday’s", {"arguments": [{"rate": 11.4821}]}),
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """Names the pages' paths are made of."""

    issue: str  # with all a page can show: chained, source, locals, request, breadcrumbs
    event: str
    quiet: str  # an issue without a stack
    long: str
    group: str  # an exception group
    slow: str  # found in the spans of the trace
    short: str
    share: str
    invite: str
    team: str


def fill(server: Server) -> World:
    """Sends, waits until all is stored, and works on some issues as a team would."""
    api = server.api()
    make_projects(api)
    events = [*sdk_events(), *hand_made()]
    keys = {project: dsn_of(api, project) for project in RELEASES}
    traced_ones = transactions(time.time() - 701.4)
    for project, event in sorted([*events, *traced_ones], key=lambda one: one[1]["timestamp"]):
        post(api.client, keys[project], event)
    settle(api, len(events))
    traced(api)
    telemetry.send(api, keys["demo"])
    for project, payload in insights.payloads():
        post(api.client, keys[project], payload)
    settle_spans(api, insights.REQUESTS + insights.LOADS + insights.CHATS)
    return worked_on(api)


def make_projects(api: Api) -> None:
    team = api.get("/organizations/acme/teams/")[0]["slug"]
    for slug, platform in (("web", "javascript-react"), ("api", "node-express"), ("ios-app", "apple-ios")):
        made(api, "/organizations/acme/projects/", {"name": slug, "platform": platform, "team": team})
    api.client.put("/projects/acme/demo/", json={"platform": "python-django"})


def dsn_of(api: Api, project: str) -> str:
    return api.get(f"/projects/acme/{project}/keys/")[0]["dsn"]["public"]


def sdk_events() -> Iterable[tuple[str, Json]]:
    rnd = random.Random(7)
    for name, project, issues, count in SENT:
        for _, raw, _ in load.build(name, count, issues, 7, True, 0):
            event: Json = json.loads(bytes(raw).split(b"\n")[2])
            yield project, placed(event, project, rnd)


def placed(event: Json, project: str, rnd: random.Random) -> Json:
    """The event on some day of the fortnight, more of them lately, from somebody somewhere."""
    age_s = rnd.betavariate(1, 2.5) * 14 * DAY_S
    who = rnd.choice(PEOPLE)
    releases = RELEASES[project]
    newest = len(releases) - 1 - min(len(releases) - 1, int(age_s / (5 * DAY_S)))
    at = time.time() - age_s
    crumbs: Json | list[Json] = event.get("breadcrumbs") or []
    for n, crumb in enumerate(reversed(crumbs["values"] if isinstance(crumbs, dict) else crumbs)):
        crumb["timestamp"] = at - 0.02 - n * n * 0.11
    return {
        **event,
        "timestamp": at,
        "release": releases[newest],
        "environment": rnd.choices(("production", "staging", "preview"), (8, 3, 1))[0],
        "user": dict(zip(("id", "email", "name", "ip_address"), who, strict=True)),
    }


def frame(function: str, line: int, source: str, local: Json) -> Json:
    return {
        "filename": "ledger/reconcile.py",
        "abs_path": "/srv/shop/ledger/reconcile.py",
        "module": "ledger.reconcile",
        "function": function,
        "lineno": line,
        "pre_context": ["    lines = statement.lines(day)", "    for entry in book.entries(day):"],
        "context_line": f"        {source}",
        "post_context": ["    return matched", ""],
        "in_app": True,
        "vars": local,
    }


def hand_made() -> Iterable[tuple[str, Json]]:
    now = time.time()
    common: Json = {"platform": "python", "release": "shop@4.7.1", "environment": "production"}
    grace = dict(zip(("id", "email", "name", "ip_address"), PEOPLE[1], strict=True))
    rows: Json = {"entry": {"id": 4711, "amount": "1204.50"}, "tried": list(range(40)), "token": "s3cr3t"}
    frames = [
        frame("nightly", 31, "reconcile(book, statement, day)", {"day": "2026-11-14"}),
        frame("reconcile", 58, "raise Unreconciled(entry)", rows),
    ]
    error = {"type": "Unreconciled", "value": LONG, "stacktrace": {"frames": frames}}
    yield "demo", {
        **common, "timestamp": now - 700, "level": "fatal", "user": grace,
        "exception": {"values": [error]},
        "tags": {f"shard.{n}": f"value {n}" for n in range(24)} | {"a.rather.long.tag.key": "x" * 150},
        "contexts": {
            "trace": {"trace_id": TRACE, "span_id": FAILED},
            "flags": {"values": [{"flag": "new-ledger", "result": True}, {"flag": "strict", "result": False}]},
            "state": {"cart": {"items": [{"sku": "A-1", "n": 2}], "currency": "SEK"}},
        },
        "extra": {"statement": {"bank": "SEB", "lines": 12}},
        "request": {
            "method": "POST", "url": "https://shop.example.com/api/ledger/reconcile/",
            "query_string": "day=2026-11-14&dry=0", "data": {"book": 3, "password": "hidden"},
            "headers": [["Content-Type", "application/json"], ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"]],
            "cookies": {"locale": "sv"},
        },
        "breadcrumbs": {"values": [
            {"timestamp": now - 760 + n, "category": kind, "type": kind if kind == "http" else "default",
             "level": level, "message": text, "data": data}
            for n, (kind, level, text, data) in enumerate(CRUMBS)
        ]},
    }  # fmt: skip
    yield "demo", {
        **common, "timestamp": now - 4_000, "level": "warning", "user": grace,
        "logentry": {"message": "disk of %s is %d %% full", "params": ["db-2", 91]}, "logger": "ops.disk",
    }  # fmt: skip
    yield "web", {
        **common, "platform": "javascript", "release": "shop-web@9.1.2", "timestamp": now - 9_000,
        "exception": {"values": [{"type": "UnhandledRejection", "value": "决済サービスに接続できません — 再試行してください 🙈",
            "mechanism": {"type": "onunhandledrejection", "handled": False}}]},
    }  # fmt: skip
    yield "api", {
        **common, "platform": "node", "release": "shop-api@2.3.0", "timestamp": now - 300, "level": "info",
        "message": "worker restarted",
    }  # fmt: skip
    group: list[Json] = [
        {"type": kind, "value": text, "mechanism": {"type": "chained", "exception_id": n, **parent}}
        for n, (kind, text, parent) in enumerate((
            ("ExceptionGroup", "3 uploads failed (3 sub-exceptions)", {"is_exception_group": True}),
            ("TimeoutError", "no answer in 30 s", {"parent_id": 0, "source": "exceptions[0]"}),
            ("ConnectionResetError", "[Errno 104] Connection reset by peer", {"parent_id": 0, "source": "exceptions[1]"}),
            ("PermissionError", "bucket is read-only", {"parent_id": 0, "source": "exceptions[2]"}),
        ))
    ]  # fmt: skip
    for one in group:
        one["stacktrace"] = {"frames": [frame("upload", 12, "await bucket.put(part)", {"part": 3})]}
    yield "demo", {**common, "timestamp": now - 2_000, "exception": {"values": group[::-1]}, "user": grace}


def post(client: httpx.Client, dsn: str, event: Json) -> None:
    address = urlsplit(dsn)
    event_id = uuid.uuid4().hex
    event["event_id"] = event_id
    head = {"event_id": event_id, "sent_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    body = "\n".join(json.dumps(part) for part in (head, {"type": event.get("type", "event")}, event))
    done = client.post(
        f"http://{address.hostname}:{address.port}/api{address.path}/envelope/",
        content=body.encode(),
        headers={"X-Sentry-Auth": f"Sentry sentry_key={address.username}, sentry_version=7"},
    )
    assert done.status_code == 200, done.text


def settle(api: Api, count: int) -> None:
    """Until the issues together count all events."""
    for _ in range(300):
        issues = api.get("/organizations/acme/issues/", query=ERRORS, limit=100, statsPeriod="30d")
        if sum(int(one["count"]) for one in issues) >= count:
            return
        time.sleep(0.2)
    raise AssertionError(f"not all of {count} events were stored")


def settle_spans(api: Api, transactions: int) -> None:
    """Until so many transactions of the last day can be read."""
    asked = {"dataset": "spans", "query": "is_transaction:true", "statsPeriod": "24h"}
    for _ in range(300):
        if api.get("/organizations/acme/events-meta/", **asked)["count"] >= transactions:
            return
        time.sleep(0.2)
    raise AssertionError(f"not all of {transactions} transactions were stored")


def traced(api: Api) -> None:
    """Until the trace has all its spans."""
    path = f"/organizations/acme/traces/{TRACE}/spans/"
    for _ in range(300):
        found = api.client.get(path)
        if found.status_code == 200 and found.json()["total"] == len(SPANS):
            return
        time.sleep(0.2)
    raise AssertionError(f"not all of {len(SPANS)} spans were stored")


def worked_on(api: Api) -> World:
    """Some issues resolved, archived, assigned, merged, commented, shared; one person invited."""
    me = api.get("/users/me/")["id"]
    team = api.get("/organizations/acme/teams/")[0]
    main, second, *_ = api.until_issues("KeyError", 3)
    browser = api.until_issues("platform:javascript", 5)
    node = api.until_issues(f"platform:node {ERRORS}", 4)
    until = {"status": "ignored", "substatus": "archived_until_condition_met"}
    change(api, node[2], **until, statusDetails={"ignoreCount": 100})
    change(api, node[3], status="resolved", statusDetails={"inNextRelease": True})
    change(api, browser[3], status="resolved", statusDetails={})
    change(api, browser[0], assignedTo=f"team:{team['id']}")
    change(api, second, assignedTo=f"user:{me}", priority="high", isBookmarked=True)
    merge(api, browser[1], browser[2])
    change(api, main, assignedTo=f"user:{me}", isSubscribed=True)
    note = {"text": "Only where the basket came from the **old** app: `basket.version` is missing."}
    made(api, f"/organizations/acme/issues/{main['id']}/notes/", note)
    guest = {"email": "grace@example.org", "role": "member", "sendInvite": False}
    return World(
        issue=main["id"],
        event=api.get(f"/organizations/acme/issues/{main['id']}/events/latest/")["eventID"],
        quiet=api.until_issues("disk", 1)[0]["id"],
        long=api.until_issues("Unreconciled", 1)[0]["id"],
        group=api.until_issues("ExceptionGroup", 1)[0]["id"],
        slow=api.until_issues(f"!{ERRORS}", 1)[0]["id"],
        short=main["shortId"],
        share=change(api, main, isPublic=True)["shareId"],
        invite=made(api, "/organizations/acme/members/", guest)["invite_link"].rstrip("/").rpartition("/")[2],
        team=team["slug"],
    )


def made(api: Api, path: str, body: Json) -> Json:
    done = api.client.post(path, json=body)
    assert done.status_code == 201, done.text
    return done.json()


def merge(api: Api, *issues: Json) -> None:
    ids = {"id": [one["id"] for one in issues]}
    done = api.client.put("/organizations/acme/issues/", params=ids, json={"merge": 1})
    assert done.status_code == 200, done.text


def change(api: Api, issue: Json, **body: Any) -> Json:
    done = api.client.put(f"/organizations/acme/issues/{issue['id']}/", json=body)
    assert done.status_code == 200, done.text
    return done.json()

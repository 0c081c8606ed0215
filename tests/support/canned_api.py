"""A stand-in for the API while pages are tried: canned answers in the real shapes. Test material only.

`python -m tests.support.canned_api PORT` serves the built app over it.
"""

# Canned JSON has no types worth writing down:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownLambdaType=false, reportUnknownParameterType=false

import asyncio
import json
import random
import re
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from vedette.ui import create_ui, first_requests
from vedette.ui.app import Receive, Scope, Send

ROOT = Path(__file__).parents[2]
BODIES = ROOT / "bench/bodies"
NOW = datetime.now(UTC)
USER = {
    "id": "1",
    "name": "Ada Lovelace",
    "email": "ada@example.org",
    "username": "ada",
    "options": {"clock24h": True},
}
ORGANIZATION = {"id": "1", "slug": "acme", "name": "Acme", "role": "owner"}
PROJECTS = [
    {
        "id": str(i + 1),
        "slug": slug,
        "name": slug.title(),
        "platform": platform,
        "firstEvent": "2026-11-01T10:00:00Z",
    }
    for i, (slug, platform) in enumerate(
        [
            ("shop", "python-django"),
            ("web", "javascript-react"),
            ("payments", "go"),
            ("worker", "python-celery"),
        ]
    )
]


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def bodies() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted(BODIES.glob("*.envelope")):
        lines = path.read_bytes().split(b"\n")
        if json.loads(lines[1]).get("type") == "event":
            found.append(json.loads(lines[2]))
    return found


CAMEL = {
    "abs_path": "absPath",
    "lineno": "lineNo",
    "colno": "colNo",
    "in_app": "inApp",
    "raw_function": "rawFunction",
    "instruction_addr": "instructionAddr",
}


def frame(raw: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = dict.fromkeys(
        ["filename", "absPath", "module", "package", "platform", "function", "rawFunction", "lineNo", "colNo"]
    )
    known |= {CAMEL.get(key, key): value for key, value in raw.items()}
    line = raw.get("lineno")
    if line and raw.get("context_line") is not None:
        before, after = raw.get("pre_context") or [], raw.get("post_context") or []
        lines = [*before, raw["context_line"], *after]
        known["context"] = [[line - len(before) + i, text] for i, text in enumerate(lines)]
    else:
        known["context"] = None
    known.setdefault("vars", None)
    known.setdefault("inApp", False)
    known.setdefault("instructionAddr", None)
    return known


def stack(raw: dict[str, Any] | None) -> dict[str, Any] | None:
    if not raw:
        return None
    return {"frames": [frame(one) for one in raw["frames"]], "framesOmitted": None, "hasSystemFrames": True}


def entries(body: dict[str, Any]) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    exception = body.get("exception")
    if exception:
        values = [
            {
                "type": one.get("type"),
                "value": one.get("value"),
                "module": one.get("module"),
                "threadId": one.get("thread_id"),
                "mechanism": one.get("mechanism"),
                "stacktrace": stack(one.get("stacktrace")),
                "rawStacktrace": None,
            }
            for one in exception["values"]
        ]
        out.append({"type": "exception", "data": {"values": values, "excOmitted": None}})
    if body.get("logentry") or body.get("message"):
        entry = body.get("logentry") or {"message": body.get("message")}
        out.append({"type": "message", "data": {"formatted": entry.get("formatted"), **entry}})
    crumbs = body.get("breadcrumbs")
    if crumbs:
        crumbs = crumbs["values"] if isinstance(crumbs, dict) else crumbs
        out.append({"type": "breadcrumbs", "data": {"values": [crumb(one) for one in crumbs]}})
    if body.get("request"):
        out.append({"type": "request", "data": request(body["request"])})
    return out


def crumb(raw: dict[str, Any]) -> dict[str, Any]:
    base: dict[str, Any] = dict.fromkeys(["type", "timestamp", "level", "message", "category", "data"])
    base |= raw
    if isinstance(base["timestamp"], int | float):
        base["timestamp"] = iso(datetime.fromtimestamp(base["timestamp"], UTC))
    return base


def request(raw: dict[str, Any]) -> dict[str, Any]:
    headers = raw.get("headers") or {}
    cookies = raw.get("cookies") or {}
    query = raw.get("query_string") or ""
    return {
        "method": raw.get("method"),
        "url": raw.get("url"),
        "query": [[key, value] for key, values in parse_qs(query).items() for value in values]
        if isinstance(query, str)
        else query,
        "fragment": None,
        "data": raw.get("data"),
        "headers": [[key, value] for key, value in headers.items()],
        "cookies": [[key, value] for key, value in cookies.items()] if isinstance(cookies, dict) else [],
        "env": raw.get("env") or {},
        "inferredContentType": None,
    }


class Fixture:
    """Issues made from the recorded bodies, in memory."""

    def __init__(self, count: int = 68) -> None:
        dice = random.Random(7)
        self.bodies = bodies()
        self.issues = {str(100 + i): self._issue(dice, i) for i in range(count)}
        self.notes: dict[str, list[dict[str, Any]]] = {}
        self.searches: list[dict[str, Any]] = [
            {
                "id": "1",
                "name": "Checkout",
                "query": "is:unresolved transaction:*checkout*",
                "visibility": "organization",
            }
        ]
        self.live: list[asyncio.Queue[dict[str, Any]]] = []

    def _issue(self, dice: random.Random, i: int) -> dict[str, Any]:
        body = self.bodies[i % len(self.bodies)]
        values = (body.get("exception") or {}).get("values") or []
        last = values[-1] if values else {}
        frames = (last.get("stacktrace") or {}).get("frames") or []
        top = next((one for one in reversed(frames) if one.get("in_app")), frames[-1] if frames else {})
        kind, value = last.get("type"), last.get("value") or ""
        message = (body.get("logentry") or {}).get("message") or "message"
        first = NOW - timedelta(hours=dice.randrange(2, 900))
        seen = NOW - timedelta(seconds=dice.randrange(3, 200_000))
        count = int(dice.paretovariate(0.5)) % 91_000
        project = PROJECTS[i % len(PROJECTS)]
        spans = 42
        series = [
            [
                int((NOW - timedelta(hours=8 * (spans - n))).timestamp()),
                int(dice.expovariate(0.05)) if dice.random() > 0.3 else 0,
            ]
            for n in range(spans)
        ]
        assigned = {"type": "user", "id": "1", "name": "Ada Lovelace", "email": "ada@example.org"}
        return {
            "id": str(100 + i),
            "shareId": None,
            "shortId": f"{project['slug'].upper()}-{i:X}",
            "title": f"{kind}: {value}" if kind else message,
            "culprit": body.get("transaction")
            or f"{top.get('module') or top.get('filename')} in {top.get('function')}",
            "permalink": f"http://localhost/organizations/acme/issues/{100 + i}/",
            "logger": None,
            "level": dice.choice(["error"] * 6 + ["warning", "fatal", "info", "debug"]),
            "status": "unresolved",
            "statusDetails": {},
            "substatus": dice.choice(["ongoing"] * 5 + ["new", "regressed", "escalating"]),
            "isPublic": False,
            "platform": body.get("platform"),
            "project": {key: project[key] for key in ("id", "name", "slug", "platform")},
            "type": "error",
            "issueType": "error",
            "issueCategory": "error",
            "priority": dice.choice(["high", "medium", "medium", "low"]),
            "metadata": {
                "type": kind,
                "value": value,
                "filename": top.get("filename"),
                "function": top.get("function"),
            }
            if kind
            else {"title": message},
            "numComments": dice.choice([0, 0, 0, 2]),
            "assignedTo": assigned if i % 5 == 0 else None,
            "isBookmarked": i % 11 == 0,
            "isSubscribed": False,
            "hasSeen": i % 3 != 0,
            "annotations": [],
            "isUnhandled": i % 4 == 0,
            "count": str(count),
            "userCount": count // 3,
            "firstSeen": iso(first),
            "lastSeen": iso(max(first, seen)),
            "stats": {"auto": series},
            "lifetime": None,
            "filtered": None,
        }

    def event(self, issue: str, n: int) -> dict[str, Any]:
        body = self.bodies[(int(issue) - 100) % len(self.bodies)]
        info = self.issues[issue]
        at = datetime.fromisoformat(info["lastSeen"]) - timedelta(minutes=17 * n)
        tags = body.get("tags") or {}
        pairs = list(tags.items()) if isinstance(tags, dict) else [tuple(one) for one in tags]
        pairs += [
            ("level", info["level"]),
            ("environment", body.get("environment") or "production"),
            ("release", body.get("release") or ""),
            ("server_name", body.get("server_name") or ""),
            ("transaction", body.get("transaction") or ""),
            ("handled", "no" if info["isUnhandled"] else "yes"),
            ("mechanism", "django"),
        ]
        user = body.get("user") or {"id": "4711", "email": "grace@example.org", "ip_address": "203.0.113.7"}
        return {
            "id": f"{n:032x}",
            "eventID": f"{n:032x}",
            "groupID": issue,
            "projectID": info["project"]["id"],
            "title": info["title"],
            "message": info["title"],
            "location": None,
            "culprit": info["culprit"],
            "user": {
                "name": None,
                "username": None,
                "geo": None,
                "data": None,
                "id": None,
                "email": None,
                "ip_address": None,
            }
            | user,
            "tags": [{"key": key, "value": str(value)} for key, value in pairs if value],
            "platform": body.get("platform"),
            "dateCreated": iso(at),
            "dateReceived": iso(at + timedelta(seconds=1)),
            "metadata": info["metadata"],
            "type": "error" if body.get("exception") else "default",
            "size": 17_213 + n,
            "dist": None,
            "release": {"version": body["release"]} if body.get("release") else None,
            "entries": entries(body),
            "contexts": body.get("contexts") or {},
            "context": body.get("extra") or {},
            "packages": body.get("modules"),
            "sdk": body.get("sdk"),
            "errors": [{"type": "clock_drift", "message": "The clock of the sender is 3 h ahead."}]
            if n == 2
            else [],
            "_meta": {},
            "fingerprints": ["5d41402abc4b2a76b9719d911017c592"],
            "groupingConfig": {"id": "vedette:1"},
            "nextEventID": f"{n - 1:032x}" if n > 0 else None,
            "previousEventID": f"{n + 1:032x}" if n < 30 else None,
        }


Answer = tuple[int, Any, dict[str, str]]


def matches(issue: dict[str, Any], query: str) -> bool:
    """Just enough of the query language to see the pages move."""
    for word in query.split():
        key, _, value = word.partition(":")
        if not value:
            if key.lower() not in (issue["title"] + issue["culprit"]).lower():
                return False
        elif key == "is":
            states = {issue["status"], issue["substatus"], "archived" if issue["status"] == "ignored" else ""}
            if issue["status"] == "unresolved" and not issue["assignedTo"] and issue["substatus"] == "new":
                states.add("for_review")
            if value not in states:
                return False
        elif (key == "level" and issue["level"] != value) or (
            key == "project" and issue["project"]["slug"] != value
        ):
            return False
    return True


class Api:
    def __init__(self, fixture: Fixture) -> None:
        self.f = fixture
        self.slow_s = 0.0

    def answer(self, method: str, path: str, params: dict[str, list[str]], body: Any) -> Answer:
        org = re.match(r"^/organizations/[^/]+(/.*)$", path)
        rest = org.group(1) if org else path
        for pattern, handle in self.routes():
            found = re.fullmatch(pattern, rest)
            if found:
                return handle(method, params, body, *[one and unquote(one) for one in found.groups()])
        return 404, {"detail": f"fixture has no {method} {path}"}, {}

    def routes(self) -> list[tuple[str, Callable[..., Answer]]]:
        return [
            (r"/issues/", self.issues),
            (r"/issues-count/", self.counts),
            (r"/issues/(\d+)/", self.issue),
            (r"/issues/(\d+)/events/", self.events),
            (r"/issues/(\d+)/events/(\w+)/", self.event),
            (r"/issues/(\d+)/tags/", self.tags),
            (r"/issues/(\d+)/tags/([^/]+)/", self.tag),
            (r"/issues/(\d+)/tags/([^/]+)/values/", self.tag_values),
            (r"/trace-meta/(\w+)/", lambda *_: (200, {"spansCount": 0, "logsCount": 0}, {})),
            (r"/events/", lambda *_: (200, {"data": [], "meta": {"fields": {}}}, {})),
            (r"/issues/(\d+)/hashes/", self.hashes),
            (r"/issues/(\d+)/similar-issues/", self.similar),
            (r"/issues/(\d+)/notes/(?:(\d+)/)?", self.notes),
            (r"/issues/(\d+)/activities/", self.activities),
            (r"/issues/(\d+)/stats/", self.stats),
            (r"/issues/(\d+)/attachments/", lambda *_: (200, [], {})),
            (r"/projects/", lambda *_: (200, PROJECTS, {})),
            (
                r"/environments/",
                lambda *_: (200, [{"id": "1", "name": "production"}, {"id": "2", "name": "staging"}], {}),
            ),
            (r"/members/", lambda *_: (200, [member()], {})),
            (r"/teams/", lambda *_: (200, [{"id": "1", "slug": "backend", "name": "Backend"}], {})),
            (r"/searches/(?:(\d+)/)?", self.searches),
            (r"/tags/", lambda *_: (200, [{"key": "server_name", "name": "Server", "totalValues": 812}], {})),
            (r"/tags/([^/]+)/values/", self.values),
            (
                r"/stats_v2/",
                lambda *_: (200, {"groups": [{"by": {}, "totals": {"sum(quantity)": 12_417}}]}, {}),
            ),
            (r"/shortids/([^/]+)/", self.short),
            (r"/eventids/([^/]+)/", lambda *_: (200, {"organizationSlug": "acme", "groupId": "100"}, {})),
            (r"/projects/[^/]+/[^/]+/events/(\w+)/attachments/", self.attachments),
            (r"/projects/[^/]+/[^/]+/events/(\w+)/grouping-info/", self.grouping),
            (r"/projects/[^/]+/[^/]+/", lambda *_: (200, {**PROJECTS[0], "highlightTags": []}, {})),
            (r"/users/me/", lambda *_: (200, USER, {})),
            (r"/shared/issues/(\w+)/", self.shared),
            (r"/auth/login/", self.login),
            (r"/auth/logout/", lambda *_: (204, None, {})),
        ]

    def issues(self, method: str, params: dict[str, list[str]], body: Any) -> Answer:
        if method == "PUT":
            return self.change(params.get("id") or list(self.f.issues), body)
        if method == "DELETE":
            for one in params.get("id", []):
                self.f.issues.pop(one, None)
            return 204, None, {}
        query = params.get("query", ["is:unresolved"])[0]
        if "boom" in query:
            return 400, {"detail": "Error parsing search query: unexpected boom at 3"}, {}
        if "crash" in query:
            return 500, {"detail": "Internal error"}, {"X-Request-Id": "f00ba4"}
        rows = [one for one in self.f.issues.values() if matches(one, query)]
        if params.get("project"):
            rows = [one for one in rows if one["project"]["id"] in params["project"]]
        keys = {"freq": lambda one: -int(one["count"]), "user": lambda one: -one["userCount"]}
        rows.sort(
            key=keys.get(
                params.get("sort", [""])[0], lambda one: -datetime.fromisoformat(one["lastSeen"]).timestamp()
            )
        )
        limit = int(params.get("limit", ["50"])[0])
        start = int(params.get("cursor", ["0:0:0"])[0].split(":")[1] or 0)
        page = rows[start : start + limit]
        back, ahead = f"0:{max(0, start - limit)}:1", f"0:{start + limit}:0"
        link = (
            f'<http://x/>; rel="previous"; results="{str(start > 0).lower()}"; cursor="{back}", '
            f'<http://x/>; rel="next"; results="{str(start + limit < len(rows)).lower()}"; cursor="{ahead}"'
        )
        return 200, page, {"Link": link, "X-Hits": str(len(rows))}

    def change(self, ids: list[str], body: dict[str, Any]) -> Answer:
        if body.get("merge"):
            for one in ids[1:]:
                self.f.issues.pop(one, None)
            return 200, {"merge": {"parent": ids[0], "children": ids[1:]}}, {}
        answer = dict(body)
        if "assignedTo" in body:
            answer["assignedTo"] = (
                {"type": "user", "id": "1", "name": "Ada Lovelace", "email": "ada@example.org"}
                if body["assignedTo"]
                else None
            )
        if body.get("status") == "unresolved":
            answer["substatus"] = "ongoing"
        if body.get("status") == "resolved":
            answer["substatus"] = None
        for one in ids:
            if one in self.f.issues:
                self.f.issues[one] |= answer
        return 200, answer, {}

    def counts(self, _method: str, params: dict[str, list[str]], _body: Any) -> Answer:
        out = {
            query: sum(matches(one, query) for one in self.f.issues.values())
            for query in params.get("query", [])
        }
        return 200, out, {}

    def issue(self, method: str, _params: Any, body: Any, issue: str) -> Answer:
        if issue not in self.f.issues:
            return 404, {"detail": "The requested resource does not exist"}, {}
        if method == "PUT":
            self.change([issue], body)
        if method == "DELETE":
            self.f.issues.pop(issue)
            return 202, None, {}
        one = self.f.issues[issue]
        release = {"version": "shop@4.7.1", "shortVersion": "4.7.1", "dateCreated": one["firstSeen"]}
        return (
            200,
            one
            | {
                "activity": self.activities("GET", {}, None, issue)[1]["activity"],
                "seenBy": [USER],
                "participants": [],
                "userReportCount": 0,
                "firstRelease": release,
                "lastRelease": {**release, "version": "shop@4.8.0"},
                "tags": self.tags("GET", {}, None, issue)[1],
            },
            {},
        )

    def events(self, _method: str, params: dict[str, list[str]], _body: Any, issue: str) -> Answer:
        limit = int(params.get("per_page", ["30"])[0])
        rows = [self.f.event(issue, n) for n in range(min(31, limit))]
        return (
            200,
            [
                {key: value for key, value in row.items() if key not in ("entries", "contexts")}
                for row in rows
            ],
            {},
        )

    def event(self, _method: str, _params: Any, _body: Any, issue: str, event: str) -> Answer:
        n = {"latest": 0, "recommended": 2, "oldest": 30}.get(event)
        if n is None:
            n = int(event, 16)
        if n > 30:
            return 404, {"detail": "Event not found"}, {}
        return 200, self.f.event(issue, n), {}

    def tags(self, _method: str, _params: Any, _body: Any, _issue: str) -> Answer:
        return 200, [self._tag(key, values) for key, values in TAGS.items()], {}

    def tag(self, _method: str, _params: Any, _body: Any, _issue: str, key: str) -> Answer:
        return 200, self._tag(key, TAGS.get(key, [("a", 3)])), {}

    def tag_values(self, *asked: Any) -> Answer:
        return 200, self.tag(*asked)[1]["topValues"], {}

    def _tag(self, key: str, values: list[tuple[str, int]]) -> dict[str, Any]:
        top = [
            {
                "key": key,
                "name": value,
                "value": value,
                "count": count,
                "firstSeen": iso(NOW - timedelta(days=9)),
                "lastSeen": iso(NOW),
            }
            for value, count in values
        ]
        return {
            "key": key,
            "name": key.replace("_", " ").title(),
            "totalValues": sum(count for _, count in values),
            "uniqueValues": len(values),
            "topValues": top,
        }

    def hashes(self, method: str, _params: Any, _body: Any, issue: str) -> Answer:
        if method == "DELETE":
            return 202, None, {}
        hashes = ["5d41402abc4b2a76b9719d911017c592", "7d793037a0760186574b0282f2f435e7"]
        return (
            200,
            [
                {"id": one, "latestEvent": self.f.event(issue, i), "mergedBySeer": False}
                for i, one in enumerate(hashes)
            ],
            {},
        )

    def similar(self, _method: str, _params: Any, _body: Any, issue: str) -> Answer:
        others = [one for key, one in self.f.issues.items() if key != issue][:3]
        return 200, [[one, {"score": 0.9 - i / 5}] for i, one in enumerate(others)], {}

    def notes(self, method: str, _params: Any, body: Any, issue: str, note: str | None) -> Answer:
        kept = self.f.notes.setdefault(issue, [])
        if method == "POST":
            kept.append(
                {
                    "id": str(len(kept) + 50),
                    "type": "note",
                    "user": USER,
                    "data": {"text": body["text"], "html": f"<p>{body['text']}</p>"},
                    "dateCreated": iso(datetime.now(UTC)),
                }
            )
            return 201, kept[-1], {}
        if method == "DELETE":
            self.f.notes[issue] = [one for one in kept if one["id"] != note]
            return 204, None, {}
        return 200, kept, {}

    def activities(self, _method: str, _params: Any, _body: Any, issue: str) -> Answer:
        one = self.f.issues[issue]
        first = {"id": "1", "type": "first_seen", "user": None, "data": {}, "dateCreated": one["firstSeen"]}
        resolved = {
            "id": "2",
            "type": "set_resolved_in_release",
            "user": USER,
            "data": {"version": "shop@4.7.2"},
            "dateCreated": iso(NOW - timedelta(days=3)),
        }
        regressed = {
            "id": "3",
            "type": "set_regression",
            "user": None,
            "data": {"version": "shop@4.8.0", "event_id": "2"},
            "dateCreated": iso(NOW - timedelta(days=1)),
        }
        notes = self.f.notes.get(issue, [])
        return 200, {"activity": [*reversed(notes), regressed, resolved, first]}, {}

    def stats(self, _method: str, params: dict[str, list[str]], _body: Any, issue: str) -> Answer:
        series = self.f.issues[issue]["stats"]["auto"]
        group = params.get("groupBy", [""])[0]
        names = {"release": ["shop@4.7.1", "shop@4.8.0"], "level": ["error", "warning"]}.get(group, [""])
        groups = [
            {"by": {group: name} if group else {}, "series": [[at, value // (i + 1)] for at, value in series]}
            for i, name in enumerate(names)
        ]
        return 200, {"interval": "8h", "groups": groups}, {}

    def searches(self, method: str, _params: Any, body: Any, search: str | None) -> Answer:
        if method == "POST":
            self.f.searches.append({"id": str(len(self.f.searches) + 1), **body})
            return 201, self.f.searches[-1], {}
        if method == "DELETE":
            self.f.searches = [one for one in self.f.searches if one["id"] != search]
            return 204, None, {}
        return 200, self.f.searches, {}

    def values(self, _method: str, params: dict[str, list[str]], _body: Any, key: str) -> Answer:
        word = params.get("query", [""])[0]
        return (
            200,
            [one for one in self._tag(key, TAGS.get(key, [("one", 3)]))["topValues"] if word in one["value"]],
            {},
        )

    def short(self, _method: str, _params: Any, _body: Any, short: str) -> Answer:
        for one in self.f.issues.values():
            if one["shortId"] == short.upper():
                return 200, {"organizationSlug": "acme", "groupId": one["id"], "shortId": short}, {}
        return 404, {"detail": "No such issue"}, {}

    def attachments(self, _method: str, _params: Any, _body: Any, _event: str) -> Answer:
        row = {"id": "1", "event_id": "0", "type": "event.attachment", "dateCreated": iso(NOW)}
        return 200, [row | {"name": "report.json", "mimetype": "application/json", "size": 812}], {}

    def shared(self, _method: str, _params: Any, _body: Any, share: str) -> Answer:
        if share != "abc":
            return 404, {"detail": "Nothing is shared here."}, {}
        return 200, self.f.issues["102"] | {"latestEvent": self.f.event("102", 0)}, {}

    def grouping(self, _method: str, _params: Any, _body: Any, _event: str) -> Answer:
        return 200, GROUPING, {}

    def login(self, _method: str, _params: Any, body: Any) -> Answer:
        if body.get("password") == "right":
            return 200, USER, {"Set-Cookie": "signed_in=1; Path=/"}
        return 401, {"detail": "E-mail or password is wrong."}, {}


TAGS: dict[str, list[tuple[str, int]]] = {
    "environment": [("production", 812), ("staging", 31)],
    "release": [("shop@4.7.1", 402), ("shop@4.8.0", 241), ("shop@4.6.9", 12)],
    "server_name": [("web-1", 300), ("web-2", 290), ("web-3", 253)],
    "browser": [("Chrome 120", 402), ("Firefox 133", 199), ("Safari 18", 87)],
    "transaction": [("/checkout/", 843)],
    "level": [("error", 843)],
    "user": [("id:4711", 12), ("id:4712", 3)],
}
GROUPING = {
    "app": {
        "type": "component",
        "description": "in-app exception stack trace",
        "hash": "5d41402abc4b2a76b9719d911017c592",
        "contributes": True,
        "component": None,
    }
}


def member() -> dict[str, Any]:
    return {
        "id": "1",
        "email": "ada@example.org",
        "name": "Ada Lovelace",
        "user": USER,
        "role": "owner",
        "pending": False,
    }


def create(static: Path, *, signed_in: bool = True) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The built app over the canned answers, one ASGI app."""
    fixture = Fixture()
    api = Api(fixture)

    async def boot(scope: Scope) -> AsyncGenerator[dict[str, Any], None]:
        cookies = b"; ".join(value for key, value in scope["headers"] if key == b"cookie")
        known = signed_in or b"signed_in=1" in cookies
        requests = first_requests(scope["path"], scope["query_string"].decode()) if known else []
        answers: dict[str, Any] = {}
        for request in requests:
            path, _, query = request.partition("?")
            status, body, headers = api.answer("GET", path, parse_qs(query, keep_blank_values=True), None)
            if status != 200:
                continue
            answers[request] = {
                "body": body,
                "link": headers.get("Link"),
                "hits": int(headers.get("X-Hits", 0)),
            }
        yield {
            "version": "0.1.0",
            "prefix": "",
            "user": USER if known else None,
            "organizations": [ORGANIZATION] if known else [],
            "csrf": "token",
            "setup": False,
            "mail": False,
            "coming": requests,
        }
        yield answers

    ui = create_ui(static, boot)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/0"):
            await ui(scope, receive, send)
        elif scope["path"].endswith("/live/"):
            await stream(fixture, send, receive)
        else:
            await respond(api, scope, receive, send)

    return app


async def respond(api: Api, scope: Scope, receive: Receive, send: Send) -> None:
    sent = b""
    while True:
        message = await receive()
        sent += message.get("body", b"")
        if not message.get("more_body"):
            break
    params = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
    if api.slow_s:
        await asyncio.sleep(api.slow_s)
    path = scope["path"].removeprefix("/api/0")
    status, body, headers = api.answer(scope["method"], path, params, json.loads(sent) if sent else None)
    pairs = [(key.lower().encode(), value.encode()) for key, value in headers.items()]
    pairs.append((b"content-type", b"application/json"))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if body is None else json.dumps(body).encode()})


async def stream(fixture: Fixture, send: Send, receive: Receive) -> None:
    """Server-sent events: whatever a test puts into the queue."""
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    fixture.live.append(queue)
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}
    )
    await send({"type": "http.response.body", "body": b": hello\n\n", "more_body": True})
    gone = asyncio.create_task(wait_gone(receive))
    try:
        while not gone.done():
            news = asyncio.create_task(queue.get())
            await asyncio.wait({gone, news}, return_when=asyncio.FIRST_COMPLETED)
            if news.done():
                body = b"data: " + json.dumps(news.result()).encode() + b"\n\n"
                await send({"type": "http.response.body", "body": body, "more_body": True})
            else:
                news.cancel()
    finally:
        fixture.live.remove(queue)


async def wait_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(create(ROOT / "src/vedette/ui/static"), port=int(sys.argv[1]), log_level="warning")

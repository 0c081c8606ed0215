"""Which pages are looked at: every route of web/src/routes.ts, and every state worth a picture."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

from tests.shots.data import World
from tests.shots.insights import CONVERSATION
from tests.shots.trace import FAILED, TRACE

ROUTES = Path(__file__).parents[2] / "web/src/routes.ts"
STREAM = "/organizations/acme/issues/"
ISSUE = STREAM + "{issue}/"
TRACE_PAGE = f"/organizations/acme/traces/trace/{TRACE}/"
EXPLORE = "/organizations/acme/explore/"
LATENCY = EXPLORE + "metrics/?metric=checkout.duration%2Cdistribution%2Cmillisecond"
INSIGHTS = "/organizations/acme/insights/"
SUMMARY = INSIGHTS + "summary/?project=demo&transaction=POST%20%2Fapi%2Fcheckout%2F"
SETTINGS = "/settings/acme/"
PROJECT = SETTINGS + "projects/demo/"
ORGANIZATION = (
    ("members", "members"),
    ("teams", "teams"),
    ("tokens", "auth-tokens"),
    ("audit", "audit-log"),
    ("stats", "stats"),
    ("prices", "ai-prices"),
)
PAGES = (
    ("keys", "keys"),
    ("filters", "filters"),
    ("scrubbing", "security-and-privacy"),
    ("grouping", "issue-grouping"),
    ("notifications", "alerts"),
    ("environments", "environments"),
)


def nothing(_: Page) -> None:
    """The page as it comes."""


def press(*keys: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)
            page.wait_for_timeout(150)

    return act


def query(text: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.keyboard.press("/")
        page.keyboard.press("End")
        page.keyboard.type(text)
        page.get_by_role("option").first.wait_for()

    return act


def button(name: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.get_by_role("button", name=name, exact=True).first.click()
        page.wait_for_timeout(200)

    return act


def around_slow(page: Page) -> None:
    """A box around what takes longest on the map."""
    page.locator(".map canvas").wait_for()  # there once its values are
    area = page.locator(".map").bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + area["width"] * 0.5, area["y"] + 2)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * 0.8, area["y"] + area["height"] * 0.25, steps=4)
    page.mouse.up()
    page.get_by_role("heading", name="What is different").wait_for()
    page.wait_for_timeout(400)


@dataclass(frozen=True)
class Shot:
    """One page in one state. `path` may name fields of the world in braces."""

    name: str
    route: str  # its name in routes.ts; empty for what no route matches
    path: str
    prepare: Callable[[Page], None] = nothing
    signed_in: bool = True
    is_empty_server: bool = False
    tall: bool = False  # the picture shows what is below the window, too
    expected: frozenset[int] = field(default_factory=frozenset[int])  # statuses that are right here

    def url(self, world: World, token: str) -> str:
        return self.path.format(**vars(world), token=token)


def out(name: str, route: str, path: str, *, is_empty_server: bool = False, tall: bool = False) -> Shot:
    """A page for people who are not signed in."""
    return Shot(name, route, path, signed_in=False, is_empty_server=is_empty_server, tall=tall)


SHOTS = (
    out("login", "login", "/auth/login/"),
    out("setup", "setup", "/setup/?token={token}", is_empty_server=True),
    out("recover", "recover", "/auth/recover/"),
    out("reset", "reset", "/auth/reset/?token=anything"),
    out("invite", "invite", "/invites/{invite}/"),
    out("shared-issue", "shared", "/share/issue/{share}/", tall=True),
    Shot("stream", "issues", STREAM),
    Shot("stream-all", "issues", STREAM + "?query=&statsPeriod=30d"),
    Shot("stream-review", "issues", STREAM + "?query=is%3Aunresolved+is%3Afor_review"),
    Shot("stream-regressed", "issues", STREAM + "?query=is%3Aregressed"),
    Shot("stream-escalating", "issues", STREAM + "?query=is%3Aescalating"),
    Shot("stream-archived", "issues", STREAM + "?query=is%3Aarchived"),
    Shot("stream-no-match", "issues", STREAM + "?query=nothing-is-called-so"),
    Shot("stream-refused-query", "issues", STREAM + "?query=level%3A%28", expected=frozenset({400})),
    Shot("stream-completion", "issues", STREAM, query(" level:")),
    Shot("stream-selected", "issues", STREAM, press("j", "x", "j", "x")),
    Shot("stream-peek", "issues", STREAM + "?peek={issue}"),
    Shot("palette", "issues", STREAM, press("Control+k")),
    Shot("shortcuts", "issues", STREAM, press("?")),
    Shot("issue", "issue", ISSUE, tall=True),
    Shot("issue-long-title", "issue", STREAM + "{long}/", tall=True),
    Shot("issue-without-stack", "issue", STREAM + "{quiet}/", tall=True),
    Shot("issue-exception-group", "issue", STREAM + "{group}/", tall=True),
    Shot("issue-performance", "issue", STREAM + "{slow}/", tall=True),
    Shot("issue-raw-stack", "issue", ISSUE, press("s")),
    Shot("issue-event-filter", "issue", ISSUE, button("Filter events")),
    Shot("issue-archive-menu", "issue", ISSUE, press("i")),
    Shot("issue-delete", "issue", ISSUE, press("Delete")),
    Shot("issue-compared", "issue", ISSUE + "?compare=oldest"),
    Shot("event", "event", ISSUE + "events/{event}/"),
    Shot("event-gone", "event", ISSUE + "events/" + "0" * 32 + "/", expected=frozenset({404})),
    *(Shot(f"issue-{tab}", "issue", ISSUE + f"?tab={tab}") for tab in ("events", "tags", "attachments")),
    *(Shot(f"issue-{tab}", "issue", ISSUE + f"?tab={tab}") for tab in ("activity", "merged")),
    Shot("issue-gone", "issue", STREAM + "999999/", expected=frozenset({404})),
    Shot("trace", "trace", TRACE_PAGE),
    Shot("trace-span", "trace", TRACE_PAGE + "?node=" + FAILED),
    *(Shot(f"trace-{tab}", "trace", TRACE_PAGE + f"?tab={tab}") for tab in ("errors", "attributes")),
    Shot("trace-gone", "trace", "/organizations/acme/traces/trace/" + "0" * 31 + "1/", expected=frozenset({404})),
    Shot("short-id", "short", "/i/{short}/"),
    Shot("short-event-unknown", "short-event", "/e/" + "0" * 32 + "/", expected=frozenset({404})),
    Shot("traces", "explore", EXPLORE + "traces/"),
    Shot(
        "traces-groups",
        "explore",
        EXPLORE + "traces/?mode=aggregate&groupBy=transaction&yAxis=count()&yAxis=p95(span.duration)&yAxis=failure_rate()",
    ),
    Shot("traces-heat", "explore", EXPLORE + "traces/?chart=heat"),
    Shot("traces-compare", "explore", EXPLORE + "traces/?chart=heat", around_slow, tall=True),
    Shot("traces-no-match", "explore", EXPLORE + "traces/?query=nothing-is-called-so"),
    Shot("logs", "explore", EXPLORE + "logs/"),
    Shot("logs-line", "explore", EXPLORE + "logs/", press("j", "j", "Enter")),
    Shot("logs-patterns", "explore", EXPLORE + "logs/?mode=patterns"),
    Shot("logs-tail", "explore", EXPLORE + "logs/?live=1"),
    Shot("metrics", "explore", EXPLORE + "metrics/"),
    Shot("metric", "explore", LATENCY + "&groupBy=payment.provider"),
    Shot("errors", "explore", EXPLORE + "errors/"),
    Shot("backend", "insights", INSIGHTS + "backend/"),
    *(Shot(f"backend-{tab}", "insights", INSIGHTS + f"backend/?tab={tab}") for tab in ("requests", "caches")),
    Shot("backend-query", "insights", INSIGHTS + "backend/?tab=queries", press("j", "p"), tall=True),
    Shot("frontend", "insights", INSIGHTS + "frontend/"),
    Shot("frontend-no-match", "insights", INSIGHTS + "frontend/?query=transaction%3Anone"),
    Shot("ai", "insights", INSIGHTS + "ai/", tall=True),
    *(Shot(f"ai-{tab}", "insights", INSIGHTS + f"ai/?tab={tab}") for tab in ("traces", "mcp")),
    Shot("ai-conversation", "insights", INSIGHTS + "ai/?tab=conversations&peek=" + CONVERSATION, tall=True),
    Shot("ai-hidden", "insights", INSIGHTS + "ai/?tab=conversations&peek=support-4003", tall=True),
    Shot("queues", "insights", INSIGHTS + "queues/"),
    Shot("transaction", "transaction", SUMMARY, tall=True),
    Shot("transaction-page", "transaction", INSIGHTS + "summary/?project=web&transaction=%2Fcheckout", tall=True),
    Shot("projects", "projects", "/organizations/acme/projects/"),
    Shot("new-project", "new-project", "/organizations/acme/projects/new/", tall=True),
    Shot("project", "project", "/organizations/acme/projects/demo/"),
    Shot("getting-started", "getting-started", "/organizations/acme/projects/ios-app/getting-started/", tall=True),
    Shot("getting-started-done", "getting-started", "/organizations/acme/projects/demo/getting-started/", tall=True),
    *(Shot(f"organization-{name}", "organization-page", f"{SETTINGS}{page}/") for name, page in ORGANIZATION),
    Shot("organization", "organization", SETTINGS),
    Shot("team", "team", SETTINGS + "teams/{team}/"),
    Shot("project-settings", "project-settings", PROJECT, tall=True),
    *(Shot(f"project-{name}", "project-settings-page", f"{PROJECT}{page}/", tall=True) for name, page in PAGES),
    Shot("account", "account", "/settings/account/"),
    *(Shot(f"account-{name}", "account-page", f"/settings/account/{name}/") for name in ("security", "appearance")),
    Shot("account-tokens", "account-tokens", "/settings/account/api/auth-tokens/"),
    Shot("server-health", "server", "/settings/server/", tall=True),
    Shot("api-reference", "reference", "/reference/api/"),
    Shot("not-found", "", "/nowhere/"),
)  # fmt: skip


def route_names() -> set[str]:
    return set(re.findall(r"\bname: '([^']+)'", ROUTES.read_text()))


def without_picture() -> set[str]:
    """Names of routes no shot visits, and routes of shots there are not."""
    return route_names() ^ {shot.route for shot in SHOTS if shot.route}

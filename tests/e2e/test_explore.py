"""Explore in Chromium, over a real server: from a search to the trace, and a line of the log as it comes in."""

import json
import re
import secrets
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.server import Api, Server
from tests.e2e.test_pages import search, sign_in

EXPLORE = "/organizations/acme/explore/"
LOGS: dict[str, object] = {
    "type": "log",
    "item_count": 1,
    "content_type": "application/vnd.sentry.items.log+json",
}

pytestmark = pytest.mark.e2e
Json = dict[str, object]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("explore") / "data").start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def api(server: Server) -> Api:
    return server.api()


@pytest.fixture
def tab(server: Server, page: Page) -> Iterator[Page]:
    """A signed-in tab; must end without an error of its scripts."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{server.url}/auth/login/")
    sign_in(page)
    yield page
    assert problems == []


def post(server: Server, head: Json, payload: Json) -> None:
    dsn = httpx.URL(server.dsn())
    done = httpx.post(
        f"{dsn.scheme}://{dsn.host}:{dsn.port}/api{dsn.path}/envelope/",
        content="\n".join(json.dumps(part) for part in ({}, head, payload)).encode(),
        headers={"X-Sentry-Auth": f"Sentry sentry_key={dsn.username}, sentry_version=7"},
    )
    assert done.status_code == 200, done.text


def transaction(trace: str, query: str) -> Json:
    """A request with one query of the database in it."""
    now, root = time.time(), secrets.token_hex(8)
    return {
        "type": "transaction",
        "transaction": "/basket/",
        "start_timestamp": now - 0.2,
        "timestamp": now,
        "contexts": {"trace": {"trace_id": trace, "span_id": root, "op": "http.server", "status": "ok"}},
        "spans": [
            {
                "trace_id": trace,
                "span_id": query,
                "parent_span_id": root,
                "op": "db.query",
                "description": "SELECT * FROM basket",
                "start_timestamp": now - 0.1,
                "timestamp": now - 0.02,
            }
        ],
    }


def until_stored(api: Api, trace: str, spans: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        found = api.get("/organizations/acme/events-meta/", dataset="spans", query=f"trace:{trace}")["count"]
        if found == spans:
            return
        assert time.monotonic() < deadline, f"{found} spans"
        time.sleep(0.1)


def until_found(api: Api, text: str) -> None:
    """Until a line of the log with that text is stored."""
    deadline = time.monotonic() + 20
    while not api.get("/organizations/acme/events-meta/", dataset="logs", query=text)["count"]:
        assert time.monotonic() < deadline, text
        time.sleep(0.1)


def test_a_search_of_spans_leads_to_the_trace(server: Server, api: Api, tab: Page) -> None:
    trace, query = secrets.token_hex(16), secrets.token_hex(8)
    post(server, {"type": "transaction"}, transaction(trace, query))
    until_stored(api, trace, 2)
    tab.keyboard.press("g")
    tab.keyboard.press("t")
    tab.wait_for_url("**/explore/traces/**")
    rows = tab.locator("tr[data-row]")
    expect(rows).to_have_count(2)
    search(tab, "span.op:db.query")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("SELECT * FROM basket")
    expect(rows).to_contain_text("80 ms")
    tab.get_by_role("link", name="Aggregates").click()
    expect(rows).to_have_count(1)
    tab.go_back()
    rows.get_by_role("link").first.click()
    expect(tab).to_have_url(re.compile(f"/traces/trace/{trace}/\\?node={query}"))
    expect(tab.get_by_role("heading", level=1)).to_be_visible()


def test_a_refused_search_says_why_and_leaves_the_page_usable(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}{EXPLORE}traces/")
    search(tab, "span.duration:soon")
    expect(tab.locator(".problem")).to_contain_text("span.duration")
    search(tab, "")
    expect(tab.locator(".problem")).to_have_count(0)


def test_a_formula_is_completed_checked_drawn_and_tabled(server: Server, api: Api, tab: Page) -> None:
    trace, query = secrets.token_hex(16), secrets.token_hex(8)
    post(server, {"type": "transaction"}, transaction(trace, query))
    until_stored(api, trace, 2)
    tab.goto(f"{server.url}{EXPLORE}traces/?query=trace:{trace}")
    tab.get_by_role("button", name="Formula").click()
    field = tab.get_by_role("combobox", name="Formula")
    field.press_sequentially("count_i")
    first = tab.get_by_role("listbox", name="Formula").get_by_role("option").first
    for typed, offered in (("", "count_if"), ("span.o", "span.op"), ("equ", "equals")):
        field.press_sequentially(typed)
        expect(first).to_contain_text(offered)
        first.click()
    field.press_sequentially("db.query")
    expect(field).to_have_value("count_if(span.op,equals,db.query)")
    field.press("End")
    field.press("Enter")
    expect(tab.get_by_text("Invalid equation: it has no operator")).to_be_visible()
    field.press_sequentially(" / count() * 100")
    field.press("Enter")
    formula = "count_if(span.op,equals,db.query) / count() * 100"
    expect(tab.locator("figcaption").last).to_have_text(formula)
    tab.get_by_role("link", name="Aggregates").click()
    row = tab.locator("tr[data-row]")
    expect(row).to_have_count(1)
    expect(row.get_by_role("cell").last).to_have_text("50")
    expect(tab.get_by_role("columnheader", name=formula)).to_be_visible()
    tab.reload()
    expect(tab.get_by_role("button", name=f"Change the formula {formula}")).to_be_visible()


def test_a_box_is_set_on_the_heat_map_by_keys(server: Server, api: Api, tab: Page) -> None:
    trace = secrets.token_hex(16)
    post(server, {"type": "transaction"}, transaction(trace, secrets.token_hex(8)))
    until_stored(api, trace, 2)
    tab.goto(f"{server.url}{EXPLORE}traces/?query=trace:{trace}&chart=heat&statsPeriod=1h")
    heat = tab.get_by_role("application", name=re.compile("^Number of spans"))
    heat.focus()
    for key in ("Enter", "ArrowUp", "ArrowRight", "Enter"):
        heat.press(key)
    expect(tab).to_have_url(re.compile("box="))
    expect(tab.get_by_role("heading", name="What is different in the selection")).to_be_visible()
    heat.press("Escape")
    expect(tab).not_to_have_url(re.compile("box="))


def test_the_cursor_of_the_waterfall_is_told(server: Server, api: Api, tab: Page) -> None:
    trace = secrets.token_hex(16)
    post(server, {"type": "transaction"}, transaction(trace, secrets.token_hex(8)))
    until_stored(api, trace, 2)
    tab.goto(f"{server.url}/organizations/acme/traces/trace/{trace}/")
    tree = tab.get_by_role("tree")
    tree.focus()
    # the request; the time before its query, in which nothing was measured
    for row, (level, place, size) in enumerate((("1", "1", "1"), ("2", "1", "2"))):
        if row:
            tree.press("j")
        active = tab.locator(f"[id='{tree.get_attribute('aria-activedescendant')}']")
        expect(active).to_have_class(re.compile("cursor"))
        expect(active).to_have_attribute("aria-level", level)
        expect(active).to_have_attribute("aria-posinset", place)
        expect(active).to_have_attribute("aria-setsize", size)


def test_the_live_tail_shows_a_line_as_it_is_sent(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}{EXPLORE}logs/")
    tab.get_by_role("link", name="Live tail").click()
    expect(tab.get_by_text("Waiting for the next line…")).to_be_visible()
    line: Json = {
        "timestamp": time.time(),
        "level": "warn",
        "body": "kettle number 7 is dry",
        "trace_id": secrets.token_hex(16),
        "attributes": {"kettle": {"value": "blue", "type": "string"}},
    }
    post(server, LOGS, {"items": [line]})
    tailed = tab.get_by_role("log").get_by_text("kettle number 7 is dry")
    expect(tailed).to_be_visible(timeout=20_000)
    tailed.click()
    panel = tab.get_by_role("complementary", name="Log line")
    expect(panel).to_contain_text("blue")
    panel.get_by_role("button", name="Only kettle like this").click()
    expect(tab.locator("tr[data-row]")).to_have_count(1)
    expect(tab).to_have_url(re.compile("query=kettle%3Ablue"))


def test_a_log_with_colours_of_a_terminal_is_shown_in_them(server: Server, api: Api, tab: Page) -> None:
    body = "\x1b[1;31mboiler\x1b[0m \x1b]8;;https://evil.example\x1b\\number 9\x1b]8;;\x1b\\ is \x1b[38;5;208mhot\x1b[2K"
    line: Json = {"timestamp": time.time(), "level": "info", "body": body, "trace_id": secrets.token_hex(16)}
    post(server, LOGS, {"items": [line]})
    until_found(api, "boiler")
    tab.goto(f"{server.url}{EXPLORE}logs/?query=boiler")
    row = tab.locator("tr[data-row]")
    expect(row.locator(".red.bold")).to_have_text("boiler")
    expect(row).to_contain_text("boiler number 9 is hot")
    row.get_by_text("number 9").click()
    message = tab.get_by_role("complementary", name="Log line").locator("pre")
    expect(message).to_have_text("boiler number 9 is hot")
    expect(message.locator(".red")).to_have_css("font-weight", "600")
    assert "\x1b" not in tab.content()


def test_the_period_before_is_drawn_and_what_has_changed_is_said(server: Server, api: Api, tab: Page) -> None:
    trace = secrets.token_hex(16)
    post(server, {"type": "transaction"}, transaction(trace, secrets.token_hex(8)))
    until_stored(api, trace, 2)
    tab.goto(f"{server.url}{EXPLORE}traces/?query=trace:{trace}&yAxis=count()")
    tab.get_by_role("button", name="Compare", exact=True).click()
    expect(tab).to_have_url(re.compile("compare=1"))
    expect(tab.locator("figcaption")).to_contain_text("2 after 0")
    expect(tab.locator("figure path.before")).to_have_count(1)
    tab.get_by_role("button", name="Compare", exact=True).click()
    expect(tab.locator("figure path.before")).to_have_count(0)


def test_single_values_of_a_metric_lead_to_their_traces(server: Server, api: Api, tab: Page) -> None:
    trace = secrets.token_hex(16)
    values = [
        {"timestamp": time.time() - 60 + at, "name": "brew", "type": "distribution", "unit": "second"}
        | {"value": value, "trace_id": trace, "span_id": secrets.token_hex(8)}
        for at, value in enumerate((3.0, 4.0, 9.0))
    ]
    head: Json = {
        "type": "trace_metric",
        "item_count": len(values),
        "content_type": "application/vnd.sentry.items.trace-metric+json",
    }
    post(server, head, {"items": values})
    deadline = time.monotonic() + 20
    while (
        api.get("/organizations/acme/events-meta/", dataset="tracemetrics", query="metric.name:brew")["count"]
        < 3
    ):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    tab.goto(f"{server.url}{EXPLORE}metrics/?metric=brew,distribution,second&statsPeriod=1h")
    dots = tab.get_by_role("group", name="Single values with their traces")
    highest = dots.get_by_role("link", name=re.compile("^Highest around .*: 9.00 s"))
    expect(highest).to_have_count(1)
    dots.get_by_role("link").first.focus()
    tab.keyboard.press("End")
    expect(highest).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(f"/traces/trace/{trace}/\\?node="))

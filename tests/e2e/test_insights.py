"""Insights in Chromium, over a real server: from what takes the time to the trace, and what a model was asked."""

import json
import re
import secrets
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.server import Api, Server
from tests.e2e.test_pages import sign_in

INSIGHTS = "/organizations/acme/insights/"
SQL = "SELECT id FROM basket WHERE owner = 7 AND open ORDER BY id"
ASKED = json.dumps([{"role": "user", "content": "Where is my parcel?"}])

pytestmark = pytest.mark.e2e
Json = dict[str, object]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("insights") / "data").start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def trace(server: Server) -> str:
    """The id of a trace with a query and an LLM call, stored."""
    trace = secrets.token_hex(16)
    send(server, transaction(trace))
    until_stored(server.api(), trace, 4)
    return trace


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


def send(server: Server, payload: Json) -> None:
    dsn = httpx.URL(server.dsn())
    parts: tuple[Json, ...] = ({}, {"type": "transaction"}, payload)
    done = httpx.post(
        f"{dsn.scheme}://{dsn.host}:{dsn.port}/api{dsn.path}/envelope/",
        content="\n".join(json.dumps(part) for part in parts).encode(),
        headers={"X-Sentry-Auth": f"Sentry sentry_key={dsn.username}, sentry_version=7"},
    )
    assert done.status_code == 200, done.text


def transaction(trace: str) -> Json:
    """A request: a query, then a tool and a model for somebody who asks."""
    now, root = time.time(), secrets.token_hex(8)
    talk = {"gen_ai.conversation.id": "parcel-7", "gen_ai.agent.name": "support"}
    tool = {**talk, "gen_ai.tool.name": "find_parcel", "gen_ai.tool.output": "in Lund"}
    call = {
        **talk,
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.input.messages": ASKED,
        "gen_ai.response.text": "It is in Lund.",
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 100,
    }
    spans = (
        ("db", SQL, 0.4, {"db.system": "postgresql"}),
        ("gen_ai.execute_tool", "execute_tool find_parcel", 0.3, tool),
        ("gen_ai.chat", "chat gpt-4o", 0.2, call),
    )
    return {
        "type": "transaction",
        "transaction": "/basket/",
        "start_timestamp": now - 0.5,
        "timestamp": now,
        "contexts": {"trace": {"trace_id": trace, "span_id": root, "op": "http.server", "status": "ok"}},
        "spans": [
            {
                "trace_id": trace,
                "span_id": secrets.token_hex(8),
                "parent_span_id": root,
                "op": op,
                "description": text,
                "start_timestamp": now - ago,
                "timestamp": now - ago + 0.08,
                "data": data,
            }
            for op, text, ago, data in spans
        ],
    }


def until_stored(api: Api, trace: str, spans: int) -> None:
    deadline = time.monotonic() + 20
    while (
        found := api.get("/organizations/acme/events-meta/", dataset="spans", query=f"trace:{trace}")["count"]
    ) != spans:
        assert time.monotonic() < deadline, f"{found} spans"
        time.sleep(0.1)


def test_what_takes_the_time_leads_to_a_transaction_and_its_trace(
    server: Server, trace: str, tab: Page
) -> None:
    tab.get_by_role("link", name="Backend").click()
    tab.locator("tr[data-row]").get_by_role("link", name="/basket/").click()
    expect(tab).to_have_url(re.compile(r"/insights/summary/\?transaction=%2Fbasket%2F"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("/basket/")
    expect(tab.get_by_role("figure").filter(has_text="Durations")).to_contain_text("p95")
    tab.get_by_role("link", name=trace[:8]).first.click()
    expect(tab).to_have_url(re.compile(f"/traces/trace/{trace}/"))


def test_a_query_shows_its_text_in_lines_and_who_makes_it(server: Server, trace: str, tab: Page) -> None:
    tab.goto(f"{server.url}{INSIGHTS}backend/?tab=queries")
    tab.get_by_text("SELECT id FROM basket").first.click()
    panel = tab.get_by_role("complementary", name="Query")
    expect(panel.locator("pre")).to_have_text(
        "SELECT id\nFROM basket\nWHERE owner = %s\n  AND open\nORDER BY id"
    )
    expect(panel.get_by_role("link", name="/basket/")).to_be_visible()
    expect(panel.get_by_role("link", name=trace[:8])).to_be_visible()


def test_a_conversation_is_shown_as_it_was_said(server: Server, trace: str, tab: Page) -> None:
    tab.goto(f"{server.url}{INSIGHTS}ai/?tab=conversations")
    tab.get_by_text("parcel-7").click()
    panel = tab.get_by_role("complementary", name="Transcript")
    expect(panel.locator("ol")).to_contain_text(
        re.compile("in Lund.*find_parcel.*Where is my parcel.*It is in Lund", re.DOTALL)
    )
    expect(panel).to_contain_text("1k in, 100 out")
    expect(panel).to_contain_text("$0.0035")


def test_a_price_of_ones_own_is_kept(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/settings/acme/ai-prices/")
    tab.get_by_role("button", name="Add a model").click()
    tab.get_by_label("Model 1").fill("acme-*")
    tab.get_by_label("Input 1", exact=True).fill("2")
    tab.get_by_label("Output 1").fill("8.5")
    tab.get_by_role("button", name="Save changes").click()
    expect(tab.get_by_text("Saved")).to_be_visible()
    prices = server.api().get("/organizations/acme/ai-prices/")["prices"]
    assert prices == {"acme-*": {"input": 2, "output": 8.5, "cachedInput": None}}

"""A page, the Python service it calls, its errors, logs, metrics and LLM call: one trace, by official SDKs."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.sdks import CACHE, CLIENTS, install_node_packages, node_program, python_packages, serve
from tests.e2e.server import Api, Server

Json = dict[str, Any]
PYTHON = "sentry-sdk==2.75.0"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server") / "data").start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def api(server: Server) -> Api:
    return server.api()


@pytest.fixture(scope="module")
def run() -> str:
    return secrets.token_hex(4)


@pytest.fixture(scope="module")
def told(server: Server, browser: Browser, run: str) -> dict[str, Json]:
    """What the page tells of its spans, once page and service have sent everything."""
    service = start_service(server, run)
    assert service.stdout is not None
    backend = f"http://127.0.0.1:{int(service.stdout.readline())}"
    install_node_packages()
    bundle = CACHE / "tracing-browser.js"
    node_program(["bundle.mjs", str(bundle), "tracing-browser.js"])
    options = json.dumps({"dsn": server.dsn(), "run": run, "backend": backend})
    text = f'<!doctype html><title>page</title><script type="application/json" id="options">{options}</script><h1>Shop</h1><script src="/page.js"></script>'
    site = serve(
        {"/shop": ("text/html", text.encode()), "/page.js": ("text/javascript", bundle.read_bytes())}
    )
    try:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{site.server_address[1]}/shop")
        page.wait_for_function("document.title.startsWith('{')", timeout=30_000)
        found: dict[str, Json] = json.loads(page.title())
        page.close()
    finally:
        site.shutdown()
        assert service.wait(20) == 0
    return found


def start_service(server: Server, run: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "DSN": server.dsn(), "PYTHONPATH": str(python_packages(PYTHON))}
    command = [sys.executable, "-W", "ignore", str(CLIENTS / "backend.py"), run]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def walked(nodes: list[Json]) -> Iterator[Json]:
    for node in nodes:
        yield node
        yield from walked(node["children"])


def whole_trace(api: Api, trace: str, *, ops: set[str]) -> list[Json]:
    """The nodes of a trace once each of these operations is in it."""
    deadline = time.monotonic() + 30
    while True:
        nodes = api.get(f"/organizations/acme/trace/{trace}/")
        found = {node.get("op") for node in walked(nodes)}
        if ops <= found:
            return nodes
        assert time.monotonic() < deadline, f"{ops - found} are missing, there are {found}"
        time.sleep(0.2)


@pytest.mark.row(54)
@pytest.mark.row(56)
def test_a_pageload_and_the_service_it_calls_are_one_tree(api: Api, told: dict[str, Json]):
    nodes = whole_trace(
        api, told["pageload"]["trace"], ops={"pageload", "http.client", "http.server", "db", "gen_ai.chat"}
    )
    pageload = next(node for node in nodes if node.get("span_id") == told["pageload"]["span"])
    request = next(node for node in walked([pageload]) if node["op"] == "http.server")
    caller = next(node for node in walked([pageload]) if request in node["children"])
    assert (caller["op"], caller["span_id"]) == ("http.client", request["parent_span_id"])
    assert len([node for node in walked([request]) if node["op"] == "db"]) == 2


def test_errors_logs_and_metrics_of_the_service_are_on_it(api: Api, told: dict[str, Json], run: str):
    trace = told["pageload"]["trace"]
    deadline = time.monotonic() + 20
    while True:
        meta = api.get(f"/organizations/acme/trace-meta/{trace}/")
        if meta["errorsCount"] >= 1 and meta["logsCount"] >= 1 and meta["metricsCount"] >= 1:
            break
        assert time.monotonic() < deadline, meta
        time.sleep(0.2)
    events = api.get(f"/organizations/acme/traces/{trace}/spans/")["events"]
    assert f"LookupError: vt-error-{run}" in [event["title"] for event in events]


def test_an_llm_call_has_tokens_and_a_cost(api: Api, told: dict[str, Json]):
    trace = told["pageload"]["trace"]
    nodes = whole_trace(api, trace, ops={"gen_ai.chat"})
    call = next(node for node in walked(nodes) if node["op"] == "gen_ai.chat")
    span = api.get(f"/organizations/acme/traces/{trace}/spans/{call['span_id']}/")
    assert span["model"] == "gpt-4o"
    assert (
        span["attributes"]["gen_ai.usage.input_tokens"],
        span["attributes"]["gen_ai.usage.output_tokens"],
    ) == (1000, 500)
    assert span["attributes"]["gen_ai.cost.total_tokens"] > 0


@pytest.mark.row(50)
def test_a_span_set_active_by_hand_is_the_parent_of_what_comes(api: Api, told: dict[str, Json]):
    nodes = whole_trace(api, told["inHeld"]["trace"], ops={"ui.flow", "ui.step"})
    inner = next(node for node in walked(nodes) if node.get("span_id") == told["inHeld"]["span"])
    assert inner["parent_span_id"] == told["held"]["span"]


@pytest.mark.row(55)
def test_a_navigation_is_a_segment_with_what_happened_in_it(api: Api, told: dict[str, Json], run: str):
    nodes = whole_trace(api, told["navigation"]["trace"], ops={"navigation", "ui.step"})
    navigation = next(node for node in walked(nodes) if node.get("span_id") == told["navigation"]["span"])
    assert (navigation["name"], navigation["is_transaction"]) == (f"/vt-navigation-{run}", True)
    assert told["inNavigation"]["span"] in [child["span_id"] for child in navigation["children"]]

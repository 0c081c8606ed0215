"""The waterfall of a large trace in Chromium: until its rows are painted, and how it scrolls.

    python -m bench.waterfall [--spans 10000] [--rounds 10] [--folder DIR]

A server as `vedette serve` starts it is sent one trace over HTTP, half of it in transactions, half in containers of
streamed spans, of three projects. Then the trace's page is opened anew each round.

Printed of each visit, in milliseconds from the navigation's start unless said: when the page's first byte was there,
and its last, which is that of the spans in it; how long from there until rows were painted (JSON, tree, rows, layout:
the page's own work), and all of it together. Then, over the same visits: the
longest task of the browser's main thread until all was still, frames a second while a wheel scrolls through all rows
(median of the times between two frames), the longest time between two frames, and the longest task meanwhile.

First visits have nothing cached; next visits have the files of an earlier one, the answers are new each time.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.issue_search import CHROMIUM, VIEWPORT, new_page, signed_in
from bench.server import running
from tests.e2e.conftest import ARGUMENTS
from tests.e2e.server import Api, Server

Json = dict[str, Any]

TRACE = "5bd1c0ffee5e4b1ca11ed0b5e55ed001"
SERVICES = ("demo", "api", "web")
TREE = 250  # spans of one request, its root counted
STREAMED = "application/vnd.sentry.items.span.v2+json"
WORK = (
    ("db", 'SELECT "orders"."id", "orders"."state" FROM "orders" WHERE "orders"."owner_id" = %s LIMIT 21'),
    ("db", 'UPDATE "stock" SET "left" = "left" - %s WHERE "sku" = %s'),
    ("cache.get", "price:EUR"),
    ("http.client", "GET https://rates.example/v1/EUR"),
    ("template.render", "orders/detail.html"),
    ("function", "orders.reconcile"),
)
SETTLE_S = 3  # the server has begun everything that it does by itself


# ── the trace ─────────────────────────────────────────────────────────────────────────────


class Request(NamedTuple):
    """One service's part of the trace: its root, and the spans below it. Times are epoch seconds."""

    service: str
    root: Json
    spans: list[Json]


def requests(count: int, began: float) -> Iterator[Request]:
    """The trace in requests of `TREE` spans, each called from somewhere in the one before."""
    rnd = random.Random(19)
    caller = ""
    whole = max(1, count // TREE)
    for number in range(whole):
        service = SERVICES[number % len(SERVICES)]
        start, end = began + 10.0 * number / whole, began + 10.0 * (number + 1) / whole
        root = span(rnd, caller, "http.server", f"POST /api/step/{number}/", start, end)
        below = list(children(rnd, root, TREE - 1))
        caller = rnd.choice(below)["span_id"]
        yield Request(service, root, below)


def children(rnd: random.Random, root: Json, count: int) -> Iterator[Json]:
    """Spans one after the other, four deep: every fifth begins a level, every ninth ends one."""
    above = [root]
    step = (root["timestamp"] - root["start_timestamp"]) / (count + 1)
    for number in range(count):
        start = root["start_timestamp"] + number * step
        op, text = rnd.choice(WORK)
        made = span(
            rnd, above[-1]["span_id"], op, text, start, start + step * rnd.choice((0.4, 0.8, 0.8, 1.6))
        )
        made["status"] = "internal_error" if rnd.random() < 0.01 else "ok"
        yield made
        if number % 5 == 0 and len(above) < 5:
            above.append(made)
        elif number % 9 == 0 and len(above) > 1:
            above.pop()


def span(rnd: random.Random, parent: str, op: str, text: str, start: float, end: float) -> Json:
    return {
        "trace_id": TRACE,
        "span_id": f"{rnd.getrandbits(64):016x}",
        "parent_span_id": parent or None,
        "op": op,
        "description": text,
        "start_timestamp": start,
        "timestamp": end,
        "status": "ok",
        "data": {"thread.name": "worker-3", "server.address": "db-1"},
    }


def as_transaction(request: Request) -> tuple[Json, Json]:
    root = request.root
    context = {key: root[key] for key in ("trace_id", "span_id", "parent_span_id", "op", "status")}
    return {"type": "transaction"}, {
        "type": "transaction",
        "transaction": root["description"],
        "platform": "python",
        "environment": "production",
        "start_timestamp": root["start_timestamp"],
        "timestamp": root["timestamp"],
        "contexts": {"trace": context},
        "spans": request.spans,
    }


def as_container(request: Request) -> tuple[Json, Json]:
    segment = request.root["span_id"]
    items = [streamed(one, segment) for one in (request.root, *request.spans)]
    return {"type": "span", "item_count": len(items), "content_type": STREAMED}, {"items": items}


def streamed(one: Json, segment: str) -> Json:
    attributes = {
        "sentry.op": one["op"],
        "sentry.segment.id": segment,
        "sentry.environment": "production",
        **one["data"],
    }
    return {
        "trace_id": TRACE,
        "span_id": one["span_id"],
        **({"parent_span_id": one["parent_span_id"]} if one["parent_span_id"] else {}),
        "is_segment": one["span_id"] == segment,
        "name": one["description"],
        "status": "ok" if one["status"] == "ok" else "error",
        "start_timestamp": one["start_timestamp"],
        "end_timestamp": one["timestamp"],
        "attributes": {key: {"value": value, "type": "string"} for key, value in attributes.items()},
    }


def send(api: Api, count: int) -> int:
    """Sends the trace and waits until it can be read. How many spans it has."""
    team = api.get("/organizations/acme/teams/")[0]["slug"]
    for slug in SERVICES[1:]:
        api.client.post("/organizations/acme/projects/", json={"name": slug, "team": team})
    keys = {slug: api.get(f"/projects/acme/{slug}/keys/")[0]["dsn"]["public"] for slug in SERVICES}
    made = list(requests(count, time.time() - 60))
    for number, request in enumerate(made):
        head, payload = (as_transaction if number % 2 else as_container)(request)
        post(api.client, keys[request.service], head, payload)
    spans = sum(1 + len(request.spans) for request in made)
    until_stored(api, spans)
    return spans


def post(client: httpx.Client, dsn: str, head: Json, payload: Json) -> None:
    address = urlsplit(dsn)
    body = "\n".join(json.dumps(part) for part in ({}, head, payload))
    done = client.post(
        f"http://{address.hostname}:{address.port}/api{address.path}/envelope/",
        content=body.encode(),
        headers={"X-Sentry-Auth": f"Sentry sentry_key={address.username}, sentry_version=7"},
    )
    assert done.status_code == 200, done.text


def until_stored(api: Api, spans: int) -> None:
    deadline = time.monotonic() + 60
    total = 0
    while total < spans:
        assert time.monotonic() < deadline, f"{total} of {spans} spans were stored"
        time.sleep(0.2)
        found = api.client.get(f"/organizations/acme/traces/{TRACE}/spans/")
        total = found.json()["total"] if found.status_code == 200 else 0


# ── in Chromium ───────────────────────────────────────────────────────────────────────────

# runs before the page's own scripts: notes tasks, and the moment after the frame that first had rows
WATCH = """
window.seen = { tasks: [], rows: 0 };
window.seen.painted = new Promise((done) => (window.seen.done = done));
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.seen.tasks.push([one.startTime, one.duration]);
}).observe({ type: 'longtask', buffered: true });
const look = new MutationObserver(() => {
  if (window.seen.rows || !document.querySelector('[role=treeitem]')) return;
  look.disconnect();
  requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = () => {
      window.seen.rows = performance.now();
      window.seen.done();
    };
    after.port2.postMessage(0);
  });
});
look.observe(document, { subtree: true, childList: true });
"""
STILL = (
    "window.seen.painted.then(() => new Promise((done) => setTimeout(() => requestIdleCallback(done), 500)))"
)
OPENED = """
() => {
  const page = performance.getEntriesByType('navigation')[0];
  return {
    begun: page.responseStart, answered: page.responseEnd, rows: window.seen.rows,
    longest: Math.max(0, ...window.seen.tasks.map((one) => one[1])),
  };
}
"""
FRAMES = """
() => {
  window.frames_ = [];
  window.scrolling = true;
  window.seen.tasks.length = 0;
  let last = 0;
  const next = (now) => {
    if (last) window.frames_.push(now - last);
    last = now;
    if (window.scrolling) requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}
"""
SCROLLED = """
() => {
  window.scrolling = false;
  return { frames: window.frames_, longest: Math.max(0, ...window.seen.tasks.map((one) => one[1])),
           top: document.querySelector('[role=tree]').scrollTop };
}
"""
SCROLL_PX_S = 6000
SCROLL_S = 2


class Visit(NamedTuple):
    """Milliseconds of one opening of the page; frames a second."""

    begun: float
    answered: float
    work: float
    rows: float
    longest_task: float
    frames_per_s: float
    longest_frame: float
    longest_task_scrolling: float


def visit(context: BrowserContext, url: str) -> Visit:
    page = new_page(context)
    page.add_init_script(WATCH)
    page.goto(url, wait_until="commit")
    until_still(page)
    found: dict[str, float] = page.evaluate(OPENED)
    scrolled = scroll(page)
    page.close()
    return Visit(
        found["begun"],
        found["answered"],
        found["rows"] - found["answered"],
        found["rows"],
        found["longest"],
        1000 / median(scrolled["frames"]),
        max(scrolled["frames"]),
        scrolled["longest"],
    )


def until_still(page: Page) -> None:
    """Waits in the browser itself: what Playwright brings into a page to look for an element took two tasks of 11 ms."""
    session = page.context.new_cdp_session(page)
    asked = {"expression": STILL, "awaitPromise": True}
    found: Json = cast("Any", session).send("Runtime.evaluate", asked)
    assert "exceptionDetails" not in found, found
    session.detach()


def scroll(page: Page) -> Json:
    """A wheel turned over the rows for `SCROLL_S`, as the browser itself makes its events."""
    box = page.locator("[role=tree]").bounding_box()
    assert box
    page.evaluate(FRAMES)
    session = page.context.new_cdp_session(page)
    gesture: Json = {
        "x": box["x"] + box["width"] / 2,
        "y": box["y"] + box["height"] / 2,
        "yDistance": -SCROLL_PX_S * SCROLL_S,
        "speed": SCROLL_PX_S,
        "gestureSourceType": "mouse",
    }
    cast("Any", session).send("Input.synthesizeScrollGesture", gesture)
    session.detach()
    found: Json = page.evaluate(SCROLLED)
    assert found["top"] > SCROLL_PX_S, "the rows did not scroll"
    return found


def measure(server: Server, rounds: int) -> Iterator[tuple[str, list[Visit]]]:
    """Visits with nothing cached, and with the files of an earlier one; of each kind the first is not counted."""
    url = f"{server.url}/organizations/acme/traces/trace/{TRACE}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        state = signed_in(server, browser)
        yield "first visit", [fresh(browser, state, url) for _ in range(rounds + 1)][1:]
        context = browser.new_context(storage_state=state, viewport=VIEWPORT)
        yield "next visit", [visit(context, url) for _ in range(rounds + 1)][1:]
        browser.close()


def fresh(browser: Browser, state: Any, url: str) -> Visit:
    context = browser.new_context(storage_state=state, viewport=VIEWPORT)
    seen = visit(context, url)
    context.close()
    return seen


def lines(name: str, visits: list[Visit]) -> Iterator[str]:
    """Least, median and 95th percentile of each figure."""
    yield f"{name}, {len(visits)} times"
    for field in Visit._fields:
        values = sorted(getattr(one, field) for one in visits)
        high = values[min(len(values) - 1, int(len(values) * 0.95))]
        yield f"  {field:24} least {values[0]:8.1f}  p50 {median(values):8.1f}  p95 {high:8.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spans", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--folder", type=Path, help="kept, and used again without sending")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as temporary:
        folder = options.folder or Path(temporary) / "data"
        is_filled = (folder / "records.sqlite3").exists()
        with running(folder) as server:
            if not is_filled:
                print(send(server.api(), options.spans), "spans stored", flush=True)
            time.sleep(SETTLE_S)
            for name, visits in measure(server, options.rounds):
                print(*lines(name, visits), sep="\n", flush=True)


if __name__ == "__main__":
    main()

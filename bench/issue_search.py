"""What searching and opening issues costs: p50 and p95 over HTTP, and until the list can be used in Chromium.

    python -m bench.issue_search [--events 1000000] [--issues 20000] [--folder DIR] [--only TEXT,TEXT]

One request after the other to a server as `vedette serve` starts it. With `--folder` the filled
data folder is kept there and used again.
"""

import argparse
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.filled import fill
from bench.server import ROOT, memory, running
from tests.e2e.conftest import ARGUMENTS
from tests.e2e.server import EMAIL, PASSWORD, Server

OUT = ROOT / "bench" / "out" / "results.json"
ISSUES = "/organizations/acme/issues/"
CHROMIUM = "/usr/bin/chromium"
VIEWPORT: Any = {"width": 1440, "height": 900}
SETTLE_S = 3  # the server has begun everything that it does by itself
WINDOW_S = (
    2  # a new window takes Chromium 1.1 s of CPU, most of it for the drop-down list of its own address bar
)

QUERIES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("default list", "is:unresolved", {}),
    ("level", "is:unresolved level:warning", {}),
    ("times_seen", "is:unresolved times_seen:>100", {}),
    ("environment + sort=user", "is:unresolved", {"environment": "production", "sort": "user"}),
    ("environment", "is:unresolved", {"environment": "production"}),
    ("sort=freq", "is:unresolved", {"sort": "freq"}),
    ("sort=new", "", {"sort": "new"}),
    ("a rare tag", "is:unresolved customer:c{n}", {}),
    ("a common tag", "is:unresolved region:eu", {}),
    ("negated tag", "is:unresolved !region:eu", {}),
    ("tag wildcard", "customer:c{n}*", {}),
    ("browser", "is:unresolved browser:Chrome", {}),
    ("user.email", "user.email:user{n}@example.com", {}),
    ("free text (rare)", "is:unresolved 1F{n}", {}),
    ("free text (common)", "is:unresolved invalid value", {}),
    ("free text (nowhere)", "nowhere{n}", {}),
    ("stack.filename", "is:unresolved stack.filename:src/billing/handler_{n}.py", {}),
    ("stack.filename wildcard", "is:unresolved stack.filename:*handler_{n}.py", {}),
    ("filename (end of path)", "filename:handler_{n}.py", {}),
    ("error.type", "is:unresolved error.type:ValueError", {}),
    ("error.type + sort=freq", "is:unresolved error.type:ValueError", {"sort": "freq"}),
    ("release:latest", "release:latest", {}),
    ("release.version", "is:unresolved release.version:>=1.10.0", {}),
    ("assigned:me and a tag", "assigned:me region:eu", {}),
    ("OR of both kinds", "(assigned:me OR region:eu) level:error", {}),
    ("userCount", "is:unresolved userCount:>20", {}),
)


class Times(NamedTuple):
    """Milliseconds of one thing done again and again."""

    p50: float
    p95: float
    cpu: float  # of the server's processes, each time: what remains comparable on a busy machine
    note: str = ""

    def line(self, name: str) -> str:
        return (
            f"{name:28} p50 {self.p50:7.1f} ms  p95 {self.p95:7.1f} ms  CPU {self.cpu:7.1f} ms  {self.note}"
        )


def timed(server: Server, rounds: int, act: Callable[[int], str]) -> Times:
    """`act` is given the number of the round, so that it can ask for another thing each time; the first is not counted."""
    act(rounds)
    before = memory(server)["cpu_s"]
    times: list[float] = []
    note = ""
    for number in range(rounds):
        began = time.perf_counter()
        note = act(number)
        times.append((time.perf_counter() - began) * 1e3)
    cpu = (memory(server)["cpu_s"] - before) / rounds * 1e3
    return _times(times, cpu, note)


def _times(times: list[float], cpu: float, note: str = "") -> Times:
    ordered = sorted(times)
    return Times(ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)], cpu, note)


# ── over the API ──────────────────────────────────────────────────────────────────────────


def searches(server: Server, client: httpx.Client, rounds: int) -> Iterator[tuple[str, Callable[[], Times]]]:
    for name, text, more in QUERIES:

        def ask(number: int, text: str = text, more: dict[str, str] = more) -> str:
            query = text.replace("{n}", str(7 + 11 * number))
            answer = client.get(ISSUES, params={"query": query, "limit": "25", **more})
            assert answer.status_code == 200, answer.text
            return f"{answer.headers['X-Hits']:>5} issues"

        yield name, lambda ask=ask: timed(server, rounds, ask)


class Known(NamedTuple):
    """An issue to be read: its path, and that of its newest event by id."""

    issue: str
    event: str


READINGS: dict[str, Callable[[Known], str]] = {
    "issue": lambda known: known.issue,
    "latest event": lambda known: f"{known.issue}events/latest/",
    "event by id": lambda known: known.event,
    "tags of an issue": lambda known: f"{known.issue}tags/",
}


def readings(server: Server, client: httpx.Client, rounds: int) -> Iterator[tuple[str, Callable[[], Times]]]:
    """Of another issue each time, those with most events first."""
    known = cache(lambda: known_issues(client, rounds + 1))
    for name, path in READINGS.items():

        def ask(number: int, path: Callable[[Known], str] = path) -> str:
            answer = client.get(path(known()[number % len(known())]))
            assert answer.status_code == 200, answer.text
            return ""

        yield name, lambda ask=ask: timed(server, rounds, ask)


def known_issues(client: httpx.Client, count: int) -> list[Known]:
    listed = client.get(ISSUES, params={"sort": "freq", "limit": "100"}).json()
    found: list[Known] = []
    for issue in listed[:count]:
        path = f"{ISSUES}{issue['id']}/"
        event_id = client.get(f"{path}events/latest/").json()["id"]
        found.append(Known(path, f"/projects/acme/{issue['project']['slug']}/events/{event_id}/"))
    return found


# ── in Chromium ───────────────────────────────────────────────────────────────────────────

# The rows are painted, and the browser has nothing left to do: a key or a click is answered at once.
INTERACTIVE = """
new Promise(resolve => {
    const look = () => document.querySelectorAll('tr[data-row]').length >= ROWS
        ? requestAnimationFrame(() => requestIdleCallback(() => resolve(performance.now())))
        : requestAnimationFrame(look);
    look();
})
""".replace("ROWS", "50")


def screens(server: Server, rounds: int) -> Iterator[tuple[str, Callable[[], Times]]]:
    """The list's page from the address on, with nothing cached and with the files of an earlier visit."""
    yield "list page (first visit)", lambda: _loaded(server, rounds, keep=False)
    yield "list page (next visit)", lambda: _loaded(server, rounds, keep=True)


def _loaded(server: Server, rounds: int, *, keep: bool) -> Times:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        times = _loads(server, browser, rounds, keep=keep)
        browser.close()
        return times


def signed_in(server: Server, browser: Browser) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/auth/login/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/issues/**")
    state = context.storage_state()
    context.close()
    return state


def new_page(context: BrowserContext) -> Page:
    """An empty page, in a window that has come to rest: whoever opens an address has one."""
    page = context.new_page()
    time.sleep(WINDOW_S)
    return page


def _loads(server: Server, browser: Browser, rounds: int, *, keep: bool) -> Times:
    state = signed_in(server, browser)
    times: list[float] = []
    cpu_s = 0.0
    context = browser.new_context(storage_state=state, viewport=VIEWPORT)
    for number in range(rounds + 1):
        if not keep:
            context.close()
            context = browser.new_context(storage_state=state, viewport=VIEWPORT)
        page = new_page(context)
        before = memory(server)["cpu_s"]
        page.goto(f"{server.url}{ISSUES}", wait_until="commit")
        took_ms: float = page.evaluate(INTERACTIVE)
        cpu_s += memory(server)["cpu_s"] - before
        page.close()
        if number:
            times.append(took_ms)
    context.close()
    return _times(times, cpu_s / (rounds + 1) * 1e3)


# ── all of it ─────────────────────────────────────────────────────────────────────────────


def measure(folder: Path, rounds: int, only: str = "") -> dict[str, Times]:
    """Every measure on the server of a filled folder, printed as it is taken."""
    found: dict[str, Times] = {}
    with running(folder) as server:
        client = server.api().client
        time.sleep(SETTLE_S)
        for name, take in (
            *searches(server, client, rounds),
            *readings(server, client, rounds),
            *screens(server, rounds),
        ):
            if any(text in name for text in only.split(",")):
                found[name] = take()
                print(found[name].line(name), flush=True)
    return found


def figures(found: dict[str, Times]) -> dict[str, float]:
    """p95 by the name that results.json has for it."""
    names = {name: re.sub(r"\W+", "_", name).strip("_") for name in found}
    return {f"search_{names[name]}_p95_ms": round(times.p95, 1) for name, times in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--issues", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument(
        "--only", default="", help="measures whose name has one of these texts in it: TEXT,TEXT"
    )
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as temporary:
        folder = options.folder or Path(temporary) / "data"
        if not (folder / "records.sqlite3").exists():
            fill(folder, options.events, options.issues)
        numbers = figures(measure(folder, options.rounds, options.only))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(OUT.read_text()) if OUT.exists() else {}
    OUT.write_text(json.dumps(known | numbers, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""The built pages in a real browser, over canned answers. The product over the real API is tested elsewhere."""

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Page, expect

from tests.shots.checks import Witness
from tests.support import canned_api

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src/vedette/ui/static"
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
STREAM = "/organizations/acme/issues/"
ISSUE = "/organizations/acme/issues/102/"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the web app is not built"),
]


class Server:
    """The canned API and the built pages on a port of their own."""

    def __init__(self, *, signed_in: bool = True) -> None:
        self._app = canned_api.create(STATIC, signed_in=signed_in)
        self._server = uvicorn.Server(uvicorn.Config(self._app, port=0, log_level="critical", lifespan="off"))
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()), daemon=True)

    def __enter__(self) -> "Server":
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(5)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def tab(page: Page) -> Iterator[Page]:
    """A tab that must end without an error on its console."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.set_viewport_size({"width": 1440, "height": 900})
    yield page
    assert problems == []


def findings(page: Page) -> list[str]:
    """What axe finds on the page as it stands, rules of WCAG 2.2 AA and good practice."""
    page.evaluate(AXE.read_text())
    result = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [f"{one['id']}: {node['html'][:160]}" for one in result["violations"] for node in one["nodes"]]


def test_the_list_is_there_without_asking(server: Server, tab: Page) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url) if "/issues/?" in request.url else None)
    tab.goto(server.url + STREAM)
    expect(tab.locator("tr[data-row]")).to_have_count(50)
    assert [url for url in asked if "/api/" in url] == []


def test_a_column_that_is_hidden_takes_its_cells_along(server: Server, tab: Page) -> None:
    tab.goto(server.url + STREAM)
    heading = tab.locator("th", has=tab.get_by_text("Age", exact=True))
    cell = tab.locator("tr[data-row] td.age").first
    expect(cell).to_have_text(re.compile(r"^\d+\w+$"))
    places = [where.bounding_box() for where in (heading, cell)]
    assert places[0] and places[1] and places[0]["x"] == places[1]["x"]
    tab.get_by_role("button", name="Columns and density").click()
    tab.get_by_role("menuitemcheckbox", name="Age").click()
    expect(heading).to_be_hidden()
    expect(cell).to_be_hidden()


def test_an_issue_is_assigned_in_its_row(server: Server, tab: Page) -> None:
    tab.goto(server.url + STREAM)
    cell = tab.locator(
        "tr[data-row] td.assignee", has=tab.get_by_role("button", name="Assign", exact=True)
    ).first
    cell.get_by_role("button").click()
    expect(
        tab.get_by_role("menu", name="Assign").or_(tab.get_by_role("listbox", name="Assign"))
    ).to_be_visible()


def test_an_issue_opens_with_its_stack_and_the_list_comes_back(server: Server, tab: Page) -> None:
    tab.goto(server.url + STREAM)
    tab.locator("tr[data-row] a", has_text="InventoryUnavailable").first.click()
    expect(tab.locator("#stack h3").first).to_contain_text("InventoryUnavailable")
    expect(tab.locator("tr.suspect")).to_have_count(1)
    expect(tab.locator(".is-keyword").first).to_be_visible()
    tab.go_back()
    expect(tab.locator("tr[data-row]")).to_have_count(50)


def test_resolving_takes_a_row_away_and_undo_brings_it_back(server: Server, tab: Page) -> None:
    tab.goto(server.url + STREAM)
    row = tab.locator("tr[data-row]").nth(1)
    key = row.get_attribute("data-row")
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    tab.keyboard.press("e")
    expect(tab.locator(f'tr[data-row="{key}"]')).to_have_count(0)
    tab.get_by_role("button", name="Undo").click()
    expect(tab.locator(f'tr[data-row="{key}"]')).to_have_count(1)


def test_the_query_box_completes_and_the_url_remembers(server: Server, tab: Page) -> None:
    tab.goto(server.url + STREAM)
    tab.keyboard.press("/")
    tab.keyboard.press("End")
    tab.keyboard.type(" level:wa")
    expect(tab.get_by_role("option")).to_have_count(1)
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(server.url + STREAM + "?query=is%3Aunresolved+level%3Awarning")
    tab.reload()
    expect(tab.get_by_role("combobox", name="Search")).to_have_value("is:unresolved level:warning")


def test_a_refused_query_says_why_and_keeps_the_list(server: Server, page: Page) -> None:
    page.goto(server.url + STREAM)
    page.get_by_role("combobox", name="Search").fill("boom")
    page.keyboard.press("Enter")
    expect(page.get_by_text("unexpected boom at 3")).to_be_visible()
    expect(page.locator("tr[data-row]")).to_have_count(50)


def test_a_server_error_offers_a_way_on(server: Server, page: Page) -> None:
    page.goto(server.url + STREAM + "?query=")
    page.get_by_role("combobox", name="Search").fill("crash")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("f00ba4")
    expect(page.get_by_role("button", name="Retry")).to_be_visible()


def test_events_are_stepped_through_with_brackets(server: Server, tab: Page) -> None:
    tab.goto(server.url + ISSUE + "events/latest/")
    expect(tab.locator("#stack")).to_be_visible()
    tab.keyboard.press("[")
    expect(tab).to_have_url(server.url + ISSUE + f"events/{1:032x}/")
    tab.keyboard.press("]")
    expect(tab).to_have_url(server.url + ISSUE + f"events/{0:032x}/")


def test_a_comment_appears_in_the_activity(server: Server, tab: Page) -> None:
    tab.goto(server.url + ISSUE)
    expect(tab.locator("#stack")).to_be_visible()
    tab.keyboard.press("c")
    expect(tab.get_by_label("Write a comment (Markdown)")).to_be_focused()
    tab.keyboard.type("seen in the morning")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator(".note p")).to_have_text("seen in the morning")


def test_the_palette_runs_actions_and_finds_ids(server: Server, tab: Page) -> None:
    tab.goto(server.url + ISSUE)
    expect(tab.locator("#stack")).to_be_visible()
    palette = tab.get_by_role("combobox", name="Search and commands")
    tab.keyboard.press("Control+k")
    expect(palette).to_be_focused()
    tab.keyboard.type("theme dark")
    tab.keyboard.press("Enter")
    expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
    tab.keyboard.press("Control+k")
    expect(palette).to_be_focused()
    tab.keyboard.type("shop-0")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(server.url + "/organizations/acme/issues/100/")


def test_deleting_asks_for_the_name(server: Server, tab: Page) -> None:
    tab.goto(server.url + ISSUE)
    expect(tab.locator("#stack")).to_be_visible()
    tab.keyboard.press("Delete")
    dialog = tab.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_role("textbox").fill("PAYMENTS-2")
    dialog.get_by_role("button", name="Delete").click()
    expect(tab).to_have_url(server.url + STREAM)


def test_signing_in_leads_to_where_one_wanted(page: Page) -> None:
    with Server(signed_in=False) as server:
        page.goto(server.url + ISSUE)
        page.get_by_label("E-mail").fill("ada@example.org")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_have_text("E-mail or password is wrong.")
        page.get_by_label("Password").fill("right")
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(server.url + ISSUE)


PAGES = {
    "stream": STREAM,
    "peek": STREAM + "?peek=102",
    "empty": STREAM + "?query=nothing+like+it",
    "issue": ISSUE,
    "events": ISSUE + "?tab=events",
    "tags": ISSUE + "?tab=tags",
    "activity": ISSUE + "?tab=activity",
    "merged": ISSUE + "?tab=merged",
    "shared": "/share/issue/abc/",
    "login": "/auth/login/",
    "nowhere": "/nowhere/",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_have_no_accessibility_finding(server: Server, tab: Page, name: str, theme: str) -> None:
    tab.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    tab.goto(server.url + PAGES[name])
    tab.wait_for_load_state("networkidle") if name == "login" else tab.wait_for_timeout(700)
    assert findings(tab) == []


@pytest.mark.parametrize("late", [1, 2, 3])
def test_a_part_of_an_issue_that_comes_late_moves_no_other(server: Server, page: Page, late: int) -> None:
    page.set_viewport_size({"width": 1360, "height": 850})
    witness = Witness(page, frozenset(), late=late)
    page.goto(server.url + ISSUE)
    page.get_by_role("heading", name="Activity").wait_for()
    page.get_by_role("heading", name="Grouping").wait_for()
    assert [one for one in witness.findings() if one.startswith("shift")] == []


@pytest.mark.parametrize("name", PAGES)
def test_pages_fit_a_phone(server: Server, tab: Page, name: str) -> None:
    tab.set_viewport_size({"width": 400, "height": 800})
    tab.goto(server.url + PAGES[name])
    tab.wait_for_timeout(500)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert tab.evaluate(wide) == 0

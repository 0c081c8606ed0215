"""Unique markers planted by each official SDK are found in the API's JSON and on the page."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.sdks import FEATURES, SDKS, Sdk
from tests.e2e.server import Api, Server

Json = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server") / "data").start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def table() -> Iterator[dict[str, dict[str, str]]]:
    """feature × SDK, printed at the end."""
    found: dict[str, dict[str, str]] = {}
    yield found
    names = list(found)
    lines = ["", f"{'feature':14}" + "".join(f"{name:>20}" for name in names)]
    lines += [f"{f:14}" + "".join(f"{found[name].get(f, '?'):>20}" for name in names) for f in FEATURES]
    print("\n".join(lines))


@pytest.mark.e2e
@pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.name)
def test_what_an_sdk_sends_is_in_the_json_and_on_the_page(
    sdk: Sdk, server: Server, browser: Browser, page: Page, table: dict[str, dict[str, str]]
) -> None:
    run = secrets.token_hex(4)
    api = server.api()
    sdk.run(server.dsn(), run, browser)
    found = {feature: marker_in_json(api, feature, run) for feature in FEATURES if feature not in sdk.lacks}
    texts = page_texts(api, page, server, run)
    row = table.setdefault(sdk.name, dict.fromkeys(sdk.lacks, "not in SDK"))
    for feature, in_json in found.items():
        on_page = feature in ("level", "fingerprint") or any(mark(feature, run) in text for text in texts)
        row[feature] = {(True, True): "json page"}.get((in_json, on_page), f"{in_json=} {on_page=}")
    missing = {feature: cell for feature, cell in row.items() if cell not in ("json page", "not in SDK")}
    assert not missing, f"{sdk.name}: {missing}"


def mark(feature: str, run: str) -> str:
    return f"vt-{feature}-{run}"


def event_of(api: Api, query: str) -> Json:
    issue = api.until_issues(query, 1)[0]
    return api.get(f"/organizations/acme/issues/{issue['id']}/events/latest/")


def entry(event: Json, kind: str) -> Json:
    return {entry["type"]: entry["data"] for entry in event["entries"]}.get(kind, {})


def marker_in_json(api: Api, feature: str, run: str) -> bool:
    """Whether the marker stands where the wire shapes say it does, not just anywhere."""
    marker = mark(feature, run)
    if feature == "message":
        event = event_of(api, f'"{marker}"')
        return event["title"] == marker and tag(event, "level") == "warning"
    if feature in ("fingerprint", "level"):
        one = api.until_issues(f'"{mark("first", run)}"', 1)[0]
        other = api.until_issues(f'"{mark("second", run)}"', 1)[0]
        return one["id"] == other["id"] and one["level"] == "fatal" and one["count"] == "2"
    event = event_of(api, f'error.value:"{mark("exception", run)}"')
    values: list[Json] = entry(event, "exception")["values"]
    looks = {
        "exception": lambda: marker in values[-1]["value"] and "CheckoutFailed" in values[-1]["type"],
        "cause": lambda: marker in values[0]["value"],
        "tag": lambda: tag(event, "vt_tag") == marker,
        "context": lambda: event["contexts"]["vt_context"]["field"] == marker,
        "extra": lambda: marker in json.dumps(event["context"]["vt_extra"]),
        "user": lambda: event["user"]["email"] == f"{marker}@example.com" and event["user"]["id"] == "7",
        "breadcrumb": lambda: any(
            marker == crumb["message"] for crumb in entry(event, "breadcrumbs")["values"]
        ),
        "local": lambda: any(
            marker in json.dumps(frame["vars"])
            for value in values
            for frame in value["stacktrace"]["frames"]
            if frame["function"] and frame["function"].endswith(("charge", "checkout"))
        ),
        "release": lambda: event["release"]["version"] == marker,
        "environment": lambda: tag(event, "environment") == marker,
    }
    return looks[feature]()


def tag(event: Json, key: str) -> str | None:
    return next((tag["value"] for tag in event["tags"] if tag["key"] == key), None)


def page_texts(api: Api, page: Page, server: Server, run: str) -> list[str]:
    """The whole text of the exception's page and of the message's."""
    server_login(page, server)
    texts: list[str] = []
    for query in (f'error.value:"{mark("exception", run)}"', f'"{mark("message", run)}"'):
        issue = api.until_issues(query, 1)[0]
        page.goto(f"{server.url}/organizations/acme/issues/{issue['id']}/")
        page.wait_for_selector("section[aria-labelledby]")
        page.wait_for_timeout(1000)
        page.evaluate(
            "document.querySelectorAll('[aria-expanded=false][data-expand]').forEach(e => e.click())"
        )
        page.wait_for_timeout(300)
        texts.append(page.evaluate("document.body.textContent"))
    return texts


def server_login(page: Page, server: Server) -> None:
    from tests.e2e.server import EMAIL, PASSWORD

    page.goto(f"{server.url}/")
    if page.locator("input[type=password]").count():
        page.fill("input[type=email]", EMAIL)
        page.fill("input[type=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_selector("nav")


def test_the_clients_are_where_the_table_says() -> None:
    folder = Path(__file__).parent / "clients"
    assert {"python.py", "legacy.py", "node.mjs", "browser.js"} <= {file.name for file in folder.iterdir()}

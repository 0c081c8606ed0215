"""The table of routes, the handlers and the OpenAPI document say the same."""

import re
from pathlib import Path

from litestar.handlers import HTTPRouteHandler

from tests.support.client import Client
from vedette.api.app import PATH, RESOURCES
from vedette.api.limits import CONCURRENT, PER_WINDOW
from vedette.api.routes import BY_KEY, ROUTES, reference_table


def test_every_line_of_the_table_is_there_once() -> None:
    assert len(BY_KEY) == len(ROUTES)


def test_each_handler_has_a_line_and_each_line_a_handler() -> None:
    handled = {
        (method, re.sub(r":\w+}", "}", f"{path.rstrip('/')}/"))
        for handlers in RESOURCES
        for handler in handlers
        if isinstance(handler, HTTPRouteHandler)
        for path in handler.paths
        for method in handler.http_methods
    }
    assert handled | {("GET", "/openapi.json/")} == set(BY_KEY)


def test_the_document_lists_the_routes_with_what_they_need(api: Client) -> None:
    answer = api.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    listed = {
        (method.upper(), place.removeprefix(PATH))
        for place, item in document["paths"].items()
        for method in item
    }
    assert listed == set(BY_KEY)
    members = document["paths"]["/api/0/organizations/{org}/members/"]["get"]
    assert members["security"] == [{"token": ["member:read"]}, {"session": []}]
    assert [parameter["name"] for parameter in members["parameters"] if parameter["in"] == "path"] == ["org"]
    schema = members["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["type"] == "array"
    assert "MemberView" in schema["items"]["$ref"]
    member = document["components"]["schemas"][schema["items"]["$ref"].rpartition("/")[2]]
    assert {"id", "orgRole", "teamRoles", "inviterName"} <= set(member["properties"])


def test_the_reference_page_has_the_table_and_the_limits() -> None:
    """After a change: `python -m vedette.api.routes --reference` prints the table."""
    page = Path("docs/reference/api.md").read_text()
    assert page.endswith(f"{reference_table()}\n")
    assert f"{PER_WINDOW:,} requests a minute and {CONCURRENT} at once" in page

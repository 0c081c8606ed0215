"""Pages: the `Link` header that simple parsers of clients read, and where it leads."""

import re
from urllib.parse import parse_qsl

import pytest

from tests.support.client import Client
from tests.support.worlds import World

LINK = re.compile(
    r'^<([^>]+)>; rel="previous"; results="(true|false)"; cursor="([^"]+)", '
    r'<([^>]+)>; rel="next"; results="(true|false)"; cursor="([^"]+)"$'
)


@pytest.fixture
def ada(api: Client, world: World) -> Client:
    """In acme, with the projects api, p1, p2, p3, p4."""
    client = api.with_token(world.acme())
    for number in range(1, 5):
        world.project(world.organization_id("acme"), f"p{number}")
    return client


def page(ada: Client, query: str) -> tuple[list[str], tuple[str, ...]]:
    answer = ada.get(f"/organizations/acme/projects/?{query}")
    match = LINK.match(answer.headers["link"])
    assert match, answer.headers["link"]
    return [project["slug"] for project in answer.json()], match.groups()


def test_following_next_reads_everything_once(ada: Client) -> None:
    seen: list[str] = []
    query = "per_page=2&query=&cursor="
    while True:
        slugs, (*_, results, cursor) = page(ada, query)
        seen += slugs
        if results == "false":
            break
        query = f"per_page=2&cursor={cursor}"
    assert seen == ["api", "p1", "p2", "p3", "p4"]


def test_both_rels_are_there_even_for_one_page(ada: Client) -> None:
    slugs, (_, has_previous, _, _, has_next, _) = page(ada, "")
    assert (len(slugs), has_previous, has_next) == (5, "false", "false")


def test_the_way_back_is_the_page_before(ada: Client) -> None:
    first, (*_, cursor) = page(ada, "limit=2")
    second, (_, has_previous, back, *_) = page(ada, f"limit=2&cursor={cursor}")
    assert (first, second, has_previous) == (["api", "p1"], ["p2", "p3"], "true")
    assert page(ada, f"limit=2&cursor={back}")[0] == first


def test_the_addresses_keep_the_callers_other_parameters(ada: Client) -> None:
    _, (previous, _, _, following, _, _) = page(ada, "per_page=2&query=p&query=&x=a%26b&cursor=")
    address, _, query = following.partition("?")
    assert address == "http://testserver/api/0/organizations/acme/projects/"
    kept = [("cursor", "0:2:0"), ("per_page", "2"), ("query", ""), ("query", "p"), ("x", "a&b")]
    assert sorted(parse_qsl(query, keep_blank_values=True)) == kept
    assert previous.endswith("&cursor=0:0:1")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        *(("per_page=0", 1), ("per_page=1000", 5), ("per_page=x", 5), ("per_page=%C2%B2", 5)),
        *(("cursor=nonsense", 5), ("cursor=0:4:0", 1), (f"cursor=0:{'9' * 19}:0", 5)),
        *((f"query=id:{'9' * 30}", 0), ("query=id:%C2%B2", 0), ("per_page=" + "1" * 5000, 5)),
    ],
)
def test_odd_values_are_taken_leniently(ada: Client, query: str, shown: int) -> None:
    assert len(page(ada, query)[0]) == shown

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncGenerator
from pathlib import Path, PurePath
from typing import Any

import brotli
import pytest

from vedette.ui import create_ui, first_requests
from vedette.ui.ahead import links
from vedette.ui.app import CONTENT_POLICY, GZIP_BITS, Message, Scope

PAGE = (
    '<html lang="en"><head></head>'
    '<body><script type="application/json" id="boot">{}</script><script async src="./assets/abc.js"></script>'
    '<script type="application/json" id="answers">{}</script></body></html>'
)
ROUTES = Path(__file__).parents[3] / "web/src/routes.ts"
CASES = Path(__file__).parents[3] / "web/tests/first-requests.json"


class Answer:
    def __init__(self, messages: list[Message]) -> None:
        start, *pieces = messages
        self.status: int = start["status"]
        self.headers: dict[str, str] = {key.decode(): value.decode() for key, value in start["headers"]}
        self.pieces: list[bytes] = [piece["body"] for piece in pieces]
        self.body = b"".join(self.pieces)
        self.is_whole: bool = not pieces[-1].get("more_body")


@pytest.fixture
def static(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    assets = tmp_path / "assets"
    assets.mkdir()
    (assets / "abc.js").write_text("let a = 1;" * 200)
    return tmp_path


def ask(
    static: Path,
    path: str,
    block: dict[str, Any] | None = None,
    later: dict[str, Any] | None = None,
    **more: Any,
) -> Answer:
    """What the app says to one GET of `path`; `block` is what the page starts with, `later` its answers."""
    messages: list[Message] = []

    async def boot(_: Scope) -> AsyncGenerator[dict[str, Any], None]:
        yield block or {"prefix": ""}
        yield later or {}

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    headers = [(key.encode(), value.encode()) for key, value in more.pop("headers", {}).items()]
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers, **more}

    async def run() -> None:
        await create_ui(static, boot)(scope, receive, send)

    asyncio.run(run())
    return Answer(messages)


def unpacked(body: bytes, encoding: str | None) -> bytes:
    if encoding == "br":
        return bytes(brotli.decompress(body))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue] - untyped
    return gzip.decompress(body) if encoding == "gzip" else body


@pytest.mark.parametrize(
    "path", ["/", "/organizations/acme/issues/", "/i/SHOP-1/", "/organizations/a/releases/v1.2/"]
)
def test_every_path_of_the_app_gets_the_page(static: Path, path: str) -> None:
    answer = ask(static, path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == CONTENT_POLICY
    assert answer.headers["cache-control"] == "no-store"


def inside(body: str, element: str) -> Any:
    """What the JSON of one of the page's elements says."""
    return json.loads(body.split(f'id="{element}">')[1].split("</script>")[0])


def test_no_block_can_end_its_element(static: Path) -> None:
    block = {"prefix": "", "user": {"name": "</script><script>alert(1)</script>"}}
    later = {"/x/": {"body": "</script><script>alert(2)</script>"}}
    body = ask(static, "/", block, later).body.decode()
    assert body.count("<script") == 3
    assert inside(body, "boot") == block
    assert inside(body, "answers") == later


def test_a_block_cannot_take_the_place_of_another(static: Path) -> None:
    mark = '<script type="application/json" id="answers">{}</script>'
    body = ask(static, "/", {"prefix": "", "user": {"name": mark}}, {"/x/": 1}).body.decode()
    assert inside(body, "boot")["user"]["name"] == mark
    assert inside(body, "answers") == {"/x/": 1}


def test_the_page_begins_before_its_answers_are_made(static: Path) -> None:
    """What the browser fetches, and what it starts with, is the first piece, packed or not: it can be read by itself."""
    parts = {"prefix": "/sub", "user": None}, {"/x/": 1}
    for accepted in ("", "gzip"):
        answer = ask(static, "/", *parts, headers={"accept-encoding": accepted})
        first = answer.pieces[0]
        begin = (zlib.decompressobj(wbits=GZIP_BITS).decompress(first) if accepted else first).decode()
        assert inside(begin, "boot") == parts[0]
        assert begin.endswith('<script async src="/sub/assets/abc.js"></script>')
        assert answer.is_whole
        body = unpacked(answer.body, accepted).decode()
        assert inside(body, "answers") == parts[1]
        assert body.endswith("</script></body></html>")


def test_a_page_whose_block_cannot_begin_sends_nothing(static: Path) -> None:
    sent: list[Message] = []

    async def boot(_: Scope) -> AsyncGenerator[dict[str, Any], None]:
        raise ConnectionError("no records")
        yield {}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    with pytest.raises(ConnectionError):
        asyncio.run(create_ui(static, boot)(scope, lambda: asyncio.sleep(0, {}), send))  # pyright: ignore[reportArgumentType] - a coroutine is awaitable
    assert sent == []


def test_assets_are_addressed_below_the_prefix(static: Path) -> None:
    answer = ask(
        static, "/sub/path/organizations/acme/issues/", {"prefix": "/sub/path"}, root_path="/sub/path"
    )
    assert b'src="/sub/path/assets/abc.js"' in answer.body
    assert ask(static, "/sub/path/assets/abc.js", root_path="/sub/path").status == 200


def test_hashed_files_are_kept_forever_and_the_icon_is_not(static: Path) -> None:
    assert ask(static, "/assets/abc.js").headers["cache-control"].endswith("immutable")
    assert ask(static, "/favicon.svg").headers["cache-control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("gzip;q=0, brutal", None),
        ("", None),
        ("identity", None),
    ],
)
def test_files_travel_packed_as_the_browser_likes(static: Path, accepted: str, encoding: str | None) -> None:
    answer = ask(static, "/assets/abc.js", headers={"accept-encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert unpacked(answer.body, encoding) == (static / "assets/abc.js").read_bytes()


def test_a_page_is_not_packed_for_who_cannot_unpack_it(static: Path) -> None:
    assert "content-encoding" not in ask(static, "/", headers={"accept-encoding": "gzip;q=0"}).headers


def test_forms_packed_by_the_build_are_used(static: Path) -> None:
    (static / "assets/abc.js.br").write_bytes(b"as built")
    assert ask(static, "/assets/abc.js", headers={"accept-encoding": "br"}).body == b"as built"


@pytest.mark.parametrize(
    "path",
    ["/assets/none.js", "/assets/../index.html", "/robots.txt", "/manifest.json", "/.env", "/index.html"],
)
def test_what_is_no_public_file_is_not_found_and_never_read(static: Path, path: str) -> None:
    answer = ask(static, path)
    assert answer.status == 404 or answer.headers["content-type"].startswith("text/html")
    assert answer.body != b"{}"


@pytest.mark.parametrize(
    ("cookie", "theme"),
    [
        ("vedette_theme=dark", 'data-theme="dark"'),
        ("a=b; vedette_theme=light", 'data-theme="light"'),
        ('vedette_theme="x onload=1"', None),
        ("vedette_theme=system", None),
        ("\x00;=;;", None),
    ],
)
def test_the_cookie_sets_the_theme_of_the_first_paint(static: Path, cookie: str, theme: str | None) -> None:
    body = ask(static, "/", headers={"cookie": cookie}).body.decode()
    assert (theme in body) if theme else ("data-theme" not in body)


def test_a_page_names_what_it_will_ask_for(static: Path) -> None:
    manifest = {
        "src/screens/trace/Trace.svelte": {
            "file": "assets/t.js",
            "css": ["assets/t.css"],
            "imports": ["_shared.js"],
        },
        "_shared.js": {"file": "assets/s.js", "imports": ["_shared.js"]},
    }
    (static / "manifest.json").write_text(json.dumps(manifest))
    path = "/organizations/acme/traces/trace/c0ffee/"
    head = ask(static, path, {"prefix": "/sub", "user": {"id": "1"}}).body.decode().split("</head>")[0]
    assert '<link rel="modulepreload" crossorigin href="/sub/assets/t.js">' in head
    assert '<link rel="stylesheet" crossorigin href="/sub/assets/t.css">' in head
    assert head.count("/sub/assets/s.js") == 1
    assert b"<link" not in ask(static, path, {"prefix": "/sub", "user": None}).body
    assert b"<link" not in ask(static, "/settings/acme/", {"prefix": "", "user": {"id": "1"}}).body


@pytest.mark.parametrize(
    "path",
    [
        "/organizations/:org/traces/trace/:trace/",
        "/organizations/:org/issues/:id/",
        "/organizations/:org/issues/:id/events/:event/",
        "/organizations/:org/explore/:kind/",
        "/organizations/:org/insights/summary/",
        "/organizations/:org/insights/:page/",
    ],
)
def test_screens_fetched_ahead_are_those_of_the_routes(path: str) -> None:
    route = ROUTES.read_text().split(f"path: '{path}'")[1].split("},")[0]
    screen = "src" + route.split("import('.")[1].split("'")[0]
    assert 'href="/x.js"' in links(path.replace(":", "a"), "", {screen: {"file": "x.js"}})


def test_modules_fetched_ahead_with_the_list_are_those_it_loads_at_once() -> None:
    web = ROUTES.parents[1]
    modules = {"src/screens/issues/Tools.svelte": "src/screens/issues/Stream.svelte"}
    manifest = {name: {"file": f"{number}.js"} for number, name in enumerate(modules)}
    found = links("/organizations/acme/issues/", "", manifest)
    assert found.count("modulepreload") == len(modules)
    for name, loader in modules.items():
        assert f"import('./{PurePath(name).name}" in (web / loader).read_text()


def test_only_reading_is_allowed(static: Path) -> None:
    assert ask(static, "/", method="POST").status == 405
    assert ask(static, "/", method="HEAD").body == b""
    file = ask(static, "/assets/abc.js", method="HEAD")
    assert file.body == b""
    assert int(file.headers["content-length"]) > 0


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_answers_that_nobody_waits_for_are_not_made_on(static: Path, method: str) -> None:
    """Its parts are closed with the page: whoever makes them can stop what is still under way."""
    told: list[str] = []

    async def boot(_: Scope) -> AsyncGenerator[dict[str, Any], None]:
        try:
            yield {"prefix": ""}
            yield {}
        finally:
            told.append("closed")

    async def send(message: Message) -> None:
        del message

    async def receive() -> Message:
        return {"type": "http.request"}

    async def run() -> list[str]:
        scope: Scope = {"type": "http", "method": method, "path": "/", "headers": []}
        await create_ui(static, boot)(scope, receive, send)
        return list(told)

    assert asyncio.run(run()) == ["closed"]


def test_a_missing_build_is_said_plainly(tmp_path: Path) -> None:
    answer = ask(tmp_path, "/")
    assert answer.status == 503
    assert b"make serve" in answer.body


def test_text_that_looks_like_a_mark_stays_text(static: Path) -> None:
    body = ask(static, "/", {"prefix": "/sub", "user": {"name": '"./x'}}).body
    assert body.count(b'\\"./x') == 1


@pytest.mark.parametrize(("path", "query", "request_path"), json.loads(CASES.read_text()))
def test_the_page_carries_what_it_asks_first(path: str, query: str, request_path: str) -> None:
    assert first_requests(path, query) == [
        request_path,
        "/organizations/acme/projects/?per_page=100",
        "/organizations/acme/environments/",
        "/organizations/acme/searches/",
    ]


def test_the_page_of_a_trace_carries_its_spans_as_its_screen_asks_for_them() -> None:
    screen = (ROUTES.parent / "screens/trace/Trace.svelte").read_text()
    (asked,) = first_requests("/organizations/acme/traces/trace/c0ffee/", "node=1")
    assert asked == "/organizations/acme/traces/c0ffee/spans/"
    assert asked.replace("acme", "${org}").replace("c0ffee", "${trace}") in screen


def test_pages_without_a_first_answer_carry_none() -> None:
    assert first_requests("/organizations/acme/issues/7/", "") == []
    assert first_requests("/auth/login/", "next=/") == []

"""The web app over HTTP: plain ASGI, files from one folder, one HTML page for every other path.

Knows files, headers and the boot block; knows nothing of what the block says.
"""

import asyncio
import gzip
import re
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import aclosing
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any, Protocol

import brotli
import orjson
from isal import isal_zlib

from vedette.ui.ahead import links
from vedette.wire.accepted import takes

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Boot = Callable[[Scope], AsyncGenerator[dict[str, Any], None]]
Headers = list[tuple[bytes, bytes]]

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "worker-src 'self' blob:; frame-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
SECURITY: Headers = [
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
TYPES = {
    ".js": b"text/javascript; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".png": b"image/png",
    ".woff2": b"font/woff2",
    ".wasm": b"application/wasm",
    ".txt": b"text/plain; charset=utf-8",
}
FOREVER = b"public, max-age=31536000, immutable"
AN_HOUR = b"public, max-age=3600"
SMALLEST_PACKED = 512  # bytes; below, the frame costs more than it saves
BOOT_MARK = b'<script type="application/json" id="boot">{}</script>'
ANSWERS_MARK = b'<script type="application/json" id="answers">{}</script>'
GZIP_BITS = 31  # zlib's way to ask for the largest window and a gzip frame
THEMES = frozenset({"light", "dark"})
FILE_NAME = re.compile(r"^/(?:assets/)?[A-Za-z0-9_.-]+$")


@dataclass(frozen=True, slots=True)
class File:
    """One built file in every form a browser may take."""

    body: bytes
    content_type: bytes
    cache: bytes
    brotli: bytes | None
    gzip: bytes | None

    def pick(self, accepted: bytes) -> tuple[bytes, Headers]:
        """Body and headers of the smallest form the browser accepts."""
        headers = [(b"content-type", self.content_type), (b"cache-control", self.cache)]
        if self.brotli is not None or self.gzip is not None:
            headers.append((b"vary", b"accept-encoding"))
        if self.brotli is not None and takes(accepted, b"br"):
            return self.brotli, [*headers, (b"content-encoding", b"br")]
        if self.gzip is not None and takes(accepted, b"gzip"):
            return self.gzip, [*headers, (b"content-encoding", b"gzip")]
        return self.body, headers


def create_ui(static: Path, boot: Boot) -> ASGIApp:
    """The app over the files of `static`; `boot` gives what stands in each page, in two parts.

    The first says `prefix`, `user` and what else a page starts with: it leaves at once, and the browser fetches, runs
    and shows the page around its data while the second is made, the answers. A page whose first part fails is a
    failed request, as any other.
    Works under `root_path` and under the `prefix` the block names: assets are addressed below
    it. A path that looks like a file and is none gets 404; every other path gets the page.
    """
    return _UI(static, boot)


class _UI:
    def __init__(self, static: Path, boot: Boot) -> None:
        self._static = static
        self._boot = boot
        self._files: dict[str, File] = {}
        self._page: tuple[float, bytes] = (0.0, b"")
        self._manifest: dict[str, Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(scope, send, 405, b"", [(b"allow", b"GET, HEAD")])
            return
        path = _own_path(scope)
        if FILE_NAME.match(path) and "." in path:
            await self._file(scope, send, path)
        else:
            await self._html(scope, send)

    async def _file(self, scope: Scope, send: Send, path: str) -> None:
        file = self._files.get(path)
        if file is None:
            file = await asyncio.to_thread(read_file, self._static, path)
            if file is None:
                await _answer(scope, send, 404, b"not found", [(b"content-type", b"text/plain")])
                return
            self._files[path] = file
        body, headers = file.pick(_header(scope, b"accept-encoding"))
        await _answer(scope, send, 200, body, headers)

    async def _html(self, scope: Scope, send: Send) -> None:
        page = self._template()
        if not page:
            text = b"The web app is not built. In a checkout: make serve, or npm run build in web/."
            await _answer(scope, send, 503, text, [(b"content-type", b"text/plain; charset=utf-8")])
            return
        async with aclosing(self._boot(scope)) as parts:
            await self._stream(scope, send, page, parts)

    async def _stream(
        self, scope: Scope, send: Send, page: bytes, parts: AsyncIterator[dict[str, Any]]
    ) -> None:
        block = await anext(parts)
        prefix: str = block.get("prefix", "")
        ahead = links(_own_path(scope), prefix, self._manifest) if block.get("user") else ""
        begin, end_mark, end = framed(page, prefix, _theme(scope), ahead).partition(ANSWERS_MARK)
        stream = _Stream(scope, send)
        await stream.start()
        if scope["method"] != "HEAD":
            await stream.write(begin.replace(BOOT_MARK, filled(BOOT_MARK, block), 1))
            await stream.write(filled(end_mark, await anext(parts)) + end)
        await stream.end()

    def _template(self) -> bytes:
        """The built page; read again after a build, empty while there is none."""
        index = self._static / "index.html"
        try:
            changed = index.stat().st_mtime
        except FileNotFoundError:
            return b""
        if changed != self._page[0]:
            self._page = (changed, index.read_bytes())
            self._manifest = orjson.loads((self._static / "manifest.json").read_bytes())
            self._files.clear()
        return self._page[1]


def read_file(static: Path, path: str) -> File | None:
    """A built file and its packed forms, which the build wrote beside it; packed here if it did not."""
    source = static / path.lstrip("/")
    content_type = TYPES.get(source.suffix)
    if content_type is None or not source.is_file():
        return None
    body = source.read_bytes()
    packed = len(body) >= SMALLEST_PACKED and source.suffix not in (".png", ".woff2")
    return File(
        body=body,
        content_type=content_type,
        cache=FOREVER if path.startswith("/assets/") else AN_HOUR,
        brotli=_packed(source, ".br", brotli.compress) if packed else None,
        gzip=_packed(source, ".gz", gzip.compress) if packed else None,
    )


def _packed(source: Path, suffix: str, pack: Callable[[bytes], bytes]) -> bytes:
    beside = source.with_name(source.name + suffix)
    return beside.read_bytes() if beside.is_file() else pack(source.read_bytes())


class _Packer(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self, mode: int = ..., /) -> bytes: ...


_packer: Callable[..., _Packer] = isal_zlib.compressobj  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType] - its stub lacks it


class _Stream:
    """An answer that leaves piece by piece, packed if the browser takes it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        packs = takes(_header(scope, b"accept-encoding"), b"gzip")
        self._pack = _packer(1, wbits=GZIP_BITS) if packs else None
        self._send = send

    async def start(self) -> None:
        headers: Headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),  # a proxy that collects the page would undo its early head
        ]
        if self._pack:
            headers += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding, cookie")]
        await self._send({"type": "http.response.start", "status": 200, "headers": [*headers, *SECURITY]})

    async def write(self, piece: bytes) -> None:
        if self._pack:
            piece = self._pack.compress(piece) + self._pack.flush(zlib.Z_SYNC_FLUSH)
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def end(self) -> None:
        rest = self._pack.flush() if self._pack else b""
        await self._send({"type": "http.response.body", "body": rest})


def framed(page: bytes, prefix: str, theme: str | None, ahead: str = "") -> bytes:
    """The page with its asset addresses below the prefix, its theme, and links to fetch ahead."""
    page = page.replace(b'"./', f'"{prefix.rstrip("/")}/'.encode())
    if theme is not None:
        page = page.replace(b'<html lang="en"', f'<html lang="en" data-theme="{theme}"'.encode(), 1)
    return page.replace(b"</head>", ahead.encode() + b"</head>", 1)


def filled(mark: bytes, block: dict[str, Any]) -> bytes:
    """The element of a block, with the block in it."""
    # `<` could end the script element, U+2028 and U+2029 are kept: JSON.parse takes them
    return mark.replace(b"{}", orjson.dumps(block).replace(b"<", b"\\u003c"), 1)


def _own_path(scope: Scope) -> str:
    """The path below `root_path`."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path[len(root) :] or "/" if root and path.startswith(root) else path


def _header(scope: Scope, name: bytes) -> bytes:
    values: list[bytes] = [value for key, value in scope["headers"] if key == name]
    return b", ".join(values)


def _theme(scope: Scope) -> str | None:
    """The theme of the cookie, so that the first paint is right; None follows the system."""
    try:
        cookies = SimpleCookie(_header(scope, b"cookie").decode("latin-1").replace(", ", "; "))
    except CookieError:
        return None
    theme = cookies["vedette_theme"].value if "vedette_theme" in cookies else ""
    return theme if theme in THEMES else None


async def _answer(scope: Scope, send: Send, status: int, body: bytes, headers: Headers) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length, *SECURITY]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

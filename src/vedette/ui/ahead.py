"""What a page needs after its entry, said in its head, so that the browser fetches all of it at once.

Without, a chunk waits for the entry to run, and a screen's question for its chunk. Keep the
table in step with web/src/routes.ts; a test reads both.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

# path below the prefix → the modules it loads at once, and the API path below `/api/0` of an answer too large to
# travel inside the page
_SCREENS: tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...] = (
    (
        re.compile(r"^/organizations/[^/]+/issues/?$"),
        ("src/screens/issues/Tools.svelte", "src/lib/live.ts"),
        "",
    ),
    (
        re.compile(r"^/organizations/([^/]+)/traces/trace/([^/]+)/?$"),
        ("src/screens/trace/Trace.svelte",),
        "/organizations/{}/traces/{}/spans/",
    ),
    (
        re.compile(r"^/organizations/[^/]+/issues/[^/]+/(?:events/[^/]+/?)?$"),
        ("src/screens/issue/Details.svelte",),
        "",
    ),
    (re.compile(r"^/organizations/[^/]+/explore/[^/]+/?$"), ("src/screens/explore/Explore.svelte",), ""),
    (re.compile(r"^/organizations/[^/]+/insights/summary/?$"), ("src/screens/insights/Summary.svelte",), ""),
    (re.compile(r"^/organizations/[^/]+/insights/[^/]+/?$"), ("src/screens/insights/Insights.svelte",), ""),
)


def links(path: str, prefix: str, manifest: Mapping[str, Any]) -> str:
    """`<link>` elements for the head of the page of `path`, which is below the prefix; empty for most pages.

    `manifest` is the build's: module → its file, the modules it imports, its style sheets.
    """
    for pattern, modules, answer in _SCREENS:
        found = pattern.match(path)
        if found is None or not all(module in manifest for module in modules):
            continue
        parts = [_chunk(f"{prefix}/{file}") for file in _files(modules, manifest)]
        if answer:
            asked = answer.format(*(quote(part) for part in found.groups()))
            # the answer is taken by a `fetch` of the same mode, which `crossorigin` makes it; it takes longest, and six
            # requests at a time go to one server: behind the screen's files it waited 140 ms to be asked for
            parts.insert(
                0, f'<link rel="preload" as="fetch" crossorigin href="{prefix}/api/0{escape(asked)}">'
            )
        return "".join(parts)
    return ""


def _chunk(href: str) -> str:
    kind = "stylesheet" if href.endswith(".css") else "modulepreload"
    return f'<link rel="{kind}" crossorigin href="{href}">'


def _files(modules: Iterable[str], manifest: Mapping[str, Any]) -> Iterator[str]:
    """Scripts and style sheets of modules and of what they import, each once, but for what the page itself names."""
    seen = {name for name, module in manifest.items() if module.get("name") == "base"}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        module = manifest[name]
        yield module["file"]
        yield from module.get("css", [])
        waiting += module.get("imports", [])

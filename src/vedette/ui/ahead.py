"""What a page needs after its entry, said in its head, so that the browser fetches all of it at once.

Without, a chunk waits for the entry to run. Keep the table in step with web/src/routes.ts; a test reads both.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# path below the prefix → the modules it loads at once
_SCREENS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"^/organizations/[^/]+/issues/?$"), ("src/screens/issues/Tools.svelte",)),
    (re.compile(r"^/organizations/[^/]+/traces/trace/[^/]+/?$"), ("src/screens/trace/Trace.svelte",)),
    (
        re.compile(r"^/organizations/[^/]+/issues/[^/]+/(?:events/[^/]+/?)?$"),
        ("src/screens/issue/Details.svelte",),
    ),
    (re.compile(r"^/organizations/[^/]+/explore/[^/]+/?$"), ("src/screens/explore/Explore.svelte",)),
    (re.compile(r"^/organizations/[^/]+/insights/summary/?$"), ("src/screens/insights/Summary.svelte",)),
    (re.compile(r"^/organizations/[^/]+/insights/[^/]+/?$"), ("src/screens/insights/Insights.svelte",)),
)


def links(path: str, prefix: str, manifest: Mapping[str, Any]) -> str:
    """`<link>` elements for the head of the page of `path`, which is below the prefix; empty for most pages.

    `manifest` is the build's: module → its file, the modules it imports, its style sheets.
    """
    for pattern, modules in _SCREENS:
        if pattern.match(path) and all(module in manifest for module in modules):
            return "".join(_chunk(f"{prefix}/{file}") for file in _files(modules, manifest))
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

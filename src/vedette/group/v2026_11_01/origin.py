"""Where a failure happened, for failures that say nothing themselves."""

import re
from urllib.parse import urlsplit

import msgspec

from vedette.core.event import Event, present
from vedette.group.rules.subjects import exceptions_of
from vedette.group.v2026_11_01.parametrize import parametrize

_HOST_IN_VALUE = re.compile(r"\(([A-Za-z0-9.\-]{1,253}(?::\d{1,5})?)\)$")
_LAST_BREADCRUMBS = 10


class _HttpData(msgspec.Struct):
    url: str | None = None


class _Breadcrumb(msgspec.Struct):
    type: str | None = None
    category: str | None = None
    data: _HttpData | None = None


_BREADCRUMBS = msgspec.json.Decoder(list[_Breadcrumb])
_REQUESTS = frozenset({"http", "fetch", "xhr", "httplib"})


def origin_of(event: Event) -> str | None:
    """The host that was called, else the transaction, else the page; without ids and numbers."""
    host = _named_host(event) or _called_host(event)
    if host:
        return f"host {host}"
    if event.transaction:
        return f"transaction {parametrize(event.transaction)}"
    path = urlsplit_path(event.request.url) if event.request and event.request.url else None
    return f"page {parametrize(path)}" if path else None


def urlsplit_path(url: str) -> str | None:
    """The path of a URL; None where it is not one."""
    try:
        return urlsplit(url).path or None
    except ValueError:
        return None


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower() or None
    except ValueError:
        return None


def _named_host(event: Event) -> str | None:
    """The host that newer SDKs write behind the message: `Failed to fetch (api.example.com)`."""
    values = exceptions_of(event)
    match = _HOST_IN_VALUE.search(values[-1].value or "") if values else None
    return match.group(1).lower() if match else None


def _called_host(event: Event) -> str | None:
    """The host of the newest request among the last breadcrumbs."""
    if not present(event.breadcrumbs):
        return None
    try:
        crumbs = _BREADCRUMBS.decode(event.breadcrumbs)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    for crumb in reversed(crumbs[-_LAST_BREADCRUMBS:]):
        url = crumb.data.url if crumb.data else None
        if url and (crumb.type == "http" or crumb.category in _REQUESTS):
            return _host(url)
    return None

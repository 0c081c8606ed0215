"""Inbound filters: events a project does not want, by the id of the filter that says so.

Pure functions over the canonical event. Applied before quotas; a filtered event ends as
outcome `filtered` with the filter's id as its reason.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from vedette.core.event import Event
from vedette.core.patterns import TextPattern, escape, text_pattern
from vedette.normalize.request import header
from vedette.normalize.title import message
from vedette.normalize.user_agents import Product, parse

MAX_PATTERNS = 1000


class Filtered(Exception):
    """An inbound filter does not want the item; the text is the filter's id.

    `others`: what goes with the item besides itself, by category.
    """

    def __init__(self, filter_id: str, others: tuple[tuple[str, int], ...] = ()) -> None:
        super().__init__(filter_id)
        self.others = others


class FilterSettings(msgspec.Struct, frozen=True, cache_hash=True):
    """A project's filters, as its options store them; names are the filters' ids."""

    browser_extensions: bool = msgspec.field(name="browser-extensions", default=False)
    localhost: bool = False
    web_crawlers: bool = msgspec.field(name="web-crawlers", default=True)
    legacy_browsers: tuple[str, ...] = msgspec.field(name="legacy-browsers", default=())
    filtered_transaction: bool = msgspec.field(name="filtered-transaction", default=True)
    react_hydration_errors: bool = msgspec.field(name="react-hydration-errors", default=True)
    chunk_load_error: bool = msgspec.field(name="chunk-load-error", default=True)
    blacklisted_ips: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    error_messages: tuple[str, ...] = ()
    csp_disallowed_sources: tuple[str, ...] = ()
    csp_defaults: bool = True  # sources that only extensions and scanners have


LEGACY_BROWSERS = (
    "ie", "ie8", "ie9", "ie10", "ie11", "edge", "edge_pre_79", "safari", "safari_pre_6",
    "safari_pre_15",
    "firefox", "firefox_pre_67", "chrome", "chrome_pre_63", "opera", "opera_pre_15", "opera_pre_51",
    "android",
    "android_pre_4", "android_pre_76", "opera_mini", "opera_mini_pre_8", "opera_mini_pre_35",
)  # fmt: skip


def which_filter(event: Event, settings: FilterSettings, client_ip: str | None) -> str | None:
    """The id of the first filter that takes the event, or None. `client_ip` is the connection's."""
    for filter_id, takes in _active(settings):
        if takes(event, settings, client_ip):
            return filter_id
    return None


def is_blocked_address(address: str | None, blocked: tuple[str, ...]) -> bool:
    """Whether the address is one of the addresses or in one of the networks; also for sessions."""
    if not address or not blocked:
        return False
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found.version == network.version and found in network for network in _networks(blocked))


@lru_cache(maxsize=1024)
def _networks(texts: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    networks: list[IPv4Network | IPv6Network] = []
    for text in texts[:MAX_PATTERNS]:
        try:
            networks.append(ip_network(text.strip(), strict=False))
        except ValueError:
            continue
    return tuple(networks)


def _by_address(event: Event, settings: FilterSettings, client_ip: str | None) -> bool:
    of_user = event.user.ip_address if event.user is not None else None
    return any(is_blocked_address(ip, settings.blacklisted_ips) for ip in (client_ip, of_user))


# --- globs ------------------------------------------------------------------------------------


def matches_any(text: str, patterns: tuple[str, ...], *, ignore_case: bool) -> bool:
    """Whether one of the globs (`*`, `?`) matches the whole text. Linear, whatever the globs."""
    flags = "(?is)" if ignore_case else "(?s)"
    return any(
        _glob(flags, pattern).fullmatch(text) is not None for pattern in patterns[:MAX_PATTERNS] if pattern
    )


@lru_cache(maxsize=4096)
def _glob(flags: str, pattern: str) -> TextPattern:
    parts = re.split(r"(\*+|\?)", pattern.strip()[:500])
    text = "".join(".*" if part.startswith("*") else "." if part == "?" else escape(part) for part in parts)
    return text_pattern(flags + text)


def _by_release(event: Event, settings: FilterSettings, client_ip: str | None) -> bool:
    return event.release is not None and matches_any(event.release, settings.releases, ignore_case=True)


def _by_message(event: Event, settings: FilterSettings, client_ip: str | None) -> bool:
    """Against `type: value`, type and value of every exception, and the formatted message."""
    texts = [message(event)] if event.logentry is not None else []
    for value in event.exception.values if event.exception is not None else ():
        both = [part for part in (value.type, value.value) if part]
        texts += [": ".join(both), *both]
    return any(matches_any(text, settings.error_messages, ignore_case=True) for text in texts)


# --- where it ran -----------------------------------------------------------------------------

_LOCAL_ADDRESSES = frozenset(("127.0.0.1", "::1"))
_LOCAL_HOSTS = frozenset(("localhost", "127.0.0.1", "::1"))


def _by_localhost(event: Event, settings: FilterSettings, client_ip: str | None) -> bool:
    if event.user is not None and is_local(event.user.ip_address):
        return True
    return event.request is not None and is_local_url(event.request.url)


def is_local(address: str | None) -> bool:
    """Whether an address is the machine's own."""
    return address in _LOCAL_ADDRESSES


def is_local_url(url: str | None) -> bool:
    """Whether a URL is of the machine itself."""
    return _host(url) in _LOCAL_HOSTS


def _host(url: str | None) -> str:
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""


_EXTENSION_FRAME = re.compile(
    r"^(?:chrome|moz|safari|safari-web|ms-browser|webkit-masked-url)-?(?:extension)?://|^webkit-masked-url:"
    r"|^chrome://|^resource://|^file:///.*?/extensions/|kaspersky-labs\.com|/extensions/"
)
_EXTENSION_WORDS = re.compile(
    r"top\.GLOBALS|originalCreateNotification|canvas\.contentDocument|MyApp_RemoveAllHighlights"
    r"|atomicFindClose"
    r"|fb_xd_fragment|bmi_SafeAddOnload|EBCallBackMessageReceived|ZiteReader|ComboSearch"
    r"|jigsaw is not defined"
    r"|Extension context invalidated|__gCrWeb|_AutofillCallbackHandler"
    r"|conduitPage|vid_mate_check|ucapi\b|plugin\.setSuspendState"
)
_BROWSER_PLATFORM = "javascript"


def _by_extension(event: Event, settings: FilterSettings, client_ip: str | None) -> bool:
    if event.platform != _BROWSER_PLATFORM or event.exception is None:
        return False
    for value in event.exception.values:
        if value.value and _EXTENSION_WORDS.search(value.value):
            return True
        for frame in value.stacktrace.frames if value.stacktrace is not None else ():
            if _EXTENSION_FRAME.search(frame.abs_path or frame.filename or ""):
                return True
    return False


# --- user agents ------------------------------------------------------------------------------

_CRAWLER = re.compile(
    r"(?<!cu)bot\b|bot[/;]|crawler|spider|slurp|mediapartners-google|facebookexternalhit|google-inspectiontool|googleother"
    r"|chrome-lighthouse|pingdom|uptimerobot|headlesschrome/.*prerender|bingpreview|yandex(?:metrika|images|mobilebot)"
    r"|baiduspider|duckduckgo-favicons|ahrefs|semrush|embedly|whatsapp/|telegrambot|slackbot|ia_archiver|gptbot|claudebot",
    re.IGNORECASE,
)
_MAX_AGENT = 512


def _user_agent(event: Event) -> str:
    headers = event.request.headers if event.request is not None else None
    return (header(headers, "User-Agent") or "")[:_MAX_AGENT]


def _by_crawler(event: Event, settings: FilterSettings, client_ip: str | None) -> bool:
    return is_crawler(_user_agent(event))


@lru_cache(maxsize=4096)
def is_crawler(user_agent: str) -> bool:
    """Whether a user agent is a robot's."""
    return bool(user_agent) and _CRAWLER.search(user_agent) is not None


# Below these a browser counts as legacy under its plain name; ours, to be raised with the years.
_LEGACY_BELOW = {
    "ie": 12, "edge": 110, "safari": 15, "firefox": 110, "chrome": 110, "opera": 99, "android": 76,
    "opera_mini": 35,
}  # fmt: skip
_FAMILIES = {
    "IE": "ie", "IE Mobile": "ie", "Edge": "edge", "Edge Mobile": "edge", "Safari": "safari",
    "Mobile Safari": "safari", "Firefox": "firefox", "Firefox Mobile": "firefox", "Chrome": "chrome",
    "Chrome Mobile": "chrome", "Opera": "opera", "Opera Mobile": "opera", "Android": "android",
    "Opera Mini": "opera_mini",
}  # fmt: skip
_PRE = re.compile(r"^([a-z_]+?)_pre_(\d{1,4})\Z")
_EXACT = re.compile(r"^([a-z_]+?)(\d{1,4})\Z")


def _by_legacy_browser(event: Event, settings: FilterSettings, client_ip: str | None) -> bool:
    return is_legacy_browser(_user_agent(event), settings.legacy_browsers)


def is_legacy_browser(user_agent: str, names: tuple[str, ...]) -> bool:
    """Whether a user agent is that of one of the browsers: `ie`, `ie9`, `safari_pre_15`, …"""
    browser = parse(user_agent[:_MAX_AGENT]).browser if user_agent and names else None
    return browser is not None and any(_is_legacy(browser, name) for name in names)


def _is_legacy(browser: Product, name: str) -> bool:
    family = _FAMILIES.get(browser.name)
    major = (browser.version or "").partition(".")[0]
    if family is None or not major.isdigit():
        return False
    if (pre := _PRE.match(name)) is not None:
        return pre[1] == family and int(major) < int(pre[2])
    if (exact := _EXACT.match(name)) is not None:
        limit = int(exact[2])
        return exact[1] == family and (int(major) <= limit if limit == 8 else int(major) == limit)
    return name == family and int(major) < _LEGACY_BELOW[family]


# --- known noise ------------------------------------------------------------------------------

_HEALTH_CHECK = re.compile(
    r"healthcheck|heartbeat|/(?:health[yz]?|_health|live[z]?|ready[z]?|ping)\Z", re.IGNORECASE
)
_HYDRATION = re.compile(
    r"hydration failed|error while hydrating|error occurred during hydration|switch to client rendering"
    r"|text content does not match server-rendered html|hydrated but some attributes"
    r"|minified react error #(?:418|419|422|423|425)\b"
    r"|react(?:js)?\.(?:org|dev)/(?:docs/error-decoder.*?invariant=|errors/)(?:418|419|422|423|425)\b",
    re.IGNORECASE,
)
_CHUNK = re.compile(r"^(?:Uncaught )?(?:\w+: )?(?:ChunkLoadError\b|Loading (?:CSS )?chunk \S{1,200} failed)")


def is_health_check(transaction: str) -> bool:
    """Whether a transaction's name is that of a health check."""
    return _HEALTH_CHECK.search(transaction) is not None


def _by_transaction(event: Event, settings: FilterSettings, client_ip: str | None) -> bool:
    return (
        event.type == "transaction" and event.transaction is not None and is_health_check(event.transaction)
    )


def _by_hydration(event: Event, settings: FilterSettings, client_ip: str | None) -> bool:
    if event.platform != _BROWSER_PLATFORM or event.exception is None:
        return False
    return any(_is_of_hydration(value.value or "") for value in event.exception.values)


def _is_of_hydration(value: str) -> bool:
    """Whether a value is what React says of markup that differs. The words are in all of it: most have none of them."""
    said = value.lower()
    has_word = "hydrat" in said or "render" in said or "react" in said
    return has_word and _HYDRATION.search(value) is not None


def _by_chunk(event: Event, settings: FilterSettings, client_ip: str | None) -> bool:
    if event.platform != _BROWSER_PLATFORM or event.exception is None:
        return False
    return any(
        value.type == "ChunkLoadError" or _CHUNK.match(value.value or "") for value in event.exception.values
    )


# --- CSP --------------------------------------------------------------------------------------

_CSP_NOISE = (
    "about", "about:*", "chrome-extension*", "moz-extension*", "safari-extension*", "safari-web-extension*",
    "webkit-masked-url*", "ms-browser-extension*", "chromenull*", "chromeinvoke*", "tmtbff*", "symres*", "mx*://*",
    "resource:*", "res:*", "kaspersky*", "gc.kis*", "*.kaspersky-labs.com*", "wicked-extension*",
)  # fmt: skip


class _Csp(msgspec.Struct):
    blocked_uri: str | None = None
    source_file: str | None = None


_decode_csp = msgspec.json.Decoder(_Csp).decode


def _by_csp_source(event: Event, settings: FilterSettings, client_ip: str | None) -> bool:
    if event.type != "csp":
        return False
    try:
        report = _decode_csp(event.csp)
    except msgspec.MsgspecError:
        return False
    patterns = (*(_CSP_NOISE if settings.csp_defaults else ()), *settings.csp_disallowed_sources)
    sources = [source for source in (report.blocked_uri, report.source_file) if source]
    return any(_is_source(source, pattern) for source in sources for pattern in patterns)


def _is_source(source: str, pattern: str) -> bool:
    """A glob over the URL, or a bare host that also means its paths."""
    return matches_any(source, (pattern,), ignore_case=True) or _host(source) == pattern.lower()


Takes = Callable[[Event, FilterSettings, "str | None"], bool]


def _always(settings: FilterSettings) -> bool:
    return True


class _Filter(NamedTuple):
    """One filter: its id, whether a project asks for it, whether it takes an event then."""

    id: str
    is_wanted: Callable[[FilterSettings], object]
    takes: Takes


_FILTERS = (
    _Filter("ip-address", attrgetter("blacklisted_ips"), _by_address),
    _Filter("release-version", attrgetter("releases"), _by_release),
    _Filter("error-message", attrgetter("error_messages"), _by_message),
    _Filter("localhost", attrgetter("localhost"), _by_localhost),
    _Filter("browser-extensions", attrgetter("browser_extensions"), _by_extension),
    _Filter("legacy-browsers", attrgetter("legacy_browsers"), _by_legacy_browser),
    _Filter("web-crawlers", attrgetter("web_crawlers"), _by_crawler),
    _Filter("filtered-transaction", attrgetter("filtered_transaction"), _by_transaction),
    _Filter("react-hydration-errors", attrgetter("react_hydration_errors"), _by_hydration),
    _Filter("chunk-load-error", attrgetter("chunk_load_error"), _by_chunk),
    _Filter("invalid-csp", _always, _by_csp_source),
)
FILTER_IDS = tuple(one.id for one in _FILTERS)


@lru_cache(maxsize=1024)
def _active(settings: FilterSettings) -> tuple[tuple[str, Takes], ...]:
    return tuple((one.id, one.takes) for one in _FILTERS if one.is_wanted(settings))

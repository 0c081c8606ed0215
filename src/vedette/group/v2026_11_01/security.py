"""Reports of browsers: content security policy, key pinning, certificate transparency, OCSP stapling."""

from collections.abc import Mapping
from typing import TypeGuard
from urllib.parse import urlsplit

import msgspec

from vedette.core.event import ABSENT, Event, Raw, present
from vedette.group.component import Component

_SCHEMES = frozenset(
    {"data", "blob", "filesystem", "about", "mediastream", "wasm-eval",
     "chrome-extension", "moz-extension", "safari-extension", "safari-web-extension"}
)  # fmt: skip
_KEYWORDS = {"self": "'self'", "'self'": "'self'", "inline": "inline", "eval": "eval", "": "'self'"}


def security_component(event: Event) -> Component | None:
    """The tree of a security report; None for other events."""
    if event.csp is event.hpkp is event.expectct is event.expectstaple is ABSENT:
        return None
    if present(event.csp):
        return _csp(_report(event.csp, "csp-report"))
    for component_id, raw, wrapper in (
        ("hpkp", event.hpkp, "known-pins-report"),
        ("expectct", event.expectct, "expect-ct-report"),
        ("expectstaple", event.expectstaple, "expect-staple-report"),
    ):
        if present(raw):
            host = _text(_report(raw, wrapper), "hostname").lower() or "unknown host"
            return Component(id=component_id, values=[Component(id="hostname", values=[host])])
    return None


Report = Mapping[str, object]


def _is_report(value: object) -> TypeGuard[Report]:
    return isinstance(value, dict)


def _report(raw: Raw, wrapper: str) -> Report:
    """The fields, spelled with `-` or `_`, and the wrapper some senders keep taken off."""
    try:
        decoded: object = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    if not _is_report(decoded):
        return {}
    inner = decoded.get(wrapper)
    return inner if _is_report(inner) else decoded


def _text(report: Report, name: str) -> str:
    for spelled in (name, name.replace("-", "_")):
        value = report.get(spelled)
        if isinstance(value, str):
            return value.strip()
    return ""


def _csp(report: Report) -> Component:
    """Directive and what was blocked; the page does not count."""
    directive = (_text(report, "effective-directive") or _text(report, "violated-directive")).partition(" ")[
        0
    ]
    blocked = _blocked(_text(report, "blocked-uri"), _text(report, "document-uri"))
    return Component(
        id="csp",
        values=[
            Component(id="directive", values=[directive.lower() or "unknown"]),
            Component(id="blocked", values=[blocked]),
        ],
    )


def _blocked(uri: str, document: str) -> str:
    """`'self'`, a keyword, a scheme that has no host, or scheme and host."""
    known = _KEYWORDS.get(uri.lower())
    if known is not None:
        return known
    scheme, host = _split(uri)
    if scheme in _SCHEMES or (uri and not scheme and uri.lower() in _SCHEMES):
        return f"{scheme or uri.lower()}:"
    if host and host == _split(document)[1]:
        return "'self'"
    return f"{scheme}://{host}" if host else uri.partition("?")[0][:200].lower()


def _split(uri: str) -> tuple[str, str]:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return "", ""
    return parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()

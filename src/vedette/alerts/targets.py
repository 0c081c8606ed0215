"""Targets of notifications: what kind a URL is, whether it may be used, and its form without secrets.

Of apprise's services only those are taken that speak HTTP to hosts which can be checked when
they are connected to: nothing that acts on this machine, opens files or uses sockets of its own.
"""

import hashlib
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

Channel = Literal["webhook", "apprise"]

# Each is a plugin of apprise that sends by `requests` alone; a test looks into their sources.
_SCHEMES = """
    apprise apprises bark barks chanify dingtalk discord feishu flock form forms gchat gotify gotifys hassio
    hassios ifttt ilert incidentio json jsons lark line matrix matrixs mmost mmosts nctalk nctalks ncloud
    nclouds notifiarr ntfy ntfys opsgenie pagerduty pagertree pbul pover prowl psafer psafers pushdeer
    pushdeers pushy revolt rocket rockets ryver schan sendgrid signal signals signl4 slack spike splunk
    squadcast synology synologys tgram threema twilio twist victorops webex wecombot workflow workflows
    wxteams xml xmls zoom zulip
"""
APPRISE_SCHEMES = frozenset(_SCHEMES.split())
_FILES = frozenset(
    {"template", "tmpl", "keyfile", "subfile", "config", "attach"}
)  # parameters that open files


class BadTarget(ValueError):
    """A URL that cannot be a target; the message says why."""


def channel_of(url: str) -> Channel:
    """How a target is reached. Raises `BadTarget`."""
    scheme = url.partition("://")[0].lower()
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise BadTarget(f"not a URL: {error}") from error
    if any(not char.isprintable() or char.isspace() for char in url):
        raise BadTarget("a URL has no blanks and no control characters")
    if scheme in ("http", "https"):
        if not parts.hostname:
            raise BadTarget("the URL names no host")
        return "webhook"
    if scheme not in APPRISE_SCHEMES:
        raise BadTarget(f"{scheme or 'this'}:// is not among the services that can be notified")
    if any(name.lower() in _FILES for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        raise BadTarget("the URL names a file of the server")
    return "apprise"


def masked(url: str) -> str:
    """Scheme and, of a webhook, host: paths and, in apprise's URLs, hosts as well are tokens."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in ("http", "https"):
        return f"{scheme}://…"
    host = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    return f"{scheme}://{host}/…"


def fingerprint(url: str) -> str:
    """Names a target without telling it."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]

"""apprise's services: one message through one plugin, whose connections are checked as ours are.

The plugins send with `requests`. While one of them runs, new connections of its thread go
through the same check of addresses as webhooks, redirects included.
"""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from urllib3.util import connection as urllib3_connection

from vedette.alerts.addresses import Allowed, Forbidden
from vedette.alerts.notice import Notice
from vedette.alerts.sent import Sent
from vedette.alerts.targets import BadTarget, channel_of
from vedette.alerts.texts import plain_text, subject

_CONNECT_S, _READ_S = 5.0, 10.0
_LEVELS = {"fatal": "failure", "error": "failure", "warning": "warning"}
_guard: ContextVar["_Watch | None"] = ContextVar("guard", default=None)
_connect = urllib3_connection.create_connection


class _Watch:
    """The check in force, and what it refused: plugins swallow the exception."""

    def __init__(self, allowed: Allowed) -> None:
        self.allowed = allowed
        self.refused = ""
        self.failed = ""


def _create_connection(address: tuple[str, int], *args: Any, **given: Any) -> socket.socket:
    watch = _guard.get()
    if watch is None:
        return _connect(address, *args, **given)
    try:
        pinned = watch.allowed.resolve(address[0], address[1])
    except Forbidden as error:
        watch.refused = str(error)
        raise OSError(str(error)) from error
    try:
        return _connect((pinned, address[1]), *args, **given)
    except OSError as error:
        watch.failed = f"no connection to {address[0]}: {error.strerror or type(error).__name__}"
        raise


urllib3_connection.create_connection = _create_connection  # type: ignore[assignment]  # the hook urllib3 looks up at each call


@contextmanager
def _guarded(allowed: Allowed) -> Generator[_Watch]:
    watch = _Watch(allowed)
    token = _guard.set(watch)
    try:
        yield watch
    finally:
        _guard.reset(token)


def send_chat(url: str, notice: Notice, *, allowed: Allowed) -> Sent:
    """Send through the service that the URL names. Does not raise."""
    try:
        if channel_of(url) != "apprise":
            return Sent(False, "not a URL of apprise", is_final=True)
    except BadTarget as error:
        return Sent(False, str(error), is_final=True)
    plugin = _plugin(url)
    if plugin is None:
        return Sent(False, "the URL does not have the parts that this service needs", is_final=True)
    with _guarded(allowed) as watch:
        try:
            ok = plugin.notify(
                title=subject(notice), body=plain_text(notice), notify_type=_LEVELS.get(notice.level, "info")
            )
        except Exception as error:  # a plugin's own mistakes are as many as its authors
            return Sent(False, f"the service's plugin failed: {type(error).__name__}")
    if ok:
        return Sent(True)
    return Sent(
        False,
        watch.refused or watch.failed or "the service did not take the message",
        is_final=bool(watch.refused),
    )


def _plugin(url: str) -> Any:
    """The plugin for a URL; None if it lacks something. Imported here: it costs 150 ms and 20 MB."""
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - loads slowly, and most processes never send

    asset = AppriseAsset(secure_logging=True, storage_mode="memory", app_id="Vedette", app_desc="Vedette")
    plugin: Any = Apprise.instantiate(  # pyright: ignore[reportUnknownMemberType]  # apprise has no types here
        url, asset=asset, suppress_exceptions=True
    )
    if plugin is None:
        return None
    plugin.socket_connect_timeout = _CONNECT_S
    plugin.socket_read_timeout = _READ_S
    plugin.request_rate_per_sec = 0  # one message: its pause between two would only hold a thread
    return plugin

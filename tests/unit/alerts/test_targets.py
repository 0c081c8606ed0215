"""URLs as targets: which there are, which are refused, how they are shown."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from apprise.manager_plugins import NotificationManager

from vedette.alerts.targets import APPRISE_SCHEMES, BadTarget, channel_of, masked


@pytest.mark.parametrize(
    ("url", "channel"),
    [
        ("https://hooks.example.com/a", "webhook"),
        ("http://10.0.0.1:8000/", "webhook"),  # refused when it is connected to, unless allowed
        ("slack://T1/B2/C3", "apprise"),
        ("ntfys://ntfy.example.com/topic", "apprise"),
        ("json://example.com/", "apprise"),
    ],
)
def test_urls_have_a_channel(url: str, channel: str) -> None:
    assert channel_of(url) == channel


@pytest.mark.parametrize(
    "url",
    [
        *(
            "file:///etc/passwd",
            "syslog://",
            "dbus://",
            "macosx://",
            "windows://",
            "gnome://",
            "kde://",
            "glib://",
        ),
        *(
            "mailto://a:b@c.de",
            "rsyslog://localhost",
            "mqtt://h/t",
            "growl://h",
            "irc://h/#c",
            "vapid://a@b.c",
        ),
        *("ftp://h/", "javascript://x", "://x", "nothing", "https://", "http://h:99999/", "https://a b/"),
        *("slack://a/b/c?template=/etc/passwd", "discord://a/b?TEMPLATE=file:///x", "https://h/\r\nX: y"),
    ],
)
def test_what_could_act_on_this_machine_is_no_target(url: str) -> None:
    with pytest.raises(BadTarget):
        channel_of(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pass@hooks.example.com:8443/T0/secret?key=1", "https://hooks.example.com:8443/…"),
        ("https://hooks.example.com?key=1", "https://hooks.example.com/…"),
        ("tgram://123456:token/chat", "tgram://…"),
    ],
)
def test_secrets_of_urls_are_not_shown(url: str, shown: str) -> None:
    assert masked(url) == shown


@pytest.mark.thorough
def test_services_send_by_requests_alone() -> None:
    manager: Any = NotificationManager()  # apprise types neither its loader nor what it loads
    manager.load_modules()
    own = re.compile(
        r"^\s*(?:import|from) (socket|subprocess|smtplib|paho|slixmpp|dbus|gntp|ssl|ctypes|aiohttp)", re.M
    )
    for scheme in sorted(APPRISE_SCHEMES):
        file = Path(inspect.getfile(manager[scheme]))
        files = [file] if file.parent.name == "plugins" else list(file.parent.glob("*.py"))
        source = "".join(each.read_text() for each in files)
        assert not own.search(source), scheme
        assert "requests" in source or scheme == "revolt", scheme

"""What is written in messages, and what hostile events cannot do to them."""

import pytest

from vedette.alerts.mail import Letter, compose, send_mail
from vedette.alerts.notice import Notice, is_loud_enough
from vedette.alerts.texts import html, plain_text, subject
from vedette.core.mail_server import SmtpServer, parse_smtp_url

HOSTILE = Notice(
    kind="issue_new",
    project="api",
    organization="acme",
    url="http://h/organizations/acme/issues/1/?a=1&b=2",
    short_id="API-1",
    title='<script>alert("x")</script>\r\nBcc: all@example.com\u202e',
    culprit='app"><img src=x>',
    level="fatal",
)


def test_html_of_events_is_escaped() -> None:
    text = html(HOSTILE)
    assert "<script" not in text and "<img" not in text
    assert "&lt;script&gt;" in text and "issues/1/?a=1&amp;b=2" in text


def test_a_title_cannot_add_header_lines() -> None:
    message = compose(
        Letter("a@example.com", subject(HOSTILE), plain_text(HOSTILE), html(HOSTILE), "k:1"), "V <v@h>"
    )
    assert "Bcc" not in message and message["Subject"].startswith("API-1 <script>")
    assert "\u202e" not in subject(HOSTILE)
    assert message.get_body(("html",)) is not None and message["Auto-Submitted"] == "auto-generated"


def test_long_titles_are_cut() -> None:
    assert len(subject(Notice("issue_new", "p", "o", "u", title="x" * 5000))) == 180


@pytest.mark.parametrize(
    ("level", "minimum", "told"),
    [
        ("info", "error", False),
        ("error", "error", True),
        ("fatal", "warning", True),
        ("odd", "error", True),
        ("debug", "", True),
    ],
)
def test_levels_below_the_minimum_are_not_told(level: str, minimum: str, told: bool) -> None:
    assert is_loud_enough(level, minimum) is told


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", SmtpServer("mail.example.com", 587, "", "", "start")),
        ("smtp://a%40b:p%3Aw@mail.example.com:25", SmtpServer("mail.example.com", 25, "a@b", "p:w", "start")),
        ("smtps://mail.example.com", SmtpServer("mail.example.com", 465, "", "", "direct")),
        ("smtp://localhost:2525", SmtpServer("localhost", 2525, "", "", "none")),
        ("smtp://mail.example.com?tls=none", SmtpServer("mail.example.com", 587, "", "", "none")),
    ],
)
def test_mail_servers_are_spoken_to_encrypted_unless_told_otherwise(url: str, server: SmtpServer) -> None:
    assert parse_smtp_url(url) == server


@pytest.mark.parametrize("url", ["http://h", "smtp://", "mail.example.com", "smtp://h?tls=maybe"])
def test_other_urls_are_no_mail_servers(url: str) -> None:
    with pytest.raises(ValueError, match=r"must be|tls"):
        parse_smtp_url(url)


def test_an_address_that_cannot_be_written_holds_nothing_up() -> None:
    sent = send_mail(SmtpServer("127.0.0.1", 1, "", "", "none"), Letter("a@[", "subject", "text"), "v@h")
    assert (sent.ok, sent.is_final) == (False, True)

"""Mail over SMTP: the connection that `VEDETTE_SMTP_URL` names, and messages through it."""

import smtplib
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formataddr, formatdate, parseaddr
from typing import NamedTuple

from vedette.alerts.sent import Sent
from vedette.alerts.texts import one_line
from vedette.core.mail_server import SmtpServer

_TIMEOUT_S = 15
_PERMANENT = 500


@contextmanager
def connected(server: SmtpServer) -> Generator[smtplib.SMTP]:
    """A connection, encrypted and signed in as the settings ask. Raises `OSError`, `SMTPException`."""
    context = ssl.create_default_context()
    if server.tls == "direct":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_S, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_S)
    try:
        if server.tls == "start":
            smtp.starttls(context=context)  # raises where the server has none: nothing goes in the clear
        if server.user:
            smtp.login(server.user, server.password)
        yield smtp
    finally:
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()


class Letter(NamedTuple):
    """One mail. `thread` groups the mails about one issue."""

    to: str
    subject: str
    text: str
    html: str = ""
    key: str = ""
    thread: str = ""


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The message with its headers. Nothing in a letter can add one."""
    name, address = parseaddr(sender)
    domain = one_line(address.rpartition("@")[2] or "localhost", 200)
    message = EmailMessage()
    message["From"] = formataddr((name or "Vedette", address))
    message["To"] = one_line(letter.to, 254)
    message["Subject"] = one_line(letter.subject, 200)
    message["Date"] = formatdate()
    message["Auto-Submitted"] = "auto-generated"
    if letter.key:
        message["Message-ID"] = f"<{_word(letter.key)}@{domain}>"
    if letter.thread:
        message["References"] = f"<{_word(letter.thread)}@{domain}>"
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message


def send_mail(server: SmtpServer, letter: Letter, sender: str) -> Sent:
    """Send and say what came of it. Does not raise."""
    try:
        message = compose(letter, sender)
    except Exception as error:  # the email package breaks on some addresses in ways of its own
        return Sent(False, f"the message cannot be written: {type(error).__name__}", is_final=True)
    try:
        with connected(server) as smtp:
            smtp.send_message(message, from_addr=parseaddr(sender)[1], to_addrs=[letter.to])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return Sent(False, _said(code, text), code, is_final=code >= _PERMANENT)
    except smtplib.SMTPResponseException as error:
        is_final = error.smtp_code >= _PERMANENT and not isinstance(error, smtplib.SMTPAuthenticationError)
        return Sent(False, _said(error.smtp_code, error.smtp_error), error.smtp_code, is_final)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return Sent(False, f"{server.host}: {str(error)[:200] or type(error).__name__}")
    return Sent(True, f"taken by {server.host}")


def _said(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"the mail server said {code}: {one_line(said, 200)}"


def _word(text: str) -> str:
    return "".join(char if char.isalnum() or char in "-_." else "." for char in text)[:120]

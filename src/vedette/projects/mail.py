"""Mail that people are sent: what we ask of a mailer, and the texts."""

from typing import Protocol

import msgspec


class Message(msgspec.Struct, frozen=True):
    """A plain-text mail to one address."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Sends mail, or says that it cannot: then the link is shown, to be copied."""

    @property
    def can_send(self) -> bool: ...

    def send(self, message: Message) -> None:
        """Hand the message over. Returns before it has been delivered; does not raise."""
        ...


class NoMailer:
    """Where no mail server is set."""

    can_send = False

    def send(self, message: Message) -> None:
        """Does nothing; callers ask `can_send` first."""


def invitation(to: str, organization: str, inviter: str, link: str) -> Message:
    text = (
        f"{inviter} invites you to {organization} on Vedette.\n\n"
        f"Accept here, within seven days:\n{link}\n\n"
        "If you do not know why you get this, ignore it."
    )
    return Message(to, f"Join {_line(organization)} on Vedette", text)


def password_reset(to: str, link: str) -> Message:
    text = (
        "Somebody, probably you, asked to set a new password on Vedette.\n\n"
        f"Set it here, within one hour:\n{link}\n\n"
        "If it was not you, ignore this; nothing has changed."
    )
    return Message(to, "Set a new password", text)


def _line(text: str) -> str:
    return " ".join(text.split())

"""What people are told: one value, from which mail, webhook and chat message are made. Pure."""

import msgspec

from vedette.core.facts import FactKind

KINDS: dict[FactKind, str] = {  # fact → kind of the project's rule
    "issue_new": "new",
    "issue_regressed": "regressed",
    "issue_escalating": "escalating",
    "issue_unarchived": "escalating",  # its archive's condition has come true
}
HEADLINES = {
    "issue_new": "New issue",
    "issue_regressed": "Regressed: seen again after it was resolved",
    "issue_escalating": "Escalating: far more frequent than before",
    "issue_unarchived": "Back from the archive: its condition has come true",
    "mention": "You are mentioned in a comment",
    "test": "Test: this is what a notification looks like",
}
LEVELS = ("debug", "info", "warning", "error", "fatal")


class Notice(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One notification, as it is kept with its delivery."""

    kind: str
    project: str
    organization: str
    url: str
    short_id: str = ""
    issue_id: int = 0
    title: str = ""
    culprit: str = ""
    level: str = "error"
    platform: str = ""
    environment: str = ""
    release: str = ""
    event_id: str = ""
    times_seen: int = 0
    first_seen: str = ""
    last_seen: str = ""
    author: str = ""  # of a comment
    comment: str = ""

    @property
    def headline(self) -> str:
        return HEADLINES.get(self.kind, self.kind)


def is_loud_enough(level: str, minimum: str) -> bool:
    """Whether an issue of this level is to be told of; levels that are not known always are."""
    if minimum not in LEVELS or level not in LEVELS:
        return True
    return LEVELS.index(level) >= LEVELS.index(minimum)

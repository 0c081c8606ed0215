"""Every version of the algorithm that stored issues may refer to."""

from collections.abc import Mapping
from typing import Protocol

from vedette.core.event import Event
from vedette.group.config import LATEST, GroupingConfig
from vedette.group.rules.fingerprint import FingerprintRule
from vedette.group.v2026_11_01.algorithm import Algorithm as Algorithm20261101
from vedette.group.v2026_11_01.algorithm import Found


class GroupingAlgorithm(Protocol):
    """One version. Keeps nothing but memos of pure results."""

    def find(self, event: Event, config: GroupingConfig) -> Found:
        """The variants of an event, before fingerprints; none when it says nothing."""
        ...

    def built_in_rule(self, event: Event) -> FingerprintRule | None:
        """This version's own fingerprint rule for the event, or None."""
        ...


ALGORITHMS: Mapping[str, GroupingAlgorithm] = {LATEST: Algorithm20261101()}

"""What a project may set about grouping. Values only; the versions are in `registry`."""

from dataclasses import dataclass, field

from vedette.group.rules.fingerprint import FingerprintRules
from vedette.group.rules.stack import StackRules

LATEST = "2026-11-01"


@dataclass(frozen=True, slots=True)
class GroupingOptions:
    """Choices within one version of the algorithm."""

    context_lines: bool = True  # off: the same failure joins with and without source context
    value_at_raise_helper: bool = True  # a helper that raises for everybody is told apart by what it raises
    ignored_wrappers: frozenset[str] = frozenset()  # exception types that only wrap others


@dataclass(frozen=True, slots=True)
class GroupingConfig:
    """How one project's events are grouped.

    `version` names the algorithm; `secondary_version` an earlier one whose hashes are still
    looked up while issues move over.
    """

    version: str = LATEST
    secondary_version: str | None = None
    fingerprint_rules: FingerprintRules = ()
    stack_trace_rules: StackRules = field(default_factory=StackRules)
    options: GroupingOptions = GroupingOptions()

    @property
    def config_id(self) -> str:
        return f"vedette:{self.version}"

"""Grouping: from a normalised event to the hashes by which it finds its issue.

    config = GroupingConfig(fingerprint_rules=parse_fingerprint_rules(text))
    grouping = group(event, config)

Pure values in and out. Knows events and rules; knows nothing of issues or stores.
"""

from vedette.group.component import Component, Variant
from vedette.group.config import LATEST, GroupingConfig, GroupingOptions
from vedette.group.grouping import Grouping, explain, group
from vedette.group.mentioned import Mentioned, mentioned_by
from vedette.group.registry import ALGORITHMS
from vedette.group.rules.fingerprint import FingerprintRule, FingerprintRules, parse_fingerprint_rules
from vedette.group.rules.scanner import RuleError
from vedette.group.rules.stack import StackRules, parse_stack_trace_rules

__all__ = [
    "ALGORITHMS",
    "LATEST",
    "Component",
    "FingerprintRule",
    "FingerprintRules",
    "Grouping",
    "GroupingConfig",
    "GroupingOptions",
    "Mentioned",
    "RuleError",
    "StackRules",
    "Variant",
    "explain",
    "group",
    "mentioned_by",
    "parse_fingerprint_rules",
    "parse_stack_trace_rules",
]

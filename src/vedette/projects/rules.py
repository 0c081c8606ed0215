"""Grouping rules of a project, checked before they are stored."""

from vedette.group import RuleError, parse_fingerprint_rules, parse_stack_trace_rules
from vedette.projects.errors import Invalid


def checked_fingerprint_rules(text: str) -> str:
    """The text as given. Raises `Invalid` with the line and what is wrong there."""
    try:
        parse_fingerprint_rules(text)
    except RuleError as error:
        raise Invalid("fingerprintingRules", str(error)) from error
    return text


def checked_stack_rules(text: str) -> str:
    """The text as given. Raises `Invalid` with the line and what is wrong there."""
    try:
        parse_stack_trace_rules(text)
    except RuleError as error:
        raise Invalid("groupingEnhancements", str(error)) from error
    return text

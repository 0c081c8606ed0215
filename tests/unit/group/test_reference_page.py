"""The reference page names what the code knows."""

import re
from pathlib import Path

import pytest

from vedette.group import parse_fingerprint_rules, parse_stack_trace_rules
from vedette.group.rules.matchers import ALIASES, KINDS
from vedette.group.rules.scanner import MAX_LINE, MAX_RULES
from vedette.group.rules.variables import VARIABLES

PAGE = (Path(__file__).parents[3] / "docs/reference/grouping-rules.md").read_text()
ROWS = [
    [cell.strip().strip("`") for cell in line.split("|")[1:-1]]
    for line in PAGE.splitlines()
    if line[:2] == "| "
]


def test_the_page_lists_the_matchers_and_where_they_stand() -> None:
    listed = {row[0]: (row[1], row[3]) for row in ROWS if len(row) == 5 and row[0] != "matcher"}
    short = {name: alias for alias, name in ALIASES.items()}
    rules: dict[tuple[str, ...], str] = {
        ("fingerprint", "stack"): "both",
        ("fingerprint",): "fingerprint",
        ("stack",): "stack trace",
    }
    known = {name: (short.get(name, ""), rules[kind.languages]) for name, kind in KINDS.items()}
    assert listed == {**known, "tags.NAME": ("", "fingerprint")}


def test_the_page_lists_the_variables() -> None:
    listed = set(re.findall(r"\{\{ ([\w.]+) \}\}", PAGE.partition("## Variables")[2]))
    assert listed == {*VARIABLES, "default", "tags.NAME"}


@pytest.mark.parametrize("limit", [MAX_RULES, MAX_LINE])
def test_the_page_states_the_limits(limit: int) -> None:
    assert f"{limit} " in PAGE.partition("Limits:")[2]


def test_the_examples_on_the_page_are_rules() -> None:
    blocks = re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)
    examples = [block for block in blocks if "matcher:pattern" not in block]
    assert len(parse_fingerprint_rules(examples[0])) == 3
    assert len(parse_stack_trace_rules(examples[1]).rules) == 4

"""docs/reference/search.md names every key, alias, `is:` word and limit, and no other."""

import re
from pathlib import Path

from vedette.search.issue_keys import ISSUE_KEYS
from vedette.search.parse import MAX_CHARACTERS, MAX_DEPTH, MAX_LIST, MAX_TERMS

PAGE = (Path(__file__).parents[3] / "docs/reference/search.md").read_text()


def test_the_page_has_every_key_with_its_aliases_type_and_description() -> None:
    rows = re.findall(r"^\| (`.*`) \| (\w+) \| (.*) \|$", PAGE, re.MULTILINE)
    written = [(tuple(re.findall(r"`([^`]+)`", names)), kind, about) for names, kind, about in rows]
    expected = [((spec.name, *spec.aliases), spec.type.value, spec.about) for spec in ISSUE_KEYS.specs]
    assert sorted(written) == sorted(expected)


def test_the_page_has_every_word_of_is() -> None:
    (line,) = re.findall(r"^`is:` takes (.*)\.$", PAGE, re.MULTILINE)
    assert re.findall(r"`([^`]+)`", line) == list(ISSUE_KEYS.is_words)


def test_the_page_has_the_limits() -> None:
    limits = f"{MAX_CHARACTERS} characters, {MAX_TERMS} terms, {MAX_LIST} values in a list, {MAX_DEPTH} parentheses"
    assert limits in PAGE

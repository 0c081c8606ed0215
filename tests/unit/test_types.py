"""What of a module the types of its importers rest on."""

import pytest

from tests.types import outline

MODULE = """
LIMIT = len("x")

def told(
    number: int,
) -> list[int]:
    found = [number]
    return found

def untold(number: int):
    return [number]

class Thing:
    def __init__(self, size: int) -> None:
        self.size = size

    @property
    def double(self) -> int:
        twice = self.size * 2
        return twice

    def short(self) -> int: return self.size
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("found = [number]", "found = [number, 1]"),
        ("found = [number]", "found = []\n    found.append(number)"),
        ("return twice", "return twice + 1"),
        ("    found = [number]\n    return found", "    return [number][:]"),
    ],
)
def test_what_happens_within_a_function_that_says_what_it_returns_is_its_own_matter(old: str, new: str):
    assert old in MODULE
    assert outline(MODULE.replace(old, new)) == outline(MODULE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('len("x")', '"x"'),
        ("-> list[int]", "-> list[str]"),
        ("number: int,", "number: str,"),
        ("return [number]", "return number"),
        ("self.size = size", "self.size = str(size)"),
        ("@property", "@classmethod"),
        ("    def short(self) -> int: return", "    def short(self) -> str: return"),
        ("    found = [number]", "    global LIMIT\n    LIMIT = None\n    found = [number]"),
        ("class Thing:", "class Thing(dict[str, int]):"),
    ],
)
def test_everything_else_concerns_importers(old: str, new: str):
    assert old in MODULE
    assert outline(MODULE.replace(old, new)) != outline(MODULE)

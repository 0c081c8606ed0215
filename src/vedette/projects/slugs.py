"""Slugs: what a name becomes in addresses."""

import re
import unicodedata
from collections.abc import Callable

from vedette.projects.errors import Invalid

ORGANIZATION_MOST = 50
TEAM_MOST = 50
PROJECT_MOST = 100
_SLUG = re.compile(r"^(?![0-9]+$)[a-z0-9_][a-z0-9_-]*$")
# Words that stand at a slug's place in an address of ours.
_RESERVED = frozenset({"new", "me"})


def slugify(name: str, most: int) -> str:
    """A slug made from a name; never empty, never all digits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")[:most].strip("-")
    if not slug or slug.isdigit() or slug in _RESERVED:
        slug = f"{slug}-x".strip("-") if slug else "x"
    return slug


def checked_slug(slug: str, most: int) -> str:
    """The slug in lower case. Raises `Invalid` with the reason if it will not do."""
    slug = slug.strip().lower()
    if len(slug) > most:
        raise Invalid("slug", f"at most {most} characters")
    if not _SLUG.match(slug) or slug in _RESERVED:
        raise Invalid("slug", "letters, digits, _ and -, not only digits, and not a reserved word")
    return slug


def free_slug(wanted: str, most: int, is_taken: Callable[[str], bool]) -> str:
    """`wanted`, or with the first number appended that makes it free."""
    if not is_taken(wanted):
        return wanted
    number = 2
    while True:
        suffix = f"-{number}"
        candidate = f"{wanted[: most - len(suffix)]}{suffix}"
        if not is_taken(candidate):
            return candidate
        number += 1

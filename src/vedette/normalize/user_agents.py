"""User agents and client hints → names and versions of browser, system and device.

Parsing costs half a millisecond, so answers are kept: a site sees few distinct agents at a time.
"""

from functools import lru_cache
from typing import NamedTuple

from ua_parser import Parser, loaders
from ua_parser.basic import Resolver

MAX_CHARS = 512  # longer agents are cut: they are attacks or mistakes
_CACHE_ENTRIES = 4096

_HINT_NOISE = ("not", "brand", "chromium")  # the made-up brand browsers mix in, and the engine


class Product(NamedTuple):
    """A name and perhaps its version."""

    name: str
    version: str | None


class Device(NamedTuple):
    family: str
    model: str | None
    brand: str | None


class Agent(NamedTuple):
    browser: Product | None
    os: Product | None
    device: Device | None


NOBODY = Agent(None, None, None)


@lru_cache(maxsize=1)
def _parser() -> "Parser":
    return Parser(Resolver(loaders.load_builtins()))


@lru_cache(maxsize=_CACHE_ENTRIES)
def parse(user_agent: str) -> Agent:
    """What the header says; each part None where it says nothing known."""
    result = _parser().parse(user_agent[:MAX_CHARS])
    ua, system, device = result.user_agent, result.os, result.device
    return Agent(
        Product(ua.family, _version(ua.major, ua.minor, ua.patch)) if ua and ua.family != "Other" else None,
        Product(system.family, _version(system.major, system.minor, system.patch))
        if system and system.family != "Other"
        else None,
        Device(device.family, device.model, device.brand) if device and device.family != "Other" else None,
    )


def _version(*numbers: str | None) -> str | None:
    known = [number for number in numbers if number]
    return ".".join(known) or None


# Names of the headers that `from_hints` reads.
HINTS = frozenset(
    f"Sec-Ch-Ua{kind}" for kind in ("", "-Full-Version-List", "-Platform", "-Platform-Version", "-Model")
)


def from_hints(hints: dict[str, str]) -> Agent:
    """What `Sec-CH-UA*` headers say; keys are lower-case header names."""
    browser = _brand(hints.get("sec-ch-ua-full-version-list") or hints.get("sec-ch-ua"))
    platform = _unquote(hints.get("sec-ch-ua-platform"))
    model = _unquote(hints.get("sec-ch-ua-model"))
    return Agent(
        browser,
        Product(platform, _unquote(hints.get("sec-ch-ua-platform-version")) or None) if platform else None,
        Device(model, model, None) if model else None,
    )


def _brand(header: str | None) -> Product | None:
    """The browser of `"Chromium";v="120", "Google Chrome";v="120"`; Chromium only if alone."""
    found: Product | None = None
    for entry in (header or "")[:MAX_CHARS].split(","):
        name, _, version = entry.strip().partition(";v=")
        product = Product(_unquote(name), _unquote(version) or None)
        if not product.name or ("not" in product.name.lower() and "brand" in product.name.lower()):
            continue
        if product.name != "Chromium":
            return Product(product.name.removeprefix("Google "), product.version)
        found = product
    return found


def _unquote(text: str | None) -> str:
    return (text or "").strip().strip('"')

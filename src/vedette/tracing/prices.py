"""What models cost, for spans of LLM calls that name a model and tokens but no cost.

The table is data with a date; an organization's own prices come before it.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache

import msgspec

AS_OF = "2025-10-01"  # of the vendors' public lists that the table is written from


class Price(msgspec.Struct, frozen=True):
    """US dollars for a million tokens. `cached_input`: read from a cache; None: as other input."""

    input: float
    output: float
    cached_input: float | None = None


_LIST: dict[str, tuple[float, float | None, float]] = {  # input, cached input, output
    "gpt-5": (1.25, 0.125, 10),
    "gpt-5-mini": (0.25, 0.025, 2),
    "gpt-5-nano": (0.05, 0.005, 0.4),
    "gpt-5-codex": (1.25, 0.125, 10),
    "gpt-4.1": (2, 0.5, 8),
    "gpt-4.1-mini": (0.4, 0.1, 1.6),
    "gpt-4.1-nano": (0.1, 0.025, 0.4),
    "gpt-4o": (2.5, 1.25, 10),
    "gpt-4o-mini": (0.15, 0.075, 0.6),
    "gpt-4-turbo": (10, None, 30),
    "gpt-4": (30, None, 60),
    "gpt-3.5-turbo": (0.5, None, 1.5),
    "o1": (15, 7.5, 60),
    "o1-mini": (1.1, 0.55, 4.4),
    "o3": (2, 0.5, 8),
    "o3-mini": (1.1, 0.55, 4.4),
    "o4-mini": (1.1, 0.275, 4.4),
    "text-embedding-3-small": (0.02, None, 0),
    "text-embedding-3-large": (0.13, None, 0),
    "text-embedding-ada-002": (0.1, None, 0),
    "claude-opus-4-1": (15, 1.5, 75),
    "claude-opus-4": (15, 1.5, 75),
    "claude-sonnet-4-5": (3, 0.3, 15),
    "claude-sonnet-4": (3, 0.3, 15),
    "claude-3-7-sonnet": (3, 0.3, 15),
    "claude-3-5-sonnet": (3, 0.3, 15),
    "claude-haiku-4-5": (1, 0.1, 5),
    "claude-3-5-haiku": (0.8, 0.08, 4),
    "claude-3-opus": (15, 1.5, 75),
    "claude-3-haiku": (0.25, 0.03, 1.25),
    "gemini-2.5-pro": (1.25, 0.31, 10),
    "gemini-2.5-flash": (0.3, 0.075, 2.5),
    "gemini-2.5-flash-lite": (0.1, 0.025, 0.4),
    "gemini-2.0-flash": (0.1, 0.025, 0.4),
    "gemini-2.0-flash-lite": (0.075, None, 0.3),
    "gemini-1.5-pro": (1.25, 0.3125, 5),
    "gemini-1.5-flash": (0.075, 0.01875, 0.3),
    "mistral-large": (2, None, 6),
    "mistral-medium": (0.4, None, 2),
    "mistral-small": (0.1, None, 0.3),
    "codestral": (0.3, None, 0.9),
    "deepseek-chat": (0.28, 0.028, 0.42),
    "deepseek-reasoner": (0.28, 0.028, 0.42),
    "command-r-plus": (2.5, None, 10),
    "command-r": (0.15, None, 0.6),
    "grok-4": (3, 0.75, 15),
    "grok-3": (3, 0.75, 15),
    "grok-3-mini": (0.3, 0.075, 0.5),
}
DEFAULT_PRICES: dict[str, Price] = {
    model: Price(given, output, cached) for model, (given, cached, output) in _LIST.items()
}

# What is said around a model's name: its vendor's path, its date, its edition.
_BEFORE = re.compile(
    r"\A.*/|\A(?:[a-z]{2}\.)?(?:anthropic|meta|mistral|amazon|cohere|google|openai|azure)[.:]"
)
_AFTER = re.compile(
    r"(?:[-@](?:\d{8}|\d{4}-\d\d-\d\d|\d{4}|latest|preview|exp|\d{3}|v\d+(?::\d+)?)|:\w+|-\d\d-\d\d)\Z"
)


@lru_cache(maxsize=4096)
def plain_model(model: str) -> str:
    """`anthropic/claude-sonnet-4-20250514` → `claude-sonnet-4`."""
    name = _BEFORE.sub("", model.strip().lower()[:200])
    while (shorter := _AFTER.sub("", name)) != name:
        name = shorter
    return name


def price_of(model: str, own: Mapping[str, Price]) -> Price | None:
    """What a model costs: by its very name, by a pattern of the organization's (`my-*`), by the table."""
    if own:
        found = own.get(model)
        if found is not None:
            return found
        for pattern, price in own.items():
            if "*" in pattern and fnmatchcase(model.lower(), pattern.lower()):
                return price
        plain = own.get(plain_model(model))
        if plain is not None:
            return plain
    return DEFAULT_PRICES.get(model) or DEFAULT_PRICES.get(plain_model(model))

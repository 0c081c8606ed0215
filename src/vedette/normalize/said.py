"""What was said to a model and by it: long texts, lists of messages as JSON. Cut by message, so that they stay JSON."""

from typing import cast

import msgspec
from msgspec import Raw

from vedette.scrub.edges import edge

MAX_SAID = 64 * 1024  # characters
SAID = frozenset(
    (
        *("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"),
        *("gen_ai.request.messages", "gen_ai.response.text", "gen_ai.response.tool_calls"),
        *("gen_ai.prompt", "gen_ai.completion", "gen_ai.tool.input", "gen_ai.tool.output"),
        *("gen_ai.tool.call.arguments", "gen_ai.tool.call.result"),
        *("ai.input_messages", "ai.responses", "ai.prompt", "ai.prompt.messages", "ai.response.text"),
        *("ai.response.toolCalls", "ai.toolCall.args", "ai.toolCall.result"),
    )
)

Json = object

_decode_items = msgspec.json.Decoder(list[Raw]).decode


def shortened(text: str, limit: int = MAX_SAID) -> str:
    """At most `limit` characters of a longer text. Of a list the last entries that have room: they are the news.

    Where one alone has none, its texts are cut. What is no JSON is cut at its end.
    """
    try:
        kept = _last(text, limit) if text.lstrip()[:1] == "[" else ""
        return kept or _within(msgspec.json.decode(text), limit) or text[: edge(text, limit)]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return text[: edge(text, limit)]


def _last(text: str, limit: int) -> str:
    kept: list[str] = []
    left = limit - 1  # a bracket; the other one, or a comma, is counted with each
    for item in reversed(_decode_items(text)):
        piece = bytes(item).decode()
        left -= len(piece) + 1
        if left < 0:
            break
        kept.append(piece)
    return f"[{','.join(reversed(kept))}]" if kept else ""


def _within(value: Json, limit: int) -> str:
    """The value as JSON with its texts cut, the last entry alone of a list; empty where that is not enough."""
    if isinstance(value, list):
        value = cast("list[Json]", value)[-1:]
    for room in (limit // 2, limit // 8, limit // 64):
        text = msgspec.json.encode(_cut(value, room)).decode()
        if len(text) <= limit:
            return text
    return ""


def _cut(value: Json, room: int) -> Json:
    if isinstance(value, str):
        return value if len(value) <= room else f"{value[: edge(value, room)]}…"
    if isinstance(value, dict):
        return {key: _cut(item, room) for key, item in cast("dict[str, Json]", value).items()}
    return [_cut(item, room) for item in cast("list[Json]", value)] if isinstance(value, list) else value

"""LLM calls: the many names SDKs give the same facts, brought to one; tokens, kind of operation, cost."""

from collections.abc import Mapping

from vedette.normalize.attributes import Attributes
from vedette.tracing.prices import Price, price_of
from vedette.tracing.span import Span

INPUT, CACHED = "gen_ai.usage.input_tokens", "gen_ai.usage.input_tokens.cached"
OUTPUT, REASONING = "gen_ai.usage.output_tokens", "gen_ai.usage.output_tokens.reasoning"
TOTAL = "gen_ai.usage.total_tokens"
COST_INPUT, COST_OUTPUT = "gen_ai.cost.input_tokens", "gen_ai.cost.output_tokens"
COST_TOTAL = "gen_ai.cost.total_tokens"
TO_FIRST = "gen_ai.server.time_to_first_token"  # seconds

# Canonical key → what else it has been called, newest first.
_NUMBERS: dict[str, tuple[str, ...]] = {
    INPUT: (
        "gen_ai.usage.prompt_tokens", "ai.prompt_tokens.used", "ai.usage.inputTokens", "ai.usage.promptTokens",
        "llm.token_count.prompt", "llm.usage.prompt_tokens",
    ),
    CACHED: (
        "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.cached_tokens", "ai.usage.cachedInputTokens",
        "llm.token_count.prompt_details.cache_read",
    ),
    OUTPUT: (
        "gen_ai.usage.completion_tokens", "ai.completion_tokens.used", "ai.usage.outputTokens",
        "ai.usage.completionTokens", "llm.token_count.completion", "llm.usage.completion_tokens",
    ),
    REASONING: (
        "gen_ai.usage.reasoning_tokens", "gen_ai.usage.reasoning.output_tokens", "ai.usage.reasoningTokens",
        "llm.token_count.completion_details.reasoning",
    ),
    TOTAL: (
        "ai.total_tokens.used", "ai.usage.totalTokens", "llm.token_count.total", "llm.usage.total_tokens",
    ),
    COST_INPUT: ("gen_ai.usage.input_cost",),
    COST_OUTPUT: ("gen_ai.usage.output_cost",),
    COST_TOTAL: ("ai.total_cost", "gen_ai.usage.total_cost", "gen_ai.usage.cost"),
    TO_FIRST: ("gen_ai.response.time_to_first_token", "gen_ai.server.time_to_first_chunk"),
}  # fmt: skip
_TEXTS: dict[str, tuple[str, ...]] = {
    "gen_ai.request.model": ("ai.model_id", "ai.model.id", "llm.model_name", "llm.request.model"),
    "gen_ai.response.model": ("ai.response.model", "llm.response.model"),
    "gen_ai.provider.name": ("gen_ai.system", "ai.model.provider", "llm.provider", "llm.vendor"),
    "gen_ai.operation.name": ("ai.operationId", "llm.request.type"),
    "gen_ai.input.messages": ("gen_ai.request.messages", "ai.input_messages", "ai.prompt.messages", "gen_ai.prompt"),
    "gen_ai.output.messages": ("ai.responses", "gen_ai.completion"),
    "gen_ai.response.text": ("ai.response.text",),
    "gen_ai.tool.name": ("ai.toolCall.name", "ai.function_call"),
    "gen_ai.agent.name": ("ai.pipeline.name", "ai.telemetry.functionId"),
    "gen_ai.conversation.id": ("gen_ai.session.id", "ai.conversation.id", "session.id"),
}  # fmt: skip
_SAY_AI = frozenset(("gen_ai.operation.name", "gen_ai.request.model", "gen_ai.system"))
_NO_CALL_OF_ITS_OWN = frozenset(("agent", "tool", "handoff"))
_MOST = 1e15  # tokens, dollars, seconds: what is more is no count, and sums of it stay finite
_MILLISECONDS_KEYS = ("ai.response.msToFirstChunk", "ai.stream.msToFirstChunk")


def add_ai(span: Span, prices: Mapping[str, Price]) -> None:
    """Make a span of an LLM call say its facts under their one name, with its cost where that can be told."""
    bag = Attributes(span.texts, span.numbers)
    for key, others in _NUMBERS.items():
        _gather_number(bag, key, others)
    for key, others in _TEXTS.items():
        _gather_text(bag.texts, key, others)
    for key in _MILLISECONDS_KEYS:
        if TO_FIRST not in bag.numbers and (took := bag.take_number(key)) is not None:
            bag.numbers[TO_FIRST] = took / 1000
    texts, numbers = bag.texts, bag.numbers
    texts.setdefault(
        "gen_ai.operation.type", _operation_type(span.op, texts.get("gen_ai.operation.name", ""))
    )
    if TOTAL not in numbers and (INPUT in numbers or OUTPUT in numbers):
        numbers[TOTAL] = numbers.get(INPUT, 0) + numbers.get(OUTPUT, 0)
    span.model = (texts.get("gen_ai.response.model") or texts.get("gen_ai.request.model") or "")[:200]
    _add_cost(span, prices)


def is_ai(span: Span) -> bool:
    """Whether a span is of an LLM call, an agent or one of its tools."""
    if span.op.startswith(("gen_ai.", "ai.")):
        return True
    return not _SAY_AI.isdisjoint(span.texts)


def _gather_number(bag: Attributes, key: str, others: tuple[str, ...]) -> None:
    value = bag.take_number(key)
    for other in others:
        found = bag.take_number(other)
        value = found if value is None else value
    if value is not None and 0 <= value <= _MOST:
        bag.numbers[key] = value


def _gather_text(texts: dict[str, str], key: str, others: tuple[str, ...]) -> None:
    """Copied, not moved: what an SDK calls it is what its user searches for."""
    if key in texts:
        return
    for other in others:
        if other in texts:
            texts[key] = texts[other]
            return


def _operation_type(op: str, operation: str) -> str:
    said = f"{op.rpartition('.')[2]} {operation}"
    if "agent" in said:
        return "agent"
    if "tool" in said:
        return "tool"
    return "handoff" if "handoff" in said else "ai_client"


def _add_cost(span: Span, prices: Mapping[str, Price]) -> None:
    """In US dollars. What agents and tools say they used is what their calls used: it costs once."""
    numbers = span.numbers
    if COST_TOTAL in numbers:
        return
    if COST_INPUT in numbers or COST_OUTPUT in numbers:
        numbers[COST_TOTAL] = numbers.get(COST_INPUT, 0) + numbers.get(COST_OUTPUT, 0)
        return
    if INPUT not in numbers and OUTPUT not in numbers:
        return
    if span.texts.get("gen_ai.operation.type") in _NO_CALL_OF_ITS_OWN:
        return
    price = _price(span, prices)
    if price is None:
        return
    cached = min(numbers.get(CACHED, 0), numbers.get(INPUT, 0))
    plain = numbers.get(INPUT, 0) - cached
    cached_price = price.input if price.cached_input is None else price.cached_input
    numbers[COST_INPUT] = (plain * price.input + cached * cached_price) / 1e6
    numbers[COST_OUTPUT] = numbers.get(OUTPUT, 0) * price.output / 1e6
    numbers[COST_TOTAL] = numbers[COST_INPUT] + numbers[COST_OUTPUT]


def _price(span: Span, prices: Mapping[str, Price]) -> Price | None:
    for key in ("gen_ai.response.model", "gen_ai.request.model"):
        model = span.texts.get(key)
        if model and (price := price_of(model, prices)) is not None:
            return price
    return None

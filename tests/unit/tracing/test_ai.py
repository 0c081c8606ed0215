"""LLM calls: keys, tokens, cost."""

import pytest

from tests.unit.tracing.build import container, of_container, v2
from vedette.tracing.prices import DEFAULT_PRICES, Price, plain_model, price_of


def ai(**attributes: object) -> dict[str, float]:
    sent = {"sentry.op": "gen_ai.chat"} | {key.replace("__", "."): value for key, value in attributes.items()}
    return of_container(container(v2(1, name="chat", attributes=sent)))[0]["numbers"]


def test_tokens_under_any_name_are_under_one() -> None:
    old = ai(ai__prompt_tokens__used=10, ai__completion_tokens__used=4)
    new = ai(gen_ai__usage__input_tokens=10, gen_ai__usage__output_tokens=4)
    vercel = ai(ai__usage__promptTokens=10, ai__usage__completionTokens=4)
    assert (
        old
        == new
        == vercel
        == {
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": 4,
            "gen_ai.usage.total_tokens": 14,
        }
    )


@pytest.mark.parametrize("sent", ["inf", "1e999", "nan", 1e308])
def test_tokens_that_nobody_can_count_are_none(sent: object) -> None:
    assert ai(gen_ai__usage__input_tokens=sent, gen_ai__usage__output_tokens=sent) == {}


def test_cost_is_of_tokens_and_model_and_a_given_one_is_believed() -> None:
    sent = {"gen_ai__request__model": "gpt-4o-2024-08-06", "gen_ai__usage__input_tokens": 1_000_000}
    found = ai(**sent, gen_ai__usage__input_tokens__cached=400_000, gen_ai__usage__output_tokens=100_000)
    assert found["gen_ai.cost.input_tokens"] == pytest.approx(0.6 * 2.5 + 0.4 * 1.25)
    assert found["gen_ai.cost.output_tokens"] == pytest.approx(1.0)
    assert found["gen_ai.cost.total_tokens"] == pytest.approx(3.0)
    assert ai(**sent, gen_ai__cost__total_tokens=7.0)["gen_ai.cost.total_tokens"] == 7.0
    assert "gen_ai.cost.total_tokens" not in ai(
        gen_ai__request__model="nobody's", gen_ai__usage__input_tokens=5
    )


def test_what_an_agent_sums_up_costs_nothing_again() -> None:
    found = ai(
        gen_ai__operation__name="invoke_agent",
        gen_ai__request__model="gpt-4o",
        gen_ai__usage__input_tokens=1000,
    )
    assert "gen_ai.cost.total_tokens" not in found


def test_facts_of_a_call_are_columns_and_attributes() -> None:
    attributes = {
        "sentry.op": "gen_ai.invoke_agent",
        "gen_ai.system": "anthropic",
        "gen_ai.response.model": "claude-sonnet-4-5",
        "gen_ai.request.messages": "[]",
        "ai.stream.msToFirstChunk": 250,
    }
    row = of_container(container(v2(1, name="run", attributes=attributes)))[0]
    assert (row["category"], row["model"], row["system"]) == ("ai", "claude-sonnet-4-5", "anthropic")
    assert row["attributes"]["gen_ai.input.messages"] == "[]"
    assert row["attributes"]["gen_ai.operation.type"] == "agent"
    assert row["numbers"]["gen_ai.server.time_to_first_token"] == 0.25


@pytest.mark.parametrize(
    ("model", "plain"),
    [
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("openai/gpt-4o", "gpt-4o"),
        ("anthropic/claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet"),
        ("models/gemini-2.5-flash-lite", "gemini-2.5-flash-lite"),
        ("gemini-1.5-pro-002", "gemini-1.5-pro"),
        ("claude-3-5-haiku-latest", "claude-3-5-haiku"),
        ("gpt-3.5-turbo-0125", "gpt-3.5-turbo"),
    ],
)
def test_models_are_known_by_their_plain_name(model: str, plain: str) -> None:
    assert plain_model(model) == plain
    assert price_of(model, {}) == DEFAULT_PRICES[plain]


def test_own_prices_come_first() -> None:
    own = {"gpt-4o": Price(1, 2), "my-*": Price(3, 4)}
    assert price_of("gpt-4o-2024-08-06", own) == Price(1, 2)
    assert price_of("My-model", own) == Price(3, 4)
    assert price_of("o3", own) == DEFAULT_PRICES["o3"]

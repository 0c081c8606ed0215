"""A transaction → its rows."""

from typing import Any

import msgspec
import pytest

from tests.unit.normalize.build import DAY_US, HOUR_US, NOW_US, Json
from tests.unit.tracing.build import (
    FACTS,
    NOW,
    ROOT,
    TRACE,
    container,
    of_container,
    of_transaction,
    rows,
    traced_transaction,
    transaction,
    v1,
    v2,
)
from vedette.filters.inbound import Filtered, FilterSettings
from vedette.normalize.received import InvalidPayload, Received


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"username": "ada"}, "ada"),
        ({"username": "ada", "name": "Ada Lovelace"}, "Ada Lovelace"),
        ({"id": 5}, None),
    ],
)
def test_a_user_has_a_name_to_search_for_also_with_a_username_alone(user: Json, name: str | None) -> None:
    (segment,) = of_transaction(transaction(user=user))
    assert segment["attributes"].get("user.name") == name
    assert segment["attributes"].get("user.username") == user.get("username")


def test_a_transaction_is_its_segment_and_the_spans_within() -> None:
    payload = transaction(
        v1(
            1,
            0.1,
            0.3,
            op="db",
            description="SELECT 1",
            origin="auto.db",
            data={"db.system": "sqlite", "n": 3},
        ),
        v1(2, 0.2, 0.25, parent_span_id="0000000000000001", op="db", status="not_found"),
        event_id="11111111111111111111111111111111",
        release="shop@1",
        environment="prod",
        user={"id": 5, "email": "a@b.example"},
        sdk={"name": "sentry.python", "version": "2.75.0"},
        tags={"plan": "gold"},
        trace={"data": {"http.response.status_code": 201}, "parent_span_id": "00000000000000ff"},
        measurements={"lcp": {"value": 2.5, "unit": "second"}, "cls": {"value": 0.1}},
    )
    segment, first, second = of_transaction(payload)
    shared = (
        "trace_id",
        "transaction_id",
        "segment_id",
        "transaction",
        "release",
        "environment",
        "user",
        "sdk_name",
    )
    assert (
        {key: segment[key] for key in shared}
        == {key: first[key] for key in shared}
        == {
            "trace_id": TRACE,
            "transaction_id": "1" * 32,
            "segment_id": 0xAA,
            "transaction": "/orders",
            "release": "shop@1",
            "environment": "prod",
            "user": "id:5",
            "sdk_name": "sentry.python",
        }
    )
    assert (segment["is_segment"], segment["span_id"], segment["parent_span_id"]) == (1, 0xAA, 0xFF)
    assert (segment["duration_us"], segment["self_us"], segment["status"]) == (1_000_000, 800_000, "ok")
    assert segment["numbers"] == {
        "http.response.status_code": 201.0,
        "measurements.lcp": 2500.0,
        "measurements.cls": 0.1,
    }
    assert segment["attributes"]["plan"] == "gold"
    assert segment["attributes"]["user.email"] == "a@b.example"
    assert (first["is_segment"], first["parent_span_id"], first["status"]) == (0, 0xAA, "unknown")
    assert (first["duration_us"], first["self_us"]) == (200_000, 150_000)
    assert (first["attributes"], first["numbers"]) == ({"db.system": "sqlite"}, {"n": 3.0})
    assert (second["parent_span_id"], second["status"]) == (1, "not_found")
    assert (first["payload"], "spans" in msgspec.json.decode(segment["payload"])) == (b"", False)


def test_the_counts_are_one_transaction_and_its_spans_and_itself() -> None:
    traced = traced_transaction(transaction(v1(1), v1(2)))
    assert (traced.count, list(zip(*traced.times, strict=True))) == (
        3,
        [(90, TRACE, NOW_US - 1_000_000, NOW_US)],
    )


@pytest.mark.parametrize(
    "broken",
    [
        {"start_timestamp": None},
        {"timestamp": None},
        {"start_timestamp": NOW + 5},
        {"contexts": None},
        {"contexts": {"trace": {"trace_id": TRACE}}},
        {"contexts": {"trace": {"trace_id": "xyz", "span_id": ROOT}}},
        {"contexts": {"trace": {"trace_id": TRACE, "span_id": "12"}}},
    ],
)
def test_a_transaction_without_ids_or_times_is_invalid(broken: Json) -> None:
    with pytest.raises(InvalidPayload) as caught:
        traced_transaction(transaction() | broken)
    assert caught.value.reason == "invalid_transaction"


def test_a_span_without_id_or_times_is_left_out_and_counted() -> None:
    bad: list[Any] = [v1(1) | {"span_id": "zz"}, v1(2, timestamp=None), "no object", None]
    traced = traced_transaction(transaction(v1(3), *bad))
    assert ([row["span_id"] for row in rows(traced)], traced.invalid) == ([0xAA, 3], {"invalid_span": 4})


def test_odd_fields_of_a_span_cost_the_field_alone() -> None:
    odd = v1(
        1,
        op=7,
        tags={"a": 1, "b": None},
        data=[1],
        exclusive_time="x",
        start_timestamp=f"{NOW - 0.5}",
        timestamp=NOW,
    )
    _, span = of_transaction(transaction(odd))
    assert (span["op"], span["attributes"], span["duration_us"]) == ("7", {"a": "1"}, 500_000)


def test_a_url_as_name_loses_its_ids_and_other_names_keep_theirs() -> None:
    named = {"transaction": "/users/42"}
    url, route = (
        of_transaction(transaction(transaction_info={"source": source}, **named))[0]
        for source in ("url", "route")
    )
    assert (url["transaction"], route["transaction"]) == ("/users/*", "/users/42")
    assert url["attributes"].get("transaction") is None


def test_times_follow_a_clock_that_is_wrong() -> None:
    late = Received(received_us=NOW_US + 2 * HOUR_US, sent_at_us=NOW_US)
    segment, span = of_transaction(transaction(v1(1, 0.5, 0.6)), late)
    assert segment["ts"] == NOW_US + 2 * HOUR_US - 1_000_000
    assert (span["ts"], span["duration_us"]) == (NOW_US + 2 * HOUR_US - 500_000, 100_000)


@pytest.mark.parametrize("days", [31, -1])
def test_a_transaction_out_of_range_lands_at_receipt(days: int) -> None:
    facts = Received(received_us=NOW_US + days * DAY_US)
    segment, span = of_transaction(transaction(v1(1, 0.5, 0.6)), facts)
    assert (segment["ts"] + segment["duration_us"], span["ts"]) == (
        facts.received_us,
        facts.received_us - 500_000,
    )


def test_the_weight_is_of_the_envelopes_sampling() -> None:
    def weight(dsc: Json) -> float:
        return rows(traced_transaction(transaction(), dsc=dsc))[0]["weight"]

    assert [weight({"sample_rate": rate}) for rate in ("0.25", 1, "1.0", "x", "0", "-1", None)] == [
        4.0,
        *[1.0] * 6,
    ]


def test_links_of_spans_and_profiles_and_replays_are_kept() -> None:
    link = [{"trace_id": TRACE, "span_id": ROOT}]
    segment, span = of_transaction(
        transaction(
            v1(1, links=link),
            trace={"links": link},
            contexts={"profile": {"profile_id": "a" * 32}, "replay": {"replay_id": "b" * 32}},
        )
    )
    assert msgspec.json.decode(segment["links"]) == msgspec.json.decode(span["links"]) == link
    assert (span["profile_id"], span["replay_id"]) == ("a" * 32, "b" * 32)


def test_links_that_lead_nowhere_and_what_else_stands_in_one_go() -> None:
    good = {
        "trace_id": TRACE.upper(),
        "span_id": ROOT,
        "sampled": True,
        "attributes": {"sentry.link.type": "x"},
    }
    typed = {**good, "attributes": {"n": {"value": 5, "type": "integer"}}, "more": {"a": [1]}, "sampled": "?"}
    odd = [None, {"span_id": "1"}, 5, "x", {"trace_id": TRACE}, {"trace_id": "1", "span_id": ROOT}, {}]
    _, span = of_transaction(transaction(v1(1, links=[*odd, good, typed])))
    assert msgspec.json.decode(span["links"]) == [
        {**good, "trace_id": TRACE},
        {"trace_id": TRACE, "span_id": ROOT, "attributes": {"n": 5}},
    ]
    nothing: list[object] = [odd, {}, "x", None]
    for links in nothing:
        assert of_transaction(transaction(v1(1, links=links)))[1]["links"] == ""


def test_links_are_scrubbed_and_bounded() -> None:
    secret = {"password": "hunter2", "url": "/?token=hunter2", "client.address": "192.0.2.1", "n": 1}
    link = {"trace_id": TRACE, "span_id": ROOT, "attributes": secret}
    kept = {"password": "[Filtered]", "url": "/?token=[Filtered]", "n": 1}
    _, span = of_transaction(transaction(v1(1, links=[link])), store_ips=False)
    (streamed,) = of_container(container(v2(1, links=[link])), store_ips=False)
    segment, _ = of_transaction(transaction(v1(1), trace={"links": [link]}), store_ips=False)
    for row in (span, streamed, segment):
        assert msgspec.json.decode(row["links"])[0]["attributes"] == kept
    many = [{**link, "attributes": {f"k{n}": "v" * 300 for n in range(40)}}] * 1000
    _, span = of_transaction(transaction(v1(1, links=many)))
    assert 7000 < len(span["links"]) <= 8192


def test_secrets_go_before_anything_is_made_of_them() -> None:
    payload = transaction(
        v1(1, description="GET /?token=abc", data={"api_key": "k", "x": "1"}),
        v1(
            2,
            op="db",
            description="UPDATE u SET password = 'hunter2'",
            data={"h": ["Authorization: Basic YTpi"]},
        ),
        trace={"data": {"password": "p"}},
    )
    segment, span, query = of_transaction(payload)
    assert (query["description"], query["normalized"]) == (
        "UPDATE u SET password = '[Filtered]'",
        "UPDATE u SET password = %s",
    )
    assert query["attributes"] == {"h": '["Authorization: Basic [Filtered]"]'}
    assert span["description"] == "GET /?token=[Filtered]"
    assert span["attributes"] == {"api_key": "[Filtered]", "x": "1"}
    assert segment["attributes"]["password"] == "[Filtered]"
    assert b'"p"' not in segment["payload"]


SECRET_CALL = {"function": {"name": "login", "arguments": '{"password": "hunter2"}'}}
MESSAGES = [{"role": "user", "content": "x" * 9000}, {"role": "assistant", "tool_calls": [SECRET_CALL]}]


def test_json_that_is_too_long_to_be_stored_is_scrubbed_before_it_is_cut() -> None:
    command = {"find": "users", "pad": "x" * 9000, "filter": {"password": {"$eq": "hunter2"}}}
    early = {"filter": {"password": {"$eq": "hunter2"}}, "pad": "x" * 9000}
    texts = {"gen_ai.input.messages": MESSAGES, "db.query.text": command, "body": early}
    data = {key: msgspec.json.encode(value).decode() for key, value in texts.items()}
    description = data["body"]
    streamed = v2(1, name=description, attributes=data)
    (one,) = of_container(container(streamed))
    _, other = of_transaction(transaction(v1(1, description=description, data=data)))
    for row in (one, other):
        assert "hunter2" not in str(row)
        assert row["attributes"]["body"].startswith('{"filter":{"password":"[Filtered]"}')
        assert len(row["attributes"]["body"]) == len(row["description"]) == 8192
        (_, call) = msgspec.json.decode(row["attributes"]["gen_ai.input.messages"])
        assert "[Filtered]" in call["tool_calls"][0]["function"]["arguments"]


def test_a_long_transcript_keeps_its_newest_messages() -> None:
    messages = [{"role": "user", "content": f"{number}: " + "x" * 1000} for number in range(200)]
    data = {"gen_ai.request.messages": msgspec.json.encode(messages).decode(), "sentry.op": "gen_ai.chat"}
    (row,) = of_container(container(v2(1, attributes=data)))
    kept = msgspec.json.decode(row["attributes"]["gen_ai.input.messages"])
    assert kept == messages[-len(kept) :]
    assert len(kept) == 63


def test_a_project_that_stores_no_addresses_stores_none() -> None:
    payload = transaction(user={"ip_address": "{{auto}}"}, platform="javascript")
    kept, private = of_transaction(payload, FACTS), of_transaction(payload, FACTS, store_ips=False)
    assert kept[0]["user"] == "ip:198.51.100.7"
    assert private[0]["user"] == ""
    assert "198.51.100.7" not in str(private)


def test_nor_does_it_store_those_of_attributes_tags_and_the_trace_context() -> None:
    data = {"client.address": "192.0.2.1", "net.peer.ip": "192.0.2.1", "x": "1"}
    payload = transaction(
        v1(1, data=data, tags={"user.ip": "192.0.2.1"}),
        trace={"data": data},
        tags={"client_ip": "192.0.2.1", "y": "2"},
    )
    private = of_transaction(payload, FACTS, store_ips=False)
    assert "192.0.2.1" not in str(private)
    assert [row["attributes"] for row in private] == [{"x": "1", "y": "2"}, {"x": "1"}]
    assert "192.0.2.1" in str(of_transaction(payload, FACTS))


def test_a_filter_takes_the_transaction_with_its_spans() -> None:
    with pytest.raises(Filtered) as caught:
        traced_transaction(transaction(v1(1), transaction="/healthz"), filters=FilterSettings())
    assert (str(caught.value), caught.value.others) == ("filtered-transaction", (("span", 2),))


def test_self_time_counts_what_no_child_covers() -> None:
    segment, *_ = of_transaction(
        transaction(v1(1, 0.1, 0.4), v1(2, 0.3, 0.5), v1(3, 0.9, 1.5), v1(4, 0.0, 0.05, exclusive_time=7))
    )
    assert segment["self_us"] == 1_000_000 - 400_000 - 100_000 - 50_000


def test_a_sent_exclusive_time_is_believed() -> None:
    _, span = of_transaction(transaction(v1(1, 0.0, 0.1, exclusive_time=12.5)))
    assert span["self_us"] == 12_500


def test_a_deep_or_broken_payload_is_refused() -> None:
    deep = b'{"spans":' + b"[" * 5000 + b"]" * 5000 + b"}"
    for body in (deep, b"[]", b"{", b'"x"'):
        with pytest.raises(InvalidPayload):
            traced_transaction(body)

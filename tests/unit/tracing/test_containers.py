"""Streamed and standalone spans → their rows."""

from typing import Any

import pytest

from tests.unit.normalize.build import HOUR_US, NOW_US, Json
from tests.unit.tracing.build import (
    NOW,
    TRACE,
    container,
    of_container,
    of_span,
    rows,
    traced_container,
    traced_span,
    v1,
    v2,
)
from vedette.filters.inbound import FilterSettings
from vedette.normalize.received import InvalidPayload, Received


def test_a_streamed_span_says_all_of_itself() -> None:
    attributes = {
        "sentry.op": "http.client",
        "sentry.origin": "auto.http",
        "sentry.environment": "prod",
        "sentry.release": "shop@1",
        "sentry.dist": "7",
        "sentry.platform": "node",
        "sentry.sdk.name": "sentry.javascript.node",
        "sentry.sdk.version": "11.10.0",
        "sentry.segment.id": "00000000000000aa",
        "sentry.segment.name": "GET /cart",
        "sentry.replay_id": "b" * 32,
        "sentry.profiler_id": "c" * 32,
        "user.id": 5,
        "http.response.status_code": 404,
        "n": 2.5,
        "flag": True,
    }
    (row,) = of_container(container(v2(1, name="GET shop", status="ok", attributes=attributes)))
    wanted: dict[str, Any] = {
        "op": "http.client", "origin": "auto.http", "environment": "prod", "release": "shop@1", "dist": "7",
        "platform": "node", "sdk_name": "sentry.javascript.node", "sdk_version": "11.10.0",
        "segment_id": 0xAA, "transaction": "GET /cart", "replay_id": "b" * 32, "profile_id": "c" * 32,
        "user": "id:5", "http_status": 404, "status": "not_found", "description": "GET shop",
        "is_segment": 0, "trace_id": TRACE, "transaction_id": "", "duration_us": 10_000,
        "attributes": {"flag": "true", "user.id": "5"},
        "numbers": {"n": 2.5, "http.response.status_code": 404.0},
    }  # fmt: skip
    assert {key: row[key] for key in wanted} == wanted


def test_a_segment_may_come_after_its_children_or_not_at_all() -> None:
    child: Json = {"attributes": {"sentry.segment.id": "00000000000000aa", "sentry.segment.name": "job"}}
    parent = v2(0xAA, 0.0, 0.5, name="job", is_segment=True)
    late = of_container(container(v2(1, parent_span_id="00000000000000aa", **child), parent))
    alone = of_container(container(v2(1, parent_span_id="00000000000000aa", **child)))
    assert [(row["segment_id"], row["is_segment"], row["transaction"]) for row in late] == [
        (0xAA, 0, "job"),
        (0xAA, 1, "job"),
    ]
    assert (alone[0]["segment_id"], alone[0]["transaction"]) == (0xAA, "job")
    assert late[1]["self_us"] == 490_000


def test_a_page_load_is_named_by_its_path() -> None:
    segment = {"sentry.op": "pageload", "sentry.segment.name": "Pageload", "url.path": "/orders/42"}
    child = {"sentry.segment.id": "00000000000000aa", "sentry.segment.name": "Pageload"}
    found = of_container(
        container(v2(1, attributes=child), v2(0xAA, name="Pageload", is_segment=True, attributes=segment))
    )
    assert [row["transaction"] for row in found] == ["/orders/*", "/orders/*"]


def test_addresses_and_agents_are_filled_where_the_container_asks() -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    facts = Received(received_us=NOW_US, client_ip="198.51.100.7", user_agent=agent)
    asked = of_container(container(v2(1), infer_ip="auto", infer_user_agent="auto"), facts)[0]
    silent = of_container(container(v2(1)), facts)[0]
    auto = v2(1, attributes={"user.ip_address": "{{auto}}"})
    assert (asked["user"], asked["attributes"]["browser.name"]) == ("ip:198.51.100.7", "Chrome")
    assert (silent["user"], silent["attributes"]) == ("", {})
    assert of_container(container(auto), facts)[0]["user"] == "ip:198.51.100.7"
    assert of_container(container(auto, infer_ip="auto"), facts, store_ips=False)[0]["user"] == ""


def test_a_container_is_as_long_as_it_is_whatever_its_header_says() -> None:
    traced = traced_container(container(v2(1), {"span_id": "x"}, v2(2), None))
    assert ([row["span_id"] for row in rows(traced)], traced.invalid["invalid_span"]) == ([1, 2], 2)


def test_spans_over_a_thousand_are_refused() -> None:
    traced = traced_container(container(*[v2(n) for n in range(1, 1004)]))
    assert (traced.count, traced.invalid["too_large:span"]) == (1000, 3)


def test_what_an_sdk_tells_of_its_own_requests_is_dropped() -> None:
    own = {"sentry.op": "http.client", "url.full": "http://errors.example:8377/api/1/envelope/"}
    other = {"sentry.op": "http.client", "url.full": "http://post.example/envelope/7"}
    traced = traced_container(container(v2(1, attributes=own), v2(2, attributes=other)))
    assert (traced.count, traced.filtered) == (1, {"sdk-requests": 1})


@pytest.mark.parametrize(
    ("attributes", "settings", "reason"),
    [
        ({"sentry.segment.name": "GET /healthz"}, {}, "filtered-transaction"),
        ({"sentry.segment.name": "GET /healthz"}, {"filtered_transaction": False}, None),
        ({"sentry.release": "bad@1"}, {"releases": ("bad*",)}, "release-version"),
        ({"user_agent.original": "Googlebot/2.1"}, {}, "web-crawlers"),
        ({"user_agent.original": "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1)"}, {"legacy_browsers": ("ie9",)}, "legacy-browsers"),
        ({"sentry.is_localhost": True}, {"localhost": True}, "localhost"),
        ({"url.full": "http://localhost:3000/"}, {"localhost": True}, "localhost"),
        ({"user.ip_address": "10.1.2.3"}, {"blacklisted_ips": ("10.0.0.0/8",)}, "ip-address"),
        ({}, {"blacklisted_ips": ("198.51.100.7",)}, "ip-address"),
        ({}, {"localhost": True}, None),
    ],
)  # fmt: skip
def test_inbound_filters_take_streamed_spans(
    attributes: dict[str, Any], settings: dict[str, Any], reason: str | None
) -> None:
    traced = traced_container(container(v2(1, attributes=attributes)), filters=FilterSettings(**settings))
    assert traced.filtered == ({reason: 1} if reason else {})
    assert traced.count == (0 if reason else 1)


def test_all_times_of_a_container_move_together() -> None:
    facts = Received(received_us=NOW_US + 3 * HOUR_US, sent_at_us=NOW_US)
    first, second = of_container(container(v2(1, 0.0, 0.1), v2(2, 0.5, 0.9)), facts)
    assert first["ts"] == NOW_US + 3 * HOUR_US - 1_000_000
    assert second["ts"] - first["ts"] == 500_000


def test_who_is_scrubbed_from_attributes_is_no_user_either() -> None:
    secret = v2(1, name="token=abc", attributes={"user.email": "4111 1111 1111 1111", "api_key": "k"})
    (row,) = of_container(container(secret))
    assert (row["user"], row["description"]) == ("email:[Filtered]", "token=[Filtered]")
    assert "4111" not in str(row)


@pytest.mark.parametrize(
    ("sent", "name", "user"),
    [
        ({"user.username": "ada"}, "ada", "username:ada"),
        ({"user.name": "ada"}, "ada", "username:ada"),
        ({"user.username": "ada", "user.name": "Ada Lovelace"}, "Ada Lovelace", "username:ada"),
        ({"user.id": "5"}, None, "id:5"),
    ],
)
def test_a_user_has_a_name_to_search_for_also_with_a_username_alone(
    sent: Json, name: str | None, user: str
) -> None:
    (streamed,) = of_container(container(v2(1, attributes=sent)))
    (standalone,) = of_span(v1(1, 0.0, 0.1, data=sent))
    assert {streamed["attributes"].get("user.name"), standalone["attributes"].get("user.name")} == {name}
    assert {streamed["user"], standalone["user"]} == {user}


@pytest.mark.parametrize(
    ("sent", "user"),
    [
        ({"user": "ada@example.org"}, "email:ada@example.org"),
        ({"user": "42"}, "id:42"),
        ({"user": 42}, "id:42"),
        ({"user": "a@b"}, "id:a@b"),
        ({"user": "203.0.113.9"}, "ip:203.0.113.9"),
        ({"user": "{{auto}}"}, "ip:198.51.100.7"),
        ({"user": "ada", "user.id": 7}, "id:7"),
        ({"user": "ada", "user.email": "ada@example.org"}, "email:ada@example.org"),
    ],
)
def test_the_user_of_a_browsers_own_span_is_whatever_it_calls_so(sent: Json, user: str) -> None:
    facts = Received(received_us=NOW_US, client_ip="198.51.100.7")
    (row,) = of_span(v1(1, 0.0, 0.1, data=sent), facts)
    assert row["user"] == user


def test_an_address_called_user_is_not_kept_where_none_are() -> None:
    facts = Received(received_us=NOW_US, store_ips=False)
    (row,) = of_span(v1(1, 0.0, 0.1, data={"user": "203.0.113.9"}), facts)
    assert (row["user"], "203.0.113.9" in str(row)) == ("", False)


@pytest.mark.parametrize("sent", [{}, {"items": None}, {"items": "spans"}, {"items": {}}])
def test_a_container_without_a_list_of_items_is_refused(sent: Json) -> None:
    with pytest.raises(InvalidPayload) as caught:
        traced_container({"version": 2} | sent)
    assert caught.value.reason == "invalid_span"


def test_a_standalone_span_is_its_row() -> None:
    payload = v1(
        0xAA, 0.0, 0.2, op="ui.interaction.click", description="body > div", is_segment=True, segment_id="00000000000000aa",
        exclusive_time=200, measurements={"inp": {"value": 200, "unit": "millisecond"}},
        data={"release": "shop@1", "environment": "prod", "transaction": "/cart", "user": "ada"},
    )  # fmt: skip
    (row,) = of_span(payload)
    assert (row["is_segment"], row["op"], row["transaction"], row["release"]) == (
        1,
        "ui.interaction.click",
        "/cart",
        "shop@1",
    )
    assert (row["numbers"]["measurements.inp"], row["self_us"], row["environment"]) == (
        200.0,
        200_000,
        "prod",
    )


def test_a_standalone_span_without_times_is_invalid() -> None:
    with pytest.raises(InvalidPayload) as caught:
        traced_span({"trace_id": TRACE, "span_id": "00000000000000aa", "timestamp": NOW})
    assert caught.value.reason == "invalid_span"

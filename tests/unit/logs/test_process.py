"""A container of logs → rows."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.deliveries import ITEM_KEY, RECEIVED_US, container, delivery, fields, payload_in
from vedette.core.time import DAY_US, SECOND_US
from vedette.logs.process import MAX_BODY, process
from vedette.normalize.container import MAX_ENTRIES
from vedette.normalize.received import InvalidPayload
from vedette.projects.handling import Delivery
from vedette.scrub.rules import ScrubSettings
from vedette.storage.telemetry.tables import LOGS

COLUMNS = [column.name for column in LOGS.columns[:-1]]
SAMPLES = Path(__file__).parent / "samples"
AT = RECEIVED_US / SECOND_US - 5
TRACE = "973b24434ce84ee7a97496a2efdff748"

Row = dict[str, Any]


def rows_of(payload: bytes, sent: Delivery | None = None) -> list[Row]:
    return [fields(COLUMNS, row) for row in process(payload, sent or delivery()).rows]


def one(entry: Any, sent: Delivery | None = None, **more: Any) -> Row:
    (row,) = rows_of(container(entry, **more), sent)
    return row


def log(**more: Any) -> dict[str, Any]:
    return {"timestamp": AT, "level": "info", "body": "hello", **more}


def attribute(value: Any, kind: str = "string") -> dict[str, Any]:
    return {"value": value, "type": kind}


def test_a_container_of_the_python_sdk_is_stored_whole() -> None:
    rows = rows_of(payload_in(SAMPLES / "python-2.75.envelope"))
    assert [(row["level"], row["severity"], row["body"]) for row in rows] == [
        ("trace", 1, "cache miss for cart:81723"),
        ("info", 9, "order 81723 placed by ada"),
        ("warn", 13, "payment of order 81723 took 1840 ms"),
        ("error", 17, "payment of order 81724 failed: card declined"),
        ("fatal", 21, "disk /var is full"),
        ("debug", 5, "plain text 4711"),
        ("warn", 13, "inside a span 1.5"),
    ]
    placed = rows[1]
    assert placed["trace_id"] == TRACE
    assert placed["template"] == "order {order_id} placed by {customer}"
    assert (placed["environment"], placed["release"]) == ("production", "shop@1.4.0")
    assert (placed["server_name"], placed["user"]) == ("web-3", "id:5")
    assert (placed["sdk_name"], placed["sdk_version"]) == ("sentry.python.flask", "2.75.0")
    assert placed["numbers"]["sentry.message.parameter.order_id"] == 81723
    assert placed["attributes"] == {
        "paid": "true",
        "tags": '["a","b"]',
        "sentry.message.parameter.customer": "ada",
        "process.runtime.name": "CPython",
        "process.runtime.version": "3.11.7",
        "user.id": "5",
        "user.name": "ada",
        "user.email": "ada@example.com",
        "sentry.severity_text": "info",
    }
    assert rows[6]["span_id"] != 0


def test_a_container_of_the_node_sdk_is_stored_whole() -> None:
    rows = rows_of(payload_in(SAMPLES / "node-11.12.envelope"))
    assert [(row["level"], row["severity"], row["sequence"]) for row in rows] == [
        ("trace", 1, 0),
        ("info", 9, 0),
        ("warn", 13, 0),
        ("error", 17, 1),
        ("fatal", 21, 2),
        ("debug", 5, 0),
    ]
    placed = rows[1]
    assert placed["body"] == "order 81723 placed by bo"
    assert placed["template"] == "order %s placed by %s"
    assert (placed["release"], placed["server_name"], placed["user"]) == ("api@2.0.0", "vm", "id:7")
    assert placed["numbers"] == {
        "cart.items": 3,
        "cart.total": 59.9,
        "sentry.message.parameter.0": 81723,
    }


@pytest.mark.parametrize(
    ("sent", "level", "severity"),
    [
        ({"level": "warn"}, "warn", 13),
        ({"level": "warning"}, "warn", 13),
        ({"level": "log"}, "info", 9),
        ({"level": "CRITICAL"}, "fatal", 21),
        ({"level": None, "severity_number": 18}, "error", 18),
        ({"level": "loud", "severity_number": 1}, "trace", 1),
        ({"level": "loud"}, "info", 9),
        ({"level": "error", "severity_number": 99}, "error", 17),
        ({"level": "debug", "attributes": {"sentry.severity_number": attribute(6, "integer")}}, "debug", 6),
        ({"level": None, "attributes": {"sentry.severity_number": attribute("24")}}, "fatal", 24),
    ],
)
def test_level_and_number_follow_from_each_other(sent: Row, level: str, severity: int) -> None:
    row = one(log(**sent))
    assert (row["level"], row["severity"]) == (level, severity)
    assert "sentry.severity_number" not in {**row["attributes"], **row["numbers"]}


@pytest.mark.parametrize(
    ("timestamp", "ts_us"),
    [
        (AT, RECEIVED_US - 5 * SECOND_US),
        ("2026-11-26T16:53:15Z", 1_795_711_995_000_000),
        (None, RECEIVED_US),
        ("yesterday", RECEIVED_US),
        (AT - 40 * 86400, RECEIVED_US),
        (AT + 3600, RECEIVED_US),
    ],
)
def test_times_are_kept_or_put_at_the_receipt(timestamp: Any, ts_us: int) -> None:
    assert one(log(timestamp=timestamp))["ts"] == ts_us


def test_a_clock_that_is_far_off_is_corrected() -> None:
    a_day_behind = delivery(sent_at_us=RECEIVED_US - DAY_US)
    sent = log(timestamp=AT - 86400)
    assert one(sent, a_day_behind)["ts"] == RECEIVED_US - 5 * SECOND_US


def test_ids_are_made_from_the_place_in_the_spool() -> None:
    rows = rows_of(container(log(), log()))
    assert [row["item_id"] for row in rows] == [ITEM_KEY + "0" * 16, ITEM_KEY + f"{1:016x}"]
    assert rows == rows_of(container(log(), log()))


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        (log(), True),
        (log(body=""), True),
        (log(body=5), True),
        (log(attributes={"plain": "text"}), True),
        (log(attributes="none"), True),
        (log(trace_id=5, span_id={}), True),
        (log(level=30), True),
        (log(body=None), False),
        ({"level": "info"}, False),
        (None, False),
        ("text", False),
        ([], False),
    ],
)
def test_a_bad_entry_goes_alone(entry: Any, kept: bool) -> None:
    logs = process(container(log(), entry, log(body="last")), delivery())
    assert (len(logs.rows), logs.refused) == ((3, 0) if kept else (2, 1))
    assert fields(COLUMNS, logs.rows[-1])["body"] == "last"


def test_attributes_without_wrapping_are_read() -> None:
    row = one(log(attributes={"plain": "text", "count": 3, "wrapped": attribute("x")}))
    assert row["attributes"] == {"plain": "text", "wrapped": "x"}
    assert row["numbers"] == {"count": 3.0}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"[]", "invalid_log"),
        (b'{"items": {}}', "invalid_log"),
        (b'{"body": "old form"}', "invalid_log"),
    ],
)
def test_what_is_no_container_is_refused(payload: bytes, reason: str) -> None:
    with pytest.raises(InvalidPayload) as refused:
        process(payload, delivery())
    assert refused.value.reason == reason


def test_a_nan_is_mended_and_broken_text_kept() -> None:
    rows = rows_of(b'{"items": [{"body": "a\xff", "timestamp": NaN}, {"body": "nul \\u0000"}]}')
    assert [row["body"] for row in rows] == ["a�", "nul �"]


def test_a_large_container_is_not_mended() -> None:
    with pytest.raises(InvalidPayload, match="not mended"):
        process(b'{"items": [{"body": NaN}' + b" " * (1 << 20) + b"]}", delivery())


def test_more_entries_than_a_container_may_have_are_refused() -> None:
    logs = process(container(*[log()] * (MAX_ENTRIES + 3)), delivery())
    assert (len(logs.rows), logs.refused) == (MAX_ENTRIES, 3)


def test_what_is_over_a_limit_is_cut_and_said() -> None:
    many = {f"key{number}": attribute("x") for number in range(300)}
    row = one(log(body="é" * (MAX_BODY + 10), attributes=many))
    assert len(row["body"]) == MAX_BODY
    assert row["numbers"]["vedette.body.length"] == MAX_BODY + 10
    assert row["numbers"]["vedette.attributes.left_out"] == 300 - 256


@pytest.mark.parametrize(
    ("entry", "size_bytes"),
    [
        ({"body": "7 bytes"}, 7),
        ({"body": "é"}, 2),
        ({"body": "", "attributes": {"foo": attribute(12, "integer")}}, 11),
        ({"body": "", "attributes": {"foo": attribute(True, "boolean")}}, 4),
        ({"body": "", "attributes": {"foo": attribute(None)}}, 3),
        ({"body": "", "attributes": {"foo": attribute(["ab", 1, {"k": False}])}}, 15),
    ],
)
def test_bytes_are_counted_as_the_field_counts_them(entry: Any, size_bytes: int) -> None:
    assert process(container(entry), delivery()).size_bytes == size_bytes


def test_a_user_has_a_name_to_search_for_also_with_a_username_alone() -> None:
    row = one(log(attributes={"user.username": attribute("ada")}))
    assert (row["attributes"]["user.name"], row["user"]) == ("ada", "username:ada")


def test_traces_are_told_with_their_times() -> None:
    first, last = RECEIVED_US - 5 * SECOND_US, RECEIVED_US - 2 * SECOND_US
    entries = [log(trace_id=TRACE), log(trace_id=TRACE, timestamp=AT + 3), log()]
    assert process(container(*entries), delivery()).traces == {TRACE: (first, last)}


@pytest.mark.parametrize(
    ("settings", "attributes", "expected"),
    [
        ({}, {"user.ip_address": attribute("{{auto}}")}, "203.0.113.9"),
        ({"infer_ip": "auto"}, {}, "203.0.113.9"),
        ({"infer_ip": "never"}, {"user.ip_address": attribute("{{auto}}")}, None),
        ({}, {}, None),
    ],
)
def test_the_address_is_the_connections_where_that_is_asked(
    settings: Row, attributes: Row, expected: str | None
) -> None:
    row = one(log(attributes=attributes), ingest_settings=settings)
    assert row["attributes"].get("user.ip_address") == expected
    assert row["user"] == (f"ip:{expected}" if expected else "")


@pytest.mark.parametrize(
    ("settings", "attributes", "browser"),
    [
        ({"infer_user_agent": "auto"}, {}, "Firefox"),
        ({"infer_user_agent": "auto"}, {"browser.name": attribute("Safari")}, "Safari"),
        ({"infer_user_agent": "never"}, {}, None),
        ({}, {}, None),
    ],
)
def test_the_browser_is_the_connections_where_that_is_asked(
    settings: Row, attributes: Row, browser: str | None
) -> None:
    row = one(log(attributes=attributes), ingest_settings=settings)
    assert row["attributes"].get("browser.name") == browser


def test_a_project_that_keeps_no_addresses_keeps_none() -> None:
    row = one(log(attributes={"user.ip_address": attribute("198.51.100.1")}), delivery(store_ips=False))
    assert row["attributes"] == {}


def test_secrets_are_taken_out_of_body_attributes_and_template() -> None:
    attributes = {
        "password": attribute("hunter2"),
        "sentry.message.template": attribute("card 4111 1111 1111 1111"),
        "fine": attribute("x"),
    }
    rows = rows_of(container(log(body="token=abcdefgh", attributes=attributes), log()))
    assert rows[0]["body"] == "token=[Filtered]"
    assert rows[0]["attributes"] == {"password": "[Filtered]", "fine": "x"}
    assert "4111" not in rows[0]["template"]
    assert rows[1]["body"] == "hello"


def test_rules_with_selectors_reach_logs() -> None:
    rules = json.dumps([{"type": "anything", "method": "remove", "source": "$log.attributes.'customer'"}])
    settings = ScrubSettings(relay_pii_config=rules)
    row = one(
        log(attributes={"customer": attribute("ada"), "x": attribute("y")}), delivery(settings=settings)
    )
    assert row["attributes"] == {"x": "y"}


def test_a_container_nested_past_reading_is_refused() -> None:
    with pytest.raises(InvalidPayload, match="recursion"):
        process(b'{"items": [' + b"[" * 5000 + b"]" * 5000 + b"]}", delivery())


def test_the_envelopes_sdk_stands_in_for_the_entrys() -> None:
    row = one(log(), delivery(sdk=b'{"name": "sentry.go", "version": "1.2"}'))
    assert (row["sdk_name"], row["sdk_version"]) == ("sentry.go", "1.2")


@pytest.mark.parametrize("depth", [10, 300, 450])
def test_an_attribute_nested_deep_leaves_its_neighbours(depth: int) -> None:
    deep = b'{"body": "x", "attributes": {"a": {"value": ' + b"[" * depth + b"]" * depth + b"}}}"
    logs = process(b'{"items": [' + deep + b', {"body": "kept"}]}', delivery())
    assert [fields(COLUMNS, row)["body"] for row in logs.rows][-1] == "kept"
    assert len(logs.rows) + logs.refused == 2


def test_a_long_attribute_is_scrubbed_before_it_is_cut() -> None:
    text = '{"filter": {"password": {"$eq": "hunter2"}}, "pad": "' + "x" * 9000 + '"}'
    kept = one(log(attributes={"query": attribute(text)}))["attributes"]["query"]
    assert kept.startswith('{"filter":{"password":"[Filtered]"},"pad":"xx')
    assert len(kept) == 8192

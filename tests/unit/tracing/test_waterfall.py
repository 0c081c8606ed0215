"""What the page of a waterfall reads: columns by start, each span and each text once."""

from vedette.storage.telemetry.blocks import Columns, decode_blocks
from vedette.storage.telemetry.native import encode_block
from vedette.tracing.waterfall import NUMBERS, TEXTS, waterfall

_TYPES = [(name, "UInt64") for name in NUMBERS] + [(name, "LowCardinality(String)") for name in TEXTS]


def spans(*rows: dict[str, object]) -> Columns:
    empty: dict[str, object] = {**dict.fromkeys(NUMBERS, 0), **dict.fromkeys(TEXTS, ""), "project_id": 7}
    columns = [[(empty | row)[name] for row in rows] for name, _ in _TYPES]
    return decode_blocks(b"".join(encode_block(_TYPES, columns)))


def test_spans_come_by_start_the_longer_first_and_time_counts_from_the_one_before():
    found = spans(
        {"span_id": 3, "ts": 1_500_000, "duration_us": 1},
        {"span_id": 2, "ts": 1_500_000, "duration_us": 9},
        {"span_id": 1, "ts": 1_000_000, "duration_us": 700_000, "is_segment": 1},
    )
    sent = waterfall(found, {7: "api"})
    assert sent["ids"] == f"{1:016x}{2:016x}{3:016x}"
    assert (sent["start"], sent["start_us"], sent["duration_us"]) == (1.0, [0, 500_000, 0], [700_000, 9, 1])
    assert (sent["segments"], sent["project"]) == ([0], {"texts": ["api"], "codes": [0, 0, 0]})


def test_spans_that_begin_together_and_take_as_long_come_by_their_ids_wherever_they_lie():
    ids = (5, 9, 4, 8, 1)
    starts = (30, 20, 20, 30, 20)
    rows: list[dict[str, object]] = [{"span_id": one, "ts": at} for one, at in zip(ids, starts, strict=True)]
    assert waterfall(spans(*rows), {7: "api"})["ids"] == "".join(f"{one:016x}" for one in (1, 4, 9, 5, 8))


def test_a_parent_is_told_by_its_place_also_one_that_is_not_here():
    found = spans(
        {"span_id": 1, "ts": 1},
        {"span_id": 2, "ts": 2, "parent_span_id": 1},
        {"span_id": 3, "ts": 3, "parent_span_id": 99},
        {"span_id": 4, "ts": 4, "parent_span_id": 99},
    )
    sent = waterfall(found, {7: "api"})
    assert sent["parent"] == [-1, 0, 4, 4]
    assert sent["ids"][4 * 16 :] == f"{99:016x}"


def test_a_text_is_sent_once_and_one_of_no_span_never():
    found = spans(
        {"span_id": 1, "op": "old"},
        {"span_id": 1, "op": "db"},
        {"span_id": 2, "op": "db"},
        {"span_id": 3, "op": "cache"},
    )
    sent = waterfall(found, {7: "api"})
    assert sent["op"] == {"texts": ["db", "cache"], "codes": [0, 0, 1]}


def test_of_no_spans_all_columns_are_empty():
    sent = waterfall(Columns(), {})
    assert (sent["ids"], sent["parent"], sent["start_us"], sent["start"]) == ("", [], [], 0)
    assert sent["op"] == {"texts": [], "codes": []}

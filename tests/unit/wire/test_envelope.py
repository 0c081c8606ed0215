"""Envelope framing: every row of the format's table, whole and in pieces."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import tries
from vedette.wire.envelope import EnvelopeError, parse_envelope, scan_envelope, scan_pieces
from vedette.wire.items import KIB, MIB
from vedette.wire.limits import Limits, TooLarge

BODIES = Path(__file__).parents[3] / "bench" / "bodies"
LIMITS = Limits()
ID = "9ec79c33ec9942ab8353589fcb2e04dc"


def items(body: bytes) -> list[tuple[str, bytes]]:
    return [(item.type, item.payload) for item in parse_envelope(body, LIMITS).items]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{}\n{"type":"event","length":2}\n{}\n', [("event", b"{}")]),
        (b'{}\n{"type":"event","length":2}\n{}', [("event", b"{}")]),
        (b'{}\n{"type":"event"}\n{"a":1}\n', [("event", b'{"a":1}')]),
        (b'{}\n{"type":"event"}\n{"a":1}', [("event", b'{"a":1}')]),
        (b'{}\r\n{"type":"event","length":2}\r\n{}\n', [("event", b"{}")]),
        (b'{}\r\n{"type":"event"}\r\n{}\r\n', [("event", b"{}\r")]),
        (b'{}\n{"type":"attachment","length":0}\n\n', [("attachment", b"")]),
        (b'{}\n{"type":"attachment","length":0}\n', [("attachment", b"")]),
        (b'{}\n{"type":"attachment","length":0}', [("attachment", b"")]),
        (b'{}\n{"type":"attachment"}', [("attachment", b"")]),
        (b'{}\n{"type":"attachment","length":4}\na\nb\n\n', [("attachment", b"a\nb\n")]),
        (b'{}\n{"type":"attachment","length":3}\n\x00\xff\xfe\n', [("attachment", b"\x00\xff\xfe")]),
        (b"{}", []),
        (b"{}\n", []),
        (b"{}\n\n", []),
        (b'{}\n{"type":"event","length":2}\n{}\n\n', [("event", b"{}")]),
        (
            b'{}\n{"type":"brand_new","length":1}\nx\n{"type":"event"}\n{}',
            [("brand_new", b"x"), ("event", b"{}")],
        ),
        (b'{}\n{"item_count":1,"type":"log","length":2,"content_type":"x"}\n{}', [("log", b"{}")]),
        (b'{}\n{"type":"event","length":null}\n{}', [("event", b"{}")]),
        (b'{}\n{"type":"event","filename":5,"item_count":"x","length":2}\n{}', [("event", b"{}")]),
    ],
)
def test_an_envelope_is_cut_into_its_items(body: bytes, found: list[tuple[str, bytes]]) -> None:
    assert items(body) == found


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"nonsense",
        b"[]\n",
        b'"x"\n',
        b"\xff\xfe\n",
        b'{}\n{"type":"event","length":1}\n{}\n',
        b'{}\n{"type":"event","length":10}\n{}',
        b'{}\n{"type":"event","length":2}',
        b'{}\n{"type":"event","length":-1}\n{}',
        b'{}\n{"type":"event","length":"2"}\n{}',
        b'{}\n{"type":"event","length":2.5}\n{}',
        b'{}\n{"length":2}\n{}',
        b'{}\n{"type":5}\n{}',
        b"{}\n[]\n{}",
        b"{}\nnonsense\n{}",
        b'{}\n{"type":"event"}\n{}\n\n\n{"type":"event"}\n{}',
        b'{}\n\n{"type":"event"}\n{}',
        b'{}\n{"type":"event"}\n{}\n\n\n',
        b'{}\n{"type":"integration"}\n{}',
        b'{"event_id":"xyz"}\n',
        b'{"event_id":5}\n',
        b'{"a":' + b"[" * 50_000 + b"\n",
    ],
)
def test_what_is_no_envelope_is_refused(body: bytes) -> None:
    with pytest.raises(EnvelopeError, match=r"\(byte \d+\)"):
        parse_envelope(body, LIMITS)


def test_an_error_says_at_which_byte() -> None:
    with pytest.raises(EnvelopeError) as caught:
        parse_envelope(b'{}\n{"type":"event","length":1}\n{}\n', LIMITS)
    assert caught.value.offset == 32


@pytest.mark.parametrize("text", [ID, ID.upper(), "9ec79c33-ec99-42ab-8353-589fcb2e04dc"])
def test_an_event_id_is_written_without_dashes_in_lower_case(text: str) -> None:
    assert scan_envelope(json.dumps({"event_id": text}).encode(), LIMITS).event_id == ID


def test_header_fields_are_kept_as_sent() -> None:
    header = scan_envelope(
        b'{"dsn":"https://k@h/1","sent_at":"2026-01-01T00:00:00Z","trace":{"a":1},"x":[]}', LIMITS
    ).header
    assert (header.event_id, header.dsn, header.sent_at) == (None, "https://k@h/1", "2026-01-01T00:00:00Z")
    assert bytes(header.trace) == b'{"a":1}'


def test_a_header_field_of_a_wrong_type_counts_as_absent() -> None:
    header = scan_envelope(b'{"dsn":5,"sent_at":null,"event_id":null}', LIMITS).header
    assert (header.event_id, header.dsn, header.sent_at) == (None, "", "")


@pytest.mark.parametrize(
    ("types", "repeated"),
    [
        (["event", "event"], [False, True]),
        (["event", "transaction"], [False, True]),
        (["profile", "transaction", "attachment", "attachment"], [False] * 4),
        (["session", "sessions", "session"], [False] * 3),
        (["replay_event", "replay_recording"], [False] * 2),
        (["client_report", "client_report"], [False] * 2),
        (["future", "future"], [False] * 2),
        (["check_in", "check_in"], [False, True]),
    ],
)
def test_of_a_doubled_singleton_the_first_is_kept(types: list[str], repeated: list[bool]) -> None:
    body = b"{}\n" + b"".join(f'{{"type":"{name}"}}\n{{}}\n'.encode() for name in types)
    assert [item.is_repeated for item in parse_envelope(body, LIMITS).items] == repeated


def item(item_type: str, size: int, **more: object) -> bytes:
    return json.dumps({"type": item_type, "length": size, **more}).encode() + b"\n" + b"x" * size + b"\n"


V2 = "application/vnd.sentry.items.span.v2+json"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (item("event", MIB), ""),
        (item("event", MIB + 1), "event"),
        (b'{"type":"event"}\n' + b"x" * (MIB + 1), "event"),
        (b'{"type":"event","length":99999999999}\n', "event"),
        (item("transaction", MIB + 1), "transaction"),
        (item("client_report", 60 * KIB) * 2, "client_report"),
        (item("client_report", 50 * KIB) * 2, ""),
        (item("check_in", 100 * KIB + 1), "check_in"),
        (item("session", 1) * 100, ""),
        (item("session", 1) * 50 + item("sessions", 1) * 51, "sessions"),
        (item("attachment", 1) * 30, ""),
        (item("attachment", 1) * 31, "attachment"),
        (item("span", 1) * 26, "span"),
        (item("span", 3 * MIB, content_type=V2, item_count=1000), ""),
        (item("span", 12 * MIB + 1, content_type=V2, item_count=1000), "span"),
        (item("log", 3 * MIB, item_count=1), "log"),
        (item("log", 3 * MIB, item_count=2), ""),
        (item("future", 1) * 1000, ""),
        (item("future", 1) * 1001, "envelope"),
        (item("event", 1) * 10_000, "envelope"),
        (b"[" * 70_000, "envelope"),
    ],
)
def test_past_a_limit_the_whole_envelope_is_refused(body: bytes, what: str) -> None:
    if not what:
        parse_envelope(b"{}\n" + body, LIMITS)
        return
    with pytest.raises(TooLarge) as caught:
        parse_envelope(b"{}\n" + body, LIMITS)
    assert caught.value.what == what


def test_the_envelope_as_a_whole_has_a_limit() -> None:
    with pytest.raises(TooLarge, match="envelope is over 100 bytes"):
        parse_envelope(b"{}\n" + item("future", 100), Limits(envelope_bytes=100))


def test_headers_have_a_limit_together() -> None:
    head = b'{"type":"future","filename":"' + b"x" * 60_000 + b'"}\n\n'
    assert len(parse_envelope(b"{}\n" + head * 17, LIMITS).items) == 17
    with pytest.raises(TooLarge, match="headers are over 1048576 bytes together"):
        parse_envelope(b"{}\n" + head * 18, LIMITS)


@pytest.mark.parametrize("path", sorted(BODIES.glob("*.envelope")), ids=lambda path: path.stem)
def test_what_sdks_sent_is_read_whole_and_in_pieces(path: Path) -> None:
    body = path.read_bytes()
    scan = scan_envelope(body, LIMITS)
    assert len(scan.items) == 1
    assert (scan.event_id is not None) == (b'"event_id"' in body.partition(b"\n")[0])
    for size in (1, 13, 1000):
        pieces = (body[start : start + size] for start in range(0, len(body), size))
        assert scan_pieces(pieces, LIMITS) == scan


_FRAGMENTS = st.sampled_from(
    [
        b"{}",
        b"\n",
        b"\r\n",
        b'{"type":"event"}',
        b'{"type":"attachment","length":3}',
        b"abc",
        b'{"a":1}',
        b"\xff",
        b"",
    ]
)


@tries(300)
@given(st.lists(_FRAGMENTS, max_size=12), st.integers(1, 7))
def test_pieces_make_no_difference(fragments: list[bytes], size: int) -> None:
    body = b"".join(fragments)

    def outcome(pieces: list[bytes]) -> object:
        try:
            return scan_pieces(pieces, LIMITS)
        except (EnvelopeError, TooLarge) as error:
            return type(error)

    assert outcome([body]) == outcome([body[at : at + size] for at in range(0, len(body), size)])
    assert outcome([body]) == whole(body)


def whole(body: bytes) -> object:
    try:
        return scan_envelope(body, LIMITS)
    except (EnvelopeError, TooLarge) as error:
        return type(error)


@pytest.mark.parametrize(
    "head",
    [
        b'{"type":"event"}', b'{"type":"event","length":4}', b'{"type":"event","length":3}', b'{"type":"event","length":0}',
        b'{"type":"event","length":-1}', b'{"type":"event","length":5}', b'{"type":"integration"}', b'{"length":4}', b'{"type":7}', b"",
        b'{"type":"client_report","length":4}', b'{"type":"log","item_count":9,"length":"x"}', b'{"type":"new"}', b"[]",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "payload", [b"abcd", b"abcd\n", b"abcd\n\n", b"", b"ab\nd", b'abcd\n{"type":"log"}\n{}', b"a" * 200_000]
)
@pytest.mark.parametrize(
    "first", [b"{}", b"", b'{"event_id":"x"}', b'{"event_id":"' + b"A" * 32 + b'"}', b'{"sent_at":[]}', b"x"]
)
def test_a_single_item_is_read_as_in_pieces(first: bytes, head: bytes, payload: bytes) -> None:
    body = b"\n".join((first, head, payload))
    try:
        expected: object = scan_pieces([body], LIMITS)
    except (EnvelopeError, TooLarge) as error:
        expected = type(error)
    assert whole(body) == expected

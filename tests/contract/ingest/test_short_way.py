"""The short way of an envelope: taken by what is plain, and never to be told from the long one."""

import contextlib
import gzip
import re
import socket
import time
import tracemalloc
from pathlib import Path

import msgspec
import pytest
import zstandard

from tests.support.ingest import KEY, OTHER, REVOKED, IngestServer, Response, chunked, request
from vedette.receive.heads import MOST_HEADS, KnownHead, KnownHeads, read_head
from vedette.receive.paths import Route
from vedette.receive.protocol import IngestProtocol
from vedette.receive.request import Said
from vedette.spool.appender import Payload
from vedette.spool.record import Position, SpoolRecord
from vedette.wire.rate_limits import RateLimit

BODIES = Path(__file__).parents[3] / "bench" / "bodies"
PATH = f"/api/7/envelope/?sentry_key={KEY}"
ID = "9ec79c33ec9942ab8353589fcb2e04dc"
EVENT = b'{"event_id":"%s"}\n{"type":"event","length":2}\n{}\n' % ID.encode()
REPORT = b'{}\n{"type":"client_report"}\n{"discarded_events":[]}\n'
TUNNELLED = b'{"dsn":"https://%s@example.com/7"}\n{"type":"session"}\n{}\n' % KEY.encode()
HEADER = {
    "X-Sentry-Auth": f"Sentry sentry_key={KEY}, sentry_client=sentry.python/2.75.0",
    "User-Agent": "u/1",
}


@pytest.fixture
def short(server: IngestServer, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each envelope that tried it went the short way."""
    went: list[bool] = []
    take = server.app.take

    def counted(*arguments: object) -> bool:
        went.append(take(*arguments))  # type: ignore[arg-type]  # as given by the protocol
        return went[-1]

    monkeypatch.setattr(server.app, "take", counted)
    return went


def go_the_long_way(server: IngestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def no(scope: object) -> bool:
        del scope
        return False

    monkeypatch.setattr(server.app, "is_envelope", no)


@pytest.fixture
def recalled(server: IngestServer, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The heads that were not parsed again, one a message."""
    heads: list[object] = []
    recall = IngestProtocol._recall  # pyright: ignore[reportPrivateUsage] # nothing else tells the two ways apart

    def counted(protocol: IngestProtocol, data: bytes) -> object:
        head = recall(protocol, data)
        heads.extend([] if head is None else [head])
        return head

    monkeypatch.setattr(IngestProtocol, "_recall", counted)
    return heads


def kept_open(path: str, body: bytes, **headers: str) -> bytes:
    return request(path, body, headers=headers).replace(b"Connection: close\r\n", b"")


def exchange(server: IngestServer, *pieces: bytes, answers: int) -> list[bytes]:
    """So many whole answers to pieces sent a moment apart over one connection, without their dates."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        data = b""
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.05)
        while data.count(b"HTTP/1.1 ") < answers or not data.endswith(b"}"):
            more = connection.recv(65_536)
            assert more, data
            data += more
    return [re.sub(rb"date: [^\r]*\r\n", b"", part) for part in data.split(b"HTTP/1.1 ")[1:]]


def told(answer: Response) -> tuple[int, dict[str, str], bytes]:
    """What of an answer does not depend on the clock."""
    return (
        answer.status,
        {name: value for name, value in answer.headers.items() if name != "date"},
        answer.body,
    )


def kept(server: IngestServer) -> list[SpoolRecord]:
    return [msgspec.structs.replace(one, received_at_us=0) for one in server.records()]


PLAIN = [
    request(PATH, EVENT),
    request(PATH, gzip.compress(EVENT), headers={"Content-Encoding": "gzip"}),
    request(PATH, zstandard.compress(EVENT), headers={"Content-Encoding": "zstd"}),
    request(PATH, REPORT),
    request("/api/7/envelope", EVENT, headers=HEADER),
    request("/api/7/envelope/", TUNNELLED, headers={**HEADER, "Origin": "https://shop.example.com"}),
    request(
        PATH,
        b'{}\n{"type":"log","item_count":2,"length":2}\n{}\n' + REPORT[3:],
        headers={"Referer": "http://r/"},
    ),
    request(PATH, EVENT, headers={"Connection": "keep-alive, close"}),
    *(request(PATH, path.read_bytes()) for path in sorted(BODIES.glob("js_*.envelope"))),
]


@pytest.mark.parametrize("data", PLAIN, ids=[str(number) for number in range(len(PLAIN))])
def test_both_ways_give_the_same_answer_and_the_same_record(
    server: IngestServer, short: list[bool], monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    answer, records, statuses = told(server.send(data)), kept(server), server.app.statuses.copy()
    assert short == [True]
    go_the_long_way(server, monkeypatch)
    assert (told(server.send(data)), kept(server)) == (answer, records)
    assert len(short) == 1
    assert server.app.statuses[200] == statuses[200] + 1
    assert records


def limited(server: IngestServer) -> None:
    server.keys.active_limits = (RateLimit(60, ("transaction",), "key", "quota"),)


def without_keys(server: IngestServer) -> None:
    server.keys.is_available = False


def as_it_is(server: IngestServer) -> None:
    del server


@pytest.mark.parametrize(
    ("data", "status", "prepare"),
    [
        (request("/api/7/envelope/", EVENT), 401, as_it_is),
        (request(f"/api/7/envelope/?sentry_key={REVOKED}", EVENT), 403, as_it_is),
        (request(f"/api/7/envelope/?sentry_key={OTHER}", EVENT), 403, as_it_is),
        (
            request("/api/7/envelope/", TUNNELLED.replace(KEY.encode(), OTHER.encode()), headers=HEADER),
            401,
            as_it_is,
        ),
        (request(PATH, gzip.compress(EVENT)[:-3], headers={"Content-Encoding": "gzip"}), 400, as_it_is),
        (request(PATH, EVENT, headers={"Content-Encoding": "rot13"}), 415, as_it_is),
        (request(PATH, EVENT[:-4]), 400, as_it_is),
        (request(PATH, b"{}\n"), 200, as_it_is),
        (request(PATH, EVENT), 200, limited),
        (request(PATH, EVENT), 503, without_keys),
    ],
)
def test_what_is_not_plain_goes_the_long_way(
    server: IngestServer, short: list[bool], data: bytes, status: int, prepare: object
) -> None:
    assert callable(prepare)
    prepare(server)
    assert server.send(data).status == status
    assert short == [False]


@pytest.mark.parametrize(
    "data",
    [
        request(PATH, EVENT[:-1] + b"\n" * 2, method="PUT"),
        chunked(PATH, [EVENT]),
        request(PATH, b'{}\n{"type":"attachment","length":65536}\n' + bytes(65_536)),
        request(PATH, EVENT, headers={"Expect": "100-continue"}),
    ],
    ids=["put", "chunked", "large", "expect"],
)
def test_what_has_to_be_waited_for_does_not_try(server: IngestServer, short: list[bool], data: bytes) -> None:
    server.send(data)
    assert short == []


def test_requests_in_one_piece_are_answered_in_their_order(server: IngestServer, short: list[bool]) -> None:
    keep_open = [
        request(PATH, EVENT.replace(ID.encode(), number.encode() * 32)).replace(b"Connection: close\r\n", b"")
        for number in "abc"
    ]
    refused = request("/api/7/envelope/", EVENT).replace(b"Connection: close\r\n", b"")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(keep_open[0] + refused + keep_open[1] + request(PATH, REPORT) + keep_open[2])
        data = b""
        while more := connection.recv(65_536):  # the fourth closes: the fifth is not answered
            data += more
    answers = [part[:3] for part in data.split(b"HTTP/1.1 ")[1:]]
    assert answers == [b"200", b"401", b"200", b"200"]
    assert data.index(b"a" * 32) < data.index(b"no credentials") < data.index(b"b" * 32) < data.index(b"{}")
    assert short[:4] == [True, False, True, True]


def test_a_client_that_hangs_up_early_leaves_nothing_and_harms_nobody(
    server: IngestServer, short: list[bool]
) -> None:
    data = request(PATH, EVENT)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(data[:-10])
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(data)  # and does not wait for its answer
    assert server.send(data).status == 200
    assert all(short)
    assert {record.event_id for record in server.records()} == {ID}


def test_a_disk_that_refuses_is_told_as_on_the_long_way(
    server: IngestServer, short: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(payloads: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(server.writer._appenders[0], "append", refuse)  # pyright: ignore[reportPrivateUsage] # a full disk
    answer = server.send(request(PATH, EVENT))
    assert (answer.status, answer.detail) == (429, "overloaded: try again later")
    assert short == [True]
    monkeypatch.undo()
    deadline = time.monotonic() + 10
    while server.send(request(PATH, EVENT)).status == 429:  # it is asked again after a second
        assert time.monotonic() < deadline


def test_a_bug_on_the_short_way_is_not_the_clients(
    server: IngestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise RuntimeError("broken")

    monkeypatch.setattr(server.app._short_way, "take", broken)  # pyright: ignore[reportPrivateUsage] # a bug of ours
    assert server.send(request(PATH, EVENT)).status == 200


def test_a_head_that_was_taken_is_not_parsed_again(
    server: IngestServer, recalled: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kept_open(PATH, EVENT, **{"User-Agent": "known/1", "Origin": "https://shop.example.com"})
    other = kept_open(PATH, REPORT, **{"User-Agent": "known/1", "Origin": "https://shop.example.com"})
    answers = exchange(server, first, first, other, answers=3)
    records = kept(server)
    assert len(recalled) == 2
    go_the_long_way(server, monkeypatch)
    server.app.heads = KnownHeads()
    assert (exchange(server, first, first, other, answers=3), kept(server)) == (answers, records)
    assert len(recalled) == 2


def test_a_known_head_may_come_in_pieces_and_with_others(
    server: IngestServer, recalled: list[object]
) -> None:
    message = kept_open(PATH, EVENT, **{"User-Agent": "known/2"})
    refused = kept_open("/api/7/envelope/", EVENT, **{"User-Agent": "known/2"})
    server.send(message.replace(b"Host", b"Connection: keep-alive\r\nHost"))  # close has another head
    exchange(server, message, answers=1)
    cut = message.index(b"\r\n\r\n") + 20
    pieces = (message[:cut], message[cut:], message[:9], message[9:], message, message + refused)
    assert [answer[:3] for answer in exchange(server, *pieces, message, answers=6)] == [
        *(b"200",) * 4,
        b"401",
        b"200",
    ]
    assert len(recalled) == 4  # all but the one whose head was cut, which is parsed; refused ones always are
    assert len(kept(server)) == 7


def test_what_a_known_head_brings_is_judged_anew(server: IngestServer, recalled: list[object]) -> None:
    message = kept_open(PATH, EVENT, **{"User-Agent": "known/3"})
    exchange(server, message, answers=1)
    empty = kept_open(PATH, b"", **{"User-Agent": "known/3"})
    broken = kept_open(PATH, b"{", **{"User-Agent": "known/3"})
    assert [one[:3] for one in exchange(server, broken, message, empty, answers=3)] == [
        b"400",
        b"200",
        b"400",
    ]
    server.keys.is_available = False
    assert exchange(server, message, answers=1)[0].startswith(b"503")
    assert len(recalled) == 4
    assert len(kept(server)) == 2


def test_a_disk_that_refuses_a_known_head_is_told_as_ever(
    server: IngestServer, recalled: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = kept_open(PATH, EVENT, **{"User-Agent": "known/4"})
    exchange(server, message, answers=1)

    def refuse(payloads: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(server.writer._appenders[0], "append", refuse)  # pyright: ignore[reportPrivateUsage] # a full disk
    assert exchange(server, message, answers=1)[0].startswith(b"429")
    assert len(recalled) == 1
    monkeypatch.undo()
    deadline = time.monotonic() + 10
    while server.send(request(PATH, EVENT)).status == 429:  # it is asked again after a second
        assert time.monotonic() < deadline


def test_a_stopping_server_answers_a_known_head_and_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = IngestServer(tmp_path)
    message = kept_open(PATH, EVENT)
    exchange(server, message, answers=1)
    appender = server.writer._appenders[0]  # pyright: ignore[reportPrivateUsage] # a slow disk
    append = appender.append

    def slow(payloads: list[Payload]) -> list[Position]:
        time.sleep(0.8)
        return append(payloads)

    monkeypatch.setattr(appender, "append", slow)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(message)
        time.sleep(0.2)
        server.begin_stop()
        data = b""
        while more := connection.recv(65_536):
            data += more
    server.stop()
    assert data.startswith(b"HTTP/1.1 200 OK")
    assert b"connection: close" in data


def test_a_key_revoked_meanwhile_stops_on_an_open_connection(
    server: IngestServer, recalled: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = kept_open(PATH, EVENT, **{"User-Agent": "known/5"})
    tunnelled = kept_open(PATH, TUNNELLED, **{"User-Agent": "known/5"})
    elsewhere = kept_open(PATH, TUNNELLED.replace(b"com/7", b"com/8"), **{"User-Agent": "known/5"})
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:

        def status_of(data: bytes) -> bytes:
            connection.sendall(data)
            answer = b""
            while not answer.endswith(b"}"):
                answer += connection.recv(65_536)
            return answer[9:12]

        sent = (message, message, tunnelled, elsewhere, message)
        assert [status_of(data) for data in sent] == [b"200", b"200", b"200", b"403", b"200"]
        revoked = msgspec.structs.replace(server.keys.keys[KEY], is_active=False)
        with monkeypatch.context() as meanwhile:
            meanwhile.setitem(server.keys.keys, KEY, revoked)
            assert [status_of(data) for data in (message, tunnelled)] == [b"403", b"403"]
        assert status_of(message) == b"200"
    assert len(recalled) == 7
    assert {one.project_id for one in kept(server)} == {7}


@pytest.mark.parametrize("is_slow", [False, True], ids=["whole", "while a body is waited for"])
def test_an_idle_connection_is_closed_so_long_after_its_last_message(tmp_path: Path, is_slow: bool) -> None:
    server = IngestServer(tmp_path, timeout_keep_alive_s=1)
    message = kept_open(PATH, EVENT)
    answered = 0.0
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        for number in range(3):
            connection.sendall(message[:-3])
            time.sleep(1.4 if is_slow and number else 0)
            connection.sendall(message[-3:])
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
            answered = time.monotonic()
            time.sleep(0.7 if number < 2 else 0)
        assert connection.recv(65_536) == b""
        assert 0.9 < time.monotonic() - answered < 5
    server.stop()


AGAIN = b"POST /api/7/envelope/ HTTP/1.1\r\nX-Before: a\r\nContent-Length: %b\r\nX-After: b\r\n\r\n"


def test_heads_of_many_short_lines_are_not_remembered() -> None:
    route, heads, key = Route("envelope", 7), KnownHeads(), b""
    tracemalloc.start()
    for lines in (38, 300):
        for number in range(MOST_HEADS):
            names = [b"%d-%d" % (number, line) for line in range(lines)]
            start = b"POST /api/7/envelope/?%d HTTP/1.1\r\n" % number
            key = (start + b": \r\n".join(names)).ljust(2_048, b"x")
            headers = {name: bytes([65, line % 256]) for line, name in enumerate(names)}
            heads.remember(key, KnownHead(route, headers, Said("", "", "", ""), b"", None))
        assert (heads.find(key) is None) is (lines == 300)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 15e6


@pytest.mark.parametrize("first", [b"", b"x" * 200_000])
def test_a_head_without_an_end_is_refused(server: IngestServer, first: bytes) -> None:
    """`first`: of a body, so that the head begins in a piece that is large for another reason."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        if first:
            connection.sendall(kept_open(PATH, first))
            assert connection.recv(65_536).startswith(b"HTTP/1.1 413")  # its first line is too long
        connection.sendall(b"POST /api/7/envelope/ HTTP/1.1\r\nX-Endless: ")
        with contextlib.suppress(OSError):  # it hangs up while more is sent
            for _ in range(100):
                connection.sendall(b"x" * 10_000)
                time.sleep(0.002)
        with contextlib.suppress(ConnectionResetError):
            assert b"HTTP/1.1 431" in connection.recv(65_536)
    assert server.send(request(PATH, EVENT)).status == 200


def test_a_long_head_is_read(server: IngestServer) -> None:
    long = request(PATH, EVENT, headers={"Cookie": "x" * 60_000})
    answers = exchange(
        server, kept_open(PATH, EVENT, Cookie="x" * 60_000), kept_open(PATH, EVENT) * 5, answers=6
    )
    assert [answer[:3] for answer in answers] == [b"200"] * 6
    assert server.send(long).status == 200


@pytest.mark.parametrize(
    "following",
    [
        AGAIN % b"12",
        AGAIN % b"00099" + b"body",
        AGAIN % b"99999",
        AGAIN % b"100000",
        AGAIN % b"",
        AGAIN % b"1x",
        AGAIN % b" 7",
        AGAIN.replace(b"Length: ", b"Length:") % b"7",
        AGAIN.replace(b"HTTP/1.1", b"HTTP/1.0") % b"7",
        AGAIN.replace(b"X-After: b", b"X-After: c") % b"7",
        (AGAIN % b"7")[:-1],
        (AGAIN % b"7")[:20],
        b"",
    ],
)
def test_a_head_that_comes_again_is_what_reading_it_finds(following: bytes) -> None:
    first = read_head(AGAIN % b"4711" + b"body")
    assert first is not None and first.body_bytes == 4711 and first.size_bytes == len(AGAIN % b"4711")
    again, read = first.again(following), read_head(following)
    assert again == (read if read is not None and read.key == first.key else None)

"""Where an insert's rows travel: in the request, or in memory that the engine opens."""

import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from typing import cast
from urllib.parse import parse_qs, urlsplit

import pytest

from vedette.storage.engine.bodies import ClientsRows
from vedette.storage.telemetry.connection import Address, Connections, Reply
from vedette.storage.telemetry.errors import TelemetryUnavailable
from vedette.storage.telemetry.native import Block

MANY, FEW = Block([b"a" * 1_000_000, b"b" * 1_000_000]), Block([b"few"])


class Store(ThreadingUnixStreamServer):
    """Keeps what it is given; answers as it is told."""

    daemon_threads = True

    def __init__(self, path: str) -> None:
        super().__init__(path, Handler)
        self.seen: list[tuple[str, bytes, bytes]] = []  # place, rows there, rows in the request
        self.refusing: tuple[int, int] = (0, 0)  # status and code for rows in memory
        self.hangs_up = False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def store(self) -> Store:
        return cast("Store", self.server)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        place = parse_qs(urlsplit(self.path).query).get("rows_at", [""])[0]
        self.store.seen.append((place, read(place) if place else b"", sent))
        if self.store.hangs_up:
            self.close_connection = True
            return
        status, code = self.store.refusing if place and self.store.refusing[0] else (200, 0)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("X-ClickHouse-Exception-Code", str(code))
        self.end_headers()

    def address_string(self) -> str:
        return "client"

    def log_message(self, format: str, *args: object) -> None:
        pass


def read(place: str) -> bytes:
    rows = ClientsRows(place)
    try:
        return Path(rows.path).read_bytes()
    finally:
        rows.close()


@pytest.fixture
def store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder, Store(f"{folder}/sock") as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def connections(store: Store) -> Iterator[Connections]:
    made = Connections(Address(unix=str(store.server_address)))
    yield made
    made.close()


def post(connections: Connections, rows: Block) -> Reply:
    return connections.post("/?query=INSERT", rows, timeout_s=5, repeatable=True)


def test_many_rows_are_left_in_memory_and_few_are_sent(store: Store, connections: Connections):
    for rows in (MANY, FEW, MANY):
        assert post(connections, rows).status == 200
    (first, in_memory, sent), few, (third, again, _) = store.seen
    assert in_memory == again == b"".join(MANY) and sent == b""
    assert few == ("", b"", b"few")
    assert first == third, "the memory is written anew"


def test_memory_goes_when_it_is_given_back_or_what_became_of_the_rows_is_unknown(
    store: Store, connections: Connections
):
    post(connections, MANY)
    connections.give_back()
    post(connections, MANY)
    store.hangs_up = True
    with pytest.raises(TelemetryUnavailable):
        post(connections, MANY)
    store.hangs_up = False
    post(connections, MANY)
    places = [place for place, _, _ in store.seen]
    names = [place.rpartition("/")[2] for place in places]
    assert names[0] != names[1] and names[-1] not in names[:-1]


@pytest.mark.parametrize(
    ("code", "offered"),
    [
        pytest.param(76, [True, False, True, False, True, False, False], id="it cannot open them"),
        pytest.param(115, [True, False, False, False, False], id="it does not know of such rows"),
    ],
)
def test_an_engine_that_refuses_the_memory_is_sent_the_rows_and_soon_is_not_offered_it(
    store: Store, connections: Connections, code: int, offered: list[bool]
):
    store.refusing = (409, code)
    for _ in range(4):
        assert post(connections, MANY).status == 200
    assert [bool(place) for place, _, _ in store.seen] == offered
    assert [sent == b"".join(MANY) for _, _, sent in store.seen] == [not one for one in offered]


def test_refusals_do_not_add_up_over_rows_that_are_taken(store: Store, connections: Connections):
    for refused in (True, True, False, True, True, False):
        store.refusing = (409, 76) if refused else (0, 0)
        post(connections, MANY)
    assert [bool(place) for place, _, _ in store.seen][-1]


def test_another_refusal_is_the_answer(store: Store, connections: Connections):
    store.refusing = (500, 243)
    reply = post(connections, MANY)
    assert (reply.status, reply.code, len(store.seen)) == (500, 243, 1)

"""An insert's rows in the memory of a client: found by a name, or not at all."""

import os
from pathlib import Path

import pytest

from vedette.storage.engine.bodies import ClientsRows
from vedette.storage.engine.errors import BAD_REQUEST, CANNOT_OPEN, EngineError
from vedette.storage.telemetry.native import Block
from vedette.storage.telemetry.shared_rows import SharedRows

NAME = "vedette-" + "0" * 32


def content(rows: SharedRows) -> bytes:
    opened = ClientsRows(rows.place)
    try:
        read = Path(opened.path).read_bytes()
        assert opened.size == len(read)
        return read
    finally:
        opened.close()


def test_rows_are_read_where_they_are_and_written_anew():
    rows = SharedRows()
    pieces = [bytes([number % 256]) * 700 for number in range(3000)]  # more than one system call takes
    rows.fill(Block(pieces))
    assert content(rows) == b"".join(pieces)
    rows.fill(Block([b"few"]))
    assert content(rows) == b"few"
    rows.close()


def test_rows_that_were_opened_stay_when_their_client_is_gone():
    rows = SharedRows()
    rows.fill(Block([b"stays"]))
    opened = ClientsRows(rows.place)
    rows.close()
    assert Path(opened.path).read_bytes() == b"stays"
    opened.close()


def test_what_lies_at_the_place_under_another_name_is_not_opened(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"secret")
    file, memory = os.open(tmp_path / "file", os.O_RDONLY), os.memfd_create("vedette-" + "1" * 32)
    for number in (file, memory, 999_999):
        with pytest.raises(EngineError) as refused:
            ClientsRows(f"{os.getpid()}/{number}/{NAME}")
        assert refused.value.code == CANNOT_OPEN and refused.value.status == 409
    with pytest.raises(EngineError) as refused:
        ClientsRows(f"999999999/1/{NAME}")
    assert refused.value.code == CANNOT_OPEN
    os.close(file)
    os.close(memory)


@pytest.mark.parametrize(
    "place", ["", "1/2", f"../1/{NAME}", "1/2/vedette-x", f"1/2/{NAME}/3", f"self/3/{NAME}"]
)
def test_a_place_that_reads_otherwise_is_a_bad_request(place: str):
    with pytest.raises(EngineError) as refused:
        ClientsRows(place)
    assert refused.value.code == BAD_REQUEST

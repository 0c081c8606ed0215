"""Fuzz the spool: damage segments in every way; the reader must end, and never hand out what was not written.

    .venv/bin/python fuzz/spool.py --seconds 30 [--seed 7]

Undamaged records must come back, each once and in order; the reader must stop by itself.
"""

import contextlib
import random
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "src"), str(HERE.parent)]
from fuzz._seeds import main as main_loop  # noqa: E402
from vedette.spool.disk import OsDisk, OsFile  # noqa: E402
from vedette.spool.folder import open_spool, segment_numbers, segment_path  # noqa: E402
from vedette.spool.reader import SpoolReader  # noqa: E402
from vedette.spool.record import Position, SpoolRecord  # noqa: E402
from vedette.spool.segment import HEAD_BYTES, SegmentError  # noqa: E402
from vedette.spool.space import Space  # noqa: E402
from vedette.spool.writer import SpoolWriter  # noqa: E402


class QuickFile(OsFile):
    def sync(self) -> None:
        """Not the point here, and slow."""


class QuickDisk(OsDisk):
    def create(self, path: Path) -> QuickFile:
        return QuickFile(path)


def damaged(rng: random.Random, data: bytearray, spare: int) -> int:
    """Damage behind the first `spare` bytes, in place; the offset where it begins."""
    at = rng.randrange(spare, len(data)) if len(data) > spare else len(data)
    match rng.randrange(5):
        case 0:
            del data[at:]
        case 1:
            data[at:at] = rng.randbytes(rng.randrange(1, 300))
        case 2 if at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        case 3:
            del data[at : at + rng.randrange(1, 300)]
        case _:
            data[at : at + 50] = bytes(50)
    return at


def attempt(seed: int, root: Path) -> None:
    rng = random.Random(seed)
    spool = open_spool(root / str(seed))
    space = Space(spool, clock=lambda: 0, max_bytes=1 << 40, min_free_bytes=0)
    folder = spool.writer_folder("web-0")
    written = []
    size = rng.choice([200, 2000])
    writer = SpoolWriter(folder, clock=lambda: 0, space=space, segment_bytes=size, disk=QuickDisk())
    for number in range(rng.randrange(1, 30)):
        records = [
            SpoolRecord("envelope", number, 1, body=rng.randbytes(rng.randrange(200)))
            for _ in range(rng.randrange(1, 4))
        ]
        written += zip(writer.append_now(records), records, strict=True)
    writer.close_now()

    path = segment_path(folder, rng.choice(segment_numbers(folder)))
    data = bytearray(path.read_bytes())
    begins = Position(int(path.stem), damaged(rng, data, HEAD_BYTES))
    path.write_bytes(bytes(data))
    check(folder, written, begins)


def check(folder: Path, written: list, begins: Position) -> None:
    reader = SpoolReader(folder, Position())
    found = list(reader.records())
    reader.close()
    bodies = [record.body for _, record in written]
    got = [spooled.record.body for spooled in found]
    places = iter(bodies)
    assert all(body in places for body in got), "handed out what was not written, or not in order"
    before = [record.body for position, record in written if position < begins]
    assert got[: max(0, len(before) - 1)] == before[:-1], "lost a record in front of the damage"
    later = [record.body for position, record in written if position.segment > begins.segment]
    assert not later or got[-len(later) :] == later, "lost a record of a later segment"


def attempt_here(seed: int, root: Path) -> None:
    with contextlib.suppress(SegmentError):
        attempt(seed, root)


def main() -> None:
    with tempfile.TemporaryDirectory() as root:
        main_loop(__doc__, lambda seed: attempt_here(seed, Path(root)))


if __name__ == "__main__":
    main()

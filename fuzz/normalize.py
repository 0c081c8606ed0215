"""Throws damaged and odd payloads at normalisation.

    .venv/bin/python fuzz/normalize.py [seconds]

Whatever the bytes: they become an event or are refused with `InvalidPayload`; the event is written,
read back and named; repairing canonical parts changes nothing. Prints how many rounds ran; a
surprise is printed with its payload, and ends the program.
"""

import random
import sys
import time
from pathlib import Path

import msgspec

from vedette.core.event import Event
from vedette.normalize import security
from vedette.normalize.event import InvalidPayload, Received, normalize
from vedette.normalize.parts import ALIASES, PARTS
from vedette.normalize.title import describe

BODIES = Path(__file__).parent.parent / "bench" / "bodies"
FACTS = Received(
    received_us=1_790_000_000_000_000, sent_at_us=1_789_000_000_000_000, client_ip="198.51.100.7"
)
NAMES = [
    *PARTS,
    *ALIASES,
    "values",
    "type",
    "value",
    "stacktrace",
    "frames",
    "vars",
    "data",
    "headers",
    "env",
    "unknown",
]
SCALARS: list[object] = [
    None,
    True,
    False,
    0,
    -1,
    2**70,
    1.5,
    1e300,
    "",
    "x" * 9000,
    "\x00",
    "{{auto}}",
    "a=1&b",
    '{"a":1}',
    "%s {0}",
]
NOISE = [
    b"NaN",
    b"\xff",
    b"\\ud800",
    b"\\u0000",
    b"1e999",
    b"\x00",
    b'"',
    b"\\",
    b"{",
    b"]",
    b",",
    b"null",
    b"9" * 400,
]


class Maker:
    """Random payloads from one seed."""

    def __init__(self, seed: int, bodies: list[bytes]) -> None:
        self.random = random.Random(seed)
        self.bodies = bodies

    def value(self, depth: int) -> object:
        kind = self.random.randrange(4 if depth else 2)
        if kind < 2:
            return self.random.choice(SCALARS)
        if kind == 2:
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        return {self.random.choice(NAMES): self.value(depth - 1) for _ in range(self.random.randrange(5))}

    def changed(self, value: object, depth: int = 8) -> object:
        """A real value with a few of its parts replaced."""
        if depth == 0 or self.random.random() < 0.03:
            return self.value(3)
        if isinstance(value, dict):
            return {key: self.changed(item, depth - 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.changed(item, depth - 1) for item in value]
        return value

    def payload(self) -> bytes:
        made = (
            self.value(6)
            if self.random.random() < 0.3
            else self.changed(msgspec.json.decode(self.random.choice(self.bodies)))
        )
        try:
            body = msgspec.json.encode(made)
        except OverflowError:
            body = self.random.choice(self.bodies)
        for _ in range(self.random.choice((0, 0, 1, 3))):
            at = self.random.randrange(len(body) + 1)
            body = body[:at] + self.random.choice(NOISE) + body[at + self.random.randrange(3) :]
        return body


def check(body: bytes) -> None:
    """Raises when the payload is treated otherwise than promised."""
    try:
        event = normalize(body, FACTS)
    except InvalidPayload:
        return
    stored = msgspec.json.encode(event)
    assert msgspec.json.encode(msgspec.json.decode(stored, type=Event)) == stored, "does not read back"
    repaired = msgspec.json.encode(normalize(body, FACTS, repair_all=True))
    assert msgspec.json.decode(stored) == msgspec.json.decode(repaired), "the two roads differ"
    describe(event)


def check_report(body: bytes) -> None:
    try:
        security.payloads(body, FACTS)
    except InvalidPayload:
        return


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    bodies = [
        path.read_bytes().split(b"\n")[2]
        for path in sorted(BODIES.glob("*.envelope"))
        if "deep" not in path.name
    ]
    end, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        body = Maker(rounds, bodies).payload()
        try:
            check(body)
            check_report(body)
        except Exception as error:  # whatever it is, it is the find
            print(f"seed {rounds}: {type(error).__name__}: {error}\n{body!r}")
            return 1
        rounds += 1
    print(f"{rounds} rounds, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())

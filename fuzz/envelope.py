"""Fuzz what strangers send: envelopes, content encodings, store bodies, credentials, DSNs.

    .venv/bin/python fuzz/envelope.py --seconds 30 [--seed 7]

Mutates what real SDKs sent. Each input must come out as a value or as the parser's own
error, whole and in pieces alike; anything else is printed with its seed and ends the run with 1.
"""

import base64
import gzip
import random
import sys
import zlib
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "src"), str(HERE.parent)]
import brotli  # noqa: E402
import zstandard  # noqa: E402

from fuzz._seeds import main as main_loop  # noqa: E402
from vedette.wire.auth import AuthError, read_credentials  # noqa: E402
from vedette.wire.compression import CompressionError, inflate, inflate_pieces, parse_coding  # noqa: E402
from vedette.wire.dsn import DsnError, parse_dsn  # noqa: E402
from vedette.wire.envelope import EnvelopeError, parse_envelope, scan_pieces  # noqa: E402
from vedette.wire.limits import Limits, TooLarge  # noqa: E402
from vedette.wire.origins import is_allowed, parse_origins  # noqa: E402
from vedette.wire.reports import ReportError, read_report  # noqa: E402
from vedette.wire.store import StoreError, decode_store, read_store_head  # noqa: E402

LIMITS = Limits(envelope_bytes=1 << 20)
KEY = "0123456789abcdef0123456789abcdef"
TOKENS = [
    b"\n",
    b"\r\n",
    b"{}",
    b"[",
    b"\x00",
    b"\xff\xfe",
    b'"',
    b'{"type":"event"}\n',
    b'{"type":"attachment","length":',
    b'"length":-1',
    b'"length":1e9',
    b'"length":99999999999999999999',
    b'"type":null',
    b'"event_id":"x"',
    b"NaN",
    b"-Infinity",
    b"\\u0000",
    b"[" * 2000,
    b"sentry_key=",
    b"Sentry ",
    b"://",
    b"@",
    b"%00",
]


def mutated(rng: random.Random, data: bytes) -> bytes:
    """The bytes with a few cuts, flips, repeats and inserted tokens."""
    out = bytearray(data)
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(5):
            case 0:
                del out[at : at + rng.randrange(1, 60)]
            case 1:
                out[at:at] = rng.choice(TOKENS)
            case 2:
                out[at:at] = out[at : at + rng.randrange(1, 200)]
            case 3 if out:
                out[at % len(out)] ^= 1 << rng.randrange(8)
            case _:
                del out[at:]
    return bytes(out)


def outcome(function, *errors):
    """What the function returned, or the type of its own error."""
    try:
        return function()
    except errors as error:
        return type(error)


def try_envelope(rng, data):
    def parse():
        envelope = parse_envelope(data, LIMITS)
        assert sum(len(item.payload) for item in envelope.items) <= len(data)
        return [(item.head.type, len(item.payload), item.is_repeated) for item in envelope.items]

    def scan():
        size = rng.randrange(1, 4000)
        pieces = (data[start : start + size] for start in range(0, len(data), size))
        return [(item.head.type, item.size, item.is_repeated) for item in scan_pieces(pieces, LIMITS).items]

    whole, pieces = outcome(parse, EnvelopeError, TooLarge), outcome(scan, EnvelopeError, TooLarge)
    # which of two faults is met first may depend on the pieces; that there is one may not
    assert (whole == pieces) or (isinstance(whole, type) and isinstance(pieces, type)), (whole, pieces)


COMPRESS = {
    "gzip": lambda data: gzip.compress(data, 1),
    "deflate": lambda data: zlib.compress(data, 1),
    "br": lambda data: brotli.compress(data, quality=1),
    "zstd": zstandard.compress,
}


def try_compression(rng, data):
    coding = rng.choice(list(COMPRESS))
    packed = COMPRESS[coding](data)
    assert inflate(packed, coding, 1 << 22) == data
    broken = mutated(rng, packed)
    whole = outcome(lambda: inflate(broken, coding, 1 << 22), CompressionError)
    pieces = outcome(lambda: b"".join(inflate_pieces(broken, parse_coding(coding))), CompressionError)
    if not isinstance(whole, type):
        assert whole == pieces


def try_store(rng, data):
    body = data.split(b"\n", 2)[-1]
    body = rng.choice([bytes, base64.b64encode, lambda body: base64.b64encode(zlib.compress(body, 1))])(body)
    if rng.random() < 0.5:
        body = mutated(rng, body)

    def read():
        return read_store_head(decode_store(body, "", 1 << 20))

    outcome(read, StoreError, CompressionError)


def try_text(rng, _):
    header = mutated(rng, f"Sentry sentry_key={KEY}, sentry_version=7, sentry_client=a/1".encode())
    query = mutated(rng, f"sentry_key={KEY}&sentry_version=7".encode())
    dsn = mutated(rng, f"https://{KEY}:s@[::1]:9000/prefix/42".encode()).decode("latin-1")
    names = rng.choice([(b"x-sentry-auth",), (b"authorization",), (b"x-sentry-auth", b"authorization"), ()])
    outcome(
        lambda: read_credentials(dict.fromkeys(names, header), query, dsn=rng.choice(["", dsn])), AuthError
    )
    outcome(lambda: parse_dsn(dsn), DsnError)
    is_allowed(dsn, parse_origins([dsn, "*.example.com"]))
    outcome(
        lambda: read_report(mutated(rng, b'{"discarded_events":[{"reason":"x","quantity":1}]}')), ReportError
    )


def attempt(seed, bodies):
    rng = random.Random(seed)
    data = mutated(rng, rng.choice(bodies))
    rng.choice([try_envelope, try_envelope, try_compression, try_store, try_text])(rng, data)


def main() -> None:
    bodies = [path.read_bytes() for path in sorted((HERE.parent / "bench" / "bodies").glob("*.envelope"))]
    bodies += [b'{}\n{"type":"attachment","length":3}\na\nb\n{"type":"session"}\n{}\n', b"{}"]
    main_loop(__doc__, lambda seed: attempt(seed, bodies))


if __name__ == "__main__":
    main()

"""What varies in a text, and what does not."""

import uuid
from random import Random

import pytest

from tests.unit.group.build import error, frame, grouped, raised, said
from vedette.group.v2026_11_01.parametrize import parametrize
from vedette.group.v2026_11_01.wording import canonical, captured_keys, first_lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail to bob.b+x@mail.example.com now", "mail to <email> now"),
        ("GET https://api.example.com:8443/v1/7?a=b, then", "GET <url>, then"),
        ("see (postgres://u:p@db/x)", "see (<url>)"),
        ("db-7.example.com:5432 refused", "<hostname> refused"),
        ("localhost:8080 refused", "<hostname> refused"),
        ("10.0.0.7 and 10.0.0.7:80 and 10.0.0.0/8", "<ip> and <ip> and <ip>"),
        ("fe80::1ff:fe23:4567:890a and ::1 and 2001:db8::7", "<ip> and <ip> and <ip>"),
        ("[::1]:8080", "[<ip>]:<number>"),
        ("Class::method and std::vector::at", "Class::method and std::vector::at"),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "<traceparent>"),
        ("123e4567-e89b-12d3-a456-426614174000", "<uuid>"),
        ("123E4567-E89B-12D3-A456-426614174000", "<uuid>"),
        ("sha da39a3ee5e6b4b0d3255bfef95601890afd80709", "sha <number>"),
        ("md5 d41d8cd98f00b204e9800998ecf8427e", "md5 <number>"),
        ("at 2024-01-02T03:04:05.123Z", "at <date>"),
        ("at 2024-01-02 03:04:05+02:00 exactly", "at <date> exactly"),
        ("on 2024-01-02", "on <date>"),
        ("on 01/02/2024 at 5:00 PM", "on <date> at <date>"),
        ("Tue, 15 Nov 1994 08:12:31 GMT", "<date>"),
        ("Tuesday, 15-Nov-94 08:12:31 GMT", "<date>"),
        ("15 Nov 94 08:12 EST", "<date>"),
        ("Mon Jan 02 2006 15:04:05 GMT-0700 (Mountain Standard Time)", "<date>"),
        ("Mon Jan  2 15:04:05 2006", "<date>"),
        ("at 15:04:05.999 sharp", "at <date> sharp"),
        ("20240102T030405Z", "<date>"),
        ("datetime.datetime(2024, 1, 2, 3, 4)", "<date>"),
        ("took 12ms, 1.5s, 3 seconds, 2 days", "took <duration>, <duration>, <duration>, <duration>"),
        ("wrote 10 MB of 512KiB", "wrote <size> of <size>"),
        ("version v1.2.3-beta.4 and 10.20.30", "version <version> and <version>"),
        ("0xdeadBEEF at 0x1", "<hex> at <hex>"),
        ("obj@1a2b3c4d and #<User:0x00007f8b>", "obj<hex> and #<User:<hex>>"),
        ("id 9f86d081", "id <number>"),
        ("id 3F2A91C0DD77", "id <number>"),
        ("commit a1b2c3d is bad", "commit <number> is bad"),
        ("7 of -12 and +3 are 0.5 or 1e-05", "<number> of <number> and <number> are <number> or <number>"),
        ("order-12 of c-881, SKU-2", "order-<number> of c-<number>, SKU-<number>"),
        ("line 12 column 5", "line <number> column <number>"),
        ("port 5432.", "port <number>."),
        ("utf8 h264 3rd x86 v8 ipv4", "utf8 h264 3rd x86 v8 ipv4"),
        ("user='bob smith' name=\"x\"", "user=<text> name=<text>"),
        ("ok=True off=false n=5", "ok=<bool> off=<bool> n=<number>"),
        ("a value 'BE' is kept", "a value 'BE' is kept"),
        ("got {'country': 'BE', \"n\": {\"x\": 1}} here", "got <json> here"),
        ("ids [1, 2, 3] and [\"a\", \"b\"]", "ids <list> and <list>"),
        ("WHERE id IN (1, 2, 3)", "WHERE id IN <list>"),
        ("where id in(1,2)", "where id in<list>"),
        ("/tmp/tmpab12/x.csv is gone", "<path> is gone"),
        ("/home/bob/app/x.py is gone", "<path>/app/x.py is gone"),
        ("C:\\Users\\bob\\AppData\\Local\\Temp\\x1\\y.txt is gone", "<path> is gone"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "<token>"),
        ("key ch_1NirD82eZvKYlo2CIvbtLWuY", "key <token>"),
        ("key V1StGXR8_Z5jdHi6B-myT", "key <token>"),
        ("key 01ARZ3NDEKTSV4RRFFQ69G5FAV", "key <token>"),
        ("module 'os.path' has no attribute 'com.foo'", "module 'os.path' has no attribute 'com.foo'"),
        ("foo.bar.baz() in app.main", "foo.bar.baz() in app.main"),
        ("GET /api/users/5/orders -> 500", "GET /api/users/<number>/orders -> <number>"),
        ("GET and POST differ", "GET and POST differ"),
        ("2024-01-02 10:00:00 GET /x", "<date> GET /x"),
        ("", ""),
    ],
)  # fmt: skip
def test_varying_parts_become_their_kind(text: str, expected: str) -> None:
    assert parametrize(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one", "one"),
        ("\n\n  one \n\n two\nthree", "one\ntwo"),
        ("  one\r\ntwo", "one\ntwo"),
        ("x" * 5000, "x" * 1024),
    ],
)
def test_the_first_two_lines_that_hold_something_count(text: str, expected: str) -> None:
    assert first_lines(text) == expected


def test_engines_are_reworded_for_javascript_only() -> None:
    text = "Cannot read property 'x' of undefined"
    assert canonical(text, "javascript") == "cannot read x of undefined"
    assert canonical(text, "python") == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Object captured as exception with keys: b, a", "object with keys: a, b"),
        ("'CustomEvent' captured as promise rejection with keys: a", "object with keys: a"),
        ("Non-Error promise rejection captured with keys: a, b", "object with keys: a, b"),
        (
            "Non-Error promise rejection captured with value: 17",
            "Non-Error promise rejection captured with value: <number>",
        ),
        ("the flag was captured", None),
        (None, None),
    ],
)  # fmt: skip
def test_captured_objects_are_known_by_their_keys(value: str | None, expected: str | None) -> None:
    assert captured_keys(value) == expected


VERBS = ("load", "save", "send", "pay", "ship", "scan", "sort", "merge", "parse", "close")
NOUNS = ("order", "cart", "user", "mail", "page", "file", "link", "job", "stream", "rule")
TEMPLATES = [f"{verb} {noun} {{}} failed for {{}}" for verb in VERBS for noun in NOUNS]


def _ids(random: Random) -> list[str]:
    """Ids as people write them: numbers of any length, hex of any length, UUIDs, tokens, addresses."""
    bits = random.getrandbits
    return [
        str(random.randrange(10 ** random.randrange(1, 15))),
        f"{bits(48):012x}",
        str(uuid.UUID(int=bits(128))),
        f"{bits(160):040x}",
        f"{bits(256):064x}",
    ]


@pytest.mark.thorough
def test_ten_thousand_events_of_one_template_are_one_issue() -> None:
    random = Random(7)
    found = {
        grouped(
            said(f"order {random.randrange(10**9)} of request {random.getrandbits(48):012x} failed")
        ).hashes
        for _ in range(10_000)
    }
    assert len(found) == 1


@pytest.mark.parametrize("kind", range(5), ids=["number", "hex", "uuid", "sha1", "sha256"])
def test_each_kind_of_id_always_becomes_the_same(kind: int) -> None:
    random = Random(kind)
    found = {parametrize(f"load order {_ids(random)[kind]} failed") for _ in range(5_000)}
    assert len(found) == 1, found


@pytest.mark.thorough
def test_ten_thousand_exceptions_without_a_stack_are_one_issue() -> None:
    random = Random(9)
    found = {
        grouped(
            raised(error(value=f"no row {random.getrandbits(32)} (request {random.getrandbits(48):012x})"))
        ).hashes
        for _ in range(10_000)
    }
    assert len(found) == 1


def test_a_hundred_templates_are_a_hundred_issues() -> None:
    random = Random(8)
    found = {
        grouped(said(template.format(*random.sample(_ids(random), 2)))).hashes[0]
        for template in TEMPLATES
        for _ in range(1)
    }
    assert len(found) == 100


@pytest.mark.thorough
def test_a_hundred_templates_times_a_hundred_ids_are_a_hundred_issues() -> None:
    random = Random(8)
    found = {
        grouped(said(template.format(_ids(random)[0], _ids(random)[2]))).hashes[0]
        for template in TEMPLATES
        for _ in range(100)
    }
    assert len(found) == 100


def test_stacks_outrank_noise() -> None:
    random = Random(1)
    found = {
        grouped(raised(error(frame("f", "m"), value=f"{random.random()} {random.getrandbits(48):x}"))).hashes
        for _ in range(1000)
    }
    assert len(found) == 1

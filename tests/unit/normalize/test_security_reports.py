"""Security reports of browsers (protocol: security)."""

import msgspec
import pytest

from tests.unit.normalize.build import CHROME, NOW_US, Json, plain
from vedette.errors.decode import decode_report
from vedette.normalize.event import InvalidPayload, Received
from vedette.normalize.title import describe

FACTS = Received(
    received_us=NOW_US, client_ip="198.51.100.7", user_agent=CHROME, release="web@1", environment="prod"
)
DOCUMENT = "https://shop.example.com/cart"


def old(**fields: str) -> bytes:
    return msgspec.json.encode(
        {"csp-report": {"document-uri": DOCUMENT} | {k.replace("_", "-"): v for k, v in fields.items()}}
    )


def new(**body: object) -> Json:
    return {
        "type": "csp-violation",
        "age": 1,
        "url": DOCUMENT,
        "user_agent": CHROME,
        "body": {"documentURL": DOCUMENT} | body,
    }


@pytest.mark.parametrize(
    ("report", "title", "directive", "uri"),
    [
        (
            old(violated_directive="script-src 'self'", blocked_uri="https://evil.example/x.js"),
            "Blocked 'script' from 'evil.example'",
            "script-src",
            "evil.example",
        ),
        (
            old(effective_directive="img-src", blocked_uri="https://shop.example.com/a.png"),
            "Blocked 'img' from 'self'",
            "img-src",
            "self",
        ),
        (
            old(effective_directive="img-src", blocked_uri="data"),
            "Blocked 'img' from 'data'",
            "img-src",
            "data",
        ),
        (
            old(effective_directive="style-src-elem", blocked_uri="inline"),
            "Blocked inline 'style'",
            "style-src-elem",
            "inline",
        ),
        (
            old(effective_directive="script-src", blocked_uri="eval"),
            "Blocked unsafe eval() 'script'",
            "script-src",
            "eval",
        ),
        (
            old(violated_directive="script-src 'unsafe-inline'", blocked_uri=""),
            "Blocked inline 'script'",
            "script-src",
            "self",
        ),
        (
            msgspec.json.encode([new(effectiveDirective="font-src", blockedURL="https://f.example/a")]),
            "Blocked 'font' from 'f.example'",
            "font-src",
            "f.example",
        ),
        (
            msgspec.json.encode(new(effectiveDirective="connect-src", blockedURL="wss://s.example")),
            "Blocked 'connect' from 's.example'",
            "connect-src",
            "s.example",
        ),
    ],
)
def test_a_csp_report_of_either_style_is_an_event(report: bytes, title: str, directive: str, uri: str):
    (found,) = decode_report(report, FACTS)
    names = describe(found)
    assert (found.type, found.logger, names.title) == ("csp", "csp", title)
    assert names.metadata == {"directive": directive, "uri": uri, "message": title}
    assert found.request is not None
    assert found.request.url == DOCUMENT


def test_an_event_of_a_report_knows_the_browser_the_address_and_the_release():
    (found,) = decode_report(old(effective_directive="img-src", blocked_uri="data"), FACTS)
    assert (found.release, found.environment, found.tags["browser.name"]) == ("web@1", "prod", "Chrome")
    assert found.user is not None
    assert found.user.ip_address == "198.51.100.7"


def test_a_body_of_several_reports_is_several_events_and_others_are_passed_by():
    body = msgspec.json.encode(
        [
            new(effectiveDirective="img-src", blockedURL="data"),
            {"type": "deprecation", "body": {}},
            new(effectiveDirective="font-src", blockedURL="data"),
        ]
    )
    assert [plain(found)["csp"]["effective_directive"] for found in decode_report(body, FACTS)] == [
        "img-src",
        "font-src",
    ]


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        (b'{"date-time":"x","hostname":"a.example","known-pins":["p"]}', "hpkp"),
        (b'{"expect-ct-report":{"hostname":"a.example"}}', "expectct"),
        (b'{"expect-staple-report":{"hostname":"a.example"}}', "expectstaple"),
    ],
)
def test_certificate_reports_are_events_of_their_type(report: bytes, kind: str):
    (found,) = decode_report(report, FACTS)
    assert (found.type, plain(found)[kind]["hostname"]) == (kind, "a.example")


@pytest.mark.parametrize(
    "report",
    [
        b"",
        b"{}",
        b"[]",
        b"7",
        b'{"csp-report":{}}',
        b'{"csp-report":[]}',
        b"not json",
        b"[" * 5000 + b"]" * 5000,
        b'{"a":1},{"b":2}',
    ],
)
def test_what_is_no_known_report_is_refused(report: bytes):
    with pytest.raises(InvalidPayload) as refused:
        decode_report(report, FACTS)
    assert refused.value.reason == "security_report"

"""Security reports of browsers: what joins them."""

from typing import Any

import msgspec
import pytest
from msgspec import Raw

from tests.unit.group.build import event, grouped
from vedette.core.event import Event
from vedette.group import Component, GroupingConfig, explain


def csp(**fields: str) -> Event:
    report = {name.replace("_", "-"): value for name, value in fields.items()}
    return event("javascript", type="csp", csp=Raw(msgspec.json.encode(report)))


def shown(report: Event) -> list[str]:
    tree = explain(report, GroupingConfig())[0].component
    return [str(leaf.values[0]) for leaf in tree.values if isinstance(leaf, Component)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"effective_directive": "img-src", "blocked_uri": "https://cdn.example.net/a.png?x=1"},
            ["img-src", "https://cdn.example.net"],
        ),
        ({"effective_directive": "script-src", "blocked_uri": "self"}, ["script-src", "'self'"]),
        ({"effective_directive": "script-src", "blocked_uri": ""}, ["script-src", "'self'"]),
        ({"effective_directive": "script-src-elem", "blocked_uri": "inline"}, ["script-src-elem", "inline"]),
        ({"effective_directive": "script-src", "blocked_uri": "eval"}, ["script-src", "eval"]),
        ({"effective_directive": "img-src", "blocked_uri": "data"}, ["img-src", "data:"]),
        ({"effective_directive": "img-src", "blocked_uri": "data:image/png;base64,AA"}, ["img-src", "data:"]),
        ({"effective_directive": "img-src", "blocked_uri": "blob:https://x/1"}, ["img-src", "blob:"]),
        (
            {"violated_directive": "style-src 'self' cdn.example.net", "blocked_uri": "http://a.example/x.css"},
            ["style-src", "http://a.example"],
        ),
        (
            {"effective_directive": "img-src", "blocked_uri": "https://me.example/a", "document_uri": "https://me.example/"},
            ["img-src", "'self'"],
        ),
        ({}, ["unknown", "'self'"]),
        ({"effective_directive": "img-src", "blocked_uri": "http://[bad"}, ["img-src", "http://[bad"]),
    ],
)  # fmt: skip
def test_a_csp_report_is_known_by_directive_and_what_was_blocked(
    fields: dict[str, str], expected: list[str]
) -> None:
    assert shown(csp(**fields)) == expected


def test_the_page_does_not_count() -> None:
    one = csp(
        effective_directive="img-src", blocked_uri="https://a.example/1", document_uri="https://me.example/x"
    )
    other = csp(
        effective_directive="img-src", blocked_uri="https://a.example/2", document_uri="https://me.example/y"
    )
    assert grouped(one).hashes == grouped(other).hashes


@pytest.mark.parametrize("kind", ["hpkp", "expectct", "expectstaple"])
def test_other_reports_are_known_by_their_host(kind: str) -> None:
    def report(text: dict[str, Any]) -> Event:
        fields: dict[str, Any] = {"type": kind, kind: Raw(msgspec.json.encode(text))}
        return event("javascript", **fields)

    one = report({"hostname": "a.example", "port": 443})
    assert grouped(one).hashes == grouped(report({"hostname": "A.EXAMPLE", "port": 80})).hashes
    assert grouped(one).hashes != grouped(report({"hostname": "b.example"})).hashes
    assert explain(one, GroupingConfig())[0].component.id == kind


@pytest.mark.parametrize(
    "raw", [b"[1]", b'"x"', b"7", b'{"blocked-uri": 7}', b'{"csp-report": {"effective-directive": "a"}}']
)
def test_odd_reports_are_grouped_all_the_same(raw: bytes) -> None:
    assert grouped(event(type="csp", csp=Raw(raw))).hashes

"""The grammar of fingerprint rules and what each matcher looks at."""

import pytest

from tests.unit.group.build import config, error, event, frame, grouped, raised, said, stack
from vedette.core.event import Event, Mechanism, Sdk, Thread, Threads
from vedette.group import RuleError, parse_fingerprint_rules

CRASH = raised(
    error(frame("load", "shop.db", abs_path="/srv/shop/db.py", package="/usr/lib/libdb.so"), type="KeyError"),
    error(
        frame("main", "shop.app", filename="shop/app.py"),
        frame("charge", "shop.pay", filename="shop/pay.py"),
        frame("send", "http.client", in_app=False, abs_path="/venv/http/client.py"),
        type="PaymentError",
        value="Card was declined",
        mechanism=Mechanism(type="django"),
    ),
    logger="shop.pay",
    level="fatal",
    release="shop@1.2.3",
    tags={"tenant": "Acme", "with:colon": "yes"},
    sdk=Sdk(name="sentry.python.django"),
    threads=Threads([Thread(id=7, name="worker-1", crashed=True, state="RUNNABLE")]),
)


@pytest.mark.parametrize(
    ("matchers", "holds"),
    [
        ("type:PaymentError", True),
        ("error.type:Payment*", True),
        ("type:payment*", False),  # case counts
        ("type:KeyError", True),  # any exception
        ("type:KeyError value:card*", False),  # … but the same one
        ("value:card*", True),  # case does not count
        ("error.value:*DECLINED", True),
        ('value:"card was *"', True),
        ("message:*declined*", True),
        ("error.mechanism:django", True),
        ("logger:shop.*", True),
        ("logger:Shop.*", False),
        ("level:FATAL", True),
        ("level:error", False),
        ("tags.tenant:Acme", True),
        ("tags.tenant:acme", False),
        ("tags.absent:*", False),
        ('"tags.with:colon":yes', True),
        ("path:**/pay.py", True),
        ("path:shop/pay.py", True),
        ("path:*/pay.py", True),
        ("path:*.py", False),  # one star stays within its folder
        ("path:**.py", True),
        ("path:/SRV/**", True),
        ("stack.abs_path:**/client.py", True),
        ("module:shop.pay", True),
        ("stack.module:shop.*", True),
        ("function:charge", True),
        ("function:Charge", False),
        ("package:/usr/lib/*", True),
        ("package:**/libdb.so", True),
        ("app:no", True),
        ("app:yes function:send", False),
        ("app:no function:send", True),
        ("family:other", True),
        ("family:javascript,native", False),
        ("family:all", True),
        ("platform:python,ruby", True),
        ("sdk:sentry.python.django", True),
        ("sdk:sentry.python", False),
        ("release:shop@1.*", True),
        ("thread.name:worker-*", True),
        ("thread.id:7 thread.state:runnable", True),
        ("thread.crashed:yes", True),
        ("thread.current:yes", False),
        ("module:shop.app function:charge", False),  # the same frame
        ("module:shop.pay function:charge", True),
        ("!type:PaymentError", True),  # the other exception is none
        ("!logger:shop.pay", False),
        ("!level:info !logger:web", True),
        ("[ function:main ] | function:charge", True),
        ("[ function:send ] | function:charge", False),
        ("function:charge | [ function:send app:no ]", True),
        ("[ function:main ] | function:charge | [ !function:send ]", False),
        ("type:Payment* logger:shop.* module:shop.pay", True),
    ],
)
def test_a_matcher_holds_or_not(matchers: str, holds: bool) -> None:
    found = grouped(CRASH, config(f"{matchers} -> x"))
    assert (found.matched_rule is not None) is holds


@pytest.mark.parametrize(
    ("text", "parts", "title"),
    [
        ("type:A -> x", ("x",), None),
        ("type:A -> x, y", ("x", "y"), None),
        ("type:A -> x y", ("x", "y"), None),
        ('type:A -> "x y", z', ("x y", "z"), None),
        ("type:A -> {{ default }}, {{tags.a}}", ("{{ default }}", "{{ tags.a }}"), None),
        ("type:A -> a-{{ type }}", ("a-", "{{ type }}"), None),
        ('type:A -> "a-{{ type }}"', ("a-{{ type }}",), None),
        ('type:A -> x title="T: {{ type }}"', ("x",), "T: {{ type }}"),
        ('type:A -> x, title="a \\"b\\" \\\\ c"', ("x",), 'a "b" \\ c'),
        ('  type:"A B"   ->   x  ', ("x",), None),
        ('type:"C:\\app" -> x', ("x",), None),
    ],
)
def test_a_rule_is_read(text: str, parts: tuple[str, ...], title: str | None) -> None:
    (rule,) = parse_fingerprint_rules(text)
    assert (rule.fingerprint, rule.title) == (parts, title)


def test_comments_and_blank_lines_are_left_out_and_lines_counted() -> None:
    rules = parse_fingerprint_rules("# one\n\ntype:A -> a\n   # two\nlogger:b -> b\r\n")
    assert [(r.line, r.text) for r in rules] == [(3, "type:A -> a"), (5, "logger:b -> b")]


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("type:A", 1, 7, "expected `->` and the fingerprint"),
        ("type:A->x", 1, 10, "expected `->` and the fingerprint"),  # the arrow needs its space
        ("type:A ->", 1, 10, "expected a fingerprint after `->`"),
        ("-> x", 1, 1, "expected a matcher"),
        ("\ntyp:A -> x", 2, 1, "unknown matcher `typ`"),
        ("type A -> x", 1, 5, "expected `:`"),
        ("type: -> x", 1, 6, "the pattern is empty"),
        ('type:"A -> x', 1, 6, "the quote is not closed"),
        ("type:A -> {{ default", 1, 11, "the variable is not closed"),
        ("type:A -> {{ a b }}", 1, 11, "expected a variable's name"),
        ("type:A -> x,", 1, 13, "expected another part"),
        ("type:A -> x,,y", 1, 13, "expected another part"),
        ('type:A -> x color="red"', 1, 13, "unknown attribute `color`"),
        ("app:maybe -> x", 1, 5, "expected yes or no"),
        ("family:cobol -> x", 1, 8, "family is one of"),
        ("category:ui -> x", 1, 1, "unknown matcher `category`"),
        ("[ function:a | function:b -> x", 1, 14, "expected a matcher"),
        ("[ type:A ] | function:b -> x", 1, 3, "only a frame's matchers"),
        ("[] | function:b -> x", 1, 3, "the brackets are empty"),
        ("function:b | x -> y", 1, 14, "expected `[`"),
        ("tags.:a\ntype:A -> x", 1, 8, "expected `->`"),
        ("# fine\ntype:A -> x\n!:A -> x", 3, 2, "expected a matcher"),
        ("type:A -> {x}", 1, 11, "expected a part"),
        ("type:" + "a" * 2000 + " -> x", 1, 2001, "line is 2010 characters long"),
    ],
)
def test_a_mistake_is_refused_with_its_place(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_fingerprint_rules(text)
    assert (caught.value.line, caught.value.column) == (line, column), str(caught.value)
    assert reason in caught.value.reason


def test_a_set_has_a_limit() -> None:
    with pytest.raises(RuleError, match="line 1001, column 1: more than 1000 rules"):
        parse_fingerprint_rules("type:A -> x\n" * 1001)


def test_the_first_rule_that_matches_wins() -> None:
    found = grouped(CRASH, config("type:Nope -> a\ntype:Payment* -> b\ntype:Payment* -> c"))
    assert found.fingerprint == ("b",)


@pytest.mark.parametrize(
    "sent",
    [said("Card was declined"), event(logentry=None, exception=None, stacktrace=stack(frame("f")))],
    ids=["message", "bare stack"],
)
def test_events_without_exceptions_do_not_match_exception_rules(sent: Event) -> None:
    assert grouped(sent, config("type:* -> x")).matched_rule is None

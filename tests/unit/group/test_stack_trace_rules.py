"""The grammar of stack-trace rules and what they do to frames."""

import pytest

from tests.unit.group.build import config, error, frame, raised
from vedette.core.event import Event, Mechanism
from vedette.group import Component, RuleError, explain, parse_stack_trace_rules


def crash() -> Event:
    return raised(
        error(
            frame("main", "shop.app", filename="shop/app.py"),
            frame("route", "web.router", in_app=False, filename="web/router.py"),
            frame("charge", "shop.pay", filename="shop/pay.py"),
            frame("send", "http.client", in_app=False, abs_path="/venv/http/client.py"),
            type="PaymentError",
            value="declined",
            mechanism=Mechanism(type="django"),
        ),
        release="shop@1",
    )


def counted(rules: str) -> tuple[list[str], list[str]]:
    """Functions that count in the in-app and in the all-frames variant."""
    app, system = explain(crash(), config(stacks=rules))
    if system.hint == "the same as the in-app variant":
        return _functions(app.component), _functions(app.component)
    return _functions(app.component) if app.contributes else [], _functions(system.component)


def _functions(tree: Component) -> list[str]:
    if not tree.contributes:
        return []
    if tree.id == "function":
        return [str(tree.values[0])]
    return [f for value in tree.values if isinstance(value, Component) for f in _functions(value)]


APP = ["main", "charge"]
ALL = ["main", "route", "charge", "send"]


@pytest.mark.parametrize(
    ("rules", "app", "system"),
    [
        ("", APP, ALL),
        ("function:charge -app", ["main"], ALL),
        ("function:send +app", [*APP, "send"], ALL),
        ("function:charge -group", ["main"], ["main", "route", "send"]),
        ("function:charge ^-group", APP, ["main", "route", "charge"]),
        ("function:charge ^-group -group", ["main"], ["main", "route"]),
        ("function:charge v-group", ["charge"], ["charge", "send"]),
        ("function:charge v-app", ["charge"], ALL),
        ("function:main ^+app", ALL, ALL),
        ("family:all max-frames=1", ["charge"], ["send"]),
        ("family:all max-frames=0", APP, ALL),
        ("family:all max-frames=3", APP, ["route", "charge", "send"]),
        ("family:all min-frames=3", [], ALL),
        ("family:all -app\nfunction:route +app", ["route"], ALL),  # later rules see what earlier ones did
        ("function:route +app\napp:yes -group\nfunction:send +app", ["send"], ["send"]),
        ("function:send category=net\ncategory:net +app", [*APP, "send"], ALL),
        ("category:net +app\nfunction:send category=net", APP, ALL),
        ("[ function:main ] | function:route +app", ["main", "route", "charge"], ALL),
        ("[ function:send ] | function:route +app", APP, ALL),
        ("function:route | [ function:charge ] +app", ["main", "route", "charge"], ALL),
        ("[ app:yes ] | function:send +app", [*APP, "send"], ALL),
        ("function:nothing -app", APP, ALL),
        ("error.type:Payment* function:main -app", ["charge"], ALL),
        ("type:Other function:main -app", APP, ALL),
        ("value:decl* function:main -app", ["charge"], ALL),
        ("error.mechanism:django function:main -app", ["charge"], ALL),
        ("release:shop@1 function:main -app", ["charge"], ALL),
        ("release:shop@2 function:main -app", APP, ALL),
        ("path:**/client.py +app", [*APP, "send"], ALL),
        ("module:shop.* path:shop/* -app +group", [], ALL),
        ("!module:shop.* +app", ALL, ALL),
        ("function:main   -app   -group  category=x", ["charge"], ["route", "charge", "send"]),
    ],
)
def test_rules_change_which_frames_count(rules: str, app: list[str], system: list[str]) -> None:
    assert counted(rules) == (app, system)


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("function:f", 1, 11, "expected an action"),
        ("-app", 1, 1, "expected a matcher"),
        ("function:f -apps", 1, 12, "expected a matcher"),
        ("function:f +app oops", 1, 17, "expected an action"),
        ("function:f max-frames=many", 1, 23, "max-frames is a whole number"),
        ("function:f max-frames=9999", 1, 23, "max-frames is a whole number"),
        ("function:f max-frames=", 1, 12, "expected an action"),
        ("\n\nlogger:a -app", 3, 1, "unknown matcher `logger`"),
        ("message:a -app", 1, 1, "unknown matcher `message`"),
        ("tags.a:b -app", 1, 1, "unknown matcher `tags.a`"),
        ("thread.id:1 -app", 1, 1, "unknown matcher `thread.id`"),
        ("[ function:a function:b -app", 1, 25, "expected a matcher"),
        ("function:a | [ function:b -app", 1, 27, "expected a matcher"),
        ("function:a ^^-app", 1, 12, "expected a matcher"),
    ],
)
def test_a_mistake_is_refused_with_its_place(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_stack_trace_rules(text)
    assert (caught.value.line, caught.value.column) == (line, column), str(caught.value)
    assert reason in caught.value.reason


def test_rules_do_not_leak_from_one_stack_to_the_next() -> None:
    by = config(stacks="function:charge -app")
    first, second = explain(crash(), by), explain(crash(), by)
    assert [v.hash for v in first] == [v.hash for v in second]
    assert [v.hash for v in explain(crash(), config())] != [v.hash for v in first]

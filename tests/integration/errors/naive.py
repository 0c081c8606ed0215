"""What issue search should find, worked out in the plainest way: every condition on every event."""

from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from tests.integration.errors.sample import NOW_US, PROJECTS, RELEASES, Event, Issue, Sample
from vedette.errors.conditions import TAG_COLUMNS
from vedette.errors.scope import Scope
from vedette.releases.versions import parse_version
from vedette.search.conditions import (
    Compares,
    Condition,
    Conditions,
    Contains,
    Equals,
    Exists,
    Matches,
    Truth,
    Version,
    Within,
)
from vedette.search.keys import Kind
from vedette.search.text import Text, matcher_of
from vedette.search.tree import AllOf, AnyOf

_ORDER: dict[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}


def found(sample: Sample, tree: Conditions, scope: Scope) -> dict[int, list[Event]]:
    """The matching events of each issue that has any."""
    result = {issue["id"]: _matching(issue, tree, scope) for issue in sample.issues}
    return {issue_id: events for issue_id, events in result.items() if events}


def order(sample: Sample, events: dict[int, list[Event]], sort: str, scope: Scope) -> list[int]:
    issues = {issue["id"]: issue for issue in sample.issues}
    keys = {id: _key(issues[id], some, sort, scope) for id, some in events.items()}
    return sorted(keys, key=lambda id: (keys[id], id), reverse=True)


def _key(issue: Issue, events: list[Event], sort: str, scope: Scope) -> Any:
    here = [event for event in issue["events"] if _in_environment(event, scope)]
    if sort == "date":
        return max(event["ts"] for event in events)
    if sort == "new":
        return min(event["ts"] for event in here)
    if sort == "freq":
        return len(events)
    if sort == "user":
        return len({event["user_hash"] for event in events} - {0})
    assert sort == "priority"
    return ["low", "medium", "high"].index(issue["priority"]), max(event["ts"] for event in here)


def _matching(issue: Issue, tree: Conditions, scope: Scope) -> list[Event]:
    return [
        event
        for event in issue["events"]
        if scope.from_us <= event["ts"] < scope.to_us
        and _in_environment(event, scope)
        and holds(tree, event, issue, scope)
    ]


def _in_environment(event: Event, scope: Scope) -> bool:
    return not scope.environments or event["environment"] in scope.environments


def holds(tree: Conditions, event: Event, issue: Issue, scope: Scope) -> bool:
    if isinstance(tree, AllOf):
        return all(holds(item, event, issue, scope) for item in tree.items)
    if isinstance(tree, AnyOf):
        return any(holds(item, event, issue, scope) for item in tree.items)
    kind = tree.key.kind
    one = _issue_holds(tree, issue, scope) if kind is Kind.ISSUE else _event_holds(tree, event)
    return one != tree.negated


def _event_holds(condition: Condition, event: Event) -> bool:
    key, test = condition.key, condition.test
    if key.name in ("error.handled", "error.unhandled"):
        handled = event["handled"] != 0
        if isinstance(test, Exists):
            return event["handled"] != -1
        assert isinstance(test, Truth)
        return (handled if key.name == "error.handled" else not handled) == test.value
    return any(_value_holds(value, condition) for value in _values(condition, event))


def _values(condition: Condition, event: Event) -> list[Any]:
    key = condition.key
    values: list[Any] = []
    for column in key.columns:
        value = event.get(column, [])
        values += value if isinstance(value, list) else [value]
    if key.kind is Kind.TAG:
        if key.name == "handled":
            return [{1: "yes", 0: "no"}.get(event["handled"], "")]
        column = TAG_COLUMNS.get(key.name)
        values.append(event["tags"].get(key.name, "") if column is None else event[column])
    return values


def _value_holds(value: Any, condition: Condition) -> bool:
    test = condition.test
    if (
        isinstance(test, Matches)
        and condition.key.name in ("release", "firstRelease")
        and Text(("latest",)) in test.texts
    ):
        return value == RELEASES[-1]
    if not isinstance(test, Version) and condition.key.name in _PARTS:
        value = _PARTS[condition.key.name](value)
    if isinstance(test, Version):
        one, other = parse_version(value).number, parse_version(test.version).number
        return bool(one and other and _ORDER[test.op](one.rank, other.rank))
    if isinstance(test, Exists):
        return value not in ("", [])
    if isinstance(test, Matches):
        return any(_text_holds(value, text, suffix=condition.key.suffix) for text in test.texts)
    if isinstance(test, Contains):
        return matcher_of(Text(("", *test.text.parts, "")))(value)
    return _number_holds(value, test)


def _version(value: str) -> str:
    number = parse_version(value).number
    return number.raw.split("+")[0] if number else ""


def _build(value: str) -> str:
    number = parse_version(value).number
    return (number.build or "") if number else ""


_PARTS: dict[str, Callable[[str], str]] = {
    "release.version": _version,
    "release.package": lambda value: parse_version(value).package or "",
    "release.build": _build,
}


def _text_holds(value: str, text: Text, *, suffix: bool) -> bool:
    if suffix and text.exact is not None:
        return ("/" + value.replace("\\", "/")).endswith("/" + text.exact.replace("\\", "/"))
    return matcher_of(text)(value)


def _number_holds(value: Any, test: Any) -> bool:
    if isinstance(test, Within):
        return (test.from_us or 0) <= value < (test.to_us or NOW_US + 1)
    if isinstance(test, Truth):
        if isinstance(value, int):
            return bool(value) == test.value
        return value != "" and (value.lower() in ("true", "1", "yes")) == test.value
    try:
        number = float(value)
    except ValueError:
        return False
    if isinstance(test, Equals):
        return number in test.numbers
    assert isinstance(test, Compares)
    return _ORDER[test.op](number, test.number)


def _issue_holds(condition: Condition, issue: Issue, scope: Scope) -> bool:
    name, test = condition.key.name, condition.test
    if name == "userCount":
        here = [event for event in issue["events"] if _in_environment(event, scope)]
        within = [event for event in here if scope.from_us <= event["ts"] < scope.to_us]
        return _number_holds(len({event["user_hash"] for event in within} - {0}), test)
    if name == "assigned":
        return _assigned(issue, test)
    if name == "bookmarks":
        return issue["bookmarked"] == (test == Matches((Text(("me",)),)))
    if name == "issue.for_review":
        return issue["status"] == "unresolved" and issue["substatus"] in ("new", "regressed", "escalating")
    value = _ISSUE_VALUES[name](issue)
    if isinstance(test, Matches | Exists):
        return _value_holds(value or "", condition)
    return _number_holds(value, test)


def _assigned(issue: Issue, test: Any) -> bool:
    words = {"me": 1, "bob@x.io": 2, "Ada": 1}
    if isinstance(test, Exists):
        return issue["assignee_user_id"] is not None
    assert isinstance(test, Matches)
    return any(
        issue["assignee_user_id"] is None
        if text.exact == "none"
        else words.get(text.exact or "") == issue["assignee_user_id"] is not None
        for text in test.texts
    )


_ISSUE_VALUES: dict[str, Callable[[Issue], Any]] = {
    "status": lambda issue: issue["status"],
    "substatus": lambda issue: issue["substatus"],
    "level": lambda issue: issue["level"],
    "firstSeen": lambda issue: issue["first_seen_us"],
    "lastSeen": lambda issue: issue["last_seen_us"],
    "timesSeen": lambda issue: issue["times_seen"],
    "firstRelease": lambda issue: issue["first_release"],
    "issue.priority": lambda issue: issue["priority"],
    "issue.id": lambda issue: issue["id"],
    "issue": lambda issue: f"{PROJECTS[issue['project_id']].upper()}-{issue['id']}",
    "project": lambda issue: PROJECTS[issue["project_id"]],
}

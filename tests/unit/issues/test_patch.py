"""Bodies of issue updates, as clients write them."""

from typing import Any

import pytest
from msgspec import UNSET

from vedette.core.time import MINUTE_US
from vedette.issues.details import Archive
from vedette.issues.lifecycle import State, Trigger
from vedette.issues.patch import Patch, Wish, decode_patch
from vedette.projects.errors import Invalid

NOW = 1_000_000
UNTIL = Trigger.ARCHIVE_UNTIL_CONDITION
WISHES: list[tuple[dict[str, Any], Wish | None]] = [
    ({}, None),
    ({"statusDetails": {}}, None),
    ({"status": "resolved"}, Wish(Trigger.RESOLVE)),
    ({"status": "resolved", "statusDetails": {}}, Wish(Trigger.RESOLVE)),
    ({"status": "resolvedInNextRelease"}, Wish(Trigger.RESOLVE, in_next_release=True)),
    (
        {"status": "resolved", "statusDetails": {"inNextRelease": True}},
        Wish(Trigger.RESOLVE, in_next_release=True),
    ),
    (
        {"status": "resolved", "statusDetails": {"inRelease": "latest"}},
        Wish(Trigger.RESOLVE, in_release="latest"),
    ),
    (
        {"status": "resolved", "statusDetails": {"inCommit": {"commit": "c0ffee", "repository": "a/b"}}},
        Wish(Trigger.RESOLVE, in_commit={"commit": "c0ffee", "repository": "a/b"}),
    ),
    ({"status": "unresolved"}, Wish(Trigger.UNRESOLVE)),
    ({"status": "unresolved", "substatus": "ongoing"}, Wish(Trigger.UNRESOLVE, state=State.ONGOING)),
    ({"substatus": "escalating"}, Wish(Trigger.UNRESOLVE, state=State.ESCALATING)),
    ({"status": "ignored"}, Wish(Trigger.ARCHIVE_UNTIL_ESCALATING)),
    ({"status": "muted"}, Wish(Trigger.ARCHIVE_UNTIL_ESCALATING)),
    ({"status": "ignored", "substatus": "archived_forever"}, Wish(Trigger.ARCHIVE_FOREVER)),
    ({"substatus": "archived_until_escalating"}, Wish(Trigger.ARCHIVE_UNTIL_ESCALATING)),
    (
        {"status": "ignored", "statusDetails": {"ignoreDuration": 30}},
        Wish(UNTIL, archive=Archive(until_us=NOW + 30 * MINUTE_US), minutes=30),
    ),
    (
        {"status": "ignored", "ignoreDuration": 30},
        Wish(UNTIL, archive=Archive(until_us=NOW + 30 * MINUTE_US), minutes=30),
    ),
    (
        {"status": "muted", "snoozeDuration": "30"},
        Wish(UNTIL, archive=Archive(until_us=NOW + 30 * MINUTE_US), minutes=30),
    ),
    (
        {"status": "ignored", "ignoreCount": 10, "ignoreWindow": 60},
        Wish(UNTIL, archive=Archive(count=10, window_s=3600)),
    ),
    (
        {"status": "ignored", "ignoreUserCount": 5, "substatus": "archived_until_condition_met"},
        Wish(UNTIL, archive=Archive(user_count=5)),
    ),
    ({"status": "ignored", "ignoreDuration": 0}, Wish(Trigger.ARCHIVE_UNTIL_ESCALATING)),
]


@pytest.mark.parametrize(("body", "wish"), WISHES)
def test_a_body_says_which_state_is_wished_for(body: dict[str, Any], wish: Wish | None) -> None:
    assert decode_patch(body, NOW).wish == wish


@pytest.mark.parametrize(
    ("body", "patch"),
    [
        ({"assignedTo": "user:5"}, Patch(assigned_to="user:5")),
        ({"assignedTo": 5}, Patch(assigned_to="5")),
        ({"assignedTo": ""}, Patch(assigned_to="")),
        ({"assignedTo": None}, Patch(assigned_to=None)),
        ({"priority": "low", "unknown": [1]}, Patch(priority="low")),
        ({"merge": 1}, Patch(merge=True)),
        ({"hasSeen": True, "isBookmarked": False}, Patch(has_seen=True, is_bookmarked=False)),
        ({"isSubscribed": "true", "isPublic": True}, Patch(is_subscribed=True, is_public=True)),
        ({"discard": True, "inbox": False}, Patch(discard=True, inbox=False)),
    ],
)
def test_the_rest_of_a_body_is_taken_as_it_is(body: dict[str, Any], patch: Patch) -> None:
    assert decode_patch(body, NOW) == patch


def test_no_word_on_the_assignee_is_not_the_same_as_none() -> None:
    assert decode_patch({}, NOW).assigned_to is UNSET


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "detail"),
        ("resolved", "detail"),
        ({"status": "fixed"}, "status"),
        ({"status": "reprocessing"}, "status"),
        ({"status": "resolved", "statusDetails": {"inCommit": {}}, "substatus": "x"}, None),
        ({"status": "resolved", "statusDetails": {"inCommit": {"repository": "a"}}}, "inCommit"),
        ({"status": "ignored", "substatus": "archived_until_condition_met"}, "statusDetails"),
        ({"status": "ignored", "substatus": "ongoing"}, "substatus"),
        ({"status": "unresolved", "substatus": "archived_forever"}, "substatus"),
        ({"substatus": "old"}, "substatus"),
        ({"status": "ignored", "ignoreCount": -1}, "ignoreCount"),
        ({"status": "ignored", "ignoreCount": "many"}, "ignoreCount"),
        ({"status": "ignored", "ignoreCount": 1, "ignoreWindow": 10081}, "ignoreWindow"),
        ({"priority": "urgent"}, "priority"),
        ({"hasSeen": "perhaps"}, "hasSeen"),
        ({"statusDetails": {"ignoreDuration": []}}, "statusDetails"),
    ],
)
def test_what_cannot_be_used_is_named(body: object, field: str | None) -> None:
    if field is None:
        decode_patch(body, NOW)
        return
    with pytest.raises(Invalid) as raised:
        decode_patch(body, NOW)
    assert list(raised.value.fields) == [field]

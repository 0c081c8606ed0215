"""Issues → the JSON shapes that Sentry's clients expect. Ids are strings, times end in `Z`."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from vedette.core.ids import short_id
from vedette.core.time import to_iso
from vedette.issues.details import archive_of, resolution_of
from vedette.issues.lifecycle import ARCHIVED, State, state_of
from vedette.issues.markdown import to_html
from vedette.issues.query import Audience, IssueRow, Listed, Person, ProjectName, ReleaseName, StoryEntry
from vedette.releases.versions import parse_version

Json = dict[str, Any]
Series = Sequence[tuple[int, int]]  # epoch seconds and a count
COLLAPSIBLE = ("stats", "lifetime", "filtered", "unhandled", "base")


class IssueView(msgspec.Struct, rename="camel", kw_only=True):
    """An issue in a list. Parts that the client collapses are left out."""

    id: str
    share_id: str | None
    short_id: str
    title: str
    culprit: str
    permalink: str
    logger: str | None
    level: str
    status: str
    status_details: Json
    substatus: str | None
    is_public: bool
    platform: str
    project: Json
    type: str
    issue_type: str
    issue_category: str
    priority: str
    priority_locked_at: str | None
    metadata: Json
    num_comments: int
    assigned_to: Json | None
    is_bookmarked: bool
    is_subscribed: bool
    subscription_details: Json | None
    has_seen: bool
    annotations: list[Json] = []
    is_unhandled: bool | UnsetType = UNSET
    count: str | UnsetType = UNSET
    user_count: int | UnsetType = UNSET
    first_seen: str | UnsetType = UNSET
    last_seen: str | UnsetType = UNSET
    stats: Json | UnsetType = UNSET
    lifetime: Json | UnsetType | None = UNSET
    filtered: Json | UnsetType | None = UNSET
    inbox: Json | None = None
    owners: list[Json] | None = None
    seer_fixability_score: None = None
    seer_autofix_last_triggered: None = None


class IssueDetailView(IssueView, kw_only=True):
    activity: list[Json]
    seen_by: list[Json]
    participants: list[Json]
    user_report_count: int = 0
    first_release: Json | None
    last_release: Json | None
    tags: list[Json] | UnsetType = UNSET
    plugin_actions: list[Json] = []
    plugin_contexts: list[Json] = []
    plugin_issues: list[Json] = []
    sentry_app_issues: list[Json] = []
    integration_issues: list[Json] = []


class Numbers(msgspec.Struct, frozen=True):
    """How often an issue was seen, by how many, and when."""

    count: int
    users: int
    first_us: int
    last_us: int
    series: Mapping[str, Series] = {}

    def view(self) -> Json:
        return {
            "count": str(self.count),
            "userCount": self.users,
            "firstSeen": to_iso(self.first_us),
            "lastSeen": to_iso(self.last_us),
            "stats": dict(self.series),
        }


class Figures(msgspec.Struct, frozen=True):
    """All figures of an issue: for the window asked for, for its life, for the query if that asks events."""

    window: Numbers
    lifetime: Numbers | None = None
    filtered: Numbers | None = None


def issue_view(
    listed: Listed, figures: Figures | None, page_url: str, collapse: frozenset[str] = frozenset()
) -> IssueView:
    """`page_url`: of the organization's pages. Without figures, what records know is shown."""
    return IssueView(**_base(listed, page_url), **_figures(listed.issue, figures, collapse))


def issue_detail(
    listed: Listed,
    figures: Figures | None,
    page_url: str,
    story: Sequence[StoryEntry],
    audience: Audience,
    releases: Mapping[str, ReleaseName],
    tags: list[Json] | UnsetType,
    collapse: frozenset[str] = frozenset(),
) -> IssueDetailView:
    issue = listed.issue
    return IssueDetailView(
        **_base(listed, page_url),
        **_figures(issue, figures, collapse),
        activity=[story_view(entry) for entry in story],
        seen_by=[{**person_view(person), "lastSeen": to_iso(at_us)} for person, at_us in audience.seen_by],
        participants=[{**person_view(person), "type": "user"} for person in audience.participants],
        first_release=None if "release" in collapse else release_view(issue.first_release, releases),
        last_release=None if "release" in collapse else release_view(issue.last_release, releases),
        tags=UNSET if "tags" in collapse else tags,
    )


def _base(listed: Listed, page_url: str) -> Json:
    issue, project, marks = listed.issue, listed.project, listed.marks
    return {
        "id": str(issue.id),
        "share_id": issue.share_id,
        "short_id": short_id(project.slug, issue.short_number),
        "title": issue.title,
        "culprit": issue.culprit,
        "permalink": f"{page_url}issues/{issue.id}/",
        "logger": issue.logger,
        "level": issue.level,
        "status": issue.status,
        "status_details": status_details_view(listed),
        "substatus": issue.substatus,
        "is_public": issue.share_id is not None,
        "platform": issue.platform,
        "project": project_view(project),
        "type": issue.type,
        "issue_type": issue.issue_type,
        "issue_category": issue.category,
        "priority": issue.priority,
        "priority_locked_at": None if issue.priority_locked_us is None else to_iso(issue.priority_locked_us),
        # A program that reads short ids wants a title there, whatever the type.
        "metadata": {"title": issue.title, **issue.event_metadata},
        "num_comments": issue.num_comments,
        "assigned_to": assignee_view(listed),
        "is_bookmarked": marks.bookmarked,
        "is_subscribed": bool(marks.subscribed),
        "subscription_details": {"reason": marks.subscription_reason} if marks.subscribed else None,
        "has_seen": marks.seen_us is not None,
    }


def _figures(issue: IssueRow, figures: Figures | None, collapse: frozenset[str]) -> Json:
    shown: Json = {} if "unhandled" in collapse else {"is_unhandled": issue.is_unhandled}
    if figures is None or "stats" in collapse:
        window = figures.window if figures else None
        return shown | {
            "count": str(window.count if window else issue.times_seen),
            "first_seen": to_iso(window.first_us if window else issue.first_seen_us),
            "last_seen": to_iso(window.last_us if window else issue.last_seen_us),
        }
    window = figures.window
    shown |= {
        "count": str(window.count),
        "user_count": window.users,
        "first_seen": to_iso(window.first_us),
        "last_seen": to_iso(window.last_us),
        "stats": dict(window.series),
    }
    if "lifetime" not in collapse:
        shown["lifetime"] = figures.lifetime.view() if figures.lifetime else None
    if "filtered" not in collapse:
        shown["filtered"] = figures.filtered.view() if figures.filtered else None
    return shown


def project_view(project: ProjectName) -> Json:
    return {
        "id": str(project.id),
        "name": project.name,
        "slug": project.slug,
        "platform": project.platform,
    }


def person_view(person: Person) -> Json:
    return {
        "id": str(person.id),
        "name": person.label,
        "username": person.email,
        "email": person.email,
        "avatarUrl": None,
        "isActive": person.is_active,
        "avatar": {"avatarType": "letter_avatar", "avatarUuid": None, "avatarUrl": None},
    }


def assignee_view(listed: Listed) -> Json | None:
    if listed.person is not None:
        person = listed.person
        return {"type": "user", "id": str(person.id), "name": person.label, "email": person.email}
    if listed.team is not None:
        return {"type": "team", "id": str(listed.team[0]), "name": listed.team[1]}
    return None


def status_details_view(listed: Listed) -> Json:
    """Why the issue is in its state, in the field's words."""
    issue = listed.issue
    state = state_of(issue.status, issue.substatus)
    if state is State.RESOLVED:
        shown = _resolution(issue.status_details)
    elif state in ARCHIVED:
        shown = _archive(issue)
    else:
        return {}
    if shown and listed.actor is not None:
        shown["actor"] = person_view(listed.actor)
    return shown


def _resolution(details: Json) -> Json:
    resolution = resolution_of(details)
    if resolution.in_commit is not None:
        commit = resolution.in_commit
        return {"inCommit": {"id": commit.get("commit", ""), "repository": commit.get("repository", "")}}
    if resolution.in_next_release:
        return {"inNextRelease": True}
    return {"inRelease": resolution.in_release} if resolution.in_release else {}


def _archive(issue: IssueRow) -> Json:
    archive = archive_of(issue.status_details)
    left = None
    if archive.count is not None:
        # Over a window nothing is used up; else what has come since counts.
        seen = 0 if archive.window_s else issue.times_seen - archive.times_seen
        left = max(archive.count - seen, 1)
    given = {
        "ignoreCount": left,
        "ignoreUntil": None if archive.until_us is None else to_iso(archive.until_us),
        "ignoreUserCount": archive.user_count,
        "ignoreWindow": archive.window_s and archive.window_s // 60,
        "ignoreUserWindow": archive.user_window_s and archive.user_window_s // 60,
    }
    return {name: value for name, value in given.items() if value is not None}


def release_view(version: str | None, releases: Mapping[str, ReleaseName]) -> Json | None:
    if version is None:
        return None
    found = releases.get(version)
    parsed = parse_version(version)
    return {
        "id": found.id if found else None,
        "version": version,
        "shortVersion": parsed.short,
        "versionInfo": {"package": parsed.package, "description": parsed.short},
        "dateCreated": to_iso(found.created_us) if found else None,
        "dateReleased": to_iso(found.released_us) if found and found.released_us is not None else None,
        "firstEvent": None,
        "lastEvent": None,
        "newGroups": 0,
        "lastCommit": None,
        "lastDeploy": None,
        "projects": [],
    }


def story_view(entry: StoryEntry) -> Json:
    """One entry of the issue's story; comments carry their text as HTML too."""
    data = dict(entry.data)
    if entry.type == "note":
        edited_us = data.pop("edited_us", None)
        data["html"] = to_html(str(data.get("text", "")))
        data["edited"] = to_iso(edited_us) if isinstance(edited_us, int) else None
    return {
        "id": str(entry.id),
        "type": entry.type,
        "user": person_view(entry.person) if entry.person else None,
        "sentry_app": None,
        "data": data,
        "dateCreated": to_iso(entry.created_us),
    }


def shared_view(listed: Listed, page_url: str) -> Json:
    """What anybody with the link may read: nothing about people."""
    base = IssueView(**_base(listed, page_url), **_figures(listed.issue, None, frozenset()))
    shown: Json = msgspec.to_builtins(base)
    hidden = (
        *("permalink", "assignedTo", "isBookmarked", "isSubscribed", "subscriptionDetails", "hasSeen"),
        *("numComments", "inbox", "owners", "annotations", "priorityLockedAt"),
    )
    shown["statusDetails"].pop("actor", None)
    return {name: value for name, value in shown.items() if name not in hidden}

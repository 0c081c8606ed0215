"""Tables of the records store.

Times are microseconds since the epoch (`_us`). Open-ended settings that only one feature
reads are JSON objects decoded by that feature's frozen struct. Telemetry never holds an
issue id: `issue_hashes` maps (project, group hash) to issues, so that opening, merging,
unmerging and deleting never rewrites telemetry.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Json = dict[str, Any]

_BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only in INTEGER columns
_CASCADE = "CASCADE"


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {int: BigInteger, str: Text, Json: JSON, bool: Boolean, list[str]: JSON}  # noqa: RUF012


def _id() -> Mapped[int]:
    return mapped_column(_BIG, primary_key=True, autoincrement=True)


def _to(
    column: str, *, nullable: bool = False, index: bool = False, primary_key: bool = False
) -> Mapped[Any]:
    return mapped_column(
        _BIG, ForeignKey(column, ondelete=_CASCADE), nullable=nullable, index=index, primary_key=primary_key
    )


# ── people and what they belong to ────────────────────────────────────────────────────────


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = _id()
    email: Mapped[str] = mapped_column(String(254), unique=True)  # stored lower-case
    name: Mapped[str] = mapped_column(String(200), default="")
    password_hash: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_superuser: Mapped[bool] = mapped_column(default=False)
    session_nonce: Mapped[str] = mapped_column(String(32))  # changed to end all sessions
    options: Mapped[Json] = mapped_column(default=dict)  # theme, timezone, clock24h …
    created_us: Mapped[int]
    last_login_us: Mapped[int | None]
    last_active_us: Mapped[int | None]


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = _id()
    slug: Mapped[str] = mapped_column(String(50), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16), default="active")
    options: Mapped[Json] = mapped_column(default=dict)  # open_membership, quotas, scrubbing …
    created_us: Mapped[int]


class Team(Base):
    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("organization_id", "slug"),)
    id: Mapped[int] = _id()
    organization_id: Mapped[int] = _to("organizations.id")
    slug: Mapped[str] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(String(64))
    created_us: Mapped[int]


class Member(Base):
    """A user in an organization, or an invitation (`user_id` null, `invite_hash` set)."""

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("organization_id", "user_id"),
        UniqueConstraint("organization_id", "email"),
    )
    id: Mapped[int] = _id()
    organization_id: Mapped[int] = _to("organizations.id")
    user_id: Mapped[int | None] = _to("users.id", nullable=True, index=True)
    email: Mapped[str | None] = mapped_column(String(254))  # of an invitation
    role: Mapped[str] = mapped_column(String(16), default="member")  # member admin manager owner
    invite_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # sha256 of the token
    invited_by: Mapped[int | None] = _to("users.id", nullable=True)
    expires_us: Mapped[int | None]
    created_us: Mapped[int]


class TeamMember(Base):
    __tablename__ = "team_members"
    team_id: Mapped[int] = _to("teams.id", primary_key=True)
    member_id: Mapped[int] = _to("members.id", primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16), default="contributor")  # contributor admin


class Project(Base):
    __tablename__ = "projects"
    __table_args__ = (UniqueConstraint("organization_id", "slug"),)
    id: Mapped[int] = _id()
    organization_id: Mapped[int] = _to("organizations.id")
    slug: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    platform: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16), default="active")  # active deleting
    options: Mapped[Json] = mapped_column(default=dict)  # filters, scrubbing, grouping, quotas …
    issue_counter: Mapped[int] = mapped_column(default=0)  # the last short id given
    first_event_us: Mapped[int | None]
    created_us: Mapped[int]


class ProjectTeam(Base):
    __tablename__ = "project_teams"
    project_id: Mapped[int] = _to("projects.id", primary_key=True)
    team_id: Mapped[int] = _to("teams.id", primary_key=True, index=True)


class ProjectRedirect(Base):
    """A slug that a project had before it was renamed."""

    __tablename__ = "project_redirects"
    __table_args__ = (UniqueConstraint("organization_id", "slug"),)
    id: Mapped[int] = _id()
    organization_id: Mapped[int] = _to("organizations.id")
    slug: Mapped[str] = mapped_column(String(100))
    project_id: Mapped[int] = _to("projects.id")


class ProjectBookmark(Base):
    __tablename__ = "project_bookmarks"
    user_id: Mapped[int] = _to("users.id", primary_key=True)
    project_id: Mapped[int] = _to("projects.id", primary_key=True)


class ProjectKey(Base):
    __tablename__ = "project_keys"
    id: Mapped[int] = _id()
    project_id: Mapped[int] = _to("projects.id", index=True)
    public_key: Mapped[str] = mapped_column(String(32), unique=True)
    secret_key: Mapped[str] = mapped_column(String(32))
    label: Mapped[str] = mapped_column(String(64), default="Default")
    is_active: Mapped[bool] = mapped_column(default=True)
    rate_count: Mapped[int | None]  # at most so many events …
    rate_window_s: Mapped[int | None]  # … in so many seconds
    options: Mapped[Json] = mapped_column(default=dict)  # browser SDK, loader
    created_us: Mapped[int]


class ConfigChange(Base):
    """Project settings as they were from an epoch on.

    A range of the spool is processed under the epoch it was opened with, also when it is
    retried after a crash: rows must come out the same. Epochs grow over all projects.
    """

    __tablename__ = "config_changes"
    epoch: Mapped[int] = _id()
    project_id: Mapped[int] = _to("projects.id", index=True)
    config: Mapped[Json]  # organization and project options the pipeline reads
    created_us: Mapped[int]


class Token(Base):
    """An API token. Only the hash of the secret is kept."""

    __tablename__ = "tokens"
    id: Mapped[int] = _id()
    kind: Mapped[str] = mapped_column(String(16))  # user organization integration
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # sha256 of the whole string
    last_characters: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(255), default="")
    user_id: Mapped[int | None] = _to("users.id", nullable=True, index=True)
    organization_id: Mapped[int | None] = _to("organizations.id", nullable=True, index=True)
    scopes: Mapped[list[str]]
    expires_us: Mapped[int | None]
    last_used_us: Mapped[int | None]
    created_us: Mapped[int]


class AuditEntry(Base):
    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "organization_id", "created_us"),)
    id: Mapped[int] = _id()
    organization_id: Mapped[int] = _to("organizations.id")
    actor_id: Mapped[int | None] = mapped_column(_BIG)
    actor_label: Mapped[str] = mapped_column(String(254))  # outlives the user
    event: Mapped[str] = mapped_column(String(64))  # project.create, member.invite …
    target: Mapped[str] = mapped_column(String(254), default="")
    data: Mapped[Json] = mapped_column(default=dict)
    ip_address: Mapped[str | None] = mapped_column(String(64))
    created_us: Mapped[int]


class Environment(Base):
    __tablename__ = "environments"
    __table_args__ = (UniqueConstraint("project_id", "name"),)
    id: Mapped[int] = _id()
    project_id: Mapped[int] = _to("projects.id")
    name: Mapped[str] = mapped_column(String(64))
    is_hidden: Mapped[bool] = mapped_column(default=False)
    first_seen_us: Mapped[int]


class Release(Base):
    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("organization_id", "version"),)
    id: Mapped[int] = _id()
    organization_id: Mapped[int] = _to("organizations.id")
    version: Mapped[str] = mapped_column(String(250))
    created_us: Mapped[int]
    released_us: Mapped[int | None]


class ReleaseProject(Base):
    __tablename__ = "release_projects"
    release_id: Mapped[int] = _to("releases.id", primary_key=True)
    project_id: Mapped[int] = _to("projects.id", primary_key=True, index=True)
    first_seen_us: Mapped[int]
    last_seen_us: Mapped[int]
    new_issues: Mapped[int] = mapped_column(default=0)


# ── issues ────────────────────────────────────────────────────────────────────────────────


class Issue(Base):
    __tablename__ = "issues"
    __table_args__ = (
        UniqueConstraint("project_id", "short_number"),
        Index(None, "project_id", "status", "last_seen_us", "id"),
        Index(None, "project_id", "status", "first_seen_us", "id"),
        Index(None, "project_id", "status", "times_seen", "id"),
    )
    id: Mapped[int] = _id()
    project_id: Mapped[int] = _to("projects.id")
    short_number: Mapped[int]
    status: Mapped[str] = mapped_column(String(16), default="unresolved")  # resolved ignored deleting merging
    substatus: Mapped[str | None] = mapped_column(String(32), default="new")
    status_details: Mapped[Json] = mapped_column(default=dict)  # in_release, ignore_until_us, ignore_count …
    status_changed_us: Mapped[int]
    category: Mapped[str] = mapped_column(String(16), default="error")
    issue_type: Mapped[str] = mapped_column(String(64), default="error")  # error performance_slow_db_query …
    type: Mapped[str] = mapped_column(String(16), default="error")  # event type of the last event
    level: Mapped[str] = mapped_column(String(8), default="error")
    platform: Mapped[str] = mapped_column(String(64), default="other")
    logger: Mapped[str | None] = mapped_column(String(64))
    title: Mapped[str]
    culprit: Mapped[str] = mapped_column(default="")
    event_metadata: Mapped[Json] = mapped_column(default=dict)  # type, value, filename, function, title …
    search_text: Mapped[str] = mapped_column(default="")  # lower-case title, culprit, message
    is_unhandled: Mapped[bool] = mapped_column(default=False)
    first_seen_us: Mapped[int]
    last_seen_us: Mapped[int]
    times_seen: Mapped[int] = mapped_column(default=0)
    first_release: Mapped[str | None] = mapped_column(String(250))
    last_release: Mapped[str | None] = mapped_column(String(250))
    priority: Mapped[str] = mapped_column(String(8), default="medium")
    priority_locked_us: Mapped[int | None]
    assignee_user_id: Mapped[int | None] = mapped_column(
        _BIG, ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    assignee_team_id: Mapped[int | None] = mapped_column(
        _BIG, ForeignKey("teams.id", ondelete="SET NULL"), index=True
    )
    share_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    num_comments: Mapped[int] = mapped_column(default=0)
    created_us: Mapped[int]


class IssueHash(Base):
    """A group hash and the issue it belongs to, or what is done with its events instead.

    `group_hash` is the first eight bytes of the MD5 as a signed integer (SQL has no
    unsigned one; telemetry holds the same bits as UInt64). Rows of telemetry from before
    `since_us` are not the issue's: the hash was discarded or belonged to a deleted issue.
    """

    __tablename__ = "issue_hashes"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's form
    project_id: Mapped[int] = _to("projects.id", primary_key=True)
    group_hash: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    md5: Mapped[str] = mapped_column(String(32))
    issue_id: Mapped[int | None] = _to("issues.id", nullable=True, index=True)
    state: Mapped[str] = mapped_column(String(16), default="open")  # open discarded
    since_us: Mapped[int] = mapped_column(default=0)
    created_us: Mapped[int]


class IssueEnvironment(Base):
    """Counters of an issue in one environment (empty text: none given)."""

    __tablename__ = "issue_environments"
    issue_id: Mapped[int] = _to("issues.id", primary_key=True)
    environment: Mapped[str] = mapped_column(String(64), primary_key=True)
    first_seen_us: Mapped[int]
    last_seen_us: Mapped[int]
    times_seen: Mapped[int] = mapped_column(default=0)


class ArchiveCount(Base):
    """What was seen of an archived issue since: events per slot of time, or users.

    Only kept while an archive waits for them. `kind`: events hour user; `slot`: where the
    slot of time begins, or the hash of the user.
    """

    __tablename__ = "archive_counts"
    issue_id: Mapped[int] = _to("issues.id", primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    quantity: Mapped[int]
    last_us: Mapped[int]


class IssueRedirect(Base):
    """A merged issue's id, and where it went."""

    __tablename__ = "issue_redirects"
    old_id: Mapped[int] = mapped_column(_BIG, primary_key=True, autoincrement=False)
    issue_id: Mapped[int] = _to("issues.id", index=True)
    project_id: Mapped[int] = _to("projects.id")
    old_short_number: Mapped[int]


class IssueUser(Base):
    """What one user has to do with one issue."""

    __tablename__ = "issue_users"
    issue_id: Mapped[int] = _to("issues.id", primary_key=True)
    user_id: Mapped[int] = _to("users.id", primary_key=True, index=True)
    bookmarked: Mapped[bool] = mapped_column(default=False)
    subscribed: Mapped[bool | None]  # null: never said
    subscription_reason: Mapped[str | None] = mapped_column(String(16))
    seen_us: Mapped[int | None]


class Activity(Base):
    """The issue's story: comments (`note`) and changes, in the field's activity names."""

    __tablename__ = "activities"
    __table_args__ = (Index(None, "issue_id", "created_us"),)
    id: Mapped[int] = _id()
    issue_id: Mapped[int] = _to("issues.id")
    type: Mapped[str] = mapped_column(String(32))  # first_seen note set_resolved assigned …
    user_id: Mapped[int | None] = mapped_column(_BIG, ForeignKey("users.id", ondelete="SET NULL"))
    data: Mapped[Json] = mapped_column(default=dict)
    created_us: Mapped[int]


class SavedSearch(Base):
    __tablename__ = "saved_searches"
    id: Mapped[int] = _id()
    organization_id: Mapped[int] = _to("organizations.id", index=True)
    user_id: Mapped[int | None] = _to("users.id", nullable=True, index=True)
    team_id: Mapped[int | None] = _to("teams.id", nullable=True)
    name: Mapped[str] = mapped_column(String(128))
    query: Mapped[str]
    sort: Mapped[str] = mapped_column(String(16), default="date")
    visibility: Mapped[str] = mapped_column(String(16), default="owner")  # owner team organization
    position: Mapped[int] = mapped_column(default=0)
    options: Mapped[Json] = mapped_column(default=dict)  # projects, environments, period, columns
    created_us: Mapped[int]


class SavedQuery(Base):
    """A question about a dataset that somebody keeps, for themselves or for everybody."""

    __tablename__ = "saved_queries"
    __table_args__ = (Index(None, "organization_id", "kind"),)
    id: Mapped[int] = _id()
    organization_id: Mapped[int] = _to("organizations.id")
    user_id: Mapped[int | None] = _to("users.id", nullable=True, index=True)  # null: made by an integration
    kind: Mapped[str] = mapped_column(String(16))  # discover explore
    name: Mapped[str] = mapped_column(String(255))
    visibility: Mapped[str] = mapped_column(String(16), default="organization")  # owner organization
    body: Mapped[Json] = mapped_column(default=dict)  # as the client wrote it
    created_us: Mapped[int]
    updated_us: Mapped[int]


class SavedQueryStar(Base):
    """A person's mark on a kept question."""

    __tablename__ = "saved_query_stars"
    query_id: Mapped[int] = _to("saved_queries.id", primary_key=True)
    user_id: Mapped[int] = _to("users.id", primary_key=True, index=True)


class RecentSearch(Base):
    """What a person searched for lately, once per text."""

    __tablename__ = "recent_searches"
    __table_args__ = (UniqueConstraint("organization_id", "user_id", "query"),)
    id: Mapped[int] = _id()
    organization_id: Mapped[int] = _to("organizations.id")
    user_id: Mapped[int] = _to("users.id")
    query: Mapped[str] = mapped_column(String(2048))
    created_us: Mapped[int]
    last_seen_us: Mapped[int]


# ── the pipeline ──────────────────────────────────────────────────────────────────────────


class SpoolCursor(Base):
    """How far one writer's spool is done, and the one range that may be in flight.

    The range is opened by T1 with everything a retry needs to make the same rows in the
    same blocks: first and last position, the block split, the config epoch.
    """

    __tablename__ = "spool_cursors"
    spool: Mapped[str] = mapped_column(String(32), primary_key=True)  # the folder's uuid
    writer: Mapped[str] = mapped_column(String(64), primary_key=True)
    segment: Mapped[int] = mapped_column(default=0)
    offset: Mapped[int] = mapped_column(default=0)
    received_us: Mapped[int] = mapped_column(default=0)  # of the last record done: the watermark
    owner: Mapped[str | None] = mapped_column(String(64))
    range: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    range_opened_us: Mapped[int | None]
    updated_us: Mapped[int] = mapped_column(default=0)


class EventSeen(Base):
    """Event ids claimed, by day of receipt; a day's rows go after the next has passed."""

    __tablename__ = "event_seen"
    __table_args__ = ({"sqlite_with_rowid": False},)
    project_id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    event_id: Mapped[bytes] = mapped_column(primary_key=True)  # 16 bytes
    claim: Mapped[int]  # 64 bits of the claiming record's position in its spool
    day: Mapped[int] = mapped_column(Integer)


class Fact(Base):
    """The outbox, one row per consumer. See `vedette.core.facts`."""

    __tablename__ = "facts"
    __table_args__ = (Index(None, "consumer", "due_us"),)
    id: Mapped[int] = _id()
    consumer: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(32))
    project_id: Mapped[int] = mapped_column(_BIG)
    payload: Mapped[Json]
    due_us: Mapped[int]  # not before; moved on by a retry
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_us: Mapped[int]


class QuotaUsage(Base):
    """Events counted against a limit, per window; receivers and pipelines add, all read."""

    __tablename__ = "quota_usage"
    scope: Mapped[str] = mapped_column(String(16), primary_key=True)  # key project organization
    scope_id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    category: Mapped[str] = mapped_column(String(32), primary_key=True)
    window_us: Mapped[int] = mapped_column(primary_key=True)  # start of the window
    quantity: Mapped[int] = mapped_column(default=0)


class QuotaFlag(Base):
    """A limit that is used up until a time; receivers read these every second."""

    __tablename__ = "quota_flags"
    scope: Mapped[str] = mapped_column(String(16), primary_key=True)
    scope_id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    category: Mapped[str] = mapped_column(String(32), primary_key=True)  # empty: all
    until_us: Mapped[int]
    reason: Mapped[str] = mapped_column(String(64), default="quota")


class Lease(Base):
    """Who may act as a singleton, until when, and under which fencing number."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    fence: Mapped[int] = mapped_column(default=0)
    until_us: Mapped[int]


class Job(Base):
    """Queued work with visible progress: deletions, retention runs. `key` keeps it single."""

    __tablename__ = "jobs"
    id: Mapped[int] = _id()
    key: Mapped[str] = mapped_column(String(128), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    payload: Mapped[Json] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(16), default="queued")  # queued running done failed
    progress: Mapped[Json] = mapped_column(default=dict)
    due_us: Mapped[int]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_us: Mapped[int]
    updated_us: Mapped[int]


# ── notification ──────────────────────────────────────────────────────────────────────────


class Delivery(Base):
    """One message to one target, and what came of it. The key makes sending it again harmless."""

    __tablename__ = "deliveries"
    __table_args__ = (Index(None, "project_id", "created_us"), Index(None, "state", "due_us"))
    id: Mapped[int] = _id()
    key: Mapped[str] = mapped_column(String(160), unique=True)
    project_id: Mapped[int] = _to("projects.id")
    issue_id: Mapped[int | None] = mapped_column(_BIG)
    kind: Mapped[str] = mapped_column(String(32))  # issue_new … test, mention
    channel: Mapped[str] = mapped_column(String(16))  # mail webhook apprise
    target: Mapped[str]  # an address, or a URL without its secrets
    payload: Mapped[Json]
    state: Mapped[str] = mapped_column(String(16), default="queued")  # queued sent failed suppressed
    status: Mapped[int | None] = mapped_column(Integer)  # HTTP status, where there is one
    detail: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_us: Mapped[int]
    sent_us: Mapped[int | None]
    created_us: Mapped[int]


class ServerSetting(Base):
    """Settings made in the browser, secrets made at first start, flags of the whole server."""

    __tablename__ = "server_settings"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Json]
    updated_us: Mapped[int]


# SQLite would give the id of a deleted last row to the next one: a new project would inherit
# the telemetry of the deleted one, a new issue the links to the old.
for _table in Base.metadata.tables.values():
    if "id" in _table.c:
        _table.dialect_kwargs["sqlite_autoincrement"] = True

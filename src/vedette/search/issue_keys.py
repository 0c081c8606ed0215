"""The keys of issue search, and those of searches among the events of issues. Data only.

Columns are those of the telemetry table `errors`. A key of kind ISSUE with columns is the
issue's own field in a list of issues and the event's column in a list of events. Every
name that is not here is a tag, also names of the field such as `device.family`, which
events carry as tags.
"""

from vedette.search.keys import IsWord, KeySpec, KeyTable, Kind, Type

LEVELS = ("fatal", "error", "warning", "info", "debug")
PRIORITIES = ("high", "medium", "low")
STATUSES = ("unresolved", "resolved", "ignored")
SUBSTATUSES = (
    "new",
    "ongoing",
    "escalating",
    "regressed",
    "archived_until_escalating",
    "archived_until_condition_met",
    "archived_forever",
)
CATEGORIES = (
    "error",
    "outage",
    "performance",
    "feedback",
    "cron",
    "replay",
    "metric",
    "db_query",
    "http_client",
    "frontend",
    "mobile",
)

_ISSUE, _COLUMN, _ARRAY, _TAG = Kind.ISSUE, Kind.COLUMN, Kind.ARRAY, Kind.TAG

_ISSUE_FIELDS = (
    KeySpec("status", _ISSUE, Type.CHOICE, choices=STATUSES, about="unresolved, resolved or ignored"),
    KeySpec("substatus", _ISSUE, Type.CHOICE, choices=SUBSTATUSES, about="why it has its status"),
    KeySpec("level", _ISSUE, Type.CHOICE, ("level",), LEVELS, about="fatal, error, warning, info or debug"),
    KeySpec(
        "assigned",
        _ISSUE,
        Type.ACTOR,
        aliases=("assigned_to", "assigned_or_suggested"),
        about="me, none, my_teams, #team, an e-mail or a name",
    ),
    KeySpec("bookmarks", _ISSUE, Type.ACTOR, aliases=("bookmarked_by",), about="who keeps it in mind"),
    KeySpec("subscribed", _ISSUE, Type.ACTOR, aliases=("subscribed_by",), about="who is told of changes"),
    KeySpec("firstSeen", _ISSUE, Type.DATE, aliases=("first_seen", "age"), about="time of its first event"),
    KeySpec("lastSeen", _ISSUE, Type.DATE, aliases=("last_seen",), about="time of its last event"),
    KeySpec("timesSeen", _ISSUE, Type.NUMBER, aliases=("times_seen",), about="number of its events"),
    KeySpec("userCount", _ISSUE, Type.NUMBER, aliases=("user_count",), about="number of users it met"),
    KeySpec(
        "firstRelease", _ISSUE, aliases=("first-release", "first_release"), about="release of its first event"
    ),
    KeySpec("regressed_in_release", _ISSUE, about="release in which it came back"),
    KeySpec("issue", _ISSUE, about="short id, such as API-2F"),
    KeySpec("issue.id", _ISSUE, Type.NUMBER, about="number of the issue"),
    KeySpec("issue.category", _ISSUE, Type.CHOICE, choices=CATEGORIES, about="what kind of problem it is"),
    KeySpec("issue.type", _ISSUE, about="what kind of problem it is, exactly"),
    KeySpec(
        "issue.priority",
        _ISSUE,
        Type.CHOICE,
        choices=PRIORITIES,
        aliases=("priority",),
        about="high, medium or low",
    ),
    KeySpec("project", _ISSUE, aliases=("project.name", "project.slug"), about="slug of the project"),
    KeySpec("project.id", _ISSUE, Type.NUMBER, about="number of the project"),
    KeySpec("team", _ISSUE, about="a team whose projects it is in"),
    KeySpec("issue.for_review", _ISSUE, Type.BOOLEAN, about="new, regressed or escalating, and unresolved"),
    KeySpec("issue.linked", _ISSUE, Type.BOOLEAN, about="linked to an issue of another tracker"),
)

_EVENT_COLUMNS = (
    KeySpec("id", _COLUMN, columns=("event_id",), aliases=("event.id",), about="id of an event"),
    KeySpec(
        "timestamp",
        _COLUMN,
        Type.DATE,
        ("ts",),
        aliases=("event.timestamp", "date"),
        about="time of an event",
    ),
    KeySpec("event.type", _COLUMN, columns=("type",), about="error, default, csp …"),
    KeySpec("platform", _COLUMN, columns=("platform",), aliases=("platform.name",), about="python, node …"),
    KeySpec("environment", _COLUMN, columns=("environment",), about="production, staging …"),
    KeySpec("release", _COLUMN, columns=("release",), about="version, or latest"),
    KeySpec(
        "release.version",
        _COLUMN,
        Type.VERSION,
        ("release",),
        aliases=("release.semver",),
        about="version as numbers, as in >=1.2.0",
    ),
    KeySpec("release.package", _COLUMN, columns=("release",), about="what stands before the @ of a release"),
    KeySpec("release.build", _COLUMN, columns=("release",), about="what stands after the + of a release"),
    KeySpec("dist", _COLUMN, columns=("dist",), about="distribution of the release"),
    KeySpec("logger", _COLUMN, columns=("logger",), about="name of the logger"),
    KeySpec("culprit", _COLUMN, columns=("culprit",), about="where it happened"),
    KeySpec("title", _COLUMN, columns=("title",), about="title of an event"),
    KeySpec("message", _COLUMN, columns=("message",), about="message of an event"),
    KeySpec("location", _COLUMN, columns=("location",), about="file it happened in"),
    KeySpec("transaction", _COLUMN, columns=("transaction",), about="route, task or page"),
    KeySpec("server_name", _COLUMN, columns=("server_name",), about="host name"),
    KeySpec("trace", _COLUMN, columns=("trace_id",), about="id of the trace"),
    KeySpec("span", _COLUMN, columns=("span_id",), aliases=("trace.span",), about="id of the span"),
    KeySpec("replayId", _COLUMN, columns=("replay_id",), aliases=("replay_id", "replayid"), about="replay"),
    KeySpec("error.handled", _COLUMN, Type.BOOLEAN, ("handled",), about="whether the code caught it"),
    KeySpec("error.unhandled", _COLUMN, Type.BOOLEAN, ("handled",), about="whether nothing caught it"),
    KeySpec("error.mechanism", _COLUMN, columns=("mechanism",), about="how it was captured"),
    KeySpec("user", _COLUMN, columns=("user",), about="id:…, email:…, username:… or ip:…"),
    KeySpec("user.id", _COLUMN, columns=("user_id",), about="id of the user"),
    KeySpec("user.email", _COLUMN, columns=("user_email",), about="e-mail of the user"),
    KeySpec("user.username", _COLUMN, columns=("user_username",), about="name of the user"),
    KeySpec(
        "user.ip", _COLUMN, columns=("user_ip",), aliases=("user.ip_address",), about="address of the user"
    ),
    KeySpec("http.method", _COLUMN, columns=("http_method",), about="GET, POST …"),
    KeySpec("http.url", _COLUMN, columns=("http_url",), about="URL of the request"),
    KeySpec("os.name", _COLUMN, columns=("os_name",), about="operating system, without version"),
    KeySpec("browser.name", _COLUMN, columns=("browser_name",), about="browser, without version"),
    KeySpec("sdk.name", _COLUMN, columns=("sdk_name",), about="SDK that sent it"),
    KeySpec("sdk.version", _COLUMN, columns=("sdk_version",), about="version of that SDK"),
)

_EVENT_ARRAYS = (
    KeySpec("error.type", _ARRAY, columns=("exception_types",), about="type of an exception"),
    KeySpec("error.value", _ARRAY, columns=("exception_values",), about="message of an exception"),
    KeySpec("stack.filename", _ARRAY, columns=("stack_filename",), about="file of a frame"),
    KeySpec("stack.function", _ARRAY, columns=("stack_function",), about="function of a frame"),
    KeySpec("stack.module", _ARRAY, columns=("stack_module",), about="module of a frame"),
    KeySpec("stack.abs_path", _ARRAY, columns=("stack_abs_path",), about="full path of a frame's file"),
    KeySpec("stack.package", _ARRAY, columns=("stack_package",), about="package of a frame"),
    KeySpec("stack.in_app", _ARRAY, Type.BOOLEAN, ("stack_in_app",), about="whether a frame is one's own"),
    KeySpec(
        "filename",
        _ARRAY,
        columns=("stack_filename", "stack_abs_path"),
        suffix=True,
        about="file of a frame, or the end of its path",
    ),
)

# Asked so seldom that they have no column: `payload:…` is read out of the event's JSON, which takes its time.
_EVENT_PAYLOAD = (
    KeySpec("user.segment", _COLUMN, columns=("payload:user.segment",), about="segment of the user"),
    KeySpec("user.name", _COLUMN, columns=("payload:user.name",), about="full name of the user"),
    KeySpec("geo.city", _COLUMN, columns=("payload:user.geo.city",), about="city of the user"),
    KeySpec("geo.country_code", _COLUMN, columns=("payload:user.geo.country_code",), about="DE, US …"),
    KeySpec("geo.region", _COLUMN, columns=("payload:user.geo.region",), about="country of the user"),
    KeySpec(
        "geo.subdivision", _COLUMN, columns=("payload:user.geo.subdivision",), about="part of the country"
    ),
    KeySpec("http.status_code", _TAG, columns=("payload:contexts.response.status_code",), about="200, 404 …"),
    KeySpec("os.build", _TAG, columns=("payload:contexts.os.build",), about="build of the operating system"),
    KeySpec("os.kernel_version", _TAG, columns=("payload:contexts.os.kernel_version",), about="its kernel"),
    KeySpec("device.arch", _TAG, columns=("payload:contexts.device.arch",), about="arm64, x86_64 …"),
    KeySpec("device.brand", _TAG, columns=("payload:contexts.device.brand",), about="maker of the device"),
    KeySpec("device.name", _TAG, columns=("payload:contexts.device.name",), about="name of the device"),
    KeySpec(
        "app.in_foreground",
        _TAG,
        Type.BOOLEAN,
        ("payload:contexts.app.in_foreground",),
        about="whether it was",
    ),
    KeySpec("stack.lineno", _ARRAY, Type.NUMBER, ("payload:frames.lineno",), about="line of a frame"),
    KeySpec("stack.colno", _ARRAY, Type.NUMBER, ("payload:frames.colno",), about="column of a frame"),
)

# `browser` is the tag "Chrome 120" and the plain name "Chrome"; people mean either.
_EVENT_TAGS = (
    KeySpec("browser", _TAG, columns=("browser_name",), about="browser, with or without version"),
    KeySpec("os", _TAG, columns=("os_name",), about="operating system, with or without version"),
)

PHRASE = KeySpec("message", _COLUMN, columns=("search",))

_IS_WORDS = {
    "unresolved": IsWord("status", "unresolved"),
    "resolved": IsWord("status", "resolved"),
    "ignored": IsWord("status", "ignored"),
    "archived": IsWord("status", "ignored"),
    "muted": IsWord("status", "ignored"),
    "assigned": IsWord("assigned", "none", negated=True),
    "unassigned": IsWord("assigned", "none"),
    "for_review": IsWord("issue.for_review", "true"),
    "linked": IsWord("issue.linked", "true"),
    "unlinked": IsWord("issue.linked", "true", negated=True),
    **{word: IsWord("substatus", word) for word in SUBSTATUSES},
}

ISSUE_KEYS = KeyTable(
    _ISSUE_FIELDS + _EVENT_COLUMNS + _EVENT_ARRAYS + _EVENT_PAYLOAD + _EVENT_TAGS, _IS_WORDS, PHRASE
)

# Of single events, issue fields cannot be asked, apart from those that events have too.
EVENT_KEYS = KeyTable(
    tuple(spec for spec in ISSUE_KEYS.specs if spec.columns),
    {},
    PHRASE,
    elsewhere=frozenset(
        name for spec in _ISSUE_FIELDS if not spec.columns for name in (spec.name, *spec.aliases)
    ),
)

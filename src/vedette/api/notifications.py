"""Notification of a project: its built-in rule, a test of it, and the log of what was sent."""

import msgspec
from litestar import Response, get, post, put
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler

from vedette.alerts.log import DeliveryView, deliveries, delivery_view, notice_for_test, send_test
from vedette.alerts.sending import Senders
from vedette.alerts.targets import BadTarget, channel_of, masked
from vedette.alerts.webhook import signing_secret
from vedette.api.body import Body, kept, lines
from vedette.api.given import TheAccess, ThePage, TheProject, TheServices
from vedette.api.services import Services
from vedette.projects import audit
from vedette.projects.access import Access
from vedette.projects.errors import Invalid
from vedette.projects.options import Notifications
from vedette.projects.settings import change_options
from vedette.projects.values import Project
from vedette.projects.views import View
from vedette.storage.records.secrets import signing_key

KINDS = ("new", "regressed", "escalating")
LEVELS = ("", "debug", "info", "warning", "error", "fatal")
_TARGETS_MOST = 20


class NotificationView(View, kw_only=True):
    enabled: bool
    kinds: list[str]
    mail: bool
    targets: list[str]  # URLs; without their secrets for who may not change them
    frequency_minutes: int
    minimum_level: str
    signing_secret: str | None  # of webhooks; for who may change them


@get("/projects/{org:str}/{proj:str}/notifications/", sync_to_thread=True)
def read_notifications(services: TheServices, access: TheAccess, project: TheProject) -> NotificationView:
    may_write = access.can_in_project(project, "project:write")
    secret = _secret(services, project) if may_write else None
    return _notification_view(project.options.notifications, secret)


def _secret(services: Services, project: Project) -> str:
    return signing_secret(signing_key(services.records, services.clock()), project.id)


class NotificationChange(Body, kw_only=True):
    enabled: bool | None = None
    kinds: list[str] | None = None
    mail: bool | None = None
    targets: list[str] | None = None
    frequency_minutes: int | None = None
    minimum_level: str | None = None


@put("/projects/{org:str}/{proj:str}/notifications/", sync_to_thread=True)
def change_notifications(
    services: TheServices, access: TheAccess, project: TheProject, data: JSONBody[NotificationChange]
) -> NotificationView:
    """The built-in rule: whom to tell of new, regressed and escalating issues."""
    present, now_us = project.options.notifications, services.clock()
    notifications = Notifications(
        enabled=kept(data.enabled, present.enabled),
        kinds=_kinds(data.kinds, present.kinds),
        mail=kept(data.mail, present.mail),
        targets=_targets(data.targets, present.targets),
        frequency_minutes=_frequency(data.frequency_minutes, present.frequency_minutes),
        minimum_level=_level(data.minimum_level, present.minimum_level),
    )
    options = msgspec.structs.replace(project.options, notifications=notifications)
    with services.records.write() as session:
        change_options(session, project.id, options, now_us)
        audit.note(
            session, access.organization.id, access.caller, "project.notifications", project.slug, now_us
        )
    return _notification_view(notifications, _secret(services, project))


def _notification_view(settings: Notifications, secret: str | None) -> NotificationView:
    targets = list(settings.targets) if secret else [masked(url) for url in settings.targets]
    return NotificationView(
        enabled=settings.enabled,
        kinds=list(settings.kinds),
        mail=settings.mail,
        targets=targets,
        frequency_minutes=settings.frequency_minutes,
        minimum_level=settings.minimum_level,
        signing_secret=secret,
    )


def _kinds(given: list[str] | None, present: tuple[str, ...]) -> tuple[str, ...]:
    if given is not None and not set(given) <= set(KINDS):
        raise Invalid("kinds", f"of {', '.join(KINDS)}")
    return present if given is None else tuple(kind for kind in KINDS if kind in given)


def _targets(given: list[str] | None, present: tuple[str, ...]) -> tuple[str, ...]:
    targets = lines(given, present, field="targets", most=_TARGETS_MOST)
    for target in targets:
        try:
            channel_of(target)
        except BadTarget as error:
            raise Invalid("targets", f"{masked(target)}: {error}") from error
    return targets


def _frequency(given: int | None, present: int) -> int:
    if given is not None and not 0 <= given <= 10_080:
        raise Invalid("frequencyMinutes", "0 to 10080")
    return kept(given, present)


def _level(given: str | None, present: str) -> str:
    if given is not None and given not in LEVELS:
        raise Invalid("minimumLevel", f"one of {', '.join(LEVELS[1:])}, or empty")
    return kept(given, present)


# ── test and log ──────────────────────────────────────────────────────────────────────────


class Test(Body, kw_only=True):
    target: str | None = None  # one URL or mail address; without it, everything the rule names


class TestView(msgspec.Struct):
    results: list[DeliveryView]


@post("/projects/{org:str}/{proj:str}/notifications/test/", sync_to_thread=True, status_code=200)
def test_notifications(
    services: TheServices, access: TheAccess, project: TheProject, data: JSONBody[Test | None] = None
) -> TestView:
    """Sends a test message now, to the target given or to all that are set and the caller; says what came of each."""
    now_us = services.clock()
    senders = Senders.of(services.settings, signing_key(services.records, now_us))
    notice = notice_for_test(project, access.organization.slug, services.settings.base_url)
    named = data.target.strip() if data is not None and data.target else None
    wanted = (
        [_checked_target(named, access)] if named else _all_targets(project.options.notifications, access)
    )
    if not wanted:
        raise Invalid("target", "there is nobody to tell: no URL is set, and mail is off or not yours")
    try:
        sent = [send_test(services.records, senders, project.id, notice, to, now_us) for to in wanted]
    except BadTarget as error:
        raise Invalid("target", str(error)) from error
    return TestView(sent)


def _checked_target(target: str, access: Access) -> str:
    """A URL, or the caller's own address: this is not a way to write to strangers."""
    if "://" not in target and (access.user is None or target.lower() != access.user.email):
        raise Invalid("target", "a URL, or your own mail address")
    return target


def _all_targets(settings: Notifications, access: Access) -> list[str]:
    mine = [access.user.email] if settings.mail and access.user is not None else []
    return [*mine, *settings.targets]


@get("/projects/{org:str}/{proj:str}/notifications/deliveries/", sync_to_thread=True)
def list_deliveries(
    services: TheServices, project: TheProject, page: ThePage
) -> Response[list[DeliveryView]]:
    """What was sent and what was kept back, newest first."""
    with services.records.read() as session:
        rows = deliveries(session, project.id, page.limit + 1, page.offset)
        return page.page(rows, delivery_view)


HANDLERS: list[ControllerRouterHandler] = [
    read_notifications,
    change_notifications,
    test_notifications,
    list_deliveries,
]

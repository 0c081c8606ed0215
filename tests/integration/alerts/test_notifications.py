"""From a fact to a message: rule, recipients, frequency, sending, results."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, insert, select, update

from tests.conftest import SetClock
from tests.support.client import Client
from tests.support.receivers import MailServer, WebReceiver, mail_server
from tests.support.worlds import World
from vedette.alerts.addresses import Allowed
from vedette.alerts.chat import send_chat
from vedette.alerts.consume import consume_facts
from vedette.alerts.notice import Notice
from vedette.alerts.outbox import QueuedMailer, send_letters
from vedette.alerts.sending import Senders, claim, forget_deliveries, send_due
from vedette.alerts.webhook import post_webhook, signing_secret
from vedette.core.facts import IssueFact, MentionFact
from vedette.core.mail_server import parse_smtp_url
from vedette.core.time import DAY_US
from vedette.projects.mail import password_reset
from vedette.storage.records import schema
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Activity, Delivery, Fact, Issue, IssueUser, Job, Project

BASE = "http://testserver"
NO_HEADERS: dict[str, str] = {}
LOCAL = Allowed(["127.0.0.1"])


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with WebReceiver() as receiver:
        yield receiver


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def senders(smtp: MailServer) -> Senders:
    return Senders(parse_smtp_url(smtp.url), "Vedette <v@example.com>", LOCAL, "key")


class Team:
    """Project `api` of `acme`: Ada and Bob are in its team, Eve is not; one issue."""

    def __init__(self, records: Records, world: World, clock: SetClock) -> None:
        self.records = records
        self.clock = clock
        self.token = world.acme()
        organization = world.organization_id("acme")
        with records.read() as session:
            team = session.scalars(select(schema.Team.id)).one()
        self.ada = world.user_id("ada@example.com")
        self.bob, self.eve = world.user("bob@example.com"), world.user("eve@example.com")
        world.join(team, world.member(organization, self.bob, "member"))
        world.member(organization, self.eve, "member")
        self.project_id = world.project_id("api")
        self.issue_id = self.issue()

    def issue(self, title: str = "ValueError: bad id", level: str = "error") -> int:
        now = self.clock()
        with self.records.write() as session:
            number = 1 + (session.scalar(select(func.count(Issue.id))) or 0)
            row = Issue(
                project_id=self.project_id,
                short_number=number,
                title=title,
                culprit="app.views in show",
                level=level,
                platform="python",
                status="unresolved",
                substatus="new",
                status_details={},
                event_metadata={},
                status_changed_us=now,
                first_seen_us=now,
                last_seen_us=now,
                created_us=now,
                times_seen=1,
            )
            session.add(row)
            session.flush()
            return row.id

    def rule(self, **changes: Any) -> None:
        with self.records.write() as session:
            session.execute(
                update(Project)
                .where(Project.id == self.project_id)
                .values(options={"notifications": changes})
            )

    def happens(self, kind: Any = "issue_new", issue_id: int = 0, event_id: str = "e1") -> None:
        fact = IssueFact(kind, self.project_id, issue_id or self.issue_id, event_id, self.clock())
        self.publish(kind, fact)

    def publish(self, kind: str, fact: Any) -> None:
        now = self.clock()
        with self.records.write() as session:
            session.execute(
                insert(Fact).values(
                    consumer="alerts",
                    kind=kind,
                    project_id=self.project_id,
                    payload=msgspec.to_builtins(fact),
                    due_us=now,
                    attempts=0,
                    created_us=now,
                )
            )

    def consume(self, *, can_mail: bool = True) -> int:
        return consume_facts(self.records, BASE, self.clock(), can_mail=can_mail)

    def log(self) -> list[tuple[str, str, str]]:
        with self.records.read() as session:
            rows = session.scalars(select(Delivery).order_by(Delivery.id))
            return [(row.target, row.kind, row.state) for row in rows]

    def change(self, **values: Any) -> None:
        with self.records.write() as session:
            session.execute(update(Issue).where(Issue.id == self.issue_id).values(values))

    def say(self, user_id: int, subscribed: bool) -> None:
        with self.records.write() as session:
            session.add(
                IssueUser(issue_id=self.issue_id, user_id=user_id, bookmarked=False, subscribed=subscribed)
            )


@pytest.fixture
def team(records: Records, world: World, clock: SetClock) -> Team:
    return Team(records, world, clock)


def targets(team: Team) -> list[str]:
    return [target for target, _, _ in team.log()]


# ── who is told of what ───────────────────────────────────────────────────────────────────


def test_the_projects_team_is_told_of_a_new_issue_and_the_fact_is_gone(team: Team) -> None:
    team.happens()
    assert team.consume() == 1
    assert team.consume() == 0
    assert targets(team) == ["ada@example.com", "bob@example.com"]


def test_only_the_assignee_is_told_of_an_assigned_issue(team: Team) -> None:
    team.change(assignee_user_id=team.eve)
    team.happens("issue_regressed")
    team.consume()
    assert targets(team) == ["eve@example.com"]


def test_subscribers_are_told_and_who_unsubscribed_is_not(team: Team) -> None:
    team.say(team.eve, True)
    team.say(team.bob, False)
    team.happens("issue_escalating")
    team.consume()
    assert targets(team) == ["ada@example.com", "eve@example.com"]


def test_who_was_switched_off_is_not_told(team: Team, world: World) -> None:
    world.switch_off(team.bob)
    team.happens()
    team.consume()
    assert targets(team) == ["ada@example.com"]


@pytest.mark.parametrize(
    ("rule", "level", "told"),
    [
        ({}, "error", True),
        ({"enabled": False}, "error", False),
        ({"kinds": ["regressed"]}, "error", False),
        ({"minimum_level": "fatal"}, "error", False),
        ({"minimum_level": "warning"}, "error", True),
        ({"mail": False}, "error", False),
    ],
)
def test_the_rule_decides(team: Team, rule: dict[str, Any], level: str, told: bool) -> None:
    team.rule(**rule)
    team.happens(issue_id=team.issue(level=level))
    team.consume()
    assert bool(team.log()) is told


def test_resolved_and_deleted_issues_are_not_told(team: Team) -> None:
    team.change(status="resolved")
    team.happens()
    team.happens(issue_id=999)
    assert team.consume() == 2
    assert team.log() == []


def test_an_issue_is_told_once_in_thirty_minutes_and_the_rest_is_counted(team: Team, clock: SetClock) -> None:
    team.rule(mail=False, targets=["https://hooks.example.com/a"])
    for event, wait in (("e1", 60), ("e2", 31 * 60), ("e3", 0)):
        team.happens("issue_regressed", event_id=event)
        team.consume()
        clock.advance(wait)
    assert [state for _, _, state in team.log()] == ["queued", "suppressed", "queued"]


def test_a_fact_that_comes_twice_is_told_once(team: Team) -> None:
    team.rule(mail=False, targets=["https://hooks.example.com/a"], frequency_minutes=0)
    for _ in range(2):
        team.happens()
        team.consume()
    assert len(team.log()) == 1


def test_a_flood_of_new_issues_does_not_flood_people(team: Team) -> None:
    team.rule(mail=False, targets=["https://hooks.example.com/a"])
    for number in range(35):
        team.happens(issue_id=team.issue(f"Error {number}"))
    team.consume()
    states = [state for _, _, state in team.log()]
    assert (states.count("queued"), states.count("suppressed")) == (30, 5)


def test_mentioned_people_get_the_comment(team: Team, senders: Senders, smtp: MailServer) -> None:
    with team.records.write() as session:
        note = Activity(
            issue_id=team.issue_id, type="note", user_id=team.ada, data={"text": "look <b>"}, created_us=1
        )
        session.add(note)
        session.flush()
        note_id = note.id
    team.publish("mention", MentionFact(team.project_id, team.issue_id, note_id, [team.eve], team.clock()))
    team.consume()
    send_due(team.records, senders, team.clock)
    assert [mail["To"] for mail in smtp.mails] == ["eve@example.com"]
    assert "look &lt;b&gt;" in smtp.mails[0].get_body(("html",)).get_content()  # type: ignore[union-attr]  # there is one


# ── sending ───────────────────────────────────────────────────────────────────────────────


def test_mails_are_sent_and_logged(team: Team, senders: Senders, smtp: MailServer) -> None:
    team.happens()
    team.consume()
    assert send_due(team.records, senders, team.clock) == 2
    assert sorted(mail["To"] for mail in smtp.mails) == ["ada@example.com", "bob@example.com"]
    assert smtp.mails[0]["Subject"] == "API-1 ValueError: bad id"
    assert f"/organizations/acme/issues/{team.issue_id}/" in smtp.mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]  # there is one
    assert {state for _, _, state in team.log()} == {"sent"}


def test_a_refused_recipient_is_not_tried_again(team: Team, senders: Senders, world: World) -> None:
    refused = world.user("refused@example.com")
    world.member(world.organization_id("acme"), refused, "member")
    team.change(assignee_user_id=refused)
    team.happens()
    team.consume()
    send_due(team.records, senders, team.clock)
    with team.records.read() as session:
        row = session.scalars(select(Delivery)).one()
        assert (row.state, row.status) == ("failed", 550)


def test_a_webhook_is_signed_json(team: Team, senders: Senders, web: WebReceiver) -> None:
    team.rule(mail=False, targets=[f"http://127.0.0.1:{web.port}/hook?token=s3cret"])
    team.happens()
    team.consume()
    send_due(team.records, senders, team.clock)
    posted = web.posted[0]
    body = json.loads(posted.body)
    assert (body["kind"], body["shortId"], body["title"]) == ("issue_new", "API-1", "ValueError: bad id")
    signed = posted.headers["Vedette-Timestamp"].encode() + b"." + posted.body
    expected = hmac.new(signing_secret("key", team.project_id).encode(), signed, hashlib.sha256).hexdigest()
    assert posted.headers["Vedette-Signature"] == f"sha256={expected}"
    with team.records.read() as session:
        row = session.scalars(select(Delivery)).one()
        assert (row.state, row.status) == ("sent", 200)
        assert "s3cret" not in str((row.target, row.payload, row.detail, row.key))


def test_a_failing_webhook_is_tried_again_later_and_at_last_fails(
    team: Team, senders: Senders, web: WebReceiver, clock: SetClock
) -> None:
    web.answers = [(500, {})] * 10
    team.rule(mail=False, targets=[f"http://127.0.0.1:{web.port}/hook"])
    team.happens()
    team.consume()
    tries = 0
    for _ in range(40):
        tries += send_due(team.records, senders, clock)
        clock.advance(300)
    assert (tries, len(web.posted)) == (5, 5)
    assert team.log()[0][2] == "failed"


def test_a_delivery_under_way_is_not_taken_twice_and_comes_back_if_its_sender_died(
    team: Team, clock: SetClock
) -> None:
    team.change(assignee_user_id=team.ada)
    team.happens()
    team.consume()
    assert len(claim(team.records, clock())) == 1
    assert claim(team.records, clock()) == []
    clock.advance(121)
    assert len(claim(team.records, clock())) == 1


def test_a_target_taken_out_of_the_settings_gets_nothing_more(team: Team, senders: Senders) -> None:
    team.rule(mail=False, targets=["https://hooks.example.com/a"])
    team.happens()
    team.consume()
    team.rule(mail=False)
    send_due(team.records, senders, team.clock)
    assert team.log()[0][2] == "failed"


def test_the_log_is_forgotten_after_a_month(team: Team, clock: SetClock) -> None:
    team.happens()
    team.consume()
    forget_deliveries(team.records, clock() + 31 * DAY_US)
    assert team.log() == []


# ── outgoing requests ─────────────────────────────────────────────────────────────────────

NOTICE = Notice("test", "api", "acme", "http://h/")


def post(url: str, allowed: Allowed, within_s: float = 5) -> Any:
    return post_webhook(url, NOTICE, key="k", secret="s", now_us=0, allowed=allowed, within_s=within_s)


def test_private_addresses_are_not_posted_to(web: WebReceiver) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]", "169.254.169.254"):
        sent = post(f"http://{host}:{web.port}/", Allowed())
        assert not sent.ok and sent.is_final and "private" in sent.detail
    assert web.posted == []


def test_a_redirect_is_checked_anew(web: WebReceiver) -> None:
    web.answers = [(307, {"Location": f"http://localhost:{web.port}/inside"})]

    class OnlyByNumber(Allowed):
        def resolve(self, host: str, port: int) -> str:
            return LOCAL.resolve(host, port) if host == "127.0.0.1" else Allowed().resolve(host, port)

    sent = post(f"http://127.0.0.1:{web.port}/", OnlyByNumber())
    assert not sent.ok and "private" in sent.detail
    assert len(web.posted) == 1


@pytest.mark.parametrize(
    ("answers", "ok", "final", "posts"),
    [
        ([(308, {"Location": "/next"})], True, False, 2),
        ([(307, {"Location": "/again"})] * 9, False, True, 4),
        ([(302, {"Location": "/get"})], False, True, 1),
        ([(307, {"Location": "file:///etc/passwd"})], False, True, 1),
        ([(404, NO_HEADERS)], False, True, 1),
        ([(429, NO_HEADERS)], False, False, 1),
        ([(503, NO_HEADERS)], False, False, 1),
    ],
)
def test_answers_are_judged(
    web: WebReceiver, answers: list[tuple[int, dict[str, str]]], ok: bool, final: bool, posts: int
) -> None:
    web.answers = list(answers)
    sent = post(f"http://127.0.0.1:{web.port}/hook", LOCAL)
    assert (sent.ok, sent.is_final, len(web.posted)) == (ok, final, posts)


def test_a_service_of_apprise_is_told_and_its_connections_are_checked(web: WebReceiver) -> None:
    url = f"json://127.0.0.1:{web.port}/path"
    assert send_chat(url, NOTICE, allowed=LOCAL).ok
    refused = send_chat(url, NOTICE, allowed=Allowed())
    assert not refused.ok and refused.is_final and "private" in refused.detail
    assert [posted.path for posted in web.posted] == ["/path"]


def test_a_redirect_of_a_service_is_checked_too(web: WebReceiver) -> None:
    web.answers = [(307, {"Location": f"http://localhost:{web.port}/inside"})]

    class OnlyByNumber(Allowed):
        def resolve(self, host: str, port: int) -> str:
            return LOCAL.resolve(host, port) if host == "127.0.0.1" else Allowed().resolve(host, port)

    assert not send_chat(f"json://127.0.0.1:{web.port}/", NOTICE, allowed=OnlyByNumber()).ok
    assert [posted.path for posted in web.posted] == ["/"]


# ── mails of accounts ─────────────────────────────────────────────────────────────────────


def test_account_mails_wait_for_their_sender_and_leave_nothing_behind(
    records: Records, clock: SetClock, senders: Senders, smtp: MailServer
) -> None:
    QueuedMailer(records, clock).send(password_reset("ada@example.com", "http://h/reset?token=t"))
    assert smtp.mails == []
    assert send_letters(records, senders, clock) == 1
    assert smtp.mails[0]["To"] == "ada@example.com"
    with records.read() as session:
        assert session.scalar(select(func.count(Job.id))) == 0


def test_account_mails_are_given_up_after_an_hour(records: Records, clock: SetClock) -> None:
    nobody = Senders(parse_smtp_url("smtp://127.0.0.1:1"), "v@h", LOCAL, "key")
    QueuedMailer(records, clock).send(password_reset("ada@example.com", "http://h/reset?token=t"))
    assert send_letters(records, nobody, clock) == 1
    clock.advance(7200)
    assert send_letters(records, nobody, clock) == 1
    assert send_letters(records, nobody, clock) == 0


# ── the API ───────────────────────────────────────────────────────────────────────────────


def test_targets_are_checked_when_they_are_set(team: Team, api: Client) -> None:
    ada = api.with_token(team.token)
    for target in ("file:///etc/passwd", "nothing", "mailto://a:b@c.de"):
        assert ada.put("/projects/acme/api/notifications/", {"targets": [target]}).status_code == 400
    answer = ada.put("/projects/acme/api/notifications/", {"targets": ["https://hooks.example.com/x"]}).json()
    assert answer["targets"] == ["https://hooks.example.com/x"] and len(answer["signingSecret"]) == 64


def test_who_may_not_change_them_sees_no_secrets(team: Team, api: Client, world: World) -> None:
    team.rule(targets=["https://hooks.example.com/secret"])
    bob = api.with_token(world.token(team.bob))
    answer = bob.get("/projects/acme/api/notifications/").json()
    assert (answer["targets"], answer["signingSecret"]) == (["https://hooks.example.com/…"], None)
    assert bob.post("/projects/acme/api/notifications/test/").status_code == 403


def test_the_test_button_tells_what_came_of_it_and_the_log_keeps_it(team: Team, api: Client) -> None:
    ada = api.with_token(team.token)
    team.rule(targets=["http://127.0.0.1:9/hook"])
    results = ada.post("/projects/acme/api/notifications/test/").json()["results"]
    assert [(one["channel"], one["state"]) for one in results] == [("mail", "failed"), ("webhook", "failed")]
    assert "VEDETTE_SMTP_URL" in results[0]["detail"] and "private" in results[1]["detail"]
    log = ada.get("/projects/acme/api/notifications/deliveries/").json()
    assert [one["kind"] for one in log] == ["test", "test"]
    for wrong in ("eve@example.com", "file:///x", "nobody"):
        assert ada.post("/projects/acme/api/notifications/test/", {"target": wrong}).status_code == 400

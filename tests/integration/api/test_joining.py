"""The first run, and invitations."""

import re

import pytest
from sqlalchemy import select

from tests.conftest import Outbox, SetClock
from tests.integration.api.test_login import PASSWORD, sign_in
from tests.support.client import Client
from tests.support.worlds import World
from vedette.api.services import Services
from vedette.config import Settings
from vedette.projects.setup import begin, new_setup_token
from vedette.storage.records import schema

FIRST = {"email": "ada@example.com", "password": PASSWORD, "organization": "Acme & Co", "project": "Web shop"}


def test_the_first_run_makes_account_organization_project_and_key(api: Client, services: Services) -> None:
    token = new_setup_token(services.records, services.clock())
    assert api.get("/setup/").json() == {"needed": True}
    answer = api.post("/setup/", {"token": token, **FIRST})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["organization"], made["project"]) == ("acme-co", "web-shop")
    assert re.fullmatch(r"http://[0-9a-f]{32}@testserver/\d+", made["dsn"])
    assert api.get("/setup/").json() == {"needed": False}
    assert api.get("/auth/").json()["isSuperuser"] is True
    assert api.get("/organizations/acme-co/").json()["role"] == "owner"
    assert api.post("/setup/", {"token": token, **FIRST}).status_code == 409


def test_the_first_run_needs_the_newest_token(api: Client, services: Services) -> None:
    old = new_setup_token(services.records, services.clock())
    new = new_setup_token(services.records, services.clock())
    for wrong in (old, "", "guess"):
        assert api.post("/setup/", {"token": wrong, **FIRST}).status_code == 403
    assert api.post("/setup/", {"token": new, **FIRST, "password": "short"}).status_code == 400
    assert api.post("/setup/", {"token": new, **FIRST}).status_code == 201
    assert new_setup_token(services.records, services.clock()) is None


def test_settings_make_the_first_account_without_the_form(services: Services, settings: Settings) -> None:
    waiting = begin(services.records, settings, services.clock())
    assert waiting.setup_token
    given = Settings(
        data=settings.data,
        public_url="https://errors.example/vedette",
        admin_email="Admin@localhost",
        admin_password=PASSWORD,
        org="acme",
        project="demo",
    )
    first = begin(services.records, given, services.clock())
    assert (first.email, first.password) == ("admin@localhost", PASSWORD)
    assert re.fullmatch(r"https://[0-9a-f]{32}@errors\.example/vedette/\d+", first.dsn)
    again = begin(services.records, given, services.clock())
    assert (again.dsn, again.password, again.setup_token) == (first.dsn, "", "")


@pytest.fixture
def owner(api: Client, world: World) -> Client:
    return api.with_token(world.acme())


def link_of(outbox: Outbox) -> str:
    return re.findall(r"/invites/([^/\s]+)/", outbox.messages[-1].text)[0]


def test_an_invited_person_makes_an_account_and_is_in(
    api: Client, owner: Client, outbox: Outbox, services: Services
) -> None:
    body = {
        "email": "Bob@example.com",
        "orgRole": "member",
        "teamRoles": [{"teamSlug": "web", "role": "admin"}],
    }
    invited = owner.post("/organizations/acme/members/", body)
    assert invited.status_code == 201
    assert invited.json()["pending"] is True
    assert invited.json()["invite_link"] is None  # it went by mail
    token = link_of(outbox)
    seen = api.get(f"/invites/{token}/").json()
    assert (seen["email"], seen["organization"]["slug"], seen["hasAccount"]) == (
        "bob@example.com",
        "acme",
        False,
    )
    assert api.post(f"/invites/{token}/", {"password": "short"}).status_code == 400
    assert api.post(f"/invites/{token}/", {"password": PASSWORD, "name": "Bob"}).status_code == 200
    assert api.get("/organizations/acme/").json()["role"] == "member"
    assert api.get("/organizations/acme/members/me/").json()["teams"] == ["web"]
    assert api.get(f"/invites/{token}/").status_code == 404
    with services.records.read() as session:
        assert (
            session.scalar(select(schema.Member.invite_hash).where(schema.Member.invite_hash == token))
            is None
        )


def test_without_a_mail_server_the_link_is_shown_to_copy(owner: Client, outbox: Outbox) -> None:
    outbox.can_send = False
    made = owner.post("/organizations/acme/members/", {"email": "bob@example.com"}).json()
    assert made["invite_link"].startswith("http://testserver/invites/")
    listed = owner.get("/organizations/acme/members/?query=is:invited").json()
    assert [member["email"] for member in listed] == ["bob@example.com"]
    assert "invite_link" not in listed[0]


def test_a_person_with_an_account_signs_in_to_accept(
    api: Client, owner: Client, world: World, outbox: Outbox
) -> None:
    world.user("bob@example.com", password=PASSWORD)
    owner.post("/organizations/acme/members/", {"email": "bob@example.com"})
    token = link_of(outbox)
    assert api.post(f"/invites/{token}/", {"password": PASSWORD}).status_code == 400
    csrf = sign_in(api, "bob@example.com")
    assert api.post(f"/invites/{token}/", headers=csrf).status_code == 200
    assert api.get("/organizations/acme/").status_code == 200


def test_accepting_in_somebodys_name_needs_the_csrf_token(
    api: Client, owner: Client, world: World, outbox: Outbox
) -> None:
    world.user("bob@example.com", password=PASSWORD)
    owner.post("/organizations/acme/members/", {"email": "bob@example.com"})
    sign_in(api, "bob@example.com")
    assert api.post(f"/invites/{link_of(outbox)}/").status_code == 400
    assert api.get("/organizations/acme/").status_code == 404


def test_an_invitation_expires_and_can_be_renewed(
    api: Client, owner: Client, outbox: Outbox, clock: SetClock
) -> None:
    invited = owner.post("/organizations/acme/members/", {"email": "bob@example.com"}).json()
    old = link_of(outbox)
    clock.advance(7 * 86_400 + 1)
    assert api.get(f"/invites/{old}/").json()["expired"] is True
    assert api.post(f"/invites/{old}/", {"password": PASSWORD}).status_code == 400
    owner.put(f"/organizations/acme/members/{invited['id']}/", {"reinvite": True})
    assert api.get(f"/invites/{old}/").status_code == 404
    assert api.post(f"/invites/{link_of(outbox)}/", {"password": PASSWORD}).status_code == 200


def test_nobody_is_invited_twice(owner: Client) -> None:
    assert owner.post("/organizations/acme/members/", {"email": "bob@example.com"}).status_code == 201
    assert owner.post("/organizations/acme/members/", {"email": "BOB@example.com"}).status_code == 409
    assert owner.post("/organizations/acme/members/", {"email": "ada@example.com"}).status_code == 409
    for wrong in ("not an address", "a@[", "a@b(c)", "a\\b@example.com"):
        assert owner.post("/organizations/acme/members/", {"email": wrong}).status_code == 400


def test_the_log_does_not_have_the_links_token(
    api: Client, owner: Client, outbox: Outbox, capsys: pytest.CaptureFixture[str]
) -> None:
    owner.post("/organizations/acme/members/", {"email": "bob@example.com"})
    token = link_of(outbox)
    api.get(f"/invites/{token}/")
    logged = capsys.readouterr().out
    assert "/invites/{token}" in logged
    assert token not in logged

"""Signing in and out, CSRF, throttling, forgotten passwords."""

import re

import pytest

from tests.conftest import Outbox, SetClock
from tests.support.client import Client
from tests.support.worlds import World
from vedette.projects.sessions import COOKIE, CSRF_COOKIE

PASSWORD = "correct horse battery"


def sign_in(api: Client, email: str = "ada@example.com", password: str = PASSWORD) -> dict[str, str]:
    """Signs in; the headers that unsafe requests need."""
    answer = api.post("/auth/login/", {"email": email, "password": password})
    assert answer.status_code == 200, answer.text
    return {"X-CSRFToken": answer.cookies[CSRF_COOKIE]}


@pytest.fixture
def ada(world: World) -> int:
    user = world.user(password=PASSWORD)
    world.member(world.organization(), user)
    return user


def test_a_person_signs_in_and_out(api: Client, ada: int) -> None:
    assert api.get("/auth/").status_code == 401
    csrf = sign_in(api, email="  ADA@example.com ")
    assert api.get("/auth/").json()["id"] == str(ada)
    assert api.get("/organizations/").json()[0]["slug"] == "acme"
    assert api.post("/auth/logout/", headers=csrf).status_code == 204
    assert api.get("/auth/").status_code == 401


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(api: Client, ada: int) -> None:
    answer = api.post("/auth/login/", {"email": "ada@example.com", "password": PASSWORD})
    cookies = answer.headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith(COOKIE))
    assert "HttpOnly" in session
    assert "samesite=lax" in session.lower()
    assert "Path=/" in session
    csrf = next(cookie for cookie in cookies if cookie.startswith(CSRF_COOKIE))
    assert "HttpOnly" not in csrf


def test_an_unsafe_request_of_a_session_needs_its_csrf_token(api: Client, ada: int) -> None:
    csrf = sign_in(api)
    body = {"name": "Web"}
    assert api.post("/organizations/acme/teams/", body).status_code == 403
    assert api.post("/organizations/acme/teams/", body, headers={"X-CSRFToken": "x"}).status_code == 403
    assert api.post("/organizations/acme/teams/", body, headers=csrf).status_code == 201


def test_a_form_of_another_site_cannot_sign_a_visitor_in(api: Client, ada: int) -> None:
    """Its text/plain body can be made to look like JSON."""
    body = b'{"email": "ada@example.com", "password": "correct horse battery", "x": "="}'
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = api.request("POST", "/auth/login/", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_a_wrong_password_and_an_unknown_address_look_the_same(api: Client, ada: int) -> None:
    wrong = api.post("/auth/login/", {"email": "ada@example.com", "password": "wrong horse"})
    unknown = api.post("/auth/login/", {"email": "eve@example.com", "password": "wrong horse"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


def test_guessing_is_stopped_for_the_account_and_waits_out(api: Client, ada: int, clock: SetClock) -> None:
    for _ in range(10):
        wrong = api.post("/auth/login/", {"email": "ada@example.com", "password": "wrong horse"})
        assert wrong.status_code == 401
    right = api.post("/auth/login/", {"email": "ada@example.com", "password": PASSWORD})
    assert right.status_code == 429
    assert 0 < int(right.headers["retry-after"]) <= 901
    clock.advance(15 * 60)
    sign_in(api)


def test_signing_in_forgives_earlier_mistakes(api: Client, ada: int) -> None:
    for _ in range(2):
        for _ in range(9):
            api.post("/auth/login/", {"email": "ada@example.com", "password": "wrong horse"})
        sign_in(api)


def test_a_new_password_ends_all_other_sessions(api: Client, ada: int) -> None:
    here, there = api, api.anew()
    csrf = sign_in(here)
    sign_in(there)
    body = {"password": PASSWORD, "passwordNew": "a better horse"}
    assert here.put("/users/me/password/", {**body, "password": "wrong"}, headers=csrf).status_code == 400
    assert here.put("/users/me/password/", body, headers=csrf).status_code == 200
    assert here.get("/auth/").status_code == 200
    assert there.get("/auth/").status_code == 401
    sign_in(there, password="a better horse")


def test_signing_out_everywhere_ends_the_sessions_of_other_browsers(api: Client, ada: int) -> None:
    here, there = api, api.anew()
    csrf = sign_in(here)
    sign_in(there)
    here.post("/auth/logout/", {"everywhere": True}, headers=csrf)
    assert there.get("/auth/").status_code == 401


def test_a_session_ends_after_thirty_days(api: Client, ada: int, clock: SetClock) -> None:
    sign_in(api)
    clock.advance(29 * 86_400)
    assert api.get("/auth/").status_code == 200
    clock.advance(2 * 86_400)
    assert api.get("/auth/").status_code == 401


def test_a_forged_cookie_is_nobody(api: Client, ada: int) -> None:
    api.cookies.set(COOKIE, "eyJ1c2VyIjoxfQ.forged", domain="testserver")
    assert api.get("/auth/").status_code == 401


def test_a_forgotten_password_is_set_by_a_link_that_works_once(
    api: Client, ada: int, outbox: Outbox, clock: SetClock
) -> None:
    for email in ("ada@example.com", "nobody@example.com"):
        answer = api.post("/auth/recover/", {"email": email})
        assert answer.json()["sent"] is True
    assert [message.to for message in outbox.messages] == ["ada@example.com"]
    token = re.findall(r"token=(\S+)", outbox.messages[0].text)[0]
    assert api.post("/auth/reset/", {"token": token, "password": "short"}).status_code == 400
    assert api.post("/auth/reset/", {"token": token + "x", "password": "a new horse"}).status_code == 400
    assert api.post("/auth/reset/", {"token": token, "password": "a new horse"}).status_code == 200
    assert api.get("/auth/").status_code == 200
    assert api.post("/auth/reset/", {"token": token, "password": "another horse"}).status_code == 400


def test_a_link_to_set_a_password_expires(api: Client, ada: int, outbox: Outbox, clock: SetClock) -> None:
    api.post("/auth/recover/", {"email": "ada@example.com"})
    token = re.findall(r"token=(\S+)", outbox.messages[0].text)[0]
    clock.advance(3601)
    assert api.post("/auth/reset/", {"token": token, "password": "a new horse"}).status_code == 400


def test_without_a_mail_server_recovering_says_whom_to_ask(api: Client, ada: int, outbox: Outbox) -> None:
    outbox.can_send = False
    answer = api.post("/auth/recover/", {"email": "ada@example.com"}).json()
    assert answer["sent"] is False
    assert "link" not in answer


def test_a_new_address_needs_the_password(api: Client, ada: int) -> None:
    csrf = sign_in(api)
    new = {"email": "Countess@example.com"}
    assert api.put("/users/me/", new, headers=csrf).status_code == 400
    changed = api.put("/users/me/", {**new, "password": PASSWORD}, headers=csrf)
    assert changed.json()["email"] == "countess@example.com"
    named = api.put("/users/me/", {"name": "Ada L.", "options": {"theme": "dark"}}, headers=csrf)
    assert (named.json()["name"], named.json()["options"]) == ("Ada L.", {"theme": "dark"})


def test_a_session_is_no_way_to_guess_the_password(api: Client, ada: int) -> None:
    csrf = sign_in(api)
    guess = {"email": "mallory@example.com", "password": "a guess"}
    answers = [api.put("/users/me/", guess, headers=csrf).status_code for _ in range(12)]
    assert answers[0] == 400
    assert answers[-1] == 429
    assert api.put("/users/me/", {"name": "Ada"}, headers=csrf).status_code == 200


def test_an_account_that_is_switched_off_is_out_at_once(api: Client, ada: int, world: World) -> None:
    sign_in(api)
    token = world.token(ada)
    world.switch_off(ada)
    assert api.get("/auth/").status_code == 401
    assert api.with_token(token).get("/auth/").status_code == 401
    again = api.post("/auth/login/", {"email": "ada@example.com", "password": PASSWORD})
    assert again.status_code == 401

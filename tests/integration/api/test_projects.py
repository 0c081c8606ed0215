"""Projects: making, renaming, changing, removing them, and what belongs to them."""

import pytest
from sqlalchemy import select

from tests.support.client import Client
from tests.support.worlds import World
from vedette.api.services import Services
from vedette.projects.options import PipelineConfig, decode
from vedette.storage.records import schema


@pytest.fixture
def ada(api: Client, world: World) -> Client:
    return api.with_token(world.acme())


def epochs(services: Services, project_id: int) -> list[PipelineConfig]:
    table = schema.ConfigChange
    wanted = select(table.config).where(table.project_id == project_id).order_by(table.epoch)
    with services.records.read() as session:
        return [decode(PipelineConfig, config) for config in session.scalars(wanted)]


def test_a_new_project_has_a_key_rules_and_a_first_epoch(ada: Client, services: Services) -> None:
    answer = ada.post("/teams/acme/web/projects/", {"name": "Web Shop", "platform": "python-django"})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["slug"], made["platform"], made["team"]["slug"]) == ("web-shop", "python-django", "web")
    keys = ada.get("/projects/acme/web-shop/keys/").json()
    assert [key["isActive"] for key in keys] == [True]
    assert ada.get("/projects/acme/web-shop/notifications/").json()["enabled"] is True
    assert len(epochs(services, int(made["id"]))) == 1


def test_a_slug_in_use_is_409_and_a_derived_one_finds_a_free_number(ada: Client) -> None:
    assert ada.post("/teams/acme/web/projects/", {"name": "x", "slug": "api"}).status_code == 409
    assert ada.post("/teams/acme/web/projects/", {"name": "API"}).json()["slug"] == "api-2"
    assert ada.post("/teams/acme/web/projects/", {"name": "x", "slug": "123"}).status_code == 400
    assert ada.post("/teams/acme/web/projects/", {"slug": "y"}).status_code == 400


def test_a_project_without_a_team_goes_to_the_makers_own(ada: Client) -> None:
    made = ada.post("/organizations/acme/projects/", {"name": "Jobs", "default_rules": False}).json()
    assert made["team"]["slug"] == "web"
    assert ada.get("/projects/acme/jobs/notifications/").json()["enabled"] is False


def test_members_make_projects_only_where_the_organization_lets_them(api: Client, world: World) -> None:
    organization, user = world.organization(allow_member_project_creation=False), world.user()
    world.member(organization, user, "member")
    client = api.with_token(world.token(user))
    assert client.post("/organizations/acme/projects/", {"name": "x"}).status_code == 403


def test_a_renamed_project_sends_its_old_address_on(ada: Client, world: World) -> None:
    assert ada.put("/projects/acme/api/", {"slug": "backend"}).json()["slug"] == "backend"
    moved = ada.get("/projects/acme/api/keys/?per_page=5")
    assert moved.status_code == 302
    assert moved.headers["location"] == "/api/0/projects/acme/backend/keys/?per_page=5"
    body = moved.json()
    assert (body["slug"], body["detail"]["code"]) == ("backend", "resource-moved")
    assert body["detail"]["extra"] == {
        "url": "/api/0/projects/acme/backend/keys/?per_page=5",
        "slug": "backend",
    }
    ada.put("/projects/acme/backend/", {"slug": "api"})  # and back again
    assert ada.get("/projects/acme/api/").status_code == 200
    assert ada.get("/projects/acme/backend/").status_code == 302


def test_a_new_project_takes_over_an_address_left_behind(ada: Client) -> None:
    ada.put("/projects/acme/api/", {"slug": "backend"})
    assert ada.post("/teams/acme/web/projects/", {"name": "API", "slug": "api"}).status_code == 201
    assert ada.get("/projects/acme/api/").status_code == 200


def test_a_removed_project_is_gone_at_once_and_its_data_queued(
    ada: Client, services: Services, world: World
) -> None:
    project_id = world.project_id("api")
    assert ada.delete("/projects/acme/api/").status_code == 204
    assert ada.get("/projects/acme/api/").status_code == 404
    assert ada.get(f"/projects/acme/{project_id}/").status_code == 404
    assert ada.get("/organizations/acme/projects/").json() == []
    with services.records.read() as session:
        job = session.scalars(select(schema.Job)).one()
        assert (job.kind, job.payload) == ("delete_project", {"project_id": project_id, "slug": "api"})
    assert ada.post("/teams/acme/web/projects/", {"name": "API", "slug": "api"}).status_code == 201


CHANGES = [
    ({"subjectPrefix": "[x]", "resolveAge": 720}, {"subjectPrefix": "[x]", "resolveAge": 720}),
    ({"allowedDomains": ["*.example.com"]}, {"allowedDomains": ["*.example.com"]}),
    ({"sensitiveFields": "one\n two \n\none"}, {"sensitiveFields": ["one", "two"]}),
    ({"scrubIPAddresses": True, "dataScrubber": False}, {"scrubIPAddresses": True, "dataScrubber": False}),
    ({"relayPiiConfig": '{"rules": {}}'}, {"relayPiiConfig": '{"rules": {}}'}),
    (
        {"fingerprintingRules": "type:ValueError -> values"},
        {"fingerprintingRules": "type:ValueError -> values"},
    ),
    ({"retentionDays": 30}, {"retentionDays": 30}),
    (
        {"options": {"filters:blacklisted_ips": "10.0.0.0/8\n", "filters:releases": ["1.*"]}},
        {
            "options": {
                "filters:blacklisted_ips": "10.0.0.0/8",
                "filters:releases": "1.*",
                "filters:error_messages": "",
                "filters:react-hydration-errors": True,
                "filters:chunk-load-error": True,
            }
        },
    ),
    (
        {"quotas": [{"count": 5, "window": 60, "category": "error"}]},
        {"quotas": [{"count": 5, "window": 60, "category": "error"}]},
    ),
    ({"platform": "node", "name": None, "unknownKey": [1]}, {"platform": "node", "platforms": ["node"]}),
    ({"isBookmarked": True}, {"isBookmarked": True}),
]


@pytest.mark.parametrize(("body", "read_back"), CHANGES)
def test_a_change_is_partial_and_reads_back(
    ada: Client, body: dict[str, object], read_back: dict[str, object]
) -> None:
    before = ada.get("/projects/acme/api/").json()
    after = ada.put("/projects/acme/api/", body)
    assert after.status_code == 200, after.text
    assert ada.get("/projects/acme/api/").json() == {**before, **read_back}


REFUSED = [
    ({"relayPiiConfig": "not json"}, "relayPiiConfig"),
    ({"fingerprintingRules": "nonsense"}, "fingerprintingRules"),
    ({"retentionDays": 13}, "retentionDays"),
    ({"resolveAge": -1}, "resolveAge"),
    ({"quotas": [{"count": 1, "window": 0}]}, "quotas"),
    ({"scrubbingRules": [{"type": "pattern", "pattern": "("}]}, "scrubbingRules"),
    ({"slug": "no spaces"}, "slug"),
    ({"name": "  "}, "name"),
    ({"dataScrubber": "yes"}, "dataScrubber"),
]


@pytest.mark.parametrize(("body", "field"), REFUSED)
def test_a_value_that_will_not_do_is_named(ada: Client, body: dict[str, object], field: str) -> None:
    answer = ada.put("/projects/acme/api/", body)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


@pytest.mark.parametrize(
    "body",
    [
        {"scrubbingRules": [{"type": "pattern", "pattern": "(?=x)", "source": "**"}]},
        {
            "relayPiiConfig": '{"rules":{"a":{"type":"pattern","pattern":"(?=x)"}},"applications":{"**":["a"]}}'
        },
    ],
)
def test_a_pattern_is_tried_on_the_machine_that_will_run_it(ada: Client, body: dict[str, object]) -> None:
    """Python's own would take it; RE2, which runs it, does not."""
    answer = ada.put("/projects/acme/api/", body)
    assert answer.status_code == 400
    assert "look-around are not supported" in str(answer.json())


def test_what_the_pipeline_reads_gets_an_epoch_and_nothing_else_does(
    ada: Client, services: Services, world: World
) -> None:
    project_id = world.project_id("api")
    ada.put("/projects/acme/api/", {"subjectPrefix": "x"})
    first = epochs(services, project_id)
    ada.put("/projects/acme/api/", {"name": "y", "defaultEnvironment": "production"})
    assert epochs(services, project_id) == first
    ada.put("/projects/acme/api/filters/localhost/", {"active": True})
    ada.put("/organizations/acme/", {"sensitiveFields": ["iban"]})
    changed = epochs(services, project_id)[len(first) :]
    assert [config.filters.localhost for config in changed] == [True, True]
    assert [config.scrubbing.sensitive_fields for config in changed] == [(), ("iban",)]


def test_filters_are_switched_one_by_one(ada: Client) -> None:
    assert ada.put("/projects/acme/api/filters/localhost/", {"active": True}).status_code == 204
    legacy = {"subfilters": ["ie9", "safari_pre_6"]}
    assert ada.put("/projects/acme/api/filters/legacy-browsers/", legacy).status_code == 204
    assert ada.put("/projects/acme/api/filters/nothing/", {"active": True}).status_code == 404
    assert ada.put("/projects/acme/api/filters/localhost/", {}).status_code == 400
    found = {row["id"]: row["active"] for row in ada.get("/projects/acme/api/filters/").json()}
    assert found["localhost"] is True
    assert found["browser-extensions"] is False
    assert found["legacy-browsers"] == ["ie9", "safari_pre_6"]


def test_a_key_is_made_limited_switched_off_and_removed(ada: Client) -> None:
    made = ada.post("/projects/acme/api/keys/", {"name": "Mobile", "rateLimit": {"count": 5, "window": 60}})
    key = made.json()
    assert made.status_code == 201
    assert key["rateLimit"] == {"count": 5, "window": 60}
    path = f"/projects/acme/api/keys/{key['id']}/"
    assert ada.put(path, {"name": "App"}).json()["rateLimit"] == {"count": 5, "window": 60}
    assert ada.put(path, {"rateLimit": None}).json()["rateLimit"] is None
    assert ada.put(path, {"isActive": False}).json()["isActive"] is False
    assert ada.put(path, {"rateLimit": {"count": 0, "window": 60}}).status_code == 400
    inactive = ada.get("/projects/acme/api/keys/?status=inactive").json()
    assert [found["id"] for found in inactive] == [key["id"]]
    assert ada.delete(path).status_code == 204
    assert ada.get(path).status_code == 404


def test_ownership_is_checked_line_by_line(ada: Client) -> None:
    raw = "path:src/* #web\n# a comment\nurl:*/pay* ada@example.com\n"
    stored = ada.put("/projects/acme/api/ownership/", {"raw": raw, "fallthrough": False})
    assert stored.status_code == 202
    found = ada.get("/projects/acme/api/ownership/").json()
    assert (found["raw"], found["fallthrough"]) == (raw, False)
    assert found["schema"]["rules"][0]["matcher"] == {"type": "path", "pattern": "src/*"}
    assert found["schema"]["rules"][1]["owners"][0]["identifier"] == "ada@example.com"
    for wrong in ("path:x", "x #web", "path:x #nobody", "path:x stranger@example.com"):
        answer = ada.put("/projects/acme/api/ownership/", {"raw": wrong})
        assert answer.status_code == 400
        assert list(answer.json()) == ["raw"]


def test_notification_targets_are_secret_to_those_who_cannot_change_them(
    api: Client, ada: Client, world: World
) -> None:
    targets = ["https://user:pw@hooks.example/T0/B0/secret", "slack://token-a/token-b"]
    body = {"targets": targets, "kinds": ["escalating", "new"], "minimumLevel": "error"}
    changed = ada.put("/projects/acme/api/notifications/", body).json()
    assert (changed["targets"], changed["kinds"]) == (targets, ["new", "escalating"])
    organization = world.organization_id("acme")
    bob = world.user("bob@example.com")
    world.member(organization, bob, "member")
    seen = api.with_token(world.token(bob)).get("/projects/acme/api/notifications/").json()
    assert seen["targets"] == ["https://hooks.example/…", "slack://…"]
    assert ada.put("/projects/acme/api/notifications/", {"targets": ["nothing"]}).status_code == 400


def test_environments_are_hidden_and_shown(ada: Client, world: World) -> None:
    project_id = world.project_id("api")
    for name in ("production", "staging"):
        world.environment(project_id, name)
    path = "/projects/acme/api/environments/"
    assert ada.put(f"{path}staging/", {"isHidden": True}).json()["isHidden"] is True
    assert [one["name"] for one in ada.get(path).json()] == ["production"]
    assert [one["name"] for one in ada.get(f"{path}?visibility=hidden").json()] == ["staging"]
    assert [one["name"] for one in ada.get("/organizations/acme/environments/").json()] == ["production"]
    both = {"environmentNames": ["production", "staging"], "isHidden": False}
    assert len(ada.put(path, both).json()) == 2
    assert ada.put(path, {"environmentNames": ["nowhere"], "isHidden": True}).status_code == 404
    assert ada.get(f"{path}?visibility=some").status_code == 400


def test_projects_of_all_organizations_are_listed_together(ada: Client, world: World) -> None:
    other = world.organization("other")
    world.member(other, world.user_id("ada@example.com"), "member")
    world.project(other, "jobs")
    listed = ada.get("/projects/").json()
    assert [(one["organization"]["slug"], one["slug"]) for one in listed] == [
        ("acme", "api"),
        ("other", "jobs"),
    ]


def test_every_change_is_in_the_audit_log(ada: Client) -> None:
    ada.post("/teams/acme/web/projects/", {"name": "Jobs"})
    ada.put("/projects/acme/jobs/", {"name": "J"})
    ada.delete("/projects/acme/jobs/")
    log = ada.get("/organizations/acme/audit-logs/").json()
    assert [row["event"] for row in log["rows"]] == ["project.remove", "project.edit", "project.create"]
    assert log["rows"][0]["actor"]["email"] == "ada@example.com"
    assert log["rows"][0]["targetObject"] == "jobs"
    some = ada.get("/organizations/acme/audit-logs/?event=project.edit").json()
    assert len(some["rows"]) == 1

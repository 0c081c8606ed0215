"""What was received, over a real engine."""

from collections.abc import Iterator

import msgspec
import pytest

from tests.conftest import SetClock
from tests.support.client import Client
from tests.support.engine import EngineProcess
from tests.support.worlds import World
from vedette.api.services import Services
from vedette.core.outcomes import Outcome
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.migrate import migrate
from vedette.storage.telemetry.tables import OUTCOMES


@pytest.fixture(scope="module")
def telemetry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Telemetry]:
    process = EngineProcess(tmp_path_factory.mktemp("engine"))
    process.start()
    migrate(process.telemetry, now_us=0)
    yield process.telemetry
    process.stop()


@pytest.fixture
def services(services: Services, telemetry: Telemetry) -> Services:
    return msgspec.structs.replace(services, telemetry=telemetry)


@pytest.fixture
def ada(api: Client, world: World, telemetry: Telemetry, clock: SetClock) -> Client:
    """Two hours ago 5 accepted and 2 filtered errors, one hour ago 3 default ones; 9 of a hidden project."""
    token = world.acme()
    project, hidden = world.project_id("api"), world.project(world.organization("other"))
    now_s = clock.now_us // 1_000_000
    earlier, later = now_s - 7200, now_s - 3600
    rows = [
        (project, 1, "error", Outcome.ACCEPTED, "", earlier - earlier % 60, 5),
        (project, 1, "error", Outcome.FILTERED, "localhost", earlier - earlier % 60, 2),
        (project, 1, "default", Outcome.ACCEPTED, "", later - later % 60, 3),
        (project, 1, "transaction", Outcome.RATE_LIMITED, "quota", later - later % 60, 4),
        (hidden, 1, "error", Outcome.ACCEPTED, "", later - later % 60, 9),
    ]
    telemetry.command("TRUNCATE TABLE outcomes")
    telemetry.insert("outcomes", OUTCOMES.columns, rows, token=f"test {project} {clock.now_us} {id(rows)}")
    return api.with_token(token)


def test_series_are_told_apart_by_what_is_asked(ada: Client) -> None:
    answer = ada.get(
        "/organizations/acme/stats_v2/?groupBy=outcome&groupBy=category&field=sum(quantity)"
        "&statsPeriod=24h&interval=1h&category=error"
    ).json()
    assert len(answer["intervals"]) == 25
    found = {(group["by"]["category"], group["by"]["outcome"]): group for group in answer["groups"]}
    assert set(found) == {("error", "accepted"), ("error", "filtered")}
    accepted = found["error", "accepted"]
    assert accepted["totals"] == {"sum(quantity)": 8}
    assert accepted["series"]["sum(quantity)"][-4:] == [0, 5, 3, 0]
    assert answer["start"].endswith("Z")


def test_without_a_grouping_there_is_one_series_of_all(ada: Client) -> None:
    answer = ada.get("/organizations/acme/stats_v2/?field=sum(quantity)&statsPeriod=1d&interval=1d").json()
    assert [group["totals"] for group in answer["groups"]] == [{"sum(quantity)": 14}]


def test_the_summary_counts_per_project_and_category(ada: Client) -> None:
    answer = ada.get("/organizations/acme/stats-summary/?field=sum(quantity)&statsPeriod=1d").json()
    assert [project["slug"] for project in answer["projects"]] == ["api"]
    stats = {row["category"]: row for row in answer["projects"][0]["stats"]}
    assert stats["error"]["outcomes"]["accepted"] == 8
    assert stats["error"]["totals"] == {"dropped": 2, "sum(quantity)": 10}
    assert stats["transaction"]["outcomes"]["rate_limited"] == 4


@pytest.mark.parametrize(
    ("stat", "total"), [("received", 10), ("rejected", 0), ("blacklisted", 2), ("generated", 8)]
)
def test_the_older_forms_count_errors_by_slot(ada: Client, stat: str, total: int) -> None:
    for path in (
        f"/projects/acme/api/stats/?stat={stat}",
        f"/projects/acme/api/stats/{stat}/?since=undefined&until=undefined&resolution=undefined",
        f"/organizations/acme/stats/?stat={stat}",
        f"/organizations/acme/stats/{stat}/?resolution=1h",
    ):
        points = ada.get(path).json()
        assert sum(count for _, count in points) == total, path
        assert len(points) == 25
        assert all(at % 3600 == 0 for at, _ in points)


@pytest.mark.parametrize(
    "path",
    [
        "/organizations/acme/stats_v2/?groupBy=colour",
        "/organizations/acme/stats_v2/?interval=often",
        "/organizations/acme/stats_v2/?statsPeriod=365d&interval=1m",
        "/organizations/acme/stats_v2/?outcome=lovely",
        "/organizations/acme/stats_v2/?field=avg(x)",
        "/organizations/acme/stats/?stat=x",
        "/organizations/acme/stats/?since=soon",
    ],
)
def test_a_question_that_cannot_be_answered_is_400(ada: Client, path: str) -> None:
    answer = ada.get(path)
    assert answer.status_code == 400
    assert answer.json()["detail"]

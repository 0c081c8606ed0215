"""The API's list of issues over the sample: every key is answered, and as the search answers it."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.conftest import Outbox
from tests.integration.errors import naive
from tests.integration.errors.sample import NOW_US, Sample, scope
from tests.integration.errors.test_issue_search import EVENT_TERMS, ISSUE_TERMS
from tests.support.client import BASE_URL, Client
from tests.support.worlds import World
from vedette.api.app import create_api
from vedette.api.services import services_of
from vedette.config import Settings
from vedette.search.bind import understand
from vedette.search.issue_keys import ISSUE_KEYS
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry


@pytest.fixture(scope="module")
def client(sqlite: Records, filled: Telemetry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    settings = Settings(data=tmp_path_factory.mktemp("data"), public_url=BASE_URL)
    services = services_of(settings, sqlite, filled, lambda: NOW_US, Outbox(), "a key")
    token = World(sqlite, lambda: NOW_US).token(1)
    with asyncio.Runner() as runner:
        yield Client(create_api(services), runner, token)


@pytest.mark.parametrize("text", ("", *ISSUE_TERMS, *EVENT_TERMS))
def test_a_list_says_how_many_issues_there_are(text: str, client: Client, sample: Sample) -> None:
    asked = {"query": text, "statsPeriod": "20d", "limit": "100"}
    response = client.get("/organizations/acme/issues/", params=asked)
    assert response.status_code == 200, response.text
    found = naive.found(sample, understand(text, ISSUE_KEYS, NOW_US), scope())
    assert {int(issue["id"]) for issue in response.json()} == set(found)
    assert response.headers["X-Hits"] == str(len(found))


@pytest.mark.parametrize("text", ["level:", "is:nothing", "age:soon", "(", "a:[b"])
def test_a_query_that_cannot_be_read_is_refused_with_its_place(text: str, client: Client) -> None:
    response = client.get("/organizations/acme/issues/", params={"query": text})
    assert response.status_code == 400
    assert response.json()["detail"].startswith("Error parsing search query: ")
    assert "at character" in response.json()["detail"]

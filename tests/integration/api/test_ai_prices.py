"""Prices of models: read, replaced, and known to the pipeline from then on."""

import msgspec
import pytest
from sqlalchemy import select

from tests.support.client import Client
from tests.support.worlds import World
from vedette.pipeline.configs import ConfigStore
from vedette.storage.records.database import Records
from vedette.storage.records.schema import ConfigChange, Project
from vedette.tracing.prices import Price

URL = "/organizations/acme/ai-prices/"


def test_own_prices_are_kept_and_reach_every_project(api: Client, world: World, records: Records) -> None:
    ada = api.with_token(world.acme())
    before = ada.get(URL).json()
    assert before["prices"] == {}
    assert before["defaults"]["gpt-4o"]["input"] > 0
    own = {"my-model*": {"input": 1.5, "output": 2, "cachedInput": None}}
    answer = ada.put(URL, {"prices": own})
    assert (answer.status_code, answer.json()["prices"]) == (200, own)
    assert ada.get(URL).json()["prices"] == own
    with records.read() as session:
        projects = set(session.scalars(select(Project.id)))
        changed = set(session.scalars(select(ConfigChange.project_id)))
    assert projects <= changed
    store = ConfigStore(records, retention_days=90)
    config = store.at(store.newest_epoch()).tracing(min(projects))
    assert config.prices == {"my-model*": Price(1.5, 2)}


def test_other_settings_leave_prices_alone(api: Client, world: World) -> None:
    ada = api.with_token(world.acme())
    ada.put(URL, {"prices": {"m": {"input": 1, "output": 1}}})
    assert ada.put("/organizations/acme/", {"openMembership": False}).status_code == 200
    assert list(ada.get(URL).json()["prices"]) == ["m"]


@pytest.mark.parametrize(
    "prices",
    [
        {"m": {"input": -1, "output": 1}},
        {"m": {"input": 1}},
        {"m": {"input": 1e12, "output": 1}},
        {" ": {"input": 1, "output": 1}},
        {"m" * 201: {"input": 1, "output": 1}},
        [],
    ],
)
def test_prices_that_make_no_sense_are_refused(api: Client, world: World, prices: object) -> None:
    ada = api.with_token(world.acme())
    answer = ada.put(URL, {"prices": prices})
    assert answer.status_code == 400
    assert msgspec.json.encode(ada.get(URL).json()["prices"]) == b"{}"

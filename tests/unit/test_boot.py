"""The two parts of a page: what fails in the second must not keep it from ending."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest

from vedette.api.services import Services
from vedette.boot import Boot

SCOPE: dict[str, Any] = {
    "type": "http",
    "path": "/organizations/acme/issues/",
    "query_string": b"",
    "headers": [(b"cookie", b"a=b"), (b"accept-encoding", b"gzip")],
}
SETTINGS = SimpleNamespace(prefix="/v")


async def parts_of(broken: str, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What a page says; `broken`: the API's resource that raises instead of answering."""

    async def api(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].endswith(broken):
            raise ConnectionError("away")
        assert [name for name, _ in scope["headers"]] == [b"cookie"]
        scope["state"]["asked"] = scope["path"]
        await asyncio.sleep(0)  # another answer's turn
        assert scope["state"]["asked"] == scope["path"], "answers share what the guard remembers of each"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-hits", b"3")]})
        await send({"type": "http.response.body", "body": b"[]"})

    services = SimpleNamespace(settings=SETTINGS, mailer=SimpleNamespace(can_send=False))
    boot = Boot(cast("Services", services), cast("Any", api))
    monkeypatch.setattr(boot, "_check_set_up", lambda: True)
    return [orjson.loads(orjson.dumps(part)) async for part in boot(SCOPE)]


@pytest.mark.parametrize("broken", ["/issues/", "/projects/", "/environments/", "/searches/"])
def test_an_answer_that_breaks_is_left_out_of_the_page(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = asyncio.run(parts_of(broken, monkeypatch))
    assert first["prefix"] == "/v"
    assert set(second) == {path for path in first["coming"] if f"acme{broken}" not in path}
    assert all(answer == {"body": [], "hits": 3} for answer in second.values())


@pytest.mark.parametrize("broken", ["/users/me/", "/organizations/"])
def test_a_page_that_knows_nobody_does_not_begin(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConnectionError):
        asyncio.run(parts_of(broken, monkeypatch))

"""uvicorn's HTTP protocol, with a short way for envelopes: no task, no ASGI messages.

What an SDK sends is nearly always one small body that is taken. Everything else goes on as an
ordinary ASGI request from its beginning, in uvicorn's own code; so does what the short way leaves.
"""

from typing import Any, cast

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from vedette.receive.answers import Answer, Scope
from vedette.receive.app import Receiver

_MOST_BYTES = HIGH_WATER_LIMIT  # of a body: beyond, reading pauses until an app asks for more


class IngestProtocol(HttpToolsProtocol):
    """For `uvicorn.Config(http=IngestProtocol)` of a `Receiver`."""

    def __init__(self, config: Config, *arguments: Any, **more: Any) -> None:
        super().__init__(config, *arguments, **more)
        assert isinstance(config.app, Receiver)
        self._receiver = config.app
        self._held: RequestResponseCycle | None = None  # waits for its body

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if app is not self._receiver or not self._may_be_short(cycle):
            super()._start_asgi_task(cycle, app)
        elif cycle.more_body:
            self._held = cycle
        else:
            self._take(cycle)  # it was pipelined

    def on_message_complete(self) -> None:
        super().on_message_complete()
        held, self._held = self._held, None
        if held is not None:
            self._take(held)

    def _may_be_short(self, cycle: RequestResponseCycle) -> bool:
        if cycle.waiting_for_100_continue or not self._receiver.is_envelope(_scope(cycle)):
            return False
        length = next((value for name, value in cycle.scope["headers"] if name == b"content-length"), b"")
        return 0 < len(length) < 6 and int(length) <= _MOST_BYTES

    def _take(self, cycle: RequestResponseCycle) -> None:
        def done(answer: Answer | None) -> None:
            if answer is None:
                self._go_the_long_way(cycle)
            else:
                self._answer(cycle, answer)

        if self.flow.write_paused or not self._receiver.take(_scope(cycle), bytes(cycle.body), done):
            self._go_the_long_way(cycle)

    def _go_the_long_way(self, cycle: RequestResponseCycle) -> None:
        super()._start_asgi_task(cycle, cast("ASGI3Application", self._receiver))

    def _answer(self, cycle: RequestResponseCycle, answer: Answer) -> None:
        """As `RequestResponseCycle.send` does, in one piece."""
        if cycle.disconnected:
            return
        cycle.response_started = cycle.response_complete = True
        parts = [STATUS_LINE[answer.status]]
        for name, value in (*self.server_state.default_headers, *answer.headers):
            parts += (name, b": ", value, b"\r\n")
        if not cycle.keep_alive:
            parts.append(b"connection: close\r\n")
        parts += (b"content-length: ", str(len(answer.body)).encode(), b"\r\n\r\n", answer.body)
        self.transport.write(b"".join(parts))
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response = _nothing  # as uvicorn does: it would keep the two alive for each other
        self.on_response_complete()


def _scope(cycle: RequestResponseCycle) -> Scope:
    return cast("Scope", cycle.scope)


def _nothing() -> None:
    pass

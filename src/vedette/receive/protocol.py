"""uvicorn's HTTP protocol, with a short way for envelopes: no task, no ASGI messages.

What an SDK sends is nearly always one small body that is taken. Everything else goes on as an
ordinary ASGI request from its beginning, in uvicorn's own code; so does what the short way leaves.
A head that led there once is not parsed again.
"""

from typing import Any, cast

import msgspec
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from vedette.receive.answers import Answer, Scope
from vedette.receive.app import Receiver
from vedette.receive.heads import Head, KnownHead, read_head
from vedette.receive.request import Request

_MOST_BYTES = HIGH_WATER_LIMIT  # of a body: beyond, reading pauses until an app asks for more
_MOST_HEAD_BYTES = (
    65_536  # of a message: the parser keeps what it is sent, and no app can say that it is enough
)
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class _Repeated(msgspec.Struct, frozen=True, gc=False):
    """What a message began with, which the next one mostly repeats, and what that came to."""

    head: Head
    request: Request


class _Recalled(msgspec.Struct, gc=False):
    """A message whose head is known, on its way in or waiting for its answer."""

    head: Head
    request: Request
    data: bytes  # of the message, as far as it has come; once it is taken also what follows
    is_taken: bool = False


class IngestProtocol(HttpToolsProtocol):
    """For `uvicorn.Config(http=IngestProtocol)` of a `Receiver`."""

    def __init__(self, config: Config, *arguments: Any, **more: Any) -> None:
        super().__init__(config, *arguments, **more)
        assert isinstance(config.app, Receiver)
        self._receiver = config.app
        self._held: RequestResponseCycle | None = None  # waits for its body
        self._is_parsing = False  # the parser is within a message
        self._is_in_head = False  # within that, it has not seen the end of the head
        self._is_of_one_head = False  # no other message began in the piece at hand
        self._head_bytes = 0  # of the head, but for the piece in which it began
        self._head: Head | None = None  # of the message that is parsed
        self._last: _Repeated | None = None  # the message before whose head was known
        self._answered_at_s = 0.0  # when such a message last had its answer, by the loop's clock
        self._recalled: _Recalled | None = None
        self._is_stopping = False

    # ── a message with a known head, which the parser never sees ──────────────────────────────

    def data_received(self, data: bytes) -> None:
        recalled = self._recalled
        if recalled is not None:
            recalled.data += data
            if recalled.is_taken:
                self.flow.pause_reading()  # until the answer before is given
            else:
                self._take_recalled(recalled)
            return
        is_between = not self._is_parsing and self._is_answered()
        recalled = self._recalled = self._recall(data) if is_between else None
        if recalled is None:
            self._parse(data)
        else:
            self._take_recalled(recalled)

    def _recall(self, data: bytes) -> _Recalled | None:
        """The message that `data` begins with where its head is known."""
        last = self._last
        head = self._head = None if last is None else last.head.again(data)
        if head is not None and last is not None:
            return _Recalled(head, last.request, data)
        head = self._head = read_head(data)
        known = None if head is None else self._receiver.heads.find(head.key)
        if head is None or known is None:
            return None
        request = self._receiver.request_with(known, self.client)
        self._last = _Repeated(head, request)
        return _Recalled(head, request, data)

    def timeout_keep_alive_handler(self) -> None:
        """Hang up, unless a message with a known head came since: setting a timer for each costs, so it is left."""
        self.timeout_keep_alive_task = None
        idle_s = self.loop.time() - self._answered_at_s
        if self._recalled is None and idle_s >= self.timeout_keep_alive:
            super().timeout_keep_alive_handler()
        elif self._recalled is None and not self.transport.is_closing():
            self._time_out_in(self.timeout_keep_alive - idle_s)

    def _wait_for_more(self) -> None:
        self.flow.resume_reading()
        self._answered_at_s = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._time_out_in(self.timeout_keep_alive)

    def _time_out_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        self._recalled = None
        self._unset_keepalive_if_required()  # uvicorn: only where nothing went wrong; a timer left keeps all this
        super().connection_lost(exc)

    def shutdown(self) -> None:
        self._is_stopping = True
        if self._recalled is None:
            super().shutdown()

    def _is_answered(self) -> bool:
        """Whether every message whose head has come has its answer."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # none before the first
        return not self.pipeline and (cycle is None or cycle.response_complete)

    def _take_recalled(self, recalled: _Recalled) -> None:
        head = recalled.head
        missing = head.size_bytes + head.body_bytes - len(recalled.data)
        if missing > 0:
            return

        def done(answer: Answer | None) -> None:
            if self._recalled is not recalled:  # its client went away
                return
            if answer is None:
                self._parse_after_all(recalled)
            else:
                self._answer_recalled(recalled, answer)

        recalled.is_taken = not missing and 0 < head.body_bytes <= _MOST_BYTES and not self.flow.write_paused
        body = recalled.data[head.size_bytes :]
        if not (recalled.is_taken and self._receiver.take(recalled.request, body, done)):
            self._parse_after_all(recalled)

    def _parse_after_all(self, recalled: _Recalled) -> None:
        self._recalled = None
        self.flow.resume_reading()
        self._parse(recalled.data)
        if self._is_stopping:
            super().shutdown()

    def _answer_recalled(self, recalled: _Recalled, answer: Answer) -> None:
        self._recalled = None
        self._write(answer, keep_alive=not self._is_stopping)
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self._wait_for_more()
        following = recalled.data[recalled.head.size_bytes + recalled.head.body_bytes :]
        if following and not self._is_stopping:
            self.data_received(following)

    # ── a message that is parsed ──────────────────────────────────────────────────────────────

    def _parse(self, data: bytes) -> None:
        self._is_of_one_head = self._is_in_head
        super().data_received(data)
        if self._is_of_one_head and self._is_in_head:
            self._bound_head(len(data))

    def _bound_head(self, more_bytes: int) -> None:
        self._head_bytes += more_bytes
        if self._head_bytes <= _MOST_HEAD_BYTES or self.transport.is_closing():
            return
        if self._is_answered():
            self.transport.write(_TOO_LARGE)
        self.transport.close()

    def on_message_begin(self) -> None:
        self._is_parsing = self._is_in_head = True
        self._is_of_one_head = False
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._is_parsing = False
        held, self._held = self._held, None
        if held is not None:
            self._take(held)
        self._head = None  # the next message of the same piece has another

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if app is not self._receiver or not self._may_be_short(cycle):
            super()._start_asgi_task(cycle, app)
        elif cycle.more_body:
            self._held = cycle
        else:
            self._take(cycle)  # it was pipelined

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

        request = self._receiver.request_of(_scope(cycle))
        if self.flow.write_paused or not self._receiver.take(request, bytes(cycle.body), done):
            self._go_the_long_way(cycle)
        elif self._head is not None and self._head.body_bytes == len(cycle.body) and cycle.keep_alive:
            headers = {name: value for name, value in request.headers.items() if name != b"content-length"}
            known = KnownHead(request.route, headers, request.said, request.query, request.credentials)
            self._receiver.heads.remember(self._head.key, known)

    def _go_the_long_way(self, cycle: RequestResponseCycle) -> None:
        super()._start_asgi_task(cycle, cast("ASGI3Application", self._receiver))

    def _answer(self, cycle: RequestResponseCycle, answer: Answer) -> None:
        """As `RequestResponseCycle.send` does, in one piece."""
        if cycle.disconnected:
            return
        cycle.response_started = cycle.response_complete = True
        self._write(answer, keep_alive=cycle.keep_alive)
        cycle.on_response = _nothing  # as uvicorn does: it would keep the two alive for each other
        self.on_response_complete()

    def _write(self, answer: Answer, *, keep_alive: bool) -> None:
        defaults = self.server_state.default_headers
        head = self._receiver.answer_heads.of(answer, STATUS_LINE[answer.status], defaults)
        connection = b"" if keep_alive else b"connection: close\r\n"
        body = answer.body
        self.transport.write(b"%b%bcontent-length: %d\r\n\r\n%b" % (head, connection, len(body), body))
        if not keep_alive:
            self.transport.close()


def _scope(cycle: RequestResponseCycle) -> Scope:
    return cast("Scope", cycle.scope)


def _nothing() -> None:
    pass

"""Connections: what uvicorn leaves open below ASGI, a head without an end and a client that takes for ever."""

import asyncio
from http import HTTPStatus
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from proxy.domain.errors import ArrivedTooSlowly, HeadersTooLarge, InvalidRequest, ProxyError
from proxy.domain.happening import Happening
from proxy.ports import Telemetry
from proxy.web.bounds import Bounds
from proxy.web.edge import CORS
from proxy.web.errors import problem

# The application refuses by the exact size, in the form of its other answers; here memory is what counts.
_MOST = 2


def connections(bounds: Bounds, telemetry: Telemetry) -> type[asyncio.Protocol]:
    """Give the protocol that `uvicorn.Config(http=…)` makes of each connection."""

    class Bound(Connection):
        """A connection of this server."""

        _bounds = bounds
        _telemetry = telemetry

    return Bound


class Connection(HttpToolsProtocol):
    """Closes when a request has not arrived whole in time, or its head is beyond all measure.

    Source: uvicorn 0.54, protocols/http/httptools_impl.py: headers are collected without limit, and neither a new
    connection nor a head or body that never ends is given up.
    """

    _bounds: ClassVar[Bounds]
    _telemetry: ClassVar[Telemetry]
    _whole = False
    _head_bytes = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        self._whole = False
        super().data_received(data)
        # Most requests arrive in one piece, and then nothing here costs anything.
        if not self._whole:
            self._part(len(data))

    def on_message_complete(self) -> None:
        self._whole = True
        self._rest()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._end(InvalidRequest(msg))

    def _part(self, size: int) -> None:
        if self.transport.is_closing():
            return
        if self._timer is None:
            self._wait()
        if self._in_head():
            self._head_bytes += size
            if self._head_bytes > _MOST * (self._bounds.url_bytes + self._bounds.header_bytes):
                self._end(HeadersTooLarge())

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self._bounds.arrival_s, self._late)

    def _rest(self) -> None:
        self._head_bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        if self._answering():
            self._wait()  # the application has a deadline of its own, and answers by it
        elif self._in_head() and self._head_bytes:
            self._end(ArrivedTooSlowly())
        else:
            self.transport.close()

    def _in_head(self) -> bool:
        scope: Any = self.scope
        return scope is None or "method" not in scope

    def _answering(self) -> bool:
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    def _end(self, error: ProxyError) -> None:
        """Refuse without the application, unless an answer that it has begun would be torn by that."""
        if not self._answering():
            self._telemetry.tell(Happening.REQUEST_REFUSED, route="unmatched", code=error.code, details={})
            self.transport.write(_written(error))
        self.transport.close()


def _written(error: ProxyError) -> bytes:
    answer = problem(error)
    headers = [*answer.raw_headers, *CORS, (b"connection", b"close")]
    lines = [b"HTTP/1.1 %d %s" % (error.status, HTTPStatus(error.status).phrase.encode())]
    lines += [name + b": " + value for name, value in headers]
    return b"\r\n".join([*lines, b"", bytes(answer.body)])

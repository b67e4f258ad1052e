"""A server on loopback that answers with exactly the bytes it is told, one script entry per request."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

CUT = "cut"  # close the connection without an answer
HOLD = "hold"  # keep the connection open and say nothing until the client goes


def answer(body: Any = None, status: int = 200, **headers: str) -> bytes:
    """Form a whole answer; header names are written with underscores."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(raw)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class ByteServer:
    """`script` is used up from the front; its last entry is repeated for ever."""

    url: str = ""
    script: list[bytes | str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    requested: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                self.requests.append(request)
                self.requested.set()
                entry = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                if entry == CUT:
                    return
                if entry == HOLD:
                    await reader.read(1)
                    return
                assert isinstance(entry, bytes)
                writer.write(entry)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, headers, body)


@asynccontextmanager
async def byte_server() -> AsyncIterator[ByteServer]:
    """Serve on a free port."""
    state = ByteServer()
    server = await asyncio.start_server(state.handle, "127.0.0.1", 0)
    state.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield state
    finally:
        server.close()
        await server.wait_closed()

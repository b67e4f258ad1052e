"""A bounded load from one process: as many keep-alive connections as asked, one request in flight on each."""

import argparse
import asyncio
import json
import sys
import time
from typing import cast

import uvloop


class _Connection(asyncio.Protocol):
    """Sends the same request again as soon as a whole answer is there; every answer has the same length."""

    def __init__(self, request: bytes, ends: float) -> None:
        self._request = request
        self._ends = ends
        self._seen = 0
        self._length = 0
        self._head = b""
        self.done = 0
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class, of the same shape
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._length and not self._measure(data):
            return
        self._seen += len(data)
        if self._seen < self._length:
            return
        self._seen = 0
        self.done += 1
        if time.perf_counter() < self._ends:
            self._transport.write(self._request)
        else:
            self._transport.close()

    def _measure(self, data: bytes) -> bool:
        self._head += data
        head, found, _ = self._head.partition(b"\r\n\r\n")
        if not found:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"the server answered {head[:80]!r}")
        length = next(
            int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
        )
        self._length = len(head) + 4 + length
        self._seen = len(self._head) - len(data)
        return True

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


async def _run(port: int, request: bytes, connections: int, seconds: float) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    ends = began + seconds
    opened = [
        (await loop.create_connection(lambda: _Connection(request, ends), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.wait_for(asyncio.gather(*(connection.closed for connection in opened)), seconds + 10)
    return {"requests": sum(c.done for c in opened), "seconds": time.perf_counter() - began}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=3.0)
    asked = parser.parse_args()
    print(json.dumps(uvloop.run(_run(asked.port, sys.stdin.buffer.read(), asked.connections, asked.seconds))))


if __name__ == "__main__":
    main()

"""Serve an ASGI app on a loopback socket inside the running event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

DRAIN_S = 2
TICK_S = 0.1
# Longer than a client keeps a connection: a close that crosses a request is a fault that nobody switched on.
KEEP_ALIVE_S = 75


class _QuietServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stop = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        # Signals belong to whoever runs the loop, a test session or the command line.
        yield

    async def main_loop(self) -> None:
        # The original sleeps through its tick; many short-lived servers would add up to seconds.
        tick = 0
        while not await self.on_tick(tick):
            tick = (tick + 1) % 864_000
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), TICK_S)


@asynccontextmanager
async def serving(app: ASGIApp, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve `app` (with its lifespan) and yield the base URL; port 0 takes a free one."""
    # asyncio turns Nagle's delay off only where the protocol is named; without it every answer costs 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="critical",
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=DRAIN_S,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    server = _QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await _started(server, task)
        yield f"http://{host}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        server.stop.set()
        await task
        listening.close()


async def _started(server: uvicorn.Server, task: asyncio.Task[None], timeout_s: float = 10.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not server.started:
            if task.done():
                raise RuntimeError("the app did not start")
            await asyncio.sleep(0.005)

"""A process that has imported everything and opened nothing, and forks a serving proxy whenever it is asked to.

A fresh interpreter would spend a second of CPU on imports, and hundreds of processes are killed here. Requests and
answers are one line of JSON each, on standard input and output; when the asker goes, so do all of its processes.
"""

import asyncio
import gc
import json
import mmap
import os
import signal
import socket
import struct
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import uvicorn
from starlette.types import Receive, Scope, Send

from proxy.app import World, web_app
from proxy.identifiers import RandomIds
from proxy.settings import load_settings
from proxy.telemetry import LogAndMetrics
from tests.failure.dying import Dying, Instant

OFFSET = struct.Struct("=d")


class FileClock:
    """The machine's clock, moved by the seconds that a file holds."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            self._offset = mmap.mmap(opened.fileno(), OFFSET.size, access=mmap.ACCESS_READ)

    @property
    def offset_s(self) -> float:
        return float(OFFSET.unpack(self._offset[:])[0])

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset_s)

    def monotonic(self) -> float:
        return time.monotonic() + self.offset_s


class ForkServer:
    """Listens on ports that outlive its processes, as a supervisor does, so that no other can take them meanwhile."""

    def __init__(self) -> None:
        self._listening: dict[int, socket.socket] = {}
        self._alive: set[int] = set()
        # Its end tells every process that this one is gone, however it went.
        self._leash, self._held = os.pipe()

    def run(self) -> None:
        """Answer until nobody asks any more."""
        for line in sys.stdin:
            print(json.dumps(self._answer(**json.loads(line))), flush=True)
        for pid in self._alive:
            os.kill(pid, signal.SIGKILL)

    def _answer(self, do: str, **asked: Any) -> Any:
        match do:
            case "listen":
                return self._listen()
            case "forget":
                return self._listening.pop(asked["port"]).close()
            case "start":
                return self._start(asked["port"], asked)
            case "poll":
                return self._poll(asked["pid"])
            case "stop":
                return self._stop(asked["pid"])
        raise AssertionError(do)

    def _listen(self) -> int:
        listening = socket.create_server(("127.0.0.1", 0), backlog=100)
        port = int(listening.getsockname()[1])
        self._listening[port] = listening
        return port

    def _start(self, port: int, asked: dict[str, Any]) -> int:
        pid = os.fork()
        if pid == 0:
            os.close(self._held)
            _serve(self._listening[port], self._leash, asked)
        self._alive.add(pid)
        return pid

    def _poll(self, pid: int) -> int | None:
        """Tell by which signal a process died, negative like `subprocess` does it; None while it lives."""
        ended, status = os.waitpid(pid, os.WNOHANG)
        if not ended:
            return None
        self._alive.discard(pid)
        return os.waitstatus_to_exitcode(status)

    def _stop(self, pid: int) -> None:
        if pid in self._alive:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            self._alive.discard(pid)


def _serve(listening: socket.socket, leash: int, asked: dict[str, Any]) -> NoReturn:
    """Be a proxy, as `proxy serve` is one; never comes back."""
    try:
        folder = Path(asked["folder"])
        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for mine, taken in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(mine, taken)
        os.environ.update(asked["environment"])
        instant = Instant(*asked["instant"]) if asked["instant"] else None
        clock = FileClock(folder / "clock")
        world = World(clock, RandomIds(), lambda: int(clock.offset_s * 1000), Dying(instant, folder / "trace"))
        app = web_app(load_settings(), LogAndMetrics(), world)

        async def leashed(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                asyncio.get_running_loop().add_reader(leash, os._exit, 1)
            await app(scope, receive, send)

        config = uvicorn.Config(
            leashed, loop="uvloop", http="httptools", ws="none", access_log=False, log_level="warning"
        )
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        os._exit(1)


if __name__ == "__main__":
    # What is shared with the children stays shared: the collector must not write into it.
    gc.freeze()
    ForkServer().run()

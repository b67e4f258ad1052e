"""A real Valkey or Redis on loopback, which can be killed, stopped and started again on its port."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.world.ports import steady_port

_START_S = 20


@dataclass(slots=True)
class ValkeyServer:
    """It keeps nothing on disk: after a kill it is empty, as a cache may be."""

    port: int
    folder: Path
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @classmethod
    @asynccontextmanager
    async def started(cls, folder: Path) -> AsyncIterator["ValkeyServer"]:
        server = cls(steady_port(), folder)
        await server.start()
        try:
            yield server
        finally:
            await server.kill()

    async def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with (self.folder / "valkey.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                _binary(), *options, "--dir", str(self.folder), stdout=log, stderr=log
            )
        async with asyncio.timeout(_START_S):
            while not await self._answers():
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    def hang(self) -> None:
        """Keep every connection and answer none."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    async def command(self, *words: str) -> bytes:
        """Send a command as another client would, and give the answer as it came."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            encoded = [word.encode() for word in words]
            writer.write(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in encoded))
            writer.write(b"*1\r\n$4\r\nQUIT\r\n")
            return (await reader.read()).removesuffix(b"+OK\r\n")
        finally:
            writer.close()

    async def _answers(self) -> bool:
        try:
            return await self.command("PING") == b"+PONG\r\n"
        except OSError:
            return False


def _binary() -> str:
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise RuntimeError("Valkey is missing: install the package redis-server")
    return found

"""The proxy as a child process: started, watched, started again when it dies, ended by its pid."""

import asyncio
import os
import shutil
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

READY_S = 30.0
DRAIN_S = 5.0
MAX_FAILED_STARTS = 3
_TAIL = 12
_BLANK = 0


class ProxyFailedError(Exception):
    """The proxy does not start; the message has its last log lines."""


class ProxyProcess:
    """One `proxy serve` at a time, with a ledger of its own in `directory`.

    `environment` is that of the child without the database, which this object chooses.
    """

    def __init__(self, environment: Mapping[str, str], url: str, directory: Path, say: Callable[[str], None]) -> None:
        self.log = directory / "proxy.log"
        self._environment = dict(environment)
        self._url = url
        self._directory = directory
        self._say = say
        self._process: Process | None = None
        self._ledger = _BLANK
        self._starts = 0
        self._renewing = False
        self._ready = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """Return the pid of the process that runs now."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    @property
    def environment(self) -> dict[str, str]:
        """Return what a command needs to look into the present ledger."""
        return self._environment | {"PROXY_DATABASE_URL": f"sqlite:///{self._path()}"}

    def status(self) -> dict[str, Any]:
        return {"pid": self.pid, "ready": self._ready.is_set(), "starts": self._starts, "log": str(self.log)}

    async def start(self) -> None:
        """Make a fresh ledger and serve. Raises ProxyFailedError."""
        await self._migrate()
        self._fresh_ledger()
        await self._launch()
        if self.pid is None:
            raise ProxyFailedError(f"The proxy did not start. Its last lines:\n{self._tail()}")

    async def keep(self) -> None:
        """Start it again whenever it dies, until cancelled. Raises ProxyFailedError when it no longer starts."""
        failed_starts = 0
        while True:
            assert self._process is not None
            pid, status = self._process.pid, await self._process.wait()
            served = self._ready.is_set()
            self._ready.clear()
            if self._renewing:
                self._fresh_ledger()
                self._renewing = False
            else:
                failed_starts = 0 if served else failed_starts + 1
                self._say(
                    f"The proxy (pid {pid}) ended by itself with status {status}. Its last lines:\n{self._tail()}"
                )
                if failed_starts >= MAX_FAILED_STARTS:
                    raise ProxyFailedError(f"The proxy did not start {failed_starts} times in a row.")
            await self._launch()
            if self.pid is not None:
                self._say(f"The proxy runs again (pid {self.pid}).")

    async def renew(self, between: Callable[[], None]) -> None:
        """Throw the ledger away: end the proxy, do `between`, and wait until it serves with a fresh one."""
        self._renewing = True
        self._ready.clear()
        if self._process is not None and self._process.returncode is None:
            # At once: a proxy that drains would write to the other sides after they were reset.
            self._process.kill()
        between()
        async with asyncio.timeout(READY_S):
            await self._ready.wait()

    async def stop(self) -> None:
        """End the process, by force when it does not drain in time."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(DRAIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def _path(self) -> Path:
        return self._directory / f"ledger-{self._ledger}.db"

    def _fresh_ledger(self) -> None:
        blank = self._directory / f"ledger-{_BLANK}.db"
        self._ledger += 1
        shutil.copyfile(blank, self._path())

    async def _migrate(self) -> None:
        """Make the blank ledger that the others are copied from."""
        process = await self._run("migrate", stdout=PIPE, stderr=STDOUT)
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise ProxyFailedError(f"The ledger could not be made:\n{output.decode(errors='replace')}")

    async def _launch(self) -> None:
        with self.log.open("ab") as log:
            self._process = await self._run("serve", stdout=log, stderr=STDOUT)
        self._starts += 1
        await self._until_ready(self._process)
        if self.pid is not None:
            self._ready.set()

    async def _run(self, command: str, *, stdout: Any, stderr: Any) -> Process:
        # A session of its own: Ctrl-C is for the demo, which then ends the proxy in its order.
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "proxy", command),
            env={k: v for k, v in os.environ.items() if not k.startswith("PROXY_")} | self.environment,
            stdin=DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )

    async def _until_ready(self, process: Process) -> None:
        deadline = time.monotonic() + READY_S
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            while process.returncode is None and time.monotonic() < deadline:
                try:
                    if (await client.get(f"{self._url}/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass  # not listening yet
                await asyncio.sleep(0.05)
        if process.returncode is None:
            raise ProxyFailedError(f"The proxy was not ready within {READY_S:g} s. Its last lines:\n{self._tail()}")
        # Killed while it started: `keep` sees that it is gone and decides.

    def _tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-_TAIL:]
        return "\n".join(f"  {line}" for line in lines) or "  (none)"

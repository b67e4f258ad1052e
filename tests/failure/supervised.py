"""A proxy that is started again whenever it was killed, with one clock that it shares with its world."""

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from pathlib import Path

from proxy.sandbox.clock import SandboxClock
from tests.failure.dying import Instant
from tests.failure.forked import OFFSET
from tests.failure.forks import Forks

LEASE_S = 60
# Longer than any lease of work or of an idempotency key: whoever starts next may take up everything at once.
_DOWN_S = LEASE_S + 1
_LOOK_S = 0.01


@dataclass(slots=True)
class Supervised:
    """One proxy after the other on one port; the first dies at the first instant, and so on."""

    forks: Forks
    folder: Path
    port: int
    environment: dict[str, str]
    clock: SandboxClock
    instants: Iterator[Instant]
    planned: list[Instant] = field(default_factory=list)
    deaths: list[int] = field(default_factory=list)
    process: int = 0
    watching: "asyncio.Task[None] | None" = None

    def run(self) -> None:
        """Start it, and watch over it from now on."""
        (self.folder / "clock").write_bytes(OFFSET.pack(self.clock.offset_s))
        self._start()
        self.watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """End the process that runs now."""
        assert self.watching is not None
        self.watching.cancel()
        await asyncio.gather(self.watching, return_exceptions=True)
        self.forks.ask("stop", pid=self.process)

    def check(self) -> None:
        """Raise if it ended by itself."""
        if self.watching is not None and self.watching.done():
            self.watching.result()

    def advance(self, seconds: float) -> None:
        """Move everybody's clock."""
        self.clock.advance(seconds)
        # In place: the proxy has the file mapped.
        with (self.folder / "clock").open("r+b", buffering=0) as file:
            file.write(OFFSET.pack(self.clock.offset_s))

    def trace(self) -> list[str]:
        """Give every durable step that was taken, and where the proxy was killed."""
        file = self.folder / "trace"
        return file.read_text().splitlines() if file.exists() else []

    def steps(self) -> set[str]:
        """Name every step that was taken."""
        return {line.split()[-2] for line in self.trace()}

    def kills(self) -> list[str]:
        """Name every instant at which it died."""
        return [line.removeprefix("killed ") for line in self.trace() if line.startswith("killed ")]

    def log(self) -> str:
        """Say what was planned, what was done and what was told."""
        file = self.folder / "log"
        told = file.read_text()[-3000:] if file.exists() else ""
        return f"planned {self.planned}\n" + "\n".join(self.trace()[-60:]) + f"\n{told}"

    def _start(self) -> None:
        instant = next(self.instants, None)
        if instant is not None:
            self.planned.append(instant)
        self.process = self.forks.ask(
            "start",
            port=self.port,
            folder=str(self.folder),
            environment=self.environment,
            instant=astuple(instant) if instant else None,
        )

    async def _watch(self) -> None:
        while True:
            died = self.forks.ask("poll", pid=self.process)
            if died is not None:
                self.deaths.append(died)
                if died != -signal.SIGKILL:
                    raise AssertionError(f"the proxy ended by itself: {self.log()}")
                self.advance(_DOWN_S)
                self._start()
            await asyncio.sleep(_LOOK_S)

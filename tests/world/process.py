"""The proxy as a process of its own, which can be killed."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from proxy.settings import ALONE, Settings, ShopSettings

ROOT = Path(__file__).resolve().parents[2]
START_S = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """Write settings as an operator would: only what differs from the defaults."""
    values = _written(settings, "PROXY_")
    for name, shop in settings.shops.items():
        values |= _written(shop, "PROXY_" if name == ALONE else f"PROXY_SHOPS__{name.upper()}__")
    return {**os.environ, **values, **more}


def _written(settings: Settings | ShopSettings, prefix: str) -> dict[str, str]:
    values = {}
    for name in settings.model_fields_set - {"shops"}:
        value = getattr(settings, name)
        parts = value if isinstance(value, tuple) else (value,)
        text = ",".join(p.get_secret_value() if hasattr(p, "get_secret_value") else str(p) for p in parts)
        tables = settings.model_dump(mode="json", include={name}, exclude_unset=True)[name]
        values[f"{prefix}{name.upper()}"] = json.dumps(tables) if isinstance(value, dict) else text
    return values


@dataclass(slots=True)
class ProxyProcess:
    """`python -m proxy …`; it is ended by its own id only."""

    command: str
    environment: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "proxy", self.command, env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )

    async def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), START_S)


@asynccontextmanager
async def serving_process(settings: Settings, port: int, log: Path, **more: str) -> AsyncIterator[ProxyProcess]:
    """Run `proxy serve` and wait until it is ready."""
    process = ProxyProcess("serve", environment(settings, PROXY_PORT=str(port), **more), log)
    await process.start()
    try:
        await ready(port, log)
        yield process
    finally:
        await process.kill()


async def ready(port: int, log: Path) -> None:
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(START_S):
        while True:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)

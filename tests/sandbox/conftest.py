"""An Omneo sandbox and a client of it, in process or over a socket."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from proxy.sandbox import seed
from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.serving import serving

BEARER = {"Authorization": f"Bearer {seed.OMNEO_TOKEN}"}


@dataclass
class Omneo:
    """The simulator with a client that calls it as the proxy would."""

    sandbox: OmneoSandbox
    http: httpx.AsyncClient
    ada: str = str(seed.ADA.profile_id)
    benedikt: str = str(seed.BENEDIKT.profile_id)
    dev: str = str(seed.DEV.profile_id)

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        prefix = "" if path.startswith(("/id/", "/api/", "/_sandbox")) else "/api/v3"
        return await self.http.request(method, prefix + path, json=body, params=query.get("params"))

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.http.get("/api/v3" + path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def redeem(self, profile: str, **body: Any) -> httpx.Response:
        return await self.call("POST", f"/profiles/{profile}/redeem", body)

    async def remaining(self, profile: str) -> list[Any]:
        rewards = await self.get(f"/profiles/{profile}/rewards", sort="id")
        return [reward["value_remaining"] for reward in rewards]


@pytest.fixture
async def omneo() -> AsyncIterator[Omneo]:
    sandbox = OmneoSandbox(SandboxClock())
    transport = httpx.ASGITransport(sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://omneo", headers=BEARER) as http:
        yield Omneo(sandbox, http)


@pytest.fixture
async def served_omneo() -> AsyncIterator[Omneo]:
    """The same over a real socket, with webhooks leaving."""
    sandbox = OmneoSandbox(SandboxClock())
    async with (
        serving(sandbox.app) as url,
        httpx.AsyncClient(base_url=url, headers=BEARER, timeout=5, verify=False) as http,
    ):
        yield Omneo(sandbox, http)

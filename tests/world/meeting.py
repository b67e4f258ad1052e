"""Calls to Omneo that wait for one another: none goes out before all are about to."""

import asyncio
from typing import Any

from proxy.upstreams.omneo import OmneoClient


class Meeting:
    """Stands around the ports; each of these calls waits until every one of them has arrived."""

    def __init__(self, *names: str) -> None:
        self._names = frozenset(names)
        self._all = asyncio.Barrier(len(names))

    def __call__(self, port: Any, /) -> Any:
        """Give the port; only Omneo's is met at."""
        return _Met(port, self) if isinstance(port, OmneoClient) else port

    def waits(self, name: str) -> bool:
        return name in self._names

    async def arrive(self) -> None:
        await self._all.wait()


class _Met:
    def __init__(self, port: OmneoClient, meeting: Meeting) -> None:
        self._port = port
        self._meeting = meeting

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not self._meeting.waits(name):
            return found

        async def met(*given: Any) -> Any:
            await self._meeting.arrive()
            return await found(*given)

        return met

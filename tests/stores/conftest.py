"""A server for a shared cache, and two processes that use it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stores.sides import Side, side
from tests.world.valkey import ValkeyServer


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ValkeyServer]:
    async with ValkeyServer.started(tmp_path) as started:
        yield started


@pytest.fixture
async def two(server: ValkeyServer) -> AsyncIterator[tuple[Side, Side]]:
    async with side(server) as one, side(server) as other:
        await one.joined()
        await other.joined()
        yield one, other


@pytest.fixture
async def hasty(server: ValkeyServer) -> AsyncIterator[tuple[Side, Side]]:
    """Two that wait for the server no longer than they do in production."""
    async with side(server, deadline_s=0.05) as one, side(server, deadline_s=0.05) as other:
        await one.joined()
        await other.joined()
        yield one, other

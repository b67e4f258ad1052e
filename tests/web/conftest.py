"""Worlds on SQLite: what is claimed here does not depend on the engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world.databases import Databases
from tests.world.world import World, open_world


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def sqlite_world(databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    """A world of one's own."""
    async with open_world(databases.sqlite(tmp_path / "proxy.db")) as opened:
        yield opened


@pytest.fixture(scope="module")
async def shared_world(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world for all of a module, for questions that leave nothing behind."""
    path = tmp_path_factory.mktemp("shared") / "proxy.db"
    async with open_world(databases.sqlite(path)) as opened:
        yield opened

"""Fixtures that every test may use: both databases, and a whole world on loopback."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.stores.ledger import Ledger, open_ledger
from tests.world.databases import Databases, PostgresServer, database_kinds
from tests.world.world import World, open_world


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A private PostgreSQL from the machine's binaries; it ends with the session."""
    with PostgresServer.started(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Databases(tmp_path_factory.mktemp("databases"))


@pytest.fixture(params=database_kinds())
def database_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> str:
    """A fresh database with the newest schema: every test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return databases.sqlite(tmp_path / "proxy.db")
    return databases.postgres(request.getfixturevalue("postgres"))


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """Both sandboxes and the proxy on loopback, with one clock that can be moved."""
    async with open_world(database_url) as opened:
        yield opened


@pytest.fixture
async def ledger(database_url: str) -> AsyncIterator[Ledger]:
    """The ledger alone, on both databases."""
    async with open_ledger(database_url) as opened:
        yield opened

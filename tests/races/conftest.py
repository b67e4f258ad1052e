"""What only PostgreSQL can do wrong: on SQLite one writer at a time leaves no half-way."""

from collections.abc import AsyncIterator

import pytest

from tests.stores.ledger import Ledger, open_ledger
from tests.world.databases import Databases, PostgresServer


@pytest.fixture
async def postgres_ledger(databases: Databases, postgres: PostgresServer) -> AsyncIterator[Ledger]:
    async with open_ledger(databases.postgres(postgres)) as opened:
        yield opened

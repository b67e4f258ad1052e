"""Worlds in which Omneo's own app writes the transactions."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.sandbox import seed
from tests.services.alone import Alone, open_alone
from tests.services.attaching import SLOW
from tests.world.databases import Databases
from tests.world.world import World, open_world


@pytest.fixture
async def attaching(database_url: str) -> AsyncIterator[World]:
    """The proxy attaches, and Omneo's app writes when it is asked to."""
    secret = seed.OMNEO_WEBHOOK_SECRET
    async with open_world(database_url, **SLOW, omneo_webhook_secret=secret) as world:
        world.omneo.shopify_app.config = replace(world.omneo.shopify_app.config, delay_s=None)
        yield world


@pytest.fixture
async def idle(database_url: str) -> AsyncIterator[World]:
    """The proxy answers requests and does no durable work, which each test does in the mode that it wants."""
    async with open_world(database_url, worker_in_serve=False, worker_lease_s=300) as world:
        yield world


@pytest.fixture
async def alone(databases: Databases, tmp_path: Path) -> AsyncIterator[Alone]:
    """The services that move value, without worker and wire; on SQLite, whose clock a test can hold still."""
    async with open_alone(databases.sqlite(tmp_path / "alone.db")) as opened:
        yield opened

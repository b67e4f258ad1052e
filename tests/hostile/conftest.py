"""Worlds that are kept for many requests need one event loop for as long."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"

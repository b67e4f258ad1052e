"""The clients against both sandboxes over loopback, and against a server that answers any bytes."""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from byte_server import ByteServer, byte_server
from upstreams_rig import OmneoSide, OpenOmneo, OpenShopify, ShopifySide, Wired

from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.omneo import OmneoConfig, OmneoSandbox
from proxy.sandbox.serving import serving
from proxy.sandbox.shopify import ShopifyConfig, ShopifySandbox
from proxy.upstreams.omneo import OmneoOptions
from proxy.upstreams.shopify_tokens import Tokens


@pytest.fixture
async def stack(anyio_backend: str) -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def wired(stack: AsyncExitStack) -> Wired:
    return Wired(stack)


@pytest.fixture
async def server(stack: AsyncExitStack) -> ByteServer:
    return await stack.enter_async_context(byte_server())


@pytest.fixture
def open_omneo(stack: AsyncExitStack, wired: Wired) -> OpenOmneo:
    async def opened(options: OmneoOptions | None = None, **config: Any) -> OmneoSide:
        sandbox = OmneoSandbox(SandboxClock(), OmneoConfig(**config))
        url = await stack.enter_async_context(serving(sandbox.app))
        return OmneoSide(sandbox, await wired.omneo(f"{url}/api/v3", options), url)

    return opened


@pytest.fixture
def open_shopify(stack: AsyncExitStack, wired: Wired) -> OpenShopify:
    async def opened(tokens: Tokens | None = None, **config: Any) -> ShopifySide:
        sandbox = ShopifySandbox(SandboxClock(), ShopifyConfig(**config))
        url = await stack.enter_async_context(serving(sandbox.app))
        return ShopifySide(sandbox, await wired.shopify(url, tokens), url)

    return opened


@pytest.fixture
def unused_url() -> str:
    """An address where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"

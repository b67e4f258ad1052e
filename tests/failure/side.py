"""A sandbox in whose way the network may stand."""

import asyncio
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(slots=True)
class Side:
    """A sandbox, how many requests it is serving, and a gate at which the next redeem waits."""

    app: ASGIApp
    serving: int = 0
    gate: asyncio.Event | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.serving += 1
        try:
            if self.gate is not None and scope["path"].endswith("/redeem"):
                receive = await self._late(receive)
            await self.app(scope, receive, send)
        finally:
            self.serving -= 1

    async def _late(self, receive: Receive) -> Receive:
        """Keep a request, as a slow network does: it is served, though its caller has gone."""
        gate, self.gate = self.gate, None
        request = [await receive()]
        assert gate is not None
        await gate.wait()

        async def kept() -> Message:
            return request.pop() if request else await receive()

        return kept

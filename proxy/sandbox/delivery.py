"""The sender of webhooks: delivers in order, tries again, and can duplicate, lose or hold on request."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from proxy.sandbox.clock import SandboxClock

MAX_TRIES = 8
FIRST_WAIT_S = 0.2
# Shopify gives a receiver five seconds: https://shopify.dev/docs/apps/build/webhooks/troubleshooting-webhooks
TIMEOUT_S = 5.0
LOG_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook, ready to be sent as it is."""

    url: str
    headers: dict[str, str]
    body: bytes
    label: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one try; `status` is None when no answer came or the webhook was lost on purpose."""

    label: str
    url: str
    status: int | None
    attempt: int
    at: datetime
    outcome: str

    def as_json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "url": self.url,
            "status": self.status,
            "attempt": self.attempt,
            "at": self.at.isoformat(),
            "outcome": self.outcome,
        }


class Deliveries:
    """Queue webhooks and send them while `run` runs; one object belongs to one event loop."""

    def __init__(self, clock: SandboxClock) -> None:
        self.duplicate = False
        self.lose = False
        self.hold = False
        self.log: deque[Attempt] = deque(maxlen=LOG_SIZE)
        self._clock = clock
        self._queue: deque[Delivery] = deque()
        self._held: list[Delivery] = []
        self._working = 0
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()

    @property
    def pending(self) -> int:
        """How many are queued, on their way or waiting for another try; held ones do not count."""
        return len(self._queue) + self._working

    @property
    def held(self) -> int:
        return len(self._held)

    def send(self, delivery: Delivery) -> None:
        """Queue a webhook, subject to the modes as they are now."""
        if self.lose:
            self._note(delivery, None, 0, "lost")
            return
        copies = [delivery] * (2 if self.duplicate else 1)
        if self.hold:
            self._held.extend(copies)
            return
        self._enqueue(copies)

    def release(self, reverse: bool = False) -> int:
        """Queue what was held, the last first when `reverse`; return how many."""
        held, self._held = self._held, []
        self._enqueue(held[::-1] if reverse else held)
        return len(held)

    def take_held(self) -> list[Delivery]:
        """Hand over what was held: whoever takes it sends it, in whatever order and as often as wanted."""
        held, self._held = self._held, []
        return held

    def reset(self) -> None:
        """Forget everything not yet sent, the log and the modes."""
        self._queue.clear()
        self._held.clear()
        self.log.clear()
        self.duplicate = self.lose = self.hold = False
        self._settle()

    async def run(self) -> None:
        """Send until cancelled: first tries one after another in order, later tries on their own."""
        self._working = 0
        self._settle()
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as client, asyncio.TaskGroup() as retries:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._queue:
                    delivery = self._queue.popleft()
                    self._working += 1
                    if await self._try(client, delivery, 1):
                        self._working -= 1
                    else:
                        retries.create_task(self._retry(client, delivery))
                self._settle()

    async def idle(self, timeout_s: float = 5.0) -> None:
        """Wait until nothing is pending. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            await self._quiet.wait()

    def _enqueue(self, deliveries: list[Delivery]) -> None:
        self._queue.extend(deliveries)
        self._settle()

    def _settle(self) -> None:
        if self._queue:
            self._wake.set()
        if self.pending:
            self._quiet.clear()
        else:
            self._quiet.set()

    async def _retry(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        try:
            for attempt in range(2, MAX_TRIES + 1):
                await asyncio.sleep(FIRST_WAIT_S * 2 ** (attempt - 2))
                if await self._try(client, delivery, attempt):
                    return
        finally:
            self._working -= 1
            self._settle()

    async def _try(self, client: httpx.AsyncClient, delivery: Delivery, attempt: int) -> bool:
        try:
            answer = await client.post(delivery.url, content=delivery.body, headers=delivery.headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            self._note(delivery, None, attempt, "failed")
            return False
        outcome = "delivered" if answer.is_success else "refused"
        self._note(delivery, answer.status_code, attempt, outcome)
        return answer.is_success

    def _note(self, delivery: Delivery, status: int | None, attempt: int, outcome: str) -> None:
        at = self._clock.now()
        self.log.append(Attempt(delivery.label, delivery.url, status, attempt, at, outcome))

"""A shop on loopback whose proxy dies and is started again, and the people who do not notice."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from proxy.sandbox import seed
from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.faults import Fault
from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.serving import serving
from proxy.sandbox.shopify import ShopifySandbox
from tests.failure.dying import Instant
from tests.failure.forks import Forks
from tests.failure.side import Side
from tests.failure.supervised import LEASE_S, Supervised
from tests.failure.wishes import Wish, body_of
from tests.failure.work import Work
from tests.world.process import environment
from tests.world.world import ADA, settings_for

PATIENCE_S = 60.0
_ANSWER_S = 20.0
_SOON_S = 0.02
_ENOUGH = timedelta(minutes=2)  # for a cart and an order
_LEASE_PART_S = 20
_AT_ONCE = 5  # a client tries again so often before it waits


@dataclass(slots=True)
class Stage:
    """Both sandboxes and the proxy; every verb comes through, however often the proxy dies meanwhile."""

    clock: SandboxClock
    omneo: OmneoSandbox
    shopify: ShopifySandbox
    sides: tuple[Side, Side]
    proxy: Supervised
    http: httpx.AsyncClient
    omneo_url: str
    database_url: str
    work: Work
    wishes: list[Wish] = field(default_factory=list)
    repeated: int = 0
    armed: list[Fault] = field(default_factory=list)
    hurried: bool = False  # time goes on although one side still works on a request

    def advance(self, seconds: float) -> None:
        """Move everybody's clock."""
        self.proxy.advance(seconds)

    def log(self) -> str:
        """Say what happened."""
        return self.proxy.log()

    async def ask(self, method: str, path: str, *, till: int | None = None, **more: Any) -> httpx.Response:
        """Ask as a client does: again when the connection breaks, and again when told that this may help.

        With `till` it is a till that asks, under that login.
        """
        deadline = time.monotonic() + PATIENCE_S
        headers = more.pop("headers", {})
        for tries in count():
            if time.monotonic() > deadline:
                raise AssertionError(f"{method} {path} found no answer: {self.log()}")
            try:
                answer = await self.http.request(method, path, headers=headers | self._bearer(till), **more)
            except httpx.TransportError:
                answer = None
            if answer is not None and (answer.status_code < 400 or not answer.json().get("retryable")):
                return answer
            self.repeated += 1
            await self._rest(patiently=tries < _AT_ONCE)
        raise AssertionError("unreachable")

    def _bearer(self, till: int | None = None) -> dict[str, str]:
        who = {"customer_id": ADA} if till is None else {"user_id": till}
        token = self.shopify.id_token("checkout" if till is None else "pos", offset_s=self.clock.offset_s, **who)
        return {"Authorization": f"Bearer {token}"}

    async def wish(self, wanted: str | int, key: str | None = None) -> Wish:
        """Ask for an amount, or for a use of a benefit by its id, until the answer is final, always with one key."""
        return await self.wish_again(body_of(wanted), key or uuid4().hex)

    async def wish_again(self, body: dict[str, Any], key: str) -> Wish:
        """Ask with a key that may have been answered before."""
        answer = await self.ask("POST", "/v1/redemptions", json=body, headers={"Idempotency-Key": key})
        made = Wish(key, body, answer.status_code, answer.json())
        self.wishes.append(made)
        return made

    async def claim(self, definition: str, key: str) -> int:
        """Claim a benefit until the answer is final; gives its id."""
        ids: list[int] = []

        async def told() -> bool:
            headers = self._bearer() | {"Idempotency-Key": key}
            with suppress(httpx.TransportError):
                body = {"definition": definition}
                answer = await self.http.post("/v1/benefits/claims", json=body, headers=headers)
                assert answer.is_success or answer.json()["retryable"], answer.text
                ids.extend([answer.json()["benefit"]["id"]] if answer.is_success else [])
                # Nobody works at it: whoever asks finds out, and does so when the key is free to be resumed.
                self.advance(0 if ids else _LEASE_PART_S)
            return bool(ids)

        await self.eventually(told)
        return ids[0]

    async def at_till(self, login: int, amount: str, **body: Any) -> Wish:
        """Ask for a redemption at a till until the answer is final."""
        key, wished = uuid4().hex, body_of(amount) | {"customer_id": str(ADA), **body}
        headers = {"Idempotency-Key": key}
        answer = await self.ask("POST", "/v1/pos/redemptions", till=login, json=wished, headers=headers)
        return Wish(key, wished, answer.status_code, answer.json())

    async def once(self, amount: str) -> None:
        """Ask for a redemption and do not wait for what comes of it."""
        headers = self._bearer() | {"Idempotency-Key": uuid4().hex}
        with suppress(httpx.TransportError):
            await self.http.post("/v1/redemptions", json=body_of(amount), headers=headers)

    async def redeem(self, wanted: str | int) -> Wish:
        """Ask anew, as people do, while what they got is a refusal or has been taken back."""
        for _ in range(4):
            made = await self.wish(wanted)
            if made.issued and self.lasts(made):
                return made
            await self.drained()
        raise AssertionError(f"nothing was issued: {self.wishes} {self.log()}")

    async def redeem_all(self, *wanted: str | int) -> list[Wish]:
        """Ask for several that are to be on one cart; what is over before the last is there is asked for anew."""
        made = {each: await self.redeem(each) for each in wanted}
        for each, wish in made.items():
            made[each] = wish if self.lasts(wish) else await self.redeem(each)
        return list(made.values())

    def lasts(self, wish: Wish) -> bool:
        """Tell whether its code can still be used by an order."""
        # Time goes on while people wait for an answer: on a slow machine a code may be handed out when it is over.
        return datetime.fromisoformat(wish.answer["expires_at"]) > self.clock.now() + _ENOUGH

    async def remove(self, wish: Wish) -> None:
        answer = await self.ask("DELETE", f"/v1/redemptions/{wish.id}")
        assert answer.status_code == 200, answer.text

    async def redemption(self, wish: Wish) -> dict[str, Any]:
        answer = await self.ask("GET", f"/v1/redemptions/{wish.id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def cart(self, *wishes: Wish) -> Any:
        """Fill a cart with a shirt of 79.00 and two pairs of socks of 12.50, and apply what was given."""
        lines = [(seed.LINEN_SHIRT.variant_id, 1), (seed.WOOL_SOCKS.variant_id, 2)]
        attributes = {key: value for wish in wishes for key, value in wish.attribute.items()}
        cart = self.shopify.open_cart(lines, ADA, attributes)
        self.shopify.checkout.set_codes(cart, [wish.code for wish in wishes if wish.code is not None])
        self.shopify.checkout.price(cart)
        return cart

    def buy(self, *wishes: Wish, paid: bool = True) -> Any:
        return self.shopify.place_order(self.cart(*wishes), paid=paid)

    def fault(self, route: str, kind: str, **more: Any) -> None:
        """Have something go wrong at whichever side the route is of."""
        fault = Fault(route, kind, **more)
        self.armed.append(fault)
        (self.shopify if route.startswith("graphql") else self.omneo).faults.add(fault)

    def faults_struck(self) -> Counter[str]:
        """Count by kind the faults that were armed and have struck."""
        waiting = [*self.omneo.faults.active(), *self.shopify.faults.active()]
        return Counter(fault.kind for fault in self.armed if fault.times is None or fault not in waiting)

    def duplicates(self) -> int:
        """Count the requests and webhooks that came more than once."""
        attempts = [*self.shopify.deliveries.log, *self.omneo.deliveries.log]
        doubled = len(attempts) // 2 if self.shopify.deliveries.duplicate else 0
        return self.repeated + doubled + sum(attempt.attempt > 1 for attempt in attempts)

    async def omneo_api(self, method: str, path: str, body: dict[str, Any]) -> None:
        """Call Omneo as another system of the retailer would."""
        headers = {"Authorization": f"Bearer {seed.OMNEO_OTHER_TOKEN}"}
        answer = await self.http.request(method, f"{self.omneo_url}/api/v3{path}", headers=headers, json=body)
        assert answer.is_success, answer.text

    async def reaches(self, wish: Wish, state: str) -> None:
        async def there() -> bool:
            return bool((await self.redemption(wish))["state"] == state)

        await self.eventually(there)

    async def noted(self, wish: Wish, note: str) -> None:
        async def there() -> bool:
            return any(step["note"] == note for step in (await self.redemption(wish))["history"])

        await self.eventually(there)

    async def drained(self) -> None:
        """Let everything that anybody still has to do be done; what is parked waits for somebody else."""

        async def nothing_left() -> bool:
            up = len(self.proxy.deaths) == len(self.proxy.kills())
            return up and not self._delivering() and all(task.parked for task in self.work.left())

        await self.eventually(nothing_left)

    async def eventually(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait for something to come true; time passes whenever nothing else happens."""
        deadline = time.monotonic() + PATIENCE_S
        while not await holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"did not come true: {self.log()}")
            await self._rest()

    def _delivering(self) -> bool:
        return self.shopify.deliveries.pending + self.omneo.deliveries.pending > 0

    async def _rest(self, *, patiently: bool = False) -> None:
        """Wait a little; where nothing is under way, time goes on to when something is due, unless patiently."""
        self.proxy.check()
        served = sum(side.serving for side in self.sides)
        if not patiently and not self._delivering() and (self.hurried or not served):
            self.advance(self.work.idle_ms(int(self.clock.now().timestamp() * 1000)) / 1000)
        await asyncio.sleep(_SOON_S)


@asynccontextmanager
async def open_stage(
    forks: Forks, database_url: str, folder: Path, instants: Iterable[Instant], **overrides: Any
) -> AsyncIterator[Stage]:
    """Open the shop; its proxy dies at the first instant, the next one at the second, and so on."""
    clock = SandboxClock()
    omneo, shopify = OmneoSandbox(clock), ShopifySandbox(clock)
    sides = Side(omneo.app), Side(shopify.app)
    port = forks.ask("listen")
    url = f"http://127.0.0.1:{port}"
    shopify.set_proxy_url(url)
    async with (
        serving(sides[0]) as omneo_url,
        serving(sides[1]) as shopify_url,
        httpx.AsyncClient(base_url=url, timeout=_ANSWER_S, trust_env=False) as http,
    ):
        values = {"worker_lease_s": LEASE_S, "upstream_total_s": 8, **overrides}
        settings = environment(settings_for(omneo_url, shopify_url, database_url, **values))
        told = {name: value for name, value in settings.items() if name.startswith("PROXY_")}
        proxy = Supervised(forks, folder, port, told, clock, iter(instants))
        work = Work(database_url)
        proxy.run()
        try:
            yield Stage(clock, omneo, shopify, sides, proxy, http, omneo_url, database_url, work)
        finally:
            await proxy.stop()
            work.close()
            forks.ask("forget", port=port)

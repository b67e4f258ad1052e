"""Omneo's own app at work beside the proxy: what it is told, what it wrote, and time that passes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from proxy.app import World as Surroundings
from proxy.app import running
from proxy.identifiers import RandomIds
from proxy.sandbox.shopify.payload import order_payload
from proxy.settings import ALONE
from proxy.telemetry import LogAndMetrics
from tests.world.world import MovedClock, World

DAY_S = 86_400
LOOK = "GET /api/v3/transactions"
PUT = "PUT /api/v3/transactions/{id}"
UPSERT = "POST /api/v3/transactions/update-create"
HOOK = "/webhooks/omneo/sandbox"
# Time is moved while work is in hand; its lease must outlive that.
SLOW: dict[str, Any] = {"transaction_mode": "attach", "worker_lease_s": 300}
# An external id that nobody configured: the sale is known by its number alone.
BY_NUMBER = {"external_id": "app-knows-why-{order_id}"}


def tell(world: World, order: Any, **changes: Any) -> None:
    """Have Omneo's app hear of an order."""
    world.omneo.shopify_app.tell(order_payload(world.shopify.state, order), **changes)


def sales(world: World) -> list[Any]:
    """Every transaction that is not of the seed, whoever wrote it."""
    return [t for t in world.omneo.state.transactions.values() if not str(t.external_id).startswith("earlier-")]


def spent(world: World) -> Any:
    (redemption,) = [r for r in world.omneo_redemptions() if r.type == "redeem"]
    return redemption


def assert_attached(world: World) -> None:
    """The app's transaction is the only one, carries what was spent, and nothing but that was written to it."""
    (sale,) = sales(world)
    assert sale.redemption_id == spent(world).id
    assert sale.fields["systems"] == ["shopify"]
    assert world.omneo.calls[UPSERT] == 0


async def in_time(
    world: World, redemption: dict[str, Any], state: str = "recorded", step_s: float = 2
) -> dict[str, Any]:
    """Let time pass, a little at once, until the redemption is in a state."""
    found: dict[str, Any] = {}

    async def there() -> bool:
        world.time_goes_on(step_s)
        found.update(await world.redemption(redemption["id"]))
        return bool(found["state"] == state)

    await world.eventually(there, lambda: world.log.getvalue()[-4000:])
    return found


async def waits(world: World, redemption: dict[str, Any]) -> None:
    await world.noted(redemption["id"], "waiting_for_transaction")


async def looks_again(world: World, seconds: float) -> None:
    """Let time pass, and wait until the five filters of a whole look were asked."""
    before = world.omneo.calls[LOOK]
    # Not while a look is in hand: its lease would end, and somebody else would attach as well.
    await world.passes(seconds)

    async def there() -> bool:
        world.time_goes_on(5)
        return world.omneo.calls[LOOK] >= before + 5

    await world.eventually(there)


async def told(world: World, event: str, **facts: Any) -> None:
    async def there() -> bool:
        return any(e["event"] == event and facts.items() <= e.items() for e in world.events())

    await world.eventually(there, lambda: world.log.getvalue()[-3000:])


async def subscribe(world: World) -> None:
    for trigger in ("transaction.created", "transaction.updated", "balance.updated"):
        hook = {"trigger": trigger, "url": world.urls["proxy"] + HOOK, "namespace": "proxy"}
        assert (await world.omneo_api("POST", "/webhooks", hook)).is_success


async def sell(world: World, **changes: Any) -> int:
    """Have another system write a sale."""
    body = {"total": "91.50", "transacted_at": str(world.clock.now())[:19], "timezone": "UTC", "items": []}
    answer = await world.omneo_api("POST", "/transactions", body | changes)
    assert answer.is_success, answer.text
    return int(answer.json()["data"]["id"])


@asynccontextmanager
async def working(world: World, mode: str, **changes: Any) -> AsyncIterator[None]:
    """Do the durable work in a mode; the world's own proxy only answers requests."""
    shop = world.shop.model_copy(update={"transaction_mode": mode, **changes})
    settings = world.settings.model_copy(update={"shops": {ALONE: shop}})
    surroundings = Surroundings(MovedClock(world.clock), RandomIds(), lambda: int(world.clock.offset_s * 1000))
    async with running(settings, LogAndMetrics(stream=world.log), surroundings) as parts:
        work = asyncio.create_task(parts.work())
        try:
            yield
        finally:
            parts.stop()
            await work


async def settled_again(world: World) -> None:
    def count() -> int:
        return len([e for e in world.events() if e["event"] == "order.settled"])

    before = count()
    for order in list(world.shopify.state.orders.values()):
        world.shopify.webhooks.order(order, "orders/updated")

    async def there() -> bool:
        return count() > before

    await world.eventually(there)

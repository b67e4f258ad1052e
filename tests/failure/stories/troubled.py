"""Days on which one of the other sides refuses, stalls or loses its answer."""

import asyncio
from typing import Any, Final

from tests.failure.stage import Stage
from tests.failure.stories.story import sold, spend_elsewhere, story

_REDEEM: Final = "POST /api/v3/profiles/*/redeem"
_RETURN: Final = "POST /api/v3/redemptions/*/return"
_CREATE: Final = "graphql CodeCreate"
_LONG_S: Final = 30.0  # longer than a call waits before it is given up


@story("shortfall")
async def short(shop: Stage) -> None:
    """Another till takes the whole balance from under the hold."""
    wish = await shop.redeem("20.00")
    await spend_elsewhere(shop, 25)
    order = shop.buy(wish)
    await shop.reaches(wish, "review")
    await sold(shop, order)


@story("shortfall")
async def partly_short(shop: Stage) -> None:
    """Another till takes a part: what is there is redeemed."""
    wish = await shop.redeem("20.00")
    await spend_elsewhere(shop, 15)
    order = shop.buy(wish)
    await shop.reaches(wish, "review")
    await sold(shop, order)


@story()
async def lost(shop: Stage) -> None:
    """Omneo redeems, and its answer is lost."""
    wish = await shop.redeem("12.50")
    shop.fault(_REDEEM, "drop_after")
    shop.buy(wish)
    await shop.reaches(wish, "recorded")


@story()
async def lost_then_refused(shop: Stage) -> None:
    """The first answer is lost and nothing happened; the second send is refused, though the balance is there."""
    wish = await shop.redeem("12.50")
    shop.fault(_REDEEM, "drop_before")
    shop.fault(_REDEEM, "server_error", status=422, skip=1)
    shop.buy(wish)
    await shop.reaches(wish, "recorded")


@story(worker_lease_s=2)
async def slow(shop: Stage) -> None:
    """Omneo takes its time, so that the lease of the work is renewed meanwhile."""
    wish = await shop.redeem("12.50")
    shop.fault(_REDEEM, "latency", latency_ms=1500)
    shop.buy(wish)
    await shop.reaches(wish, "recorded")


@story()
async def discount_refused(shop: Stage) -> None:
    """Shopify refuses the discount; the customer asks anew."""
    shop.fault(_CREATE, "server_error", status=403)
    shop.buy(await shop.redeem("12.50"))


@story()
async def throttled(shop: Stage) -> None:
    """Shopify has no time; the client repeats its request."""
    shop.fault(_CREATE, "rate_limited", retry_after_s=_LONG_S)
    shop.buy(await shop.redeem("12.50"))


@story()
async def outcome_pending(shop: Stage) -> None:
    """Nobody knows whether the discount was made; the client repeats its request."""
    shop.fault(_CREATE, "drop_before", times=2)
    shop.buy(await shop.redeem("12.50"))


@story()
async def parked(shop: Stage) -> None:
    """Omneo refuses the transaction, so its work waits; the order's next event has it written."""
    wish = await shop.redeem("12.50")
    shop.fault("POST /api/v3/transactions/update-create", "server_error", status=422)
    order = shop.buy(wish)

    await shop.drained()
    shop.shopify.webhooks.order(order, "orders/updated")
    await sold(shop, order)


@story()
async def return_lost(shop: Stage) -> None:
    """Goods come back, and Omneo's answer to the return does not."""
    await _give_back(shop, "drop_after")


@story()
async def return_refused(shop: Stage) -> None:
    """Omneo has no time for the return."""
    await _give_back(shop, "rate_limited", retry_after_s=_LONG_S)


@story("return_refused", "give_back_unknown")
async def return_given_up(shop: Stage) -> None:
    """Omneo refuses the return again and again."""
    await _give_back(shop, "server_error", status=422, times=None, ends="review")


@story(capture_early="checkout")
async def early_refused(shop: Stage) -> None:
    """Another till is faster than the balance that is shown: nothing is taken, and nothing stays."""
    await shop.ask("GET", "/v1/rewards")
    await spend_elsewhere(shop, 20)
    await shop.wish("12.50")


@story(upstream_total_s=1)
async def sent_twice(shop: Stage) -> None:
    """The first redeem commits after the second one was made: the surplus is undone."""
    wish = await shop.redeem("12.50")
    omneo, _ = shop.sides
    omneo.gate = first = asyncio.Event()
    shop.hurried = True
    order = shop.buy(wish)
    await shop.eventually(lambda: _redeems(shop, 1))
    first.set()
    shop.hurried = False
    await sold(shop, order)


async def _redeems(shop: Stage, sent: int) -> bool:
    return shop.omneo.calls["POST /api/v3/profiles/{id}/redeem"] >= sent


async def _give_back(shop: Stage, kind: str, ends: str = "returned", **fault: Any) -> None:
    wish = await shop.redeem("12.50")
    order = shop.buy(wish)
    await shop.reaches(wish, "recorded")
    shop.advance(600)  # a reversal is no longer possible
    shop.fault(_RETURN, kind, **fault)
    shop.shopify.refund(order.id)
    await shop.reaches(wish, ends)

"""A customer with many hands: wishes, repeats, removals, orders and refunds, all at once on one profile."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from proxy.sandbox import seed
from proxy.sandbox.shopify.checkout import Refused
from tests.races.fleet import Answer, Fleet
from tests.world.world import ADA

_PATIENCE = 400  # how often an open outcome is asked for again: a killed attempt's key is free after 20 s
_AGAIN_S = 0.1
LEAST_ORDERS = 4
_MORE_S = 60.0
_CARTS = ("cart-1", "cart-2", "cart-3")
_LINES = [(seed.LINEN_SHIRT.variant_id, 1), (seed.WOOL_SOCKS.variant_id, 2), (seed.CANVAS_TOTE.variant_id, 1)]


@dataclass(slots=True)
class Shoppers:
    """What one customer's hands have asked for and got."""

    fleet: Fleet
    customer: int = ADA
    wished: dict[str, dict[str, Any]] = field(default_factory=dict)
    granted: dict[str, set[str]] = field(default_factory=dict)
    orders: list[Any] = field(default_factory=list)

    async def shop(self, seconds: float, hands: int) -> None:
        """Hammer for so long, on a slow machine longer; every outcome that is open then is followed to its end."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds

        async def hand() -> None:
            while loop.time() < ends or (len(self.orders) < LEAST_ORDERS and loop.time() < ends + _MORE_S):
                await self._act()
                await asyncio.sleep(self.fleet.dice.random() * 0.05)

        await asyncio.gather(*(hand() for _ in range(hands)))

    async def _act(self) -> None:
        match self.fleet.dice.random():
            case part if part < 0.55:
                await self._redeem_and_use()
            case part if part < 0.65 and self.wished:
                await self._repeat()
            case part if part < 0.90:
                self._refund()
            case _:
                shown = await self.fleet.ask("GET", "/v1/rewards", self.customer)
                assert shown.status == 200 or shown.is_told_to_come_again, shown

    async def _redeem_and_use(self) -> None:
        dice = self.fleet.dice
        minor = dice.randrange(200, 1200, 5)
        key, body = (
            uuid4().hex,
            {
                "amount": {"amount": f"{minor / 100:.2f}", "currencyCode": "AUD"},
                "cart": dice.choice(_CARTS),
                "take_over": dice.random() < 0.5,
            },
        )
        self.wished[key] = body
        # Several hands press the button at once, or a client that lost the answer does.
        answers = await asyncio.gather(*(self._redeem(key, body) for _ in range(dice.choice((1, 1, 2, 3)))))
        answer = answers[0]
        if answer.status != 201 or answer.body.get("code") is None:
            return
        match dice.random():
            case part if part < 0.65:
                self._buy(answer.body["code"])
            case part if part < 0.9:
                await self.remove(answer.body["id"])

    async def _redeem(self, key: str, body: dict[str, Any]) -> Answer:
        for _ in range(_PATIENCE):
            answer = await self.fleet.ask("POST", "/v1/redemptions", self.customer, key=key, json=body)
            if answer.status == 201:
                self.granted.setdefault(key, set()).add(answer.body["id"])
            # In flight may also be said of another wish, whose discount is being made at this moment.
            if not answer.is_open:
                return answer
            await asyncio.sleep(_AGAIN_S)
        raise AssertionError(f"it stayed open: {answer}")

    async def _repeat(self) -> None:
        key = self.fleet.dice.choice(list(self.wished))
        await asyncio.gather(*(self._redeem(key, self.wished[key]) for _ in range(2)))

    async def remove(self, redemption: str) -> Answer:
        """Take a redemption back."""
        return await self.fleet.ask("DELETE", f"/v1/redemptions/{redemption}", self.customer)

    def _buy(self, code: str) -> None:
        shopify, dice = self.fleet.shopify, self.fleet.dice
        cart = shopify.open_cart(dice.sample(_LINES, dice.choice((1, 2, 3))), self.customer)
        shopify.checkout.set_codes(cart, [code])
        if not cart.applied:
            return  # another hand's wish has taken its place
        try:
            self.orders.append(shopify.place_order(cart, paid=dice.random() < 0.7))
        except Refused:
            return

    def _refund(self) -> None:
        """Give a whole line back, pay what is not paid yet, or cancel it."""
        if not self.orders:
            return
        shopify, order = self.fleet.shopify, self.fleet.dice.choice(self.orders)
        line = self.fleet.dice.choice(order.lines)
        try:
            if order.paid:
                shopify.refund(order.id, [(line.id, line.current_quantity)])
            elif self.fleet.dice.random() < 0.7:
                shopify.mark_paid(order.id)
            else:
                shopify.cancel(order.id)
        except Refused:
            return

    def pay_all(self) -> None:
        """Pay what still waits for it."""
        for order in self.orders:
            if not order.paid and order.cancelled_at is None:
                self.fleet.shopify.mark_paid(order.id)

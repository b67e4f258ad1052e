"""The other sides as scripts: what they answer is written down beforehand, what they were asked is kept."""

import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from proxy.domain.allowance import Balance, Reward
from proxy.domain.capture import GiveBack, OmneoRedemption, Redeem
from proxy.domain.discount import Discount, DiscountSpec
from proxy.domain.errors import NotFound, UpstreamUnavailable
from proxy.domain.happening import Happening
from proxy.domain.ids import (
    CaptureId,
    Code,
    CustomerId,
    DiscountId,
    OmneoRedemptionId,
    OrderId,
    ProfileId,
    RedemptionId,
    TransactionId,
)
from proxy.domain.loyalty import Benefit, Profile
from proxy.domain.money import Money
from proxy.domain.order import Allocation, Order, OrderLine, OrderSighting
from proxy.domain.outcome import Outcome
from proxy.domain.staff import ApprovalId
from proxy.domain.standing_sale import StandingSale
from proxy.domain.transaction import TransactionWrite
from tests.stores.ledger import aud, order_of

Answer = Outcome[OmneoRedemption]
Meanwhile = Callable[[], Awaitable[Answer]]  # what somebody else does while the call is out, then its answer


def redeemed(omneo: int, minor: int, kind: str = "redeem", **changes: Any) -> OmneoRedemption:
    """One redemption as Omneo shows it."""
    row = OmneoRedemption(OmneoRedemptionId(omneo), kind, aud(minor).decimal, None, None)
    return replace(row, **changes)


@dataclass(slots=True)
class ScriptedOmneo:
    """Answers writes in the order written down, and shows what is in `shown`; a missing answer is a failed test."""

    answers: list[Any] = field(default_factory=list)
    shown: list[OmneoRedemption] = field(default_factory=list)
    profiles: dict[str, Profile] = field(default_factory=dict)
    sales: list[StandingSale] = field(default_factory=list)
    rewards_minor: int = 100_000
    points_minor: int = 0
    expiring: list[tuple[Money, datetime]] = field(default_factory=list)
    merged: set[str] = field(default_factory=set)
    answered_as: dict[str, Profile] = field(default_factory=dict)
    gone: bool = False
    down: bool = False
    why_down: dict[str, str] = field(default_factory=lambda: {"reason": "down"})
    before_balance: Callable[[], Awaitable[object]] | None = None
    entitled: list[Benefit] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    looked: list[tuple[str, str]] = field(default_factory=list)

    async def redeem(self, wish: Redeem) -> Answer:
        return await self._next(wish)

    async def reverse(self, redemption: OmneoRedemptionId) -> Answer:
        return await self._next(redemption)

    async def give_back(self, wish: GiveBack) -> Answer:
        return await self._next(wish)

    async def redemptions(self, profile: ProfileId, label: str) -> tuple[OmneoRedemption, ...]:
        self._reachable()
        self.looked.append((profile, label))
        if profile in self.merged:
            raise NotFound
        return tuple(self.shown)

    async def balance(self, profile: ProfileId) -> Balance:
        self._reachable()
        if profile in self.merged:
            raise NotFound
        if self.before_balance is not None:
            await self.before_balance()
        rewards, points = aud(self.rewards_minor).decimal, aud(self.points_minor).decimal
        return Balance(rewards, points, points, rewards + points, "AUD")

    async def rewards(self, profile: ProfileId) -> tuple[Reward, ...]:
        rows = enumerate(self.expiring)
        return tuple(Reward(n, "Reward", m.decimal, m.decimal, None, at, True, False) for n, (m, at) in rows)

    async def benefits(self, profile: ProfileId) -> tuple[Benefit, ...]:
        self._reachable()
        if profile in self.merged:
            raise NotFound
        if self.before_balance is not None:
            await self.before_balance()
        return tuple(self.entitled)

    async def profile(self, profile: ProfileId) -> Profile:
        self._reachable()
        every = (each for each in self.profiles.values() if each.id == profile)
        found = self.answered_as.get(profile) or next(every, None)
        if found is None or profile in self.merged:
            raise NotFound
        return found

    async def find_profile(self, handle: str, identifier: str) -> Profile | None:
        self.looked.append((handle, identifier))
        return self.profiles.get(identifier)

    async def sale_at(self, external_id: str) -> StandingSale | None:
        self.looked.append(("sale_at", external_id))
        return next((sale for sale in self.sales if sale.external_id == external_id), None)

    async def sales_where(self, field: str, values: Sequence[str]) -> tuple[StandingSale, ...]:
        self.looked += [(field, value) for value in values]
        return tuple(self.sales)

    async def write_transaction(self, sale: TransactionWrite) -> Any:
        return await self._next(sale)

    async def attach_redemption(self, sale: TransactionId, redemption: OmneoRedemptionId) -> Any:
        return await self._next((sale, redemption))

    async def _next(self, wish: object) -> Any:
        self.sent.append(wish)
        answer = self.answers.pop(0)
        return await answer() if callable(answer) else answer

    def _reachable(self) -> None:
        if self.gone:
            raise NotFound
        if self.down:
            raise UpstreamUnavailable(upstream="omneo", **self.why_down)


@dataclass(slots=True)
class ScriptedShopify:
    """Answers writes in the order written down, and shows the orders and the discount that it is given."""

    answers: list[Outcome[Any]] = field(default_factory=list)
    orders: dict[str, Order | None] = field(default_factory=dict)
    seen: list[OrderSighting] = field(default_factory=list)
    found: Discount | None = None
    down: bool = False
    sent: list[Any] = field(default_factory=list)

    async def create_discount(self, spec: DiscountSpec) -> Outcome[DiscountId]:
        return await self._next("create", spec)

    async def deactivate(self, discount: DiscountId) -> Outcome[int]:
        return await self._next("deactivate", discount)

    async def delete(self, discount: DiscountId) -> Outcome[None]:
        return await self._next("delete", discount)

    async def discount(self, code: Code) -> Discount | None:
        if self.down:
            raise UpstreamUnavailable(upstream="shopify", reason="down")
        self.sent.append(("read", code))
        return self.found

    async def order(self, order: OrderId) -> Order | None:
        return self.orders[order]

    async def sightings(self, since: datetime, customer: CustomerId | None = None) -> Sequence[OrderSighting]:
        self.sent.append(("sightings", since, customer))
        return self.seen

    async def _next(self, *what: Any) -> Outcome[Any]:
        self.sent.append(what)
        answer: Any = self.answers.pop(0)
        return await answer() if callable(answer) else answer


class Beforehand:
    """A port whose calls of one name are preceded, in turn, by what somebody else does."""

    def __init__(self, port: object, name: str, *first: Callable[[], Awaitable[object]]) -> None:
        self._port, self._name, self._first = port, name, list(first)

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)

        async def later(*args: Any, **more: Any) -> Any:
            if self._first and name == self._name:
                await self._first.pop(0)()
            return await call(*args, **more)

        return later


@dataclass(slots=True)
class Told:
    """What was told, in full."""

    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def tell(self, happening: Happening, **fields: object) -> None:
        self.lines.append((happening.value, fields))


@dataclass(slots=True)
class CountedIds:
    """Ids in the order in which they were asked for."""

    numbers: Any = field(default_factory=lambda: itertools.count(0xA0))

    def redemption(self) -> RedemptionId:
        return RedemptionId(f"rdm_{next(self.numbers):032x}")

    def capture(self) -> CaptureId:
        return CaptureId(f"cap_{next(self.numbers):032x}")

    def give_back(self) -> str:
        return f"gbk_{next(self.numbers):032x}"

    def approval(self) -> ApprovalId:
        return ApprovalId(f"apr_{next(self.numbers):032x}")

    def code(self, prefix: str) -> Code:
        return Code(f"{prefix}{next(self.numbers)}")

    def token(self) -> str:
        return f"{next(self.numbers):032x}"


def bought(number: str, *lines: tuple[int, int, int], code: str = "", **changes: Any) -> Order:
    """An order; each line is (ordered, still there, taken off by the code)."""
    made = tuple(
        OrderLine(str(n), "Thing", None, None, ordered, current, aud(5000), aud(0), (Allocation(code, None, aud(off)),))
        for n, (ordered, current, off) in enumerate(lines)
    )
    return replace(order_of(number), lines=made, codes=(code,), **changes)

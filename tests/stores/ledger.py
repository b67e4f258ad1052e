"""A ledger over one database, with wishes and orders to feed it."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from proxy.domain.benefit import BenefitUse, uses
from proxy.domain.caller import Surface
from proxy.domain.effect import Effect, EffectKind
from proxy.domain.hold import ClaimKey, Held, HoldResult, HoldWish
from proxy.domain.ids import (
    CaptureId,
    Code,
    CustomerId,
    DiscountId,
    OrderId,
    ProfileId,
    RedemptionId,
    ShopDomain,
    TenantName,
)
from proxy.domain.money import Money
from proxy.domain.order import Order
from proxy.domain.redemption import Place, Redemption, State
from proxy.stores import schema as t
from proxy.stores.captures import Captures
from proxy.stores.database import Database, open_database
from proxy.stores.events import Events
from proxy.stores.holds import Holds
from proxy.stores.records import Records
from proxy.stores.redemptions import Redemptions
from proxy.stores.tasks import Tasks

SHOP = ShopDomain("sandbox-shop.myshopify.com")
TENANT = TenantName("sandbox")
PROFILE = ProfileId("p-1")
CUSTOMER = CustomerId("1001")


def aud(minor: int) -> Money:
    return Money(minor, "AUD")


ZERO = aud(0)


@dataclass(slots=True)
class Ledger:
    database: Database
    moved: timedelta = timedelta(0)
    numbers: Any = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.holds = Holds(self.database)
        self.redemptions = Redemptions(self.database)
        self.captures = Captures(self.database)
        self.records = Records(self.database)
        self.tasks = Tasks(self.database)
        self.events = Events(self.database)

    holds: Holds = field(init=False)
    redemptions: Redemptions = field(init=False)
    captures: Captures = field(init=False)
    records: Records = field(init=False)
    tasks: Tasks = field(init=False)
    events: Events = field(init=False)

    async def wish(self, minor: int, spendable: int, **changes: Any) -> HoldWish:
        number = next(self.numbers)
        values: dict[str, Any] = {
            "id": RedemptionId(f"rdm_{number:032x}"),
            "code": Code(f"RW{number:016X}"),
            "shop": SHOP,
            "tenant": TENANT,
            "profile": PROFILE,
            "customer": CUSTOMER,
            "place": Place(Surface.CHECKOUT, "cart-1"),
            "amount": aud(minor),
            "spendable": aud(spendable),
            "ttl_ms": 1_800_000,
            "skew_ms": 60_000,
            "claim": ClaimKey(SHOP, "checkout", CUSTOMER, "redemptions", f"key-{number}"),
            "body_hash": "0" * 64,
            "claim_lease_ms": 20_000,
            "take_over": False,
            **changes,
        }
        if "epoch" not in values:
            benefit = values["benefit"].id if values.get("benefit") else 0
            values["epoch"] = await self.holds.epoch(values["tenant"], values["profile"], benefit)
        return HoldWish(**values)

    async def use(self, benefit: int, count: int, left: int, **changes: Any) -> HoldResult:
        """Hold uses of a benefit of which so many are left."""
        of = BenefitUse(benefit, f"benefit-{benefit}", Effect(EffectKind.PERCENTAGE, percent=Decimal(10)))
        wish = await self.wish(0, 0, benefit=of, **changes)
        return await self.holds.hold(replace(wish, amount=uses(count), spendable=uses(left)))

    async def hold(self, minor: int, spendable: int, **changes: Any) -> HoldResult:
        return await self.holds.hold(await self.wish(minor, spendable, **changes))

    async def held(self, minor: int, spendable: int = 100_000, **changes: Any) -> Redemption:
        result = await self.hold(minor, spendable, **changes)
        assert isinstance(result, Held), result
        return result.redemption

    async def issued(self, minor: int, spendable: int = 100_000, **changes: Any) -> Redemption:
        redemption = await self.held(minor, spendable, **changes)
        assert await self.redemptions.issued(redemption, DiscountId(f"gid://discount/{redemption.id}"))
        return await self.now(redemption)

    async def deactivated(self, redemption: Redemption, *, used: int = 0) -> Redemption:
        assert await self.redemptions.begin_release(await self.now(redemption), "removed")
        assert await self.redemptions.deactivated(await self.now(redemption), grace_ms=120_000, used=used)
        return await self.now(redemption)

    async def capturing(self, redemption: Redemption, order: str = "1", minor: int | None = None) -> CaptureId:
        capture = CaptureId(f"cap_{next(self.numbers):032x}")
        amount = replace(redemption.amount, minor=redemption.amount.minor if minor is None else minor)
        assert await self.captures.begin(capture, order_of(order), redemption.profile, [(redemption, amount)])
        return capture

    async def now(self, redemption: Redemption) -> Redemption:
        found = await self.redemptions.get(redemption.id)
        assert found is not None
        return found

    async def standing(self) -> int:
        return (await self.holds.standing(TENANT, PROFILE)).held_minor

    async def last_entry(self, redemption: RedemptionId) -> Any:
        """The newest row of a redemption's journal."""
        c = t.journal.c
        query = t.journal.select().where(c.redemption_id == redemption).order_by(c.id.desc()).limit(1)
        return await self.database.read(lambda unit: unit.run(query).one())

    async def sum_of_holds(self) -> int:
        """What the rows say; the allowance must never say anything else."""
        query = sa.select(sa.func.coalesce(sa.func.sum(t.redemptions.c.held_minor), 0))
        return int(await self.database.read(lambda unit: unit.conn.scalar(query)) or 0)


def redemption_of(id_: RedemptionId, code: Code, amount: Money = ZERO, benefit: BenefitUse | None = None) -> Redemption:
    """A row that stands in no database."""
    nothing = Money.zero(amount.currency)
    return Redemption(
        id=id_,
        shop=SHOP,
        tenant=TENANT,
        profile=PROFILE,
        customer=CUSTOMER,
        place=Place(Surface.CHECKOUT, "cart-1"),
        state=State.ISSUED,
        amount=amount,
        held=amount,
        captured=nothing,
        returned=nothing,
        shortfall=nothing,
        code=code,
        starts_ms=0,
        ends_ms=1_800_000,
        discount=None,
        parent=None,
        order=None,
        reason=None,
        deactivated_ms=None,
        use_seen=False,
        grace_until_ms=None,
        early=False,
        created_ms=0,
        updated_ms=0,
        benefit=benefit,
    )


def order_of(number: str, customer: str = CUSTOMER) -> Order:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    return Order(
        id=OrderId(number),
        name=f"#{number}",
        test=False,
        created_at=at,
        processed_at=at,
        updated_at=at,
        cancelled=False,
        source_name="web",
        financial_status="PAID",
        currency="AUD",
        customer=CustomerId(customer),
        location=None,
        codes=(),
        lines=(),
        total=aud(10_000),
        total_original=aud(10_000),
    )


@asynccontextmanager
async def open_ledger(url: str) -> AsyncIterator[Ledger]:
    ledger: Ledger

    def shift_ms() -> int:
        return int(ledger.moved.total_seconds() * 1000)

    def now_ms() -> int:
        return int(datetime.now(UTC).timestamp() * 1000) + shift_ms()

    database = open_database(url, now_ms, shift_ms=shift_ms)
    ledger = Ledger(database)
    try:
        yield ledger
    finally:
        database.close()

"""The services that move value, over the real ledger with a clock that stands still; the other sides are scripts."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from proxy.domain.allowance import Reading
from proxy.domain.caller import Surface
from proxy.domain.capture import Capture
from proxy.domain.effect import Effect
from proxy.domain.ids import CustomerId
from proxy.domain.loyalty import Benefit
from proxy.domain.outcome import Answered
from proxy.domain.redemption import Redemption, State
from proxy.domain.shop import Policy, Shop, Timing, TransactionMode
from proxy.services.attach import Attach
from proxy.services.capture import SpendCapture
from proxy.services.cross_check import CrossCheck
from proxy.services.customers import Customers
from proxy.services.display import Display, Shown, View
from proxy.services.early import EarlyCapture
from proxy.services.find_sale import FindSale
from proxy.services.follow import FollowProfile
from proxy.services.give_back import ReturnValue
from proxy.services.issue import Issue
from proxy.services.offers import Offers
from proxy.services.readings import Readings
from proxy.services.record import Record
from proxy.services.redeem import Redeem
from proxy.services.release import Release
from proxy.services.settle import Settle
from proxy.services.staff import StaffCheck
from proxy.services.surplus import UndoSurplus
from proxy.services.uses import Uses
from proxy.stores import schema as t
from proxy.stores.approvals import Approvals
from proxy.stores.cache import FlightCache
from proxy.stores.database import open_database
from proxy.stores.give_backs import GiveBacks
from proxy.stores.successions import Successions
from proxy.stores.tills import Tills
from tests.services.scripts import Answer, CountedIds, Meanwhile, ScriptedOmneo, ScriptedShopify, Told, redeemed
from tests.stores.ledger import SHOP, TENANT, Ledger, aud

BEGAN = datetime(2026, 11, 21, tzinfo=UTC)
TIMING = Timing(settling=timedelta(seconds=120), ceiling=timedelta(seconds=30))


def shop_of(**changes: Any) -> Shop:
    shop = Shop(SHOP, TENANT, "AUD", "client", ("secret",), Policy(aud(0)), TIMING, TransactionMode.NONE)
    return replace(shop, **changes)


class Alone:
    """Everything that a test of these services arranges with and asserts on."""

    def __init__(self, ledger: Ledger, shop: Shop) -> None:
        self.ledger, self.shop = ledger, shop
        self.omneo, self.shopify, self.told, self.ids = ScriptedOmneo(), ScriptedShopify(), Told(), CountedIds()
        self.give_backs = GiveBacks(ledger.database)
        self._readings: FlightCache[Reading] = self._cache()
        self._shown: FlightCache[Shown] = self._cache()
        self.display = Display(self._shown)
        self.readings = Readings(self.omneo, ledger.holds, self._readings, self)  # type: ignore[arg-type]
        omneo: Any = self.omneo
        shopify: Any = self.shopify
        self.uses = Uses(omneo, ledger.redemptions, self._cache())
        self.effects: dict[str, Effect | str] = {}
        self.offers = Offers(
            omneo=omneo, holds=ledger.holds, readings=self.readings, effect_of=self._effect_of, clock=self
        )
        self.customers = Customers(omneo, self._cache())
        self.successions = Successions(ledger.database)
        self.follow = FollowProfile(
            omneo=omneo,
            successions=self.successions,
            customers=self.customers,
            readings=self.readings,
            display=self.display,
            telemetry=self.told,
        )
        common: Any = {"omneo": omneo, "captures": ledger.captures, "telemetry": self.told}
        values: Any = {"redemptions": ledger.redemptions, "readings": self.readings}
        giving: Any = {"give_backs": self.give_backs, "follow": self.follow, "ids": self.ids}
        self.spend = self.spending()
        self.undo_surplus = UndoSurplus(**common, **giving)
        self.give_back = self.giving()
        self.early = EarlyCapture(
            captures=ledger.captures,
            spend=self.spend,
            undo_surplus=self.undo_surplus,
            give_back=self.give_back,
            ids=self.ids,
            **values,
        )
        self.issue = Issue(shopify, ledger.redemptions, self.told)
        find, records = FindSale(omneo), ledger.records
        self.attach = Attach(
            omneo=omneo,
            find=find,
            records=records,
            redemptions=ledger.redemptions,
            follow=self.follow,
            telemetry=self.told,
        )
        self.record = Record(
            find=find,
            attach=self.attach,
            records=records,
            customers=self.customers,
            follow=self.follow,
            clock=self,
            **common,
        )
        self.release = self.releasing()

    def spending(self, captures: Any = None) -> SpendCapture:
        """What spends captures; with `captures`, over that port instead of the ledger's own."""
        return SpendCapture(
            omneo=self.omneo,  # type: ignore[arg-type]
            captures=captures or self.ledger.captures,
            redemptions=self.ledger.redemptions,
            readings=self.readings,
            uses=self.uses,
            follow=self.follow,
            telemetry=self.told,
        )

    def giving(self, give_backs: Any = None) -> ReturnValue:
        """What gives back; with `give_backs`, over that port instead of the ledger's own."""
        return ReturnValue(
            omneo=self.omneo,  # type: ignore[arg-type]
            give_backs=give_backs or self.give_backs,
            redemptions=self.ledger.redemptions,
            readings=self.readings,
            uses=self.uses,
            follow=self.follow,
            ids=self.ids,
            telemetry=self.told,
        )

    def releasing(self, redemptions: Any = None) -> Release:
        """What ends redemptions; with `redemptions`, over that port instead of the ledger's own."""
        return Release(
            shopify=self.shopify,  # type: ignore[arg-type]
            redemptions=redemptions or self.ledger.redemptions,
            events=self.ledger.events,
            early=self.early,
            display=self.display,
            telemetry=self.told,
        )

    def settle(self, captures: Any = None) -> Settle:
        """What settles orders; with `captures`, over that port instead of the ledger's own."""
        return Settle(
            shopify=self.shopify,  # type: ignore[arg-type]
            redemptions=self.ledger.redemptions,
            captures=captures or self.ledger.captures,
            spend=self.spend,
            undo_surplus=self.undo_surplus,
            give_back=self.give_back,
            events=self.ledger.events,
            record=self.record,
            cross_check=CrossCheck(
                self.ledger.redemptions, self.ledger.captures, Tills(self.ledger.database), self.told
            ),
            ids=self.ids,
            display=self.display,
            telemetry=self.told,
        )

    def redeem(self, *, holds: Any = None, redemptions: Any = None, answers: Sequence[Any] = ()) -> Redeem:
        """What grants wishes, over other ports where they are given; `answers` are Shopify's."""
        self.shopify.answers += answers
        issue: Any = Issue(self.shopify, redemptions or self.ledger.redemptions, self.told)  # type: ignore[arg-type]
        return Redeem(
            holds=holds or self.ledger.holds,
            redemptions=self.ledger.redemptions,
            customers=self.customers,
            staff=StaffCheck(Approvals(self.ledger.database), self.ids),
            offers=self.offers,
            follow=self.follow,
            issue=issue,
            early=self.early,
            release=self.release,
            ids=self.ids,
            display=self.display,
            telemetry=self.told,
        )

    async def value_moves(self) -> None:
        """Have the profile's allowance begin a new epoch, as any end of a capture does."""
        a = t.allowances.c
        await self.ledger.database.write(
            lambda unit: unit.run(t.allowances.update().values(epoch=a.epoch + 1)).rowcount
        )

    def now(self) -> datetime:
        return BEGAN + self.ledger.moved

    def monotonic(self) -> float:
        return self.ledger.moved.total_seconds()

    def passes(self, **time: float) -> None:
        self.ledger.moved += timedelta(**time)

    async def capture(self, redemption: Redemption) -> Capture:
        found = await self.ledger.captures.of_redemption(redemption.id)
        assert found is not None
        return found

    async def spent(
        self, redemption: Redemption, *answers: Answer | Meanwhile, shop: Shop | None = None, **more: Any
    ) -> Any:
        """Bring the capture one step on, as the present rows are."""
        self.omneo.answers[:] = answers
        return await self.spend(shop or self.shop, await self.capture(redemption), **more)

    async def captured(self, minor: int, order: str = "1") -> Redemption:
        """Have an order spend an issued redemption; Omneo's redemption is number 1."""
        row = await self.ledger.issued(minor)
        await self.ledger.capturing(row, order)
        await self.spent(row, Answered(redeemed(1, minor)))
        self.told.lines.clear()
        self.omneo.sent.clear()
        self.omneo.looked.clear()
        return await self.ledger.now(row)

    async def shows(self, customer: CustomerId, *views: View) -> None:
        """Have answers remembered that a move of value must drop."""
        for view in views:
            await self.display.get(SHOP, customer, view, _shown)

    def still_shown(self, customer: CustomerId) -> list[View]:
        return [view for view in View if self.display.ready(SHOP, customer, view) is not None]

    async def standing(self, redemption: Redemption) -> tuple[State, str | None, int]:
        """Where it is, why, and what it still holds."""
        now = await self.ledger.now(redemption)
        return now.state, now.reason, now.held.minor

    async def _effect_of(self, shop: Shop, benefit: Benefit, surface: Surface) -> Effect | str:
        return self.effects.get(benefit.handle, "unmapped")

    def _cache(self) -> FlightCache[Any]:
        return FlightCache(size=100, ttl_s=lambda _: 60.0, stale_s=600, monotonic=self.monotonic)


async def _shown() -> Shown:
    return Shown(b"{}")


@asynccontextmanager
async def open_alone(url: str, **changes: Any) -> AsyncIterator[Alone]:
    ledger: Ledger

    def now_ms() -> int:
        return int(BEGAN.timestamp() * 1000) + int(ledger.moved.total_seconds() * 1000)

    database = open_database(url, now_ms)
    ledger = Ledger(database)
    try:
        yield Alone(ledger, shop_of(**changes))
    finally:
        database.close()

"""Turn a wish to redeem into a hold and a discount."""

import contextlib
from dataclasses import asdict, dataclass
from datetime import timedelta

from proxy.domain.actor import SERVICE
from proxy.domain.allowance import short_of
from proxy.domain.errors import (
    Busy,
    DiscountRefused,
    IdempotencyInFlight,
    IdempotencyKeyReused,
    InsufficientBalance,
    NotFound,
    OutcomePending,
    ProxyError,
    RefusedBefore,
    ShopClosed,
    UpstreamUnavailable,
)
from proxy.domain.happening import Happening
from proxy.domain.hold import (
    Claim,
    Closed,
    DayFull,
    Held,
    HoldWish,
    KeyTaken,
    Moved,
    Occupied,
    Refusal,
    Short,
    Unapproved,
    Wish,
    held_elsewhere,
)
from proxy.domain.loyalty import Profile
from proxy.domain.money import Money
from proxy.domain.redemption import Redemption, State
from proxy.domain.refusals import BenefitUsedUp, NotCombinable
from proxy.domain.shop import Shop
from proxy.domain.staff import TillBounds
from proxy.domain.terms import check
from proxy.ports import Holds, Ids, Redemptions, Telemetry
from proxy.services.customers import Customers
from proxy.services.display import Display
from proxy.services.early import EarlyCapture
from proxy.services.follow import FollowProfile
from proxy.services.issue import Issue
from proxy.services.offers import Offer, Offers
from proxy.services.release import Release
from proxy.services.staff import StaffCheck, day_full, unapproved

_TRIES = 8  # a replacement, a moved epoch and a cached reading may all happen to one wish
_CLAIM_LEASE = timedelta(seconds=20)  # an attempt that takes longer may be joined by another: each step is safe twice
_SKEW = timedelta(seconds=60)  # Shopify's clock may be behind ours; the code must work at once


@dataclass(frozen=True, slots=True)
class Placed:
    """The redemption, and whether this answer is a replay."""

    redemption: Redemption
    replayed: bool


class Redeem:
    """Sets value aside, then has the discount made."""

    def __init__(
        self,
        *,
        holds: Holds,
        redemptions: Redemptions,
        customers: Customers,
        staff: StaffCheck,
        offers: Offers,
        follow: FollowProfile,
        issue: Issue,
        early: EarlyCapture,
        release: Release,
        ids: Ids,
        display: Display,
        telemetry: Telemetry,
    ) -> None:
        self._holds = holds
        self._redemptions = redemptions
        self._customers = customers
        self._staff = staff
        self._offers = offers
        self._follow = follow
        self._issue = issue
        self._early = early
        self._release = release
        self._ids = ids
        self._display = display
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, wish: Wish) -> Placed:
        """Give the issued redemption; on return hold, code and key are durable.

        A final refusal is kept under the key. After `OutcomePending` the same key resumes the same redemption.
        """
        claim = await self._holds.claim(wish.key)
        if claim is not None:
            return await self._replay(shop, wish, claim)
        try:
            held = await self._hold(shop, wish)
        except ProxyError as error:
            if not error.retryable:
                await self._holds.refuse(wish.key, wish.body_hash, _refusal(error))
            raise
        if isinstance(held, KeyTaken):
            return await self._replay(shop, wish, held.claim)
        # Now, not when it is issued: until then the outcome may stay open for long.
        self._display.changed(shop.domain, wish.customer)
        self._telemetry.tell(
            Happening.REDEMPTION_HELD,
            redemption=held.redemption.id,
            shop=shop.domain,
            surface=wish.place.surface,
            profile=held.redemption.profile,
            amount=str(wish.amount),
        )
        return Placed(await self._finish(shop, wish, held.redemption, resumed=False), replayed=False)

    async def _finish(self, shop: Shop, wish: Wish, held: Redemption, *, resumed: bool) -> Redemption:
        try:
            issued = await self._issue(shop, held, resumed=resumed) if held.state is State.HELD else held
            if issued.early:
                issued = await self._capture_early(shop, issued)
        except OutcomePending:
            await self._holds.yield_claim(wish.key)
            raise
        except ProxyError as error:
            if error.retryable:
                await self._holds.free(wish.key)
            else:
                await self._holds.finish(wish.key, _refusal(error))
            self._display.changed(shop.domain, wish.customer)
            raise
        await self._holds.finish(wish.key)
        self._display.changed(shop.domain, wish.customer)
        return issued

    async def _capture_early(self, shop: Shop, issued: Redemption) -> Redemption:
        try:
            return await self._early(shop, issued)
        except (InsufficientBalance, DiscountRefused):
            # What can be done now is done now; the rest is durable.
            with contextlib.suppress(UpstreamUnavailable):
                await self._release(shop, issued, "redeem_refused", SERVICE)
            raise
        except UpstreamUnavailable as error:
            # Something may be spent by now: the key stays with it.
            raise OutcomePending(redemption=issued.id, reason="early_capture") from error

    async def _replay(self, shop: Shop, wish: Wish, claim: Claim) -> Placed:
        if claim.body_hash != wish.body_hash:
            raise IdempotencyKeyReused()
        if claim.refusal is not None:
            raise RefusedBefore(**asdict(claim.refusal))
        assert claim.redemption is not None
        if not claim.finished and not await self._holds.resume(wish.key, _ms(_CLAIM_LEASE)):
            raise IdempotencyInFlight()
        redemption = await self._redemptions.get(claim.redemption)
        assert redemption is not None
        uncaptured = redemption.state is State.ISSUED and redemption.early and not claim.finished
        if redemption.state is State.HELD or uncaptured:
            redemption = await self._finish(shop, wish, redemption, resumed=True)
        elif not claim.finished:
            await self._holds.finish(wish.key)
        return Placed(redemption, replayed=True)

    async def _hold(self, shop: Shop, wish: Wish) -> Held | KeyTaken:
        if wish.benefit is None:
            check(shop.policy, shop.currency, wish.amount)
        till = await self._staff(shop, wish)
        profile = await self._customers.redeemer(shop, wish.customer)
        profile, offer = await self._read(shop, wish, profile)
        # What is held under a profile that was merged into this one counts against it.
        await self._follow.held_elsewhere(shop, wish.customer, profile.id)
        await self._combines(shop, wish, offer)
        for _ in range(_TRIES):
            result = await self._holds.hold(self._hold_wish(shop, wish, profile, offer, till))
            match result:
                case Held() | KeyTaken():
                    return result
                case Occupied(occupant):
                    await self._replace(shop, wish, occupant)
                case Closed():
                    raise ShopClosed()
                case DayFull(day):
                    raise day_full(day)
                case Unapproved():
                    raise unapproved(result)
                case Moved():
                    profile, offer = await self._read(shop, wish, profile, fresh=True)
                case Short(held):
                    if offer.fresh:
                        raise _too_much(offer, held, wish.amount)
                    profile, offer = await self._read(shop, wish, profile, fresh=True)
        raise Busy(profile=profile.id)

    async def _read(self, shop: Shop, wish: Wish, profile: Profile, *, fresh: bool = False) -> tuple[Profile, Offer]:
        """Read what there is; of whom the customer is by now, where the profile was merged since it was remembered."""
        try:
            return profile, await self._offers(shop, wish, profile.id, fresh=fresh)
        except NotFound as gone:
            await self._customers.again(shop, wish.customer, gone)
            present = await self._customers.redeemer(shop, wish.customer)
            await self._follow(shop, profile.id)
            return present, await self._offers(shop, wish, present.id, fresh=fresh)

    async def _combines(self, shop: Shop, wish: Wish, offer: Offer) -> None:
        """Refuse what Shopify would not put on one cart with what stands there: a yes must be one."""
        for other in await self._redemptions.open_of(shop.domain, wish.customer):
            same = (other.benefit.id if other.benefit else None) == wish.benefit
            if same or not other.place.same_cart(wish.place):
                continue
            if not offer.effect.combines(other.benefit.effect if other.benefit else shop.policy.effect(other.amount)):
                raise NotCombinable(redemption=other.id)

    async def _replace(self, shop: Shop, wish: Wish, occupant: Redemption) -> None:
        """End the open redemption of the same cart, so that its hold can pass over."""
        here = occupant.shop == shop.domain and occupant.place.same_cart(wish.place)
        if not here and not (wish.take_over and occupant.shop == shop.domain):
            raise held_elsewhere(shop.domain, occupant)
        if occupant.state is State.HELD:
            # Its discount may be in the making at this moment: whoever makes it has to finish first.
            raise IdempotencyInFlight()
        await self._release(shop, occupant, "replaced", wish.actor)

    def _hold_wish(self, shop: Shop, wish: Wish, profile: Profile, offer: Offer, till: TillBounds | None) -> HoldWish:
        return HoldWish(
            id=self._ids.redemption(),
            code=self._ids.code(shop.code_prefix),
            shop=shop.domain,
            tenant=shop.tenant,
            profile=profile.id,
            customer=wish.customer,
            place=wish.place,
            amount=wish.amount,
            spendable=offer.spendable,
            epoch=offer.epoch,
            ttl_ms=_ms(shop.timing.hold(wish.place.surface)),
            skew_ms=_ms(_SKEW),
            claim=wish.key,
            body_hash=wish.body_hash,
            claim_lease_ms=_ms(_CLAIM_LEASE),
            take_over=wish.take_over,
            # Of a benefit nothing is spent before an order has used it: a use cannot be taken back in part.
            early=wish.benefit is None and wish.place.surface in shop.policy.capture_early,
            actor=wish.actor,
            benefit=offer.benefit,
            till=till,
        )


def _refusal(error: ProxyError) -> Refusal:
    return Refusal(error.code, error.status, error.text, error.facts())


def _too_much(offer: Offer, held: Money, amount: Money) -> ProxyError:
    left = Money(max(0, offer.spendable.minor - held.minor), offer.spendable.currency)
    if offer.benefit:
        return BenefitUsedUp(left=left.minor)
    return short_of(amount, left, offer.expiring) or InsufficientBalance(available=left.wire())


def _ms(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)

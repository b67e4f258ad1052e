"""Turn a wish to redeem into a hold and a discount."""

import contextlib
from dataclasses import asdict, dataclass
from datetime import timedelta

from proxy.domain.actor import SERVICE, Actor
from proxy.domain.allowance import Reading
from proxy.domain.errors import (
    BelowMinimum,
    Busy,
    CurrencyMismatch,
    DiscountRefused,
    HeldElsewhere,
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
from proxy.domain.hold import Claim, ClaimKey, Closed, Held, HoldWish, KeyTaken, Moved, Occupied, Refusal, Short
from proxy.domain.ids import CustomerId
from proxy.domain.loyalty import Profile
from proxy.domain.money import Money
from proxy.domain.redemption import Place, Redemption, State, iso
from proxy.domain.shop import Shop
from proxy.ports import Cached, Clock, Holds, Ids, Redemptions, Telemetry
from proxy.services.customers import Customers
from proxy.services.display import Display
from proxy.services.early import EarlyCapture
from proxy.services.follow import FollowProfile
from proxy.services.issue import Issue
from proxy.services.readings import Readings
from proxy.services.release import Release

_TRIES = 8  # a replacement, a moved epoch and a cached reading may all happen to one wish
_CLAIM_LEASE = timedelta(seconds=20)  # an attempt that takes longer may be joined by another: each step is safe twice
_SKEW = timedelta(seconds=60)  # Shopify's clock may be behind ours; the code must work at once


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller asked for; `take_over` releases a redemption that is open elsewhere."""

    customer: CustomerId
    actor: Actor
    place: Place
    amount: Money
    key: ClaimKey
    body_hash: str
    take_over: bool = False


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
        readings: Readings,
        follow: FollowProfile,
        issue: Issue,
        early: EarlyCapture,
        release: Release,
        clock: Clock,
        ids: Ids,
        display: Display,
        telemetry: Telemetry,
    ) -> None:
        self._holds = holds
        self._redemptions = redemptions
        self._customers = customers
        self._readings = readings
        self._follow = follow
        self._issue = issue
        self._early = early
        self._release = release
        self._clock = clock
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
        _check(shop, wish)
        profile = await self._customers.redeemer(shop, wish.customer)
        profile, reading = await self._read(shop, wish, profile)
        # What is held under a profile that was merged into this one counts against it.
        await self._follow.held_elsewhere(shop, wish.customer, profile.id)
        for _ in range(_TRIES):
            spendable = self._spendable(shop, wish, reading.value)
            result = await self._holds.hold(self._hold_wish(shop, wish, profile, reading.value, spendable))
            match result:
                case Held() | KeyTaken():
                    return result
                case Occupied(occupant):
                    await self._replace(shop, wish, occupant)
                case Closed():
                    raise ShopClosed()
                case Moved():
                    profile, reading = await self._read(shop, wish, profile, fresh=True)
                case Short(held):
                    if reading.age_s == 0:
                        raise _insufficient(spendable, held)
                    profile, reading = await self._read(shop, wish, profile, fresh=True)
        raise Busy(profile=profile.id)

    async def _read(
        self, shop: Shop, wish: Wish, profile: Profile, *, fresh: bool = False
    ) -> tuple[Profile, Cached[Reading]]:
        """Read the balance; of whom the customer is by now, where the profile was merged since it was remembered."""
        try:
            return profile, await self._readings.current(shop, profile.id, fresh=fresh)
        except NotFound as gone:
            await self._customers.again(shop, wish.customer, gone)
            present = await self._customers.redeemer(shop, wish.customer)
            await self._follow(shop, profile.id)
            return present, await self._readings.current(shop, present.id, fresh=fresh)

    async def _replace(self, shop: Shop, wish: Wish, occupant: Redemption) -> None:
        """End the open redemption of the same cart, so that its hold can pass over."""
        here = occupant.shop == shop.domain and occupant.place.same_cart(wish.place)
        if not here and not (wish.take_over and occupant.shop == shop.domain):
            # Another shop of the tenant is told no more than that.
            told = {"surface": occupant.place.surface, "until": iso(occupant.ends_ms)}
            raise HeldElsewhere(**(told if occupant.shop == shop.domain else {}))
        if occupant.state is State.HELD:
            # Its discount may be in the making at this moment: whoever makes it has to finish first.
            raise IdempotencyInFlight()
        await self._release(shop, occupant, "replaced", wish.actor)

    def _spendable(self, shop: Shop, wish: Wish, reading: Reading) -> Money:
        timing = shop.timing
        outlives = self._clock.now() + timing.hold(wish.place.surface) + timing.expiry_margin
        return reading.spendable(shop.policy.spendable, shop.currency, outlives)

    def _hold_wish(self, shop: Shop, wish: Wish, profile: Profile, reading: Reading, spendable: Money) -> HoldWish:
        return HoldWish(
            id=self._ids.redemption(),
            code=self._ids.code(shop.code_prefix),
            shop=shop.domain,
            tenant=shop.tenant,
            profile=profile.id,
            customer=wish.customer,
            place=wish.place,
            amount=wish.amount,
            spendable=spendable,
            epoch=reading.epoch,
            ttl_ms=_ms(shop.timing.hold(wish.place.surface)),
            skew_ms=_ms(_SKEW),
            claim=wish.key,
            body_hash=wish.body_hash,
            claim_lease_ms=_ms(_CLAIM_LEASE),
            take_over=wish.take_over,
            early=wish.place.surface in shop.policy.capture_early,
            actor=wish.actor,
        )


def _check(shop: Shop, wish: Wish) -> None:
    if wish.amount.currency != shop.currency:
        raise CurrencyMismatch(ours=shop.currency, theirs=wish.amount.currency)
    if wish.amount < shop.policy.minimum:
        raise BelowMinimum(minimum=shop.policy.minimum.wire())


def _refusal(error: ProxyError) -> Refusal:
    return Refusal(error.code, error.status, error.text, error.facts())


def _insufficient(spendable: Money, held: Money) -> InsufficientBalance:
    left = Money(max(0, spendable.minor - held.minor), spendable.currency)
    return InsufficientBalance(available=left.wire())


def _ms(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)

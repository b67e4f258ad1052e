"""Say what could be redeemed and why not more, without holding anything."""

from dataclasses import dataclass, replace

from proxy.domain.allowance import Reading, short_of
from proxy.domain.errors import NotFound, PendingProfile, ProfileInactive, ProxyError
from proxy.domain.hold import Room, RoomAsked, held_elsewhere
from proxy.domain.ids import fold
from proxy.domain.loyalty import Profile
from proxy.domain.money import Money
from proxy.domain.quote import Quote, QuoteVerdict, QuoteWish
from proxy.domain.refusals import ApprovalRequired
from proxy.domain.shop import Shop
from proxy.domain.staff import AtTill, Day
from proxy.domain.terms import check, most, smallest
from proxy.ports import Clock, Rooms, Tills
from proxy.services.combinations import Combinations
from proxy.services.customers import Customers
from proxy.services.quote_benefits import QuoteBenefits
from proxy.services.readings import Readings
from proxy.services.staff import bounds_of, day_full


@dataclass(frozen=True, slots=True)
class _Sight:
    """Everything that a verdict on an amount is judged by."""

    shop: Shop
    wish: QuoteWish
    eligible: Money
    total: Money
    available: Money
    expiring: Money
    days: tuple[Day, ...]
    blocked: ProxyError | None

    def within(self) -> Money:
        """Give what balance and rules for tills leave."""
        bounds = [self.available, *(day.left for day in self.days)]
        if self.wish.till is not None and self.shop.policy.staff.maximum is not None:
            bounds.append(self.shop.policy.staff.maximum)
        return min(bounds, key=lambda bound: bound.minor)

    def most(self, within: Money) -> Money:
        """Give the largest amount up to `within` that would be granted."""
        return Money.zero(within.currency) if self.blocked else most(self.shop.policy, within, self.eligible)

    def refusal(self, amount: Money) -> ProxyError | None:
        """Give the first reason for which a hold of so much would be refused."""
        if self.blocked is not None:
            return self.blocked
        try:
            check(self.shop.policy, self.shop.currency, amount, self.eligible)
            if self.wish.till is not None:
                self._check_till(amount, self.wish.till)
        except ProxyError as refusal:
            return refusal
        return short_of(amount, self.available, self.expiring)

    def _check_till(self, amount: Money, till: AtTill) -> None:
        rules = self.shop.policy.staff
        rules.check(amount, self.wish.place.device)
        rules.needs_reason(amount, till.reason)
        for day in self.days:
            if day.left < amount:
                raise day_full(day)
        if rules.approval_above is not None and rules.needs_approval(amount):
            raise ApprovalRequired(above=rules.approval_above.wire())


class Quotes:
    """Reads what a hold would be granted from, and asks the same rules."""

    def __init__(
        self,
        *,
        customers: Customers,
        readings: Readings,
        rooms: Rooms,
        tills: Tills,
        combinations: Combinations,
        benefits: QuoteBenefits,
        clock: Clock,
    ) -> None:
        self._customers = customers
        self._readings = readings
        self._rooms = rooms
        self._tills = tills
        self._combinations = combinations
        self._benefits = benefits
        self._clock = clock

    async def __call__(self, shop: Shop, wish: QuoteWish) -> Quote:
        """Give the quote; nothing is written. Raises `PendingProfile`, or `UpstreamUnavailable` where a hold would."""
        profile = await self._customers.find(shop, wish.customer)
        if profile is None:
            raise PendingProfile()
        profile, reading = await self._read(shop, wish, profile)
        early = wish.place.surface in shop.policy.capture_early
        room = await self._rooms.room(
            RoomAsked(shop.domain, shop.tenant, profile.id, wish.place, wish.take_over, early)
        )
        sight = await self._sight(shop, wish, profile, reading, room)
        within = sight.within()
        maximum = sight.most(within)
        asked = wish.amount
        judged = asked if asked is not None else maximum or smallest(shop.policy)
        lower = asked if asked is not None and asked.currency == shop.currency and asked < within else within
        return Quote(
            verdicts=(
                QuoteVerdict.on_amount(sight.refusal(judged)),
                *await self._benefits(shop, wish, profile),
            ),
            maximum=maximum,
            suggested=sight.most(lower),
            eligible=sight.eligible,
            total=sight.total,
            held=Money(max(0, room.standing.held_minor), shop.currency),
            available=sight.available,
        )

    async def _sight(self, shop: Shop, wish: QuoteWish, profile: Profile, reading: Reading, room: Room) -> _Sight:
        nothing = Money.zero(shop.currency)
        sight = _Sight(shop, wish, nothing, nothing, nothing, nothing, await self._days(shop, wish, room), None)
        try:
            sight = replace(sight, total=reading.total(shop.policy.spendable, shop.currency))
            outlives = shop.timing.needed_until(wish.place.surface, self._clock.now())
            of = (shop.policy.spendable, shop.currency, outlives)
            sight = replace(sight, available=room.standing.left(reading.spendable(*of)), expiring=reading.expiring(*of))
            sight = replace(sight, eligible=wish.basket.eligible(shop.currency, shop.policy.excluded_products))
            if not profile.may_redeem:
                raise ProfileInactive(type=profile.type)
            if room.in_the_way is not None:
                raise held_elsewhere(shop.domain, room.in_the_way)
            await self._benefits.beside_amount(shop, wish)
            await self._check_codes(shop, wish, room)
        except ProxyError as refusal:
            if refusal.retryable:
                raise
            return replace(sight, blocked=refusal)
        return sight

    async def _days(self, shop: Shop, wish: QuoteWish, room: Room) -> tuple[Day, ...]:
        if wish.till is None:
            return ()
        bounds = bounds_of(shop, wish.place, wish.till, needed=False)
        return await self._tills.days(shop.domain, bounds, shop.currency, room.passing)

    async def _check_codes(self, shop: Shop, wish: QuoteWish, room: Room) -> None:
        ours = shop.policy.effect(smallest(shop.policy))
        # The code that this one would replace leaves the cart with it.
        own = fold(room.replaced.code) if room.replaced is not None else None
        await self._combinations.check(shop, ours, [code for code in wish.basket.codes if fold(code) != own])

    async def _read(self, shop: Shop, wish: QuoteWish, profile: Profile) -> tuple[Profile, Reading]:
        """Read the balance; of whom the customer is by now, where the profile was merged since it was remembered."""
        try:
            return profile, (await self._readings.current(shop, profile.id)).value
        except NotFound as gone:
            present = await self._customers.again(shop, wish.customer, gone)
            return present, (await self._readings.current(shop, present.id)).value

"""Say of benefits whether their uses could be held, by the rules that a hold asks."""

from collections.abc import Sequence

from proxy.domain.benefit import uses
from proxy.domain.effect import Effect
from proxy.domain.errors import ProfileInactive, ProxyError
from proxy.domain.hold import RoomAsked, held_elsewhere
from proxy.domain.ids import fold
from proxy.domain.loyalty import Benefit, Profile
from proxy.domain.quote import QuoteVerdict, QuoteWish, WantedBenefit
from proxy.domain.redemption import Redemption
from proxy.domain.refusals import BenefitUnavailable, BenefitUsedUp, NotCombinable
from proxy.domain.shop import Shop
from proxy.domain.terms import smallest
from proxy.ports import Omneo, Redemptions, Rooms
from proxy.services.combinations import Combinations
from proxy.services.offers import Offers


class QuoteBenefits:
    """Judges the wanted benefits one after the other: each has to stand beside those that were allowed before."""

    def __init__(
        self, *, omneo: Omneo, offers: Offers, rooms: Rooms, redemptions: Redemptions, combinations: Combinations
    ) -> None:
        self._omneo = omneo
        self._offers = offers
        self._rooms = rooms
        self._redemptions = redemptions
        self._combinations = combinations

    async def __call__(self, shop: Shop, wish: QuoteWish, profile: Profile) -> tuple[QuoteVerdict, ...]:
        """Give a verdict on each, in the order in which they were named; Omneo is asked once for all of them."""
        if not wish.benefits:
            return ()
        there = {benefit.id: benefit for benefit in await self._omneo.benefits(profile.id)}
        on_cart = await self._on_cart(shop, wish)
        beside: list[tuple[dict[str, str], Effect]] = [({"redemption": row.id}, _effect(shop, row)) for row in on_cart]
        if wish.amount is not None and all(row.benefit is not None for row in on_cart):
            beside.append(({"beside": "amount"}, shop.policy.effect(wish.amount)))
        codes = _of_others(wish.basket.codes, on_cart)
        verdicts: list[QuoteVerdict] = []
        for wanted in wish.benefits:
            try:
                effect = await self._judge(shop, wish, profile, there.get(wanted.id), wanted)
                against = next((named for named, other in beside if not effect.combines(other)), None)
                if against is not None:
                    raise NotCombinable(**against)
                await self._combinations.check(shop, effect, codes)
                beside.append(({"beside": f"benefit {wanted.id}"}, effect))
                verdicts.append(QuoteVerdict.on_benefit(wanted.id, None))
            except ProxyError as refusal:
                if refusal.retryable:
                    raise
                verdicts.append(QuoteVerdict.on_benefit(wanted.id, refusal))
        return tuple(verdicts)

    async def beside_amount(self, shop: Shop, wish: QuoteWish) -> None:
        """Refuse an amount beside which a benefit that this cart holds already could not stand."""
        ours = shop.policy.effect(smallest(shop.policy))
        for row in await self._redemptions.open_of(shop.domain, wish.customer):
            beside = row.benefit is not None and row.place.same_cart(wish.place)
            if beside and not ours.combines(_effect(shop, row)):
                raise NotCombinable(redemption=row.id)

    async def _on_cart(self, shop: Shop, wish: QuoteWish) -> list[Redemption]:
        """List what the customer has on this cart and keeps: the same benefit again replaces itself."""
        wanted = {benefit.id for benefit in wish.benefits}
        return [
            row
            for row in await self._redemptions.open_of(shop.domain, wish.customer)
            if row.place.same_cart(wish.place) and (row.benefit is None or row.benefit.id not in wanted)
        ]

    async def _judge(
        self, shop: Shop, wish: QuoteWish, profile: Profile, found: Benefit | None, wanted: WantedBenefit
    ) -> Effect:
        if not profile.may_redeem:
            raise ProfileInactive(type=profile.type)
        if found is None:
            raise BenefitUnavailable()
        use = await self._offers.judge(shop, found, wish.place.surface)
        room = await self._rooms.room(
            RoomAsked(shop.domain, shop.tenant, profile.id, wish.place, wish.take_over, early=False, benefit=use)
        )
        if room.in_the_way is not None:
            raise held_elsewhere(shop.domain, room.in_the_way)
        left = room.standing.left(self._offers.left(found))
        if left < uses(wanted.uses):
            raise BenefitUsedUp(left=left.minor)
        return use.effect


def _effect(shop: Shop, row: Redemption) -> Effect:
    return row.benefit.effect if row.benefit is not None else shop.policy.effect(row.amount)


def _of_others(codes: Sequence[str], own: Sequence[Redemption]) -> list[str]:
    """Leave out the codes of ours: how they combine is known."""
    ours = {fold(row.cart_code) for row in own if row.cart_code is not None}
    return [code for code in codes if fold(code) not in ours]

"""What a customer's benefit does at Shopify, on one surface and at this moment."""

from dataclasses import replace

from proxy.domain.caller import Surface
from proxy.domain.effect import Effect, EffectKind
from proxy.domain.ids import ShopDomain
from proxy.domain.loyalty import Benefit
from proxy.domain.mapping import Inapplicable, rule_for
from proxy.domain.money import Money
from proxy.domain.shop import Shop
from proxy.ports import Cache, Shopify


class Effects:
    """Reads the shop's mapping, and what an entry leaves to the other sides: a code, a price."""

    def __init__(self, shopify: Shopify, prices: Cache[Money | None]) -> None:
        self._shopify = shopify
        self._prices = prices

    async def of(self, shop: Shop, benefit: Benefit, surface: Surface) -> Effect | Inapplicable:
        """Give the effect, complete; raises `UpstreamUnavailable` where a price is needed and cannot be read."""
        rule = rule_for(shop.benefits, benefit, surface)
        if isinstance(rule, Inapplicable):
            return rule
        match rule.effect.kind:
            case EffectKind.CODE:
                return _with_code(rule.effect, benefit, surface)
            case EffectKind.FREE_PRODUCT:
                return await self._with_price(shop.domain, rule.effect)
            case _:
                return rule.effect

    async def _with_price(self, shop: ShopDomain, effect: Effect) -> Effect | Inapplicable:
        (product,) = effect.products
        price = (await self._prices.get((shop, product), lambda: self._shopify.price(product))).value
        return replace(effect, amount=price) if price else Inapplicable.NO_PRICE


def _with_code(effect: Effect, benefit: Benefit, surface: Surface) -> Effect | Inapplicable:
    """Take the code that the shop names, else the one that Omneo keeps for this surface."""
    theirs = benefit.code_pos if surface is Surface.POS else benefit.code_online
    code = effect.shared_code or theirs
    return replace(effect, shared_code=code) if code else Inapplicable.NO_CODE

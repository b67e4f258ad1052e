"""Whether ours may stand beside the codes that are on a cart already."""

import asyncio
from collections.abc import Sequence
from typing import Final

from proxy.domain.discount import Combination
from proxy.domain.effect import DiscountClass, Effect
from proxy.domain.ids import fold
from proxy.domain.refusals import NotCombinable
from proxy.domain.shop import Shop
from proxy.ports import Cache, Shopify

# A cart takes so many codes for products and orders, ours among them, beside one for shipping.
# Source: https://help.shopify.com/en/manual/discounts/discount-combinations
_MOST: Final = 5
_COUNTED: Final = frozenset({DiscountClass.ORDER, DiscountClass.PRODUCT})


class Combinations:
    """Reads each code at Shopify once in a while; who gives the codes bounds how many there are."""

    def __init__(self, shopify: Shopify, cache: Cache[Combination | None]) -> None:
        self._shopify = shopify
        self._cache = cache

    async def check(self, shop: Shop, ours: Effect, codes: Sequence[str]) -> None:
        """Refuse, and name the codes that leave no room for ours; those that do not work take none."""
        on_cart = list({fold(code): code for code in codes}.values())
        found = await asyncio.gather(*(self._read(shop, code) for code in on_cart))
        working = [(code, of) for code, of in zip(on_cart, found, strict=True) if of is not None]
        against = [code for code, of in working if not of.allows(ours)]
        if against:
            raise NotCombinable(codes=against)
        counted = [code for code, of in working if of.classes & _COUNTED]
        if len(counted) >= _MOST and ours.discount_class in _COUNTED:
            raise NotCombinable(codes=counted, most=_MOST)

    async def _read(self, shop: Shop, code: str) -> Combination | None:
        return (await self._cache.get((shop.domain, fold(code)), lambda: self._shopify.combination(code))).value

"""What an entry leaves to the other sides: the code that Omneo keeps, the price that Shopify asks."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from proxy.domain.caller import Surface
from proxy.domain.effect import Effect, EffectKind
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.mapping import BenefitRule, Inapplicable
from proxy.domain.money import Money
from proxy.domain.shop import Shop
from proxy.services.effects import Effects
from proxy.stores.cache import FlightCache
from tests.domain.test_mapping import BENEFIT, EVERYWHERE
from tests.services.alone import shop_of
from tests.stores.ledger import aud

pytestmark = pytest.mark.anyio

SOCKS = "gid://shopify/Product/40102"
FREE_SOCKS = Effect(EffectKind.FREE_PRODUCT, products=(SOCKS,), minimum_spend=aud(5000))
CODE = Effect(EffectKind.CODE)
COUPONED = replace(BENEFIT, code_online="ONLINE", code_pos="TILL")


@dataclass(slots=True)
class Prices:
    """Shopify as far as prices go; counts how often it is asked."""

    of: dict[str, Money]
    down: bool = False
    asked: list[str] = field(default_factory=list)
    now_s: float = 0.0

    async def price(self, product: str) -> Money | None:
        self.asked.append(product)
        if self.down:
            raise UpstreamUnavailable(upstream="shopify", reason="down")
        return self.of.get(product)

    def effects(self) -> Effects:
        cache: FlightCache[Any] = FlightCache(size=9, ttl_s=lambda _: 60.0, stale_s=60.0, monotonic=lambda: self.now_s)
        return Effects(self, cache)  # type: ignore[arg-type]


def shop(effect: Effect, **changes: Any) -> Shop:
    return shop_of(benefits=(BenefitRule("entry", effect, EVERYWHERE, handle=BENEFIT.handle),), **changes)


@pytest.mark.parametrize(
    ("surface", "code"),
    [(Surface.POS, "TILL"), (Surface.CHECKOUT, "ONLINE"), (Surface.STOREFRONT, "ONLINE")],
)
async def test_a_code_is_the_one_that_omneo_keeps_for_the_surface(surface: Surface, code: str) -> None:
    found = await Prices({}).effects().of(shop(CODE), COUPONED, surface)
    assert found == replace(CODE, shared_code=code)


async def test_a_code_that_the_shop_names_is_taken_everywhere() -> None:
    ours = replace(CODE, shared_code="OURS")
    for surface in Surface:
        assert await Prices({}).effects().of(shop(ours), COUPONED, surface) == ours


async def test_a_code_that_nobody_names_makes_it_inapplicable() -> None:
    effects = Prices({}).effects()
    assert await effects.of(shop(CODE), BENEFIT, Surface.POS) == Inapplicable.NO_CODE
    online_only = replace(COUPONED, code_pos=None)
    assert await effects.of(shop(CODE), online_only, Surface.POS) == Inapplicable.NO_CODE


async def test_a_free_product_is_worth_its_price_of_this_minute() -> None:
    prices = Prices({SOCKS: aud(1250)})
    effects = prices.effects()
    for _ in range(2):
        found = await effects.of(shop(FREE_SOCKS), BENEFIT, Surface.POS)
        assert found == replace(FREE_SOCKS, amount=aud(1250))
    assert prices.asked == [SOCKS]
    prices.of[SOCKS], prices.now_s = aud(1300), 61.0
    assert await effects.of(shop(FREE_SOCKS), BENEFIT, Surface.POS) == replace(FREE_SOCKS, amount=aud(1300))


async def test_a_price_is_of_its_shop() -> None:
    prices = Prices({SOCKS: aud(1250)})
    effects = prices.effects()
    await effects.of(shop(FREE_SOCKS), BENEFIT, Surface.POS)
    await effects.of(shop(FREE_SOCKS, domain="other.myshopify.com"), BENEFIT, Surface.POS)
    assert prices.asked == [SOCKS, SOCKS]


@pytest.mark.parametrize("price", [None, aud(0)])
async def test_a_product_that_is_gone_or_costs_nothing_makes_it_inapplicable(price: Money | None) -> None:
    prices = Prices({SOCKS: price} if price is not None else {})
    assert await prices.effects().of(shop(FREE_SOCKS), BENEFIT, Surface.POS) == Inapplicable.NO_PRICE


async def test_a_price_that_cannot_be_read_is_told_and_never_guessed_from_an_old_one() -> None:
    prices = Prices({SOCKS: aud(1250)})
    effects = prices.effects()
    await effects.of(shop(FREE_SOCKS), BENEFIT, Surface.POS)
    prices.down, prices.now_s = True, 61.0
    with pytest.raises(UpstreamUnavailable):
        await effects.of(shop(FREE_SOCKS), BENEFIT, Surface.POS)


@pytest.mark.parametrize("effect", [Effect(EffectKind.RECORD), Effect(EffectKind.FREE_SHIPPING), FREE_SOCKS])
async def test_what_is_not_for_this_benefit_is_asked_nothing(effect: Effect) -> None:
    prices = Prices({SOCKS: aud(1250)})
    other = replace(BENEFIT, handle="other")
    assert await prices.effects().of(shop(effect), other, Surface.POS) == Inapplicable.UNMAPPED
    assert prices.asked == []

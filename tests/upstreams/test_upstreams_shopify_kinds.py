"""Each kind of discount that we ask for, against the simulated shop: made, read back, used, ended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from upstreams_rig import OpenShopify, ShopifySide

from proxy.domain.discount import DiscountSpec
from proxy.domain.effect import ANY_CLASS, DiscountClass, Effect, EffectKind
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import Code, CustomerId, OrderId
from proxy.domain.money import Money
from proxy.domain.order import Order
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.sandbox import seed
from proxy.sandbox.faults import Fault

pytestmark = pytest.mark.anyio

CODE = Code("RW-23456789ABCDEFGH")
SHIRT, SOCKS = seed.LINEN_SHIRT.variant_id, seed.WOOL_SOCKS.variant_id
SOCKS_PRODUCT = f"gid://shopify/Product/{seed.WOOL_SOCKS.product_id}"
ACCESSORIES = f"gid://shopify/Collection/{seed.ACCESSORIES.id}"
NOWHERE = "gid://shopify/Product/1"


def aud(amount: str) -> Money:
    return Money.parse(amount, "AUD")


KINDS = {
    "amount": Effect(EffectKind.AMOUNT, aud("5.00")),
    "amount on products": Effect(EffectKind.AMOUNT, aud("5.00"), products=(SOCKS_PRODUCT,)),
    "amount on collections": Effect(EffectKind.AMOUNT, aud("5.00"), collections=(ACCESSORIES,)),
    "percentage": Effect(EffectKind.PERCENTAGE, percent=Decimal("12.5")),
    "a small percentage": Effect(EffectKind.PERCENTAGE, percent=Decimal("0.07")),
    "percentage on products": Effect(EffectKind.PERCENTAGE, percent=Decimal(7), products=(SOCKS_PRODUCT,)),
    "percentage on collections": Effect(EffectKind.PERCENTAGE, percent=Decimal(100), collections=(ACCESSORIES,)),
    "free product": Effect(EffectKind.FREE_PRODUCT, aud("12.50"), products=(SOCKS_PRODUCT,)),
    "free shipping": Effect(EffectKind.FREE_SHIPPING, minimum_spend=aud("50.00")),
}
# What each takes off a shirt of 79.00, two pairs of socks of 12.50 and shipping of 9.95: lines, then shipping.
TAKEN = {
    "amount": ("5.00", "0.00"),
    "amount on products": ("5.00", "0.00"),
    "amount on collections": ("5.00", "0.00"),
    "percentage": ("13.00", "0.00"),
    "a small percentage": ("0.07", "0.00"),
    "percentage on products": ("1.75", "0.00"),
    "percentage on collections": ("25.00", "0.00"),
    "free product": ("12.50", "0.00"),
    "free shipping": ("0.00", "9.95"),
}


def spec(effect: Effect) -> DiscountSpec:
    starts = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    return DiscountSpec(CODE, "Benefit · Ändern", effect, CustomerId("1001"), starts, starts + timedelta(minutes=31))


def value(outcome: Outcome[Any]) -> Any:
    assert isinstance(outcome, Answered), outcome
    return outcome.value


async def bought(shop: ShopifySide, *codes: str, pos: bool = False) -> Order:
    lines = [(SHIRT, 1), (SOCKS, 2)]
    if pos:
        placed = shop.sandbox.pos_sale(lines, location_id=seed.LOCATION.id, customer_id=1001, codes=codes)
    else:
        cart = shop.sandbox.open_cart(lines, 1001, {"engraving": "Zoë", "gift": ""})
        shop.sandbox.checkout.set_codes(cart, codes)
        placed = shop.sandbox.place_order(cart)
    order = await shop.client.order(OrderId(str(placed.id)))
    assert order is not None
    return order


@pytest.fixture
async def shop(open_shopify: OpenShopify) -> ShopifySide:
    return await open_shopify(shipping_price=Decimal("9.95"))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_discount_of_each_kind_is_made_and_read_back_as_ours_and_as_no_other(
    shop: ShopifySide, kind: str
) -> None:
    wanted = spec(KINDS[kind])
    made = value(await shop.client.create_discount(wanted))
    read = await shop.client.discount(Code(CODE.lower()))
    assert read is not None
    assert (read.id, read.status, read.used, read.discount_class) == (made, "ACTIVE", 0, KINDS[kind].discount_class)
    assert read.is_ours(wanted)
    others = [name for name, other in KINDS.items() if read.is_ours(spec(other))]
    told_apart = (KINDS[kind].amount, KINDS[kind].percent, KINDS[kind].discount_class)
    assert others == [n for n, e in KINDS.items() if (e.amount, e.percent, e.discount_class) == told_apart]
    assert await shop.client.create_discount(wanted) == Refused("TAKEN")


@pytest.mark.parametrize("kind", KINDS)
async def test_an_order_says_what_each_kind_took_off(shop: ShopifySide, kind: str) -> None:
    value(await shop.client.create_discount(spec(KINDS[kind])))
    order = await bought(shop, CODE)
    freed = sum((a.amount for a in order.shipping_discounts if a.is_of(CODE)), aud("0.00"))
    assert (str(order.discounted(CODE).decimal), str(freed.decimal)) == TAKEN[kind]
    assert order.applied(CODE.lower())
    assert not order.applied("ANOTHER")
    assert order.total_original - order.total == order.discounted(CODE) + freed


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_is_ended_and_deleted_however_often(shop: ShopifySide, kind: str) -> None:
    made = value(await shop.client.create_discount(spec(KINDS[kind])))
    await bought(shop, CODE)
    shop.sandbox.clock.advance(60)
    for _ in range(2):
        assert await shop.client.deactivate(made) == Answered(1)
    read = await shop.client.discount(CODE)
    assert read is not None
    assert (read.status, read.used) == ("EXPIRED", 1)
    for _ in range(2):
        assert await shop.client.delete(made) == Answered(None)
    assert await shop.client.discount(CODE) is None
    assert await shop.client.deactivate(made) == Answered(0)


async def test_one_unit_is_free_however_many_are_bought(shop: ShopifySide) -> None:
    value(await shop.client.create_discount(spec(KINDS["free product"])))
    order = await bought(shop, CODE)
    shirt, socks = order.lines
    assert (shirt.discount, socks.discount) == (aud("0.00"), aud("12.50"))


async def test_a_code_that_is_on_the_order_and_took_nothing_off_was_not_applied(open_shopify: OpenShopify) -> None:
    shop = await open_shopify()  # shipping costs nothing here
    value(await shop.client.create_discount(spec(KINDS["free shipping"])))
    order = await bought(shop, CODE)
    assert order.codes == (CODE,)
    assert not order.applied(CODE)


async def test_shipping_is_not_made_free_at_a_till(shop: ShopifySide) -> None:
    value(await shop.client.create_discount(spec(KINDS["free shipping"])))
    order = await bought(shop, CODE, pos=True)
    assert order.codes == ()
    assert not order.applied(CODE)


async def test_an_orders_attributes_are_read_in_order(shop: ShopifySide) -> None:
    assert (await bought(shop)).attributes == (("engraving", "Zoë"), ("gift", ""))


@pytest.mark.parametrize("combines", [frozenset(), frozenset({DiscountClass.PRODUCT}), ANY_CLASS])
async def test_free_shipping_never_asks_to_combine_with_itself(
    shop: ShopifySide, combines: frozenset[DiscountClass]
) -> None:
    made = await shop.client.create_discount(spec(replace(KINDS["free shipping"], combines_with=combines)))
    assert isinstance(made, Answered)
    (kept,) = shop.sandbox.state.discounts.values()
    assert kept.combines_with == {of.value for of in combines} - {"SHIPPING"}
    assert (kept.usage_limit, kept.customers, kept.minimum_subtotal) == (1, frozenset({1001}), Decimal("50.00"))


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after"])
async def test_free_shipping_whose_answer_is_lost_is_unknown_and_then_ours(shop: ShopifySide, kind: str) -> None:
    shop.sandbox.faults.add(Fault("graphql FreeShippingCreate", kind))
    wanted = spec(KINDS["free shipping"])
    assert isinstance(await shop.client.create_discount(wanted), Unknown)
    assert shop.sandbox.calls["graphql FreeShippingCreate"] == 1
    assert await shop.client.create_discount(wanted) == Refused("TAKEN")
    found = await shop.client.discount(CODE)
    assert found is not None
    assert found.is_ours(wanted)


async def test_what_is_for_a_product_that_is_gone_is_refused(shop: ShopifySide) -> None:
    gone = replace(KINDS["free product"], products=(NOWHERE,))
    assert await shop.client.create_discount(spec(gone)) == Refused("INVALID")


async def test_a_products_price_is_read_and_none_where_there_is_no_product(shop: ShopifySide) -> None:
    assert await shop.client.price(SOCKS_PRODUCT) == aud("12.50")
    assert await shop.client.price(NOWHERE) is None
    shop.sandbox.grant_scopes(["write_discounts", "read_orders"])
    with pytest.raises(UpstreamUnavailable) as denied:
        await shop.client.price(SOCKS_PRODUCT)
    assert denied.value.details["reason"] == "access_denied"


async def test_products_and_collections_that_there_are_can_be_told_from_others(shop: ShopifySide) -> None:
    asked = [SOCKS_PRODUCT, NOWHERE, ACCESSORIES, "gid://shopify/Collection/77"]
    assert await shop.client.existing(asked) == {SOCKS_PRODUCT, ACCESSORIES}

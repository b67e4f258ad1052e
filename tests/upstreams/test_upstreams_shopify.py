"""The Shopify client against the simulated shop: discounts, orders, and how each call ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from graphql.utilities import coerce_input_value
from upstreams_rig import OpenShopify, ShopifySide

from proxy.domain.discount import DiscountSpec
from proxy.domain.effect import ANY_CLASS, DiscountClass, Effect, EffectKind
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import Code, CustomerId, OrderId
from proxy.domain.money import Money
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.ports import Shopify
from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from proxy.sandbox.shopify.model import Manual
from proxy.upstreams.shopify_wire import discount_input

pytestmark = pytest.mark.anyio

CODE = Code("RW-23456789ABCDEFGH")
SHIRT, SOCKS = seed.LINEN_SHIRT.variant_id, seed.WOOL_SOCKS.variant_id


@pytest.fixture
async def shop(open_shopify: OpenShopify) -> ShopifySide:
    return await open_shopify()


def aud(amount: str) -> Money:
    return Money.parse(amount, "AUD")


def effect(amount: str = "12.50", **facts: Any) -> Effect:
    return Effect(EffectKind.AMOUNT, aud(amount), **facts)


def spec(**facts: Any) -> DiscountSpec:
    starts = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    given: dict[str, Any] = {
        "code": CODE,
        "title": "Reward · Ändern",
        "effect": effect(),
        "customer": CustomerId("1001"),
        "starts_at": starts,
        "ends_at": starts + timedelta(minutes=31),
    }
    return DiscountSpec(**(given | facts))


def value(outcome: Outcome[Any]) -> Any:
    assert isinstance(outcome, Answered), outcome
    return outcome.value


async def test_the_client_fits_the_port(shop: ShopifySide) -> None:
    port: Shopify = shop.client
    access = await port.access()
    assert (access.domain, access.currency, access.taxes_included) == (seed.SHOP_DOMAIN, "AUD", True)
    assert {"read_orders", "write_discounts"} <= access.scopes


async def test_a_discount_is_made_as_committed_and_read_back_as_ours(shop: ShopifySide) -> None:
    wanted = spec()
    made = value(await shop.client.create_discount(wanted))
    read = await shop.client.discount(Code(CODE.lower()))
    assert read is not None
    assert (read.id, read.status, read.amount, read.used) == (made, "ACTIVE", aud("12.50"), 0)
    assert read.is_ours(wanted)
    assert not read.is_ours(spec(effect=effect("12.51")))


@pytest.mark.parametrize("minimum", [None, "30"])
@pytest.mark.parametrize("collection", [None, "771"])
async def test_the_input_says_what_the_policy_says_and_nothing_else(
    shop: ShopifySide, minimum: str | None, collection: str | None
) -> None:
    least = aud(minimum) if minimum else None
    wanted = effect(
        minimum_spend=least,
        collections=(collection,) if collection else (),
        combines_with=ANY_CLASS - {DiscountClass.PRODUCT},
    )
    given = discount_input(spec(effect=wanted))
    coerce_input_value(given, shop.sandbox.schema.type_map["DiscountCodeBasicInput"])  # type: ignore[arg-type]
    assert given["context"] == {"customers": {"add": ["gid://shopify/Customer/1001"]}}
    assert given["usageLimit"] == 1
    assert "appliesOncePerCustomer" not in given
    assert "customerSelection" not in given
    assert ("minimumRequirement" in given) is (minimum is not None)
    items = given["customerGets"]["items"]
    assert items == ({"collections": {"add": ["gid://shopify/Collection/771"]}} if collection else {"all": True})
    assert given["customerGets"]["value"] == {"discountAmount": {"amount": "12.50", "appliesOnEachItem": False}}
    combined = {"orderDiscounts": True, "productDiscounts": False, "shippingDiscounts": True}
    assert given["combinesWith"] == combined


async def test_a_code_that_exists_is_taken(shop: ShopifySide) -> None:
    value(await shop.client.create_discount(spec()))
    assert await shop.client.create_discount(spec()) == Refused("TAKEN")


async def test_other_user_errors_are_refused_by_their_code(shop: ShopifySide) -> None:
    assert await shop.client.create_discount(spec(title="")) == Refused("BLANK")


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after"])
async def test_a_create_whose_answer_is_lost_is_unknown_and_then_taken_and_ours(shop: ShopifySide, kind: str) -> None:
    shop.sandbox.faults.add(Fault("graphql CodeCreate", kind))
    wanted = spec()
    assert isinstance(await shop.client.create_discount(wanted), Unknown)
    assert shop.sandbox.calls["graphql CodeCreate"] == 1
    assert await shop.client.create_discount(wanted) == Refused("TAKEN")
    found = await shop.client.discount(CODE)
    assert found is not None
    assert found.is_ours(wanted)


@pytest.mark.parametrize("kind", ["drop_before", "server_error"])
async def test_a_create_that_may_not_have_arrived_is_unknown_and_sent_once(shop: ShopifySide, kind: str) -> None:
    shop.sandbox.faults.add(Fault("graphql CodeCreate", kind))
    assert isinstance(await shop.client.create_discount(spec()), Unknown)
    assert shop.sandbox.calls["graphql CodeCreate"] == 1
    assert await shop.client.discount(CODE) is None


@pytest.mark.parametrize("kind", ["throttled", "rate_limited"])
async def test_a_throttled_mutation_was_not_executed_and_is_sent_again(open_shopify: OpenShopify, kind: str) -> None:
    shop = await open_shopify(restore_rate=1000)
    shop.sandbox.faults.add(Fault("graphql CodeCreate", kind, retry_after_s=0.0))
    value(await shop.client.create_discount(spec()))
    assert shop.sandbox.calls["graphql CodeCreate"] == 2


async def test_throttling_beyond_our_patience_is_a_refusal(open_shopify: OpenShopify) -> None:
    shop = await open_shopify(restore_rate=1)
    shop.sandbox.faults.add(Fault("graphql *", "throttled", times=None))
    assert await shop.client.create_discount(spec()) == Refused("throttled", transient=True)
    with pytest.raises(UpstreamUnavailable) as throttled:
        await shop.client.discount(CODE)
    assert throttled.value.details["reason"] == "throttled"


async def test_a_read_is_asked_again_until_it_is_answered(shop: ShopifySide) -> None:
    value(await shop.client.create_discount(spec()))
    for kind in ("server_error", "drop_before", "rate_limited"):
        shop.sandbox.faults.add(Fault("graphql CodeByCode", kind, times=2))
        assert await shop.client.discount(CODE) is not None


async def test_deactivating_tells_the_uses_and_may_be_repeated(shop: ShopifySide) -> None:
    made = value(await shop.client.create_discount(spec()))
    cart = shop.sandbox.open_cart([(SHIRT, 1)], 1001)
    shop.sandbox.checkout.set_codes(cart, [CODE])
    shop.sandbox.place_order(cart)
    shop.sandbox.clock.advance(60)
    assert await shop.client.deactivate(made) == Answered(1)
    assert await shop.client.deactivate(made) == Answered(1)
    read = await shop.client.discount(CODE)
    assert read is not None
    assert read.status == "EXPIRED"


async def test_what_is_gone_is_deactivated_and_deleted_already(shop: ShopifySide) -> None:
    made = value(await shop.client.create_discount(spec()))
    assert await shop.client.delete(made) == Answered(None)
    assert await shop.client.delete(made) == Answered(None)
    assert await shop.client.deactivate(made) == Answered(0)
    assert await shop.client.discount(CODE) is None


async def test_a_missing_scope_is_a_refusal_and_not_unknown(open_shopify: OpenShopify) -> None:
    shop = await open_shopify(scopes=("read_discounts", "read_customers"))
    assert await shop.client.create_discount(spec()) == Refused("access_denied")
    with pytest.raises(UpstreamUnavailable) as denied:
        await shop.client.order(OrderId("6024113000001"))
    assert denied.value.details["reason"] == "access_denied"


async def test_an_order_is_read_with_what_the_code_took_off_each_line(shop: ShopifySide) -> None:
    value(await shop.client.create_discount(spec()))
    cart = shop.sandbox.open_cart([(SHIRT, 1), (SOCKS, 2)], 1001)
    shop.sandbox.checkout.set_codes(cart, [CODE])
    placed = shop.sandbox.place_order(cart)
    order = await shop.client.order(OrderId(str(placed.id)))
    assert order is not None
    assert (order.customer, order.currency, order.paid, order.pos, order.cancelled) == (
        "1001",
        "AUD",
        True,
        False,
        False,
    )
    assert order.codes == (CODE,)
    assert order.discounted(CODE.lower()) == aud("12.50")
    assert [(line.name, line.quantity, line.unit_price) for line in order.lines] == [
        ("Linen shirt", 1, aud("79.00")),
        ("Wool socks", 2, aud("12.50")),
    ]
    assert order.lines[0].variant == str(SHIRT)
    assert (order.total_original, order.total) == (aud("104.00"), aud("91.50"))


async def test_an_order_of_many_lines_is_read_whole(shop: ShopifySide) -> None:
    value(await shop.client.create_discount(spec()))
    cart = shop.sandbox.open_cart([(SOCKS if n % 2 else SHIRT, 1) for n in range(60)], 1001)
    shop.sandbox.checkout.set_codes(cart, [CODE])
    placed = shop.sandbox.place_order(cart)
    order = await shop.client.order(OrderId(str(placed.id)))
    assert order is not None
    assert len(order.lines) == len(placed.lines)
    assert order.discounted(CODE) == aud("12.50")


async def test_a_pos_sale_tells_its_location_and_a_manual_discount_has_no_code(shop: ShopifySide) -> None:
    manual = Manual(title="Loyalty", amount=aud("5.00").decimal)
    placed = shop.sandbox.pos_sale(
        [(SHIRT, 1)], location_id=seed.LOCATION.id, user_id=42, customer_id=1001, manual=manual
    )
    order = await shop.client.order(OrderId(str(placed.id)))
    assert order is not None
    assert (order.pos, order.location) == (True, "8801")
    assert [(a.code, a.title, a.amount) for a in order.lines[0].allocations] == [(None, "Loyalty", aud("5.00"))]


async def test_scopes_for_ornaments_may_be_missing(open_shopify: OpenShopify) -> None:
    shop = await open_shopify(scopes=("read_orders", "write_discounts", "read_customers"))
    placed = shop.sandbox.pos_sale([(SHIRT, 1)], location_id=seed.LOCATION.id, customer_id=1001)
    order = await shop.client.order(OrderId(str(placed.id)))
    assert order is not None
    assert (order.customer, order.location, order.lines[0].variant) == ("1001", None, None)


async def test_a_denied_customer_is_not_taken_for_a_guest(open_shopify: OpenShopify) -> None:
    shop = await open_shopify(scopes=("read_orders", "write_discounts"))
    placed = shop.sandbox.pos_sale([(SHIRT, 1)], location_id=seed.LOCATION.id, customer_id=1001)
    with pytest.raises(UpstreamUnavailable):
        await shop.client.order(OrderId(str(placed.id)))


async def test_an_order_out_of_reach_is_none(shop: ShopifySide) -> None:
    assert await shop.client.order(OrderId("1")) is None


async def test_a_sweep_lists_all_orders_since_by_their_update(shop: ShopifySide) -> None:
    for _ in range(3):
        shop.sandbox.place_order(shop.sandbox.open_cart([(SOCKS, 1)], 1001))
        shop.sandbox.clock.advance(60)
    since = shop.sandbox.clock.now()
    placed = [shop.sandbox.place_order(shop.sandbox.open_cart([(SOCKS, 1)], who)) for who in [1001, 1002] * 60]
    seen = await shop.client.sightings(since)
    assert {sighting.id for sighting in seen} == {str(order.id) for order in placed}
    assert [s.updated_at for s in seen] == sorted(s.updated_at for s in seen)
    assert shop.sandbox.calls["graphql OrdersSweep"] == 2
    assert len(await shop.client.sightings(since, CustomerId("1002"))) == 60

"""Orders read over the Admin API: found by the index's rules, and the same to the cent as the webhook."""

from decimal import Decimal

import pytest
from shopify_documents import CREATE, FULL_ORDER, ORDERS_BY_CODE, SETTLEMENT, SWEEP, code_input

from proxy.sandbox.shopify import Manual
from proxy.sandbox.shopify.checkout import Refused
from proxy.sandbox.shopify.payload import order_payload

pytestmark = pytest.mark.anyio
SHIRT, SOCKS, TOTE, GIFT_CARD = 50101, 50102, 50103, 50104


def placed(shop, codes=(), customer_id=1001, lines=((SHIRT, 1), (SOCKS, 3), (GIFT_CARD, 1)), **how):
    cart = shop.sandbox.open_cart(lines, customer_id, {"omneo": "r-1"})
    shop.sandbox.checkout.set_codes(cart, list(codes))
    return shop.sandbox.place_order(cart, **how)


def same(gql_set, rest_set):
    pairs = [("shopMoney", "shop_money"), ("presentmentMoney", "presentment_money")]
    assert all(Decimal(gql_set[g]["amount"]) == Decimal(rest_set[r]["amount"]) for g, r in pairs)
    assert all(gql_set[g]["currencyCode"] == rest_set[r]["currency_code"] for g, r in pairs)


@pytest.mark.parametrize("included", [True, False])
async def test_graphql_and_the_webhook_agree_to_the_cent_through_refunds(open_shop, included):
    shop = await open_shop(
        taxes_included=included,
        presentment_currency="NZD",
        presentment_rate=Decimal("1.0837"),
        shipping_price=Decimal("7.90"),
    )
    await shop.data(CREATE, d=code_input(amount="33.33"))
    order = placed(shop, ["reward-1"])
    shop.sandbox.refund(order.id, [(order.lines[1].id, 1)])
    shop.sandbox.refund(order.id, [(order.lines[1].id, 1), (order.lines[2].id, 1)])
    rest = order_payload(shop.sandbox.state, order)
    gql = (await shop.data(FULL_ORDER, id=rest["admin_graphql_api_id"]))["order"]
    for ours, theirs in {
        "currentTotalPriceSet": "current_total_price_set",
        "totalPriceSet": "total_price_set",
        "subtotalPriceSet": "subtotal_price_set",
        "totalTaxSet": "total_tax_set",
        "currentSubtotalPriceSet": "current_subtotal_price_set",
        "currentTotalDiscountsSet": "current_total_discounts_set",
        "totalDiscountsSet": "total_discounts_set",
    }.items():
        same(gql[ours], rest[theirs])
    for line, written in zip(gql["lineItems"]["nodes"], rest["line_items"], strict=True):
        assert line["id"] == written["admin_graphql_api_id"]
        assert line["currentQuantity"] == written["current_quantity"]
        for one, other in zip(line["discountAllocations"], written["discount_allocations"], strict=True):
            same(one["allocatedAmountSet"], other["amount_set"])
            assert one["discountApplication"]["index"] == other["discount_application_index"]
    for refund, written in zip(gql["refunds"], rest["refunds"], strict=True):
        for one, other in zip(refund["refundLineItems"]["nodes"], written["refund_line_items"], strict=True):
            same(one["subtotalSet"], other["subtotal_set"])
            assert Decimal(str(other["subtotal"])) == Decimal(other["subtotal_set"]["shop_money"]["amount"])
    assert gql["displayFinancialStatus"].lower() == rest["financial_status"] == "partially_refunded"


async def test_refunding_everything_in_pieces_gives_back_exactly_what_was_paid(shop):
    await shop.data(CREATE, d=code_input(amount="10.01"))
    order = placed(shop, ["REWARD-1"], lines=((SOCKS, 3), (TOTE, 2)))
    for line in order.lines:
        for _ in range(line.quantity):
            shop.sandbox.refund(order.id, [(line.id, 1)])
    assert order.refunded == order.received == order.total
    assert (order.financial_status, order.current_total, order.current_discounts) == ("refunded", 0, 0)


async def test_what_is_left_can_be_refunded_after_a_line_is_gone(shop):
    order = placed(shop, lines=((SOCKS, 3), (TOTE, 2)))
    shop.sandbox.refund(order.id, [(order.lines[0].id, 3)])
    shop.sandbox.refund(order.id)
    assert [line.current_quantity for line in order.lines] == [0, 0]
    with pytest.raises(Refused):
        shop.sandbox.refund(order.id)


async def test_the_settlement_read_shows_code_allocations_and_attributes(shop):
    await shop.data(CREATE, d=code_input())
    order = placed(shop, ["REWARD-1"])
    found = (await shop.data(SETTLEMENT, id=f"gid://shopify/Order/{order.id}"))["order"]
    assert found["customAttributes"] == [{"key": "omneo", "value": "r-1"}]
    assert found["discountApplications"]["nodes"][0]["code"] == "REWARD-1"
    parts = [a for line in found["lineItems"]["nodes"] for a in line["discountAllocations"]]
    assert sum(Decimal(a["allocatedAmountSet"]["shopMoney"]["amount"]) for a in parts) == Decimal("12.50")


async def test_the_code_filter_sees_only_the_first_code(shop):
    for code in ("FIRST", "SECOND"):
        await shop.data(CREATE, d=code_input(code, "5"))
    placed(shop, ["FIRST", "SECOND"])
    nodes = (await shop.data(ORDERS_BY_CODE, q="discount_code:first"))["orders"]["nodes"]
    assert nodes[0]["discountCodes"] == ["FIRST", "SECOND"]
    assert (await shop.data(ORDERS_BY_CODE, q="discount_code:SECOND"))["orders"]["nodes"] == []


async def test_a_sweep_pages_through_orders_by_their_update_time(shop):
    ids = []
    for _ in range(5):
        ids.append(placed(shop).id)
        shop.sandbox.clock.advance(10)
    since = shop.sandbox.state.orders[ids[1]].updated_at.isoformat().replace("+00:00", "Z")
    shop.sandbox.cancel(ids[2])
    seen, after = [], None
    while True:
        page = (await shop.data(SWEEP, q=f"updated_at:>='{since}'", first=2, after=after))["orders"]
        seen += [int(node["id"].rpartition("/")[2]) for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == [ids[1], ids[3], ids[4], ids[2]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("customer_id:1001", 1),
        ("customer_id:1002", 0),
        ("customer_id:1001 AND created_at:>=2026-01-01", 1),
        ("name:#1001", 1),
        ("test:true", 0),
        ("source_name:pos", 0),
        ("created_at:<2026-01-01T00:00:00Z OR customer_id:1001", 1),
        ("no_such_filter:1", 1),
    ],
)
async def test_the_order_search_understands(shop, query, found):
    placed(shop)
    assert len((await shop.data(SWEEP, q=query))["orders"]["nodes"]) == found


async def test_a_lagging_index_finds_the_order_later_while_the_read_by_id_is_immediate(open_shop):
    shop = await open_shop(search_lag_s=30)
    order = placed(shop)
    assert (await shop.data(SWEEP, q=""))["orders"]["nodes"] == []
    assert (await shop.data(SETTLEMENT, id=f"gid://shopify/Order/{order.id}"))["order"] is not None
    shop.sandbox.clock.advance(31)
    assert len((await shop.data(SWEEP, q=""))["orders"]["nodes"]) == 1


@pytest.mark.parametrize(("scopes", "seen"), [((), False), (("read_all_orders",), True)])
async def test_an_order_older_than_sixty_days_is_out_of_sight_without_the_scope(open_shop, scopes, seen):
    shop = await open_shop(scopes=("read_orders", "read_customers", "read_locations", *scopes))
    order = placed(shop)
    shop.sandbox.clock.advance(61 * 86400)
    found = (await shop.data(SETTLEMENT, id=f"gid://shopify/Order/{order.id}"))["order"]
    assert (found is not None) == seen
    assert len((await shop.data(SWEEP, q=""))["orders"]["nodes"]) == int(seen)


async def test_a_pos_sale_shows_location_and_the_custom_discount_by_title(shop):
    manual = Manual("Omneo reward", amount=Decimal("10"))
    order = shop.sandbox.pos_sale([(SHIRT, 1)], location_id=8801, user_id=42, customer_id=1001, manual=manual)
    found = (await shop.data(SETTLEMENT, id=f"gid://shopify/Order/{order.id}"))["order"]
    rest = order_payload(shop.sandbox.state, order)
    assert found["retailLocation"]["id"] == "gid://shopify/Location/8801"
    assert (found["sourceName"], found["cartToken"]) == ("pos", None)
    assert found["discountApplications"]["nodes"][0] == {
        "index": 0,
        "targetType": "LINE_ITEM",
        "__typename": "ManualDiscountApplication",
        "title": "Omneo reward",
    }
    assert (rest["location_id"], rest["user_id"], rest["source_name"]) == (8801, 42, "pos")
    assert rest["discount_applications"][0]["type"] == "manual"
    assert rest["discount_codes"] == []


async def test_a_pending_order_is_voided_by_its_cancellation(shop):
    order = placed(shop, paid=False)
    assert order.financial_status == "pending"
    shop.sandbox.cancel(order.id)
    assert (order.financial_status, order.current_total, order.refunded) == ("voided", 0, 0)


async def test_order_ids_may_exceed_what_a_double_can_hold(open_shop):
    shop = await open_shop(first_order_id=9_007_199_254_740_993)
    order = placed(shop)
    assert (await shop.data(SETTLEMENT, id=f"gid://shopify/Order/{order.id}"))["order"]["id"].endswith("740993")

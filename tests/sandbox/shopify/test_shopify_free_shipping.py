"""Free shipping in the simulated shop: what is accepted, where it works, and how orders show it."""

from decimal import Decimal

import pytest
from shopify_documents import CREATE, FREE_SHIPPING, code_input, free_shipping_input

pytestmark = pytest.mark.anyio

SHIRT = 50101


@pytest.fixture
async def shop(open_shop):
    return await open_shop(shipping_price=Decimal("9.95"))


async def made(shop, **changed):
    answer = (await shop.data(FREE_SHIPPING, d=free_shipping_input(**changed)))["discountCodeFreeShippingCreate"]
    assert answer["userErrors"] == []
    return answer["codeDiscountNode"]


async def cart_with(shop, *codes):
    return await shop.post("/carts", {"lines": [{"variant_id": SHIRT}], "customer_id": 1001, "codes": list(codes)})


async def test_a_free_shipping_code_says_what_it_is(shop):
    discount = (await made(shop))["codeDiscount"]
    assert discount["__typename"] == "DiscountCodeFreeShipping"
    assert discount["discountClasses"] == ["SHIPPING"]
    assert discount["destinationSelection"] == {"__typename": "DiscountCountryAll"}
    assert discount["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"code": ""}, ["freeShippingCodeDiscount", "code"], "TOO_SHORT"),
        ({"title": ""}, ["freeShippingCodeDiscount", "title"], "BLANK"),
        ({"startsAt": None}, ["freeShippingCodeDiscount", "startsAt"], "BLANK"),
        ({"usageLimit": 0}, ["freeShippingCodeDiscount", "usageLimit"], "GREATER_THAN"),
        ({"destination": None}, ["freeShippingCodeDiscount", "destination"], "BLANK"),
        (
            {"combinesWith": {"shippingDiscounts": True}},
            ["freeShippingCodeDiscount", "combinesWith"],
            "INVALID_COMBINES_WITH_FOR_DISCOUNT_CLASS",
        ),
    ],
)
async def test_a_bad_input_is_a_user_error(shop, changed, field, code):
    given = {k: v for k, v in free_shipping_input(**changed).items() if v is not None}
    answer = (await shop.data(FREE_SHIPPING, d=given))["discountCodeFreeShippingCreate"]
    assert answer["codeDiscountNode"] is None
    assert [(e["field"], e["code"]) for e in answer["userErrors"]] == [(field, code)]
    assert not shop.sandbox.state.discounts


async def test_it_takes_the_shipping_price_off_and_nothing_else(shop):
    await made(shop)
    cart = await cart_with(shop, "SHIP-1")
    assert (cart["discount"], cart["shipping"], cart["shipping_discount"], cart["total"]) == (
        *("0.00", "9.95", "9.95", "79.00"),
    )
    order = await shop.post(f"/carts/{cart['token']}/order")
    assert order["discount_codes"] == [{"code": "SHIP-1", "amount": "9.95", "type": "shipping"}]
    assert order["discount_applications"] == [
        {
            "target_type": "shipping_line",
            "type": "discount_code",
            "value": "100.0",
            "value_type": "percentage",
            "allocation_method": "each",
            "target_selection": "all",
            "code": "SHIP-1",
        }
    ]
    (line,) = order["shipping_lines"]
    assert (line["price"], line["discounted_price"]) == ("9.95", "0.00")
    assert [(a["amount"], a["discount_application_index"]) for a in line["discount_allocations"]] == [("9.95", 0)]
    assert order["line_items"][0]["discount_allocations"] == []
    assert (order["total_price"], order["subtotal_price"]) == ("79.00", "79.00")


async def test_a_cancelled_order_pays_back_what_was_paid(shop):
    await made(shop)
    cart = await cart_with(shop, "SHIP-1")
    order = await shop.post(f"/carts/{cart['token']}/order")
    cancelled = await shop.post(f"/orders/{order['id']}/cancel")
    assert cancelled["refunds"][0]["transactions"][0]["amount"] == "79.00"
    assert (cancelled["financial_status"], cancelled["current_total_price"]) == ("refunded", "0.00")


async def test_one_shipping_code_stands_beside_five_others_that_allow_it(shop):
    both = {"orderDiscounts": True, "productDiscounts": True, "shippingDiscounts": True}
    for n in range(5):
        shop.sandbox.staff_create(code_input(f"FIVE-{n}", "1", combinesWith=both))
    await made(shop, combinesWith={"orderDiscounts": True})
    cart = await cart_with(shop, *(f"FIVE-{n}" for n in range(5)), "SHIP-1")
    assert [c["applicable"] for c in cart["codes"]] == [True] * 6
    assert (cart["discount"], cart["shipping_discount"]) == ("5.00", "9.95")


async def test_two_shipping_codes_never_combine(shop):
    await made(shop)
    await made(shop, code="SHIP-2")
    cart = await cart_with(shop, "SHIP-1", "SHIP-2")
    assert [(c["applicable"], c["reason"]) for c in cart["codes"]] == [(True, None), (False, "not_combinable")]
    assert cart["shipping_discount"] == "9.95"


async def test_a_price_above_the_maximum_is_not_made_free(shop):
    await made(shop, maximumShippingPrice="9.94")
    (code,) = (await cart_with(shop, "SHIP-1"))["codes"]
    assert (code["applicable"], code["reason"]) == (False, "no_eligible_shipping")


async def test_an_unknown_product_or_collection_is_invalid(shop):
    for items, path in (
        ({"products": {"productsToAdd": ["gid://shopify/Product/999"]}}, ["products", "productsToAdd"]),
        ({"collections": {"add": ["gid://shopify/Collection/999"]}}, ["collections", "add"]),
    ):
        given = code_input(customerGets={"value": {"percentage": 0.1}, "items": items})
        (error,) = (await shop.data(CREATE, d=given))["discountCodeBasicCreate"]["userErrors"]
        assert (error["field"], error["code"]) == (["basicCodeDiscount", "customerGets", "items", *path], "INVALID")

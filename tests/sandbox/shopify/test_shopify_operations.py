"""The JSON API that a demo page or another project's tests drive the shop with."""

import pytest
from shopify_documents import code_input

pytestmark = pytest.mark.anyio


async def test_a_cart_becomes_an_order_with_its_codes(shop):
    await shop.post("/discounts", code_input())
    cart = await shop.post("/carts", {"lines": [{"variant_id": 50101}, {"variant_id": 50102, "quantity": 2}]})
    path = f"/carts/{cart['token']}"
    missing = await shop.post(f"{path}/codes", {"add": "REWARD-1"})
    assert missing["codes"][0]["reason"] == "customer_missing"
    await shop.post(f"{path}/customer", {"customer_id": 1001})
    applied = await shop.post(f"{path}/codes", {"codes": ["REWARD-1", "NOPE"]})
    assert [c["applicable"] for c in applied["codes"]] == [True, False]
    assert (applied["discount"], applied["total"]) == ("12.50", "91.50")
    assert [line["discount"] for line in applied["lines"]] == ["9.50", "3.00"]
    assert (await shop.post(f"{path}/codes", {"remove": "reward-1"}))["discount"] == "0.00"
    await shop.post(f"{path}/codes", {"add": "REWARD-1"})
    order = await shop.post(f"{path}/order")
    assert (order["total_price"], order["financial_status"]) == ("91.50", "paid")
    again = await shop.http.post(f"/_sandbox{path}/order")
    assert (again.status_code, again.json()["code"]) == (409, "already_ordered")


async def test_the_state_is_readable(shop):
    await shop.post("/discounts", code_input())
    cart = await shop.post("/carts", {"lines": [{"variant_id": 50101}], "customer_id": 1001, "codes": ["REWARD-1"]})
    state = (await shop.http.get("/_sandbox/state")).json()
    assert state["carts"][0]["discount"] == "12.50"
    await shop.post(f"/carts/{cart['token']}/order")
    state = (await shop.http.get("/_sandbox/state")).json()
    assert (state["codes"][0]["status"], state["codes"][0]["used"]) == ("ACTIVE", 1)
    assert state["orders"][0]["discounts"] == [{"type": "discount_code", "label": "REWARD-1", "amount": "12.50"}]


async def test_a_reset_brings_the_seed_back(shop):
    await shop.post("/discounts", code_input())
    await shop.post("/settings", {"search_lag_s": 9})
    await shop.post("/reset")
    assert (await shop.http.get("/_sandbox/state")).json()["codes"] == []
    assert shop.sandbox.state.search_lag_s == 0


async def test_ids_are_never_given_twice_not_even_after_a_reset(shop):
    first = shop.sandbox.place_order(shop.sandbox.open_cart([(50101, 1)], 1001))
    shop.sandbox.reset()
    second = shop.sandbox.place_order(shop.sandbox.open_cart([(50101, 1)], 1001))
    assert second.id > first.id


async def test_staff_can_edit_and_delete_a_code(shop):
    await shop.post("/discounts", code_input())
    gets = {"value": {"discountAmount": {"amount": "99"}}, "items": {"all": True}}
    edited = await shop.post("/discounts/REWARD-1", {"customerGets": gets})
    assert (edited["amount"], edited["usage_limit"]) == ("99.00", 1)
    assert (await shop.http.delete("/_sandbox/discounts/reward-1")).is_success
    assert shop.sandbox.state.discounts == {}


async def test_a_pos_sale_with_a_code_is_an_order_of_that_location(shop):
    await shop.post("/discounts", code_input())
    sale = await shop.post(
        "/pos/sales",
        {
            "lines": [{"variant_id": 50103}],
            "location_id": 8801,
            "user_id": 42,
            "device_id": 7,
            "customer_id": 1001,
            "codes": ["REWARD-1"],
        },
    )
    assert (sale["source_name"], sale["location_id"], sale["device_id"]) == ("pos", 8801, 7)
    assert sale["current_total_discounts"] == "12.50"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/carts", {"lines": []}, 422),
        ("/carts", {"lines": [{"variant_id": 1}]}, 422),
        ("/carts", {}, 422),
        ("/carts/nope/order", {}, 404),
        ("/orders/1/cancel", {}, 404),
        ("/discounts", {"code": "X"}, 422),
    ],
)
async def test_a_wish_that_cannot_be_granted_says_why(shop, path, body, status):
    answer = await shop.http.post(f"/_sandbox{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["message"]


async def test_the_page_of_another_origin_may_use_it(shop):
    answer = await shop.http.get("/_sandbox/catalog", headers={"Origin": "http://127.0.0.1:9999"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert [v["title"] for v in answer.json()["variants"]][:2] == ["Linen shirt", "Wool socks"]

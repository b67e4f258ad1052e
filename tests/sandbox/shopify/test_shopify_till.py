"""A till: what its cart takes, what becomes of it, and what the order tells of where it was sold."""

from decimal import Decimal

import pytest
from shopify_documents import SETTLEMENT, code_input

pytestmark = pytest.mark.anyio

SHIRT, SOCKS, TOTE = 50101, 50102, 50103
COLLINS = {"location_id": 8801, "user_id": 42, "device_id": 7}
PITT = {"location_id": 8803, "user_id": 43, "device_id": 8}


class Till:
    """A cart at a till, as a page drives it."""

    def __init__(self, shop, token):
        self.shop = shop
        self.path = f"/pos/carts/{token}"

    @classmethod
    async def open(cls, shop, *variants, **more):
        lines = [{"variant_id": variant} for variant in variants]
        return cls(shop, (await shop.post("/pos/carts", COLLINS | {"lines": lines} | more))["token"])

    async def do(self, what, **body):
        return await self.shop.post(f"{self.path}/{what}", body)

    async def refused(self, what, **body):
        answer = await self.shop.http.post(f"/_sandbox{self.path}/{what}", json=body)
        assert answer.is_client_error
        return (answer.status_code, answer.json()["code"])

    async def read(self):
        return (await self.shop.http.get(f"/_sandbox{self.path}")).json()

    async def graphql_order(self, sale):
        return (await self.shop.data(SETTLEMENT, id=sale["admin_graphql_api_id"]))["order"]


async def test_a_cart_is_filled_like_at_a_till_and_its_sale_says_where_who_and_on_what(shop):
    await shop.post("/discounts", code_input())
    till = await Till.open(shop)
    assert (await till.read())["total"] == "0.00"
    await till.do("lines", lines=[{"variant_id": TOTE}, {"variant_id": SOCKS, "quantity": 2}])
    await till.do("customer", customer_id=1001)
    await till.do("properties", reward_redemption="rdm_1", note="é")
    cart = await till.do("codes", code="REWARD-1")
    assert (cart["subtotal"], cart["discount"], cart["total"]) == ("60.00", "12.50", "47.50")
    assert cart["discounts"] == [{"type": "discount_code", "label": "REWARD-1", "amount": "12.50"}]
    assert {name: cart[name] for name in COLLINS} == COLLINS

    sale = await till.do("sale")

    assert {name: sale[name] for name in COLLINS} == COLLINS
    assert (sale["source_name"], sale["cart_token"], sale["financial_status"]) == ("pos", None, "paid")
    assert sale["note_attributes"] == [
        {"name": "reward_redemption", "value": "rdm_1"},
        {"name": "note", "value": "é"},
    ]
    assert [c["code"] for c in sale["discount_codes"]] == ["REWARD-1"]
    order = await till.graphql_order(sale)
    assert (order["sourceName"], order["retailLocation"]["id"]) == ("pos", "gid://shopify/Location/8801")
    assert {a["key"]: a["value"] for a in order["customAttributes"]} == {"reward_redemption": "rdm_1", "note": "é"}


async def test_properties_are_taken_off_by_name(shop):
    till = await Till.open(shop, TOTE)
    await till.do("properties", kept="1", gone="2")
    await till.do("properties", other="3")
    cart = await till.do("properties/remove", keys=["gone", "never-there"])
    assert cart["attributes"] == {"kept": "1", "other": "3"}
    sale = await till.do("sale")
    assert [(a["name"], a["value"]) for a in sale["note_attributes"]] == [("kept", "1"), ("other", "3")]


async def test_adding_a_code_tells_nothing_and_the_cart_shows_whether_it_took(shop):
    await shop.post("/discounts", code_input())
    till = await Till.open(shop, TOTE, customer_id=1002)
    for code in ("REWARD-1", "NOPE"):
        await till.do("codes", code=code)
    cart = await till.do("codes", code="reward-1")
    assert {c["code"]: c["reason"] for c in cart["codes"]} == {"REWARD-1": "customer_not_eligible", "NOPE": "not_found"}
    assert cart["discount"] == "0.00"


async def test_discounts_go_all_at_once_and_a_custom_one_replaces_the_one_before(shop):
    await shop.post("/discounts", code_input())
    till = await Till.open(shop, SHIRT, customer_id=1001)
    await till.do("codes", code="REWARD-1")
    await till.do("discount", title="Mark on the sleeve", amount="5.00")
    cart = await till.do("discount", title="A tenth", percentage="0.1")
    assert [(d["type"], d["label"]) for d in cart["discounts"]] == [
        ("discount_code", "REWARD-1"),
        ("manual", "A tenth"),
    ]
    cleared = await shop.http.delete(f"/_sandbox{till.path}/discounts")
    assert (cleared.json()["codes"], cleared.json()["discounts"], cleared.json()["total"]) == ([], [], "79.00")


async def test_another_customers_cart_is_sold_without_the_first_ones_code(shop):
    await shop.post("/discounts", code_input())
    till = await Till.open(shop, SHIRT, customer_id=1001)
    await till.do("codes", code="REWARD-1")
    cart = await till.do("customer", customer_id=1002)
    assert (cart["codes"][0]["reason"], cart["discount"]) == ("customer_not_eligible", "0.00")
    sale = await till.do("sale")
    assert (sale["customer"]["id"], sale["discount_codes"], sale["total_price"]) == (1002, [], "79.00")


async def test_a_customer_can_be_taken_off(shop):
    till = await Till.open(shop, SHIRT, customer_id=1001)
    assert (await till.do("customer", customer_id=None))["customer_id"] is None
    assert (await till.do("sale"))["customer"] is None


async def test_a_parked_cart_waits_and_is_taken_up_at_another_till(shop):
    await shop.post("/discounts", code_input())
    till = await Till.open(shop, SHIRT, customer_id=1001)
    await till.do("codes", code="REWARD-1")
    await till.do("park")
    for what in ("sale", "park", "customer", "codes"):
        assert await till.refused(what, customer_id=1002, code="X") == (409, "cart_parked")
    listed = (await shop.http.get("/_sandbox/pos/carts")).json()["carts"]
    assert [(c["total"], c["parked"]) for c in listed] == [("66.50", True)]
    await shop.http.delete("/_sandbox/discounts/REWARD-1")

    taken = await till.do("resume", **PITT)

    assert ({name: taken[name] for name in PITT}, taken["parked"]) == (PITT, False)
    assert (taken["codes"][0]["reason"], taken["total"]) == ("not_found", "79.00")
    assert await till.refused("resume") == (409, "cart_not_parked")
    assert (await till.do("sale"))["location_id"] == 8803


async def test_an_abandoned_cart_is_gone_and_nobody_is_told(shop):
    till = await Till.open(shop, SHIRT, customer_id=1001)
    assert (await shop.http.delete(f"/_sandbox{till.path}")).is_success
    assert await till.refused("sale") == (404, "cart_not_found")
    assert (await shop.http.get("/_sandbox/state")).json()["orders"] == []
    assert shop.sandbox.deliveries.pending == 0


async def test_a_cart_is_sold_once(shop):
    till = await Till.open(shop, SHIRT)
    await till.do("sale")
    for what in ("sale", "park", "lines", "properties"):
        assert await till.refused(what) == (409, "already_ordered")
    assert (await shop.http.delete(f"/_sandbox{till.path}")).status_code == 409
    assert len(shop.sandbox.state.orders) == 1


async def test_another_login_goes_on_with_the_cart(shop):
    till = await Till.open(shop, SHIRT)
    await till.do("register", **PITT)
    sale = await till.do("sale")
    assert {name: sale[name] for name in PITT} == PITT


@pytest.mark.parametrize(
    ("what", "body", "refusal"),
    [
        ("lines", {"lines": [{"variant_id": SHIRT, "quantity": 0}]}, (422, "no_lines")),
        ("lines", {"lines": [{"variant_id": 1}]}, (422, "variant_not_found")),
        ("customer", {"customer_id": 9}, (422, "customer_not_found")),
        ("customer", {}, (422, "invalid_request")),
        ("codes", {}, (422, "invalid_request")),
        ("discount", {"title": "X", "amount": "ten"}, (422, "invalid_request")),
        ("register", {"location_id": 1}, (422, "location_not_found")),
        ("sale", {}, (422, "no_lines")),
    ],
)
async def test_what_a_till_cannot_do_is_refused_and_leaves_the_cart(shop, what, body, refusal):
    till = await Till.open(shop)
    before = await till.read()
    assert await till.refused(what, **body) == refusal
    assert await till.read() == before


async def test_a_tills_cart_is_no_web_checkout_and_ships_nothing(open_shop):
    shop = await open_shop(shipping_price=Decimal("10.00"))
    till = await Till.open(shop, SHIRT)
    token = till.path.rpartition("/")[2]
    assert (await shop.http.post(f"/_sandbox/carts/{token}/order")).status_code == 404
    assert (await till.read())["total"] == "79.00"
    assert (await till.do("sale"))["total_price"] == "79.00"


async def test_a_return_says_who_took_the_goods_back_and_where(shop):
    await shop.post("/discounts", code_input())
    till = await Till.open(shop, SHIRT, TOTE, customer_id=1001)
    await till.do("codes", code="REWARD-1")
    sale = await till.do("sale")
    line = sale["line_items"][1]
    body = {"lines": [{"line_id": line["id"], "quantity": 1}], "user_id": 43, "location_id": 8803}
    refund = await shop.post(f"/orders/{sale['id']}/refund", body)
    (returned,) = refund["refund_line_items"]
    assert (refund["user_id"], returned["location_id"], returned["line_item_id"]) == (43, 8803, line["id"])
    assert (returned["restock_type"], returned["subtotal_set"]["shop_money"]["amount"]) == ("return", "31.16")
    query = "query($id: ID!) { order(id: $id) { refunds { refundLineItems(first: 5) { nodes { location { id } } } } } }"
    order = (await shop.data(query, id=sale["admin_graphql_api_id"]))["order"]
    assert order["refunds"][0]["refundLineItems"]["nodes"][0]["location"]["id"] == "gid://shopify/Location/8803"


async def test_a_return_at_an_unknown_location_is_refused_and_takes_nothing_back(shop):
    till = await Till.open(shop, SHIRT)
    sale = await till.do("sale")
    answer = await shop.http.post(f"/_sandbox/orders/{sale['id']}/refund", json={"location_id": 1})
    assert (answer.status_code, answer.json()["code"]) == (422, "location_not_found")
    assert shop.sandbox.order(sale["id"]).refunds == []

"""The storefront's Ajax cart, as a theme and its app blocks use it."""

import pytest
from shopify_documents import code_input

pytestmark = pytest.mark.anyio
SHIRT, SOCKS, GIFT_CARD = 50101, 50102, 50104


async def ajax(shop, path, body=None, status=200):
    answer = await (shop.http.get(path) if body is None else shop.http.post(path, json=body))
    assert answer.status_code == status, answer.text
    return answer.json()


async def sign_in(shop, customer):
    shop.http.headers["X-Sandbox-Customer"] = str(customer)


async def test_a_visitor_keeps_one_cart_and_nobody_else_sees_it(shop):
    await ajax(shop, "/cart/add.js", {"items": [{"id": SHIRT, "quantity": 2}]})
    mine = await ajax(shop, "/cart.js")
    assert (mine["item_count"], mine["total_price"], mine["currency"]) == (2, 15800, "AUD")
    shop.http.cookies.clear()
    assert (await ajax(shop, "/cart.js"))["items"] == []


async def test_who_only_looks_leaves_no_cart_behind(shop):
    await ajax(shop, "/cart.js")
    assert shop.sandbox.state.carts == {}


async def test_the_token_has_a_key_behind_it_and_is_the_carts_before_it(shop):
    await ajax(shop, "/cart/add.js", {"id": SHIRT})
    token, _, key = (await ajax(shop, "/cart.js"))["token"].partition("?")
    assert token in shop.sandbox.state.carts
    assert key.startswith("key=")


async def test_adding_answers_the_added_lines_and_adds_to_those_that_are_there(shop):
    assert (await ajax(shop, "/cart/add.js", {"id": SHIRT, "quantity": 1}))["quantity"] == 1
    added = await ajax(shop, "/cart/add.js", {"items": [{"id": SHIRT, "quantity": 2}]})
    assert [line["quantity"] for line in added["items"]] == [3]


async def test_a_variant_that_does_not_exist_is_not_found(shop):
    told = await ajax(shop, "/cart/add.js", {"id": 1}, 404)
    assert (told["message"], told["description"]) == ("Cart Error", "Cannot find variant")


async def test_a_line_changes_by_key_by_variant_and_by_place(shop):
    await ajax(shop, "/cart/add.js", {"items": [{"id": SHIRT}, {"id": SOCKS}]})
    first = (await ajax(shop, "/cart.js"))["items"][0]
    changed = await ajax(shop, "/cart/change.js", {"id": first["key"], "quantity": 4})
    assert [line["quantity"] for line in changed["items"] if line["key"] == first["key"]] == [4]
    await ajax(shop, "/cart/change.js", {"id": SOCKS, "quantity": 2})
    left = await ajax(shop, "/cart/change.js", {"line": 1, "quantity": 0})
    assert [(line["variant_id"], line["quantity"]) for line in left["items"]] == [(SOCKS, 2)]
    await ajax(shop, "/cart/change.js", {"line": 9, "quantity": 1}, 400)


async def test_update_takes_quantities_by_variant_and_by_place(shop):
    await ajax(shop, "/cart/update.js", {"updates": {str(SHIRT): 2, str(SOCKS): 1}})
    cart = await ajax(shop, "/cart/update.js", {"updates": [0, 5]})
    assert [(line["variant_id"], line["quantity"]) for line in cart["items"]] == [(SOCKS, 5)]


async def test_discount_replaces_every_code_and_says_which_apply(shop):
    await sign_in(shop, 1001)
    await shop.post("/discounts", code_input())
    await ajax(shop, "/cart/add.js", {"id": SHIRT})
    cart = await ajax(shop, "/cart/update.js", {"discount": "NOPE,REWARD-1"})
    assert cart["discount_codes"] == [
        {"code": "NOPE", "applicable": False},
        {"code": "REWARD-1", "applicable": True},
    ]
    (application,) = cart["cart_level_discount_applications"]
    assert (application["title"], application["total_allocated_amount"]) == ("REWARD-1", 1250)
    assert (cart["total_discount"], cart["total_price"]) == (1250, 6650)
    assert (await ajax(shop, "/cart/update.js", {"discount": ""}))["discount_codes"] == []


async def test_a_code_for_somebody_does_not_apply_to_a_guest(shop):
    await shop.post("/discounts", code_input())
    await ajax(shop, "/cart/add.js", {"id": SHIRT})
    cart = await ajax(shop, "/cart/update.js", {"discount": "REWARD-1"})
    assert cart["discount_codes"] == [{"code": "REWARD-1", "applicable": False}]
    assert cart["total_discount"] == 0
    await sign_in(shop, 1001)
    assert (await ajax(shop, "/cart.js"))["total_discount"] == 1250


async def test_a_discount_of_products_is_written_on_its_lines(shop):
    await sign_in(shop, 1001)
    items = {"products": {"productsToAdd": ["gid://shopify/Product/40102"]}}
    gets = {"value": {"discountAmount": {"amount": "2.50", "appliesOnEachItem": False}}, "items": items}
    await shop.post("/discounts", code_input(customerGets=gets))
    await ajax(shop, "/cart/update.js", {"updates": {str(SHIRT): 1, str(SOCKS): 2}, "discount": "REWARD-1"})
    cart = await ajax(shop, "/cart.js")
    assert cart["cart_level_discount_applications"] == []
    shirt, socks = cart["items"]
    assert shirt["line_level_discount_allocations"] == []
    (allocation,) = socks["line_level_discount_allocations"]
    assert (allocation["amount"], allocation["discount_application"]["title"]) == (250, "REWARD-1")
    assert (socks["original_line_price"], socks["final_line_price"]) == (2500, 2250)
    assert (cart["items_subtotal_price"], cart["original_total_price"]) == (10150, 10400)


async def test_attributes_join_those_that_are_there_and_reach_the_order(shop):
    await ajax(shop, "/cart/update.js", {"updates": {str(SHIRT): 1}, "attributes": {"gift": "yes", "_a": "1"}})
    cart = await ajax(shop, "/cart/update.js", {"attributes": {"_a": "", "_b": "2"}, "note": "Ring twice"})
    assert (cart["attributes"], cart["note"]) == ({"gift": "yes", "_b": "2"}, "Ring twice")
    order = await shop.post(f"/carts/{cart['token'].partition('?')[0]}/order")
    assert {a["name"]: a["value"] for a in order["note_attributes"]} == {"gift": "yes", "_b": "2"}


async def test_a_bought_cart_is_followed_by_an_empty_one(shop):
    await ajax(shop, "/cart/add.js", {"id": SHIRT})
    bought = (await ajax(shop, "/cart.js"))["token"].partition("?")[0]
    await shop.post(f"/carts/{bought}/order")
    after = await ajax(shop, "/cart.js")
    assert after["items"] == []
    assert not after["token"].startswith(bought)


async def test_an_empty_cart_cannot_be_bought(shop):
    await ajax(shop, "/cart/add.js", {"id": SHIRT})
    token = (await ajax(shop, "/cart/clear.js", {}))["token"].partition("?")[0]
    refused = await shop.http.post(f"/_sandbox/carts/{token}/order")
    assert (refused.status_code, refused.json()["code"]) == (422, "no_lines")


async def test_the_same_routes_answer_below_a_locale(shop):
    await ajax(shop, "/fr/cart/add.js", {"id": SHIRT})
    assert (await ajax(shop, "/cart.js"))["item_count"] == 1


async def test_what_cannot_be_read_is_a_cart_error(shop):
    assert (await ajax(shop, "/cart/add.js", {"id": "shirt"}, 400))["message"] == "Cart Error"

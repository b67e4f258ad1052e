"""Webhooks leave after the commit, signed, shaped like the real sample, and frozen when triggered."""

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest
from shopify_documents import CREATE, code_input

pytestmark = pytest.mark.anyio
SECRET = b"sandbox-client-secret-for-local-use"
# The keys and JSON types of the order sample in Shopify's own library, 2026-01.
SHAPE = json.loads((Path(__file__).parent / "order_shape.json").read_text())
# Empty here: the sandbox neither ships nor knows attributed staff.
NOT_COMPARED = {"fulfillments"}


async def ordered(shop, **how):
    await shop.data(CREATE, d=code_input())
    cart = shop.sandbox.open_cart([(50101, 1), (50102, 2)], 1001, {"colour": "green"})
    shop.sandbox.checkout.set_codes(cart, ["REWARD-1"])
    return shop.sandbox.place_order(cart, **how)


def topics(app):
    return [(headers["x-shopify-topic"], path) for _, path, headers, _ in app.requests]


def differences(ours, shape, path="order"):
    """List where the types differ; null is allowed where either side may leave a value out."""
    if ours is None or shape == "null":
        return []
    if isinstance(shape, dict) and isinstance(ours, dict):
        missing = [f"{path}.{k} missing" for k in shape.keys() - ours.keys()]
        both = [k for k in shape.keys() & ours.keys() if k not in NOT_COMPARED]
        return missing + [d for k in both for d in differences(ours[k], shape[k], f"{path}.{k}")]
    if isinstance(shape, list) and isinstance(ours, list):
        return [d for item in ours for d in (differences(item, shape[0], f"{path}[]") if shape else [])]
    return [] if type(ours).__name__ == shape else [f"{path}: {type(ours).__name__} is not {shape}"]


async def test_the_order_payload_has_the_keys_and_types_of_the_real_sample(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    order = await ordered(shop)
    shop.sandbox.refund(order.id, [(order.lines[1].id, 1)])
    await shop.sandbox.deliveries.idle()
    ours = json.loads(app.requests[-1][3])
    assert set(ours) == set(SHAPE)
    assert len(ours) == 91
    assert differences(ours, SHAPE) == []
    assert ours["discount_codes"] == [{"code": "REWARD-1", "amount": "12.50", "type": "fixed_amount"}]
    assert ours["note_attributes"] == [{"name": "colour", "value": "green"}]


async def test_a_paid_order_tells_create_paid_and_updated_each_signed(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    await ordered(shop)
    await shop.sandbox.deliveries.idle()
    path = "/webhooks/shopify/orders"
    assert topics(app) == [("orders/create", path), ("orders/paid", path), ("orders/updated", path)]
    for _, _, headers, body in app.requests:
        expected = base64.b64encode(hmac.digest(SECRET, body, hashlib.sha256)).decode()
        assert headers["x-shopify-hmac-sha256"] == expected
        assert headers["x-shopify-shop-domain"] == "sandbox-shop.myshopify.com"
        assert headers["x-shopify-api-version"] == "2026-10"
        assert headers["x-shopify-triggered-at"].endswith("Z")
    assert len({h["x-shopify-webhook-id"] for _, _, h, _ in app.requests}) == 3
    assert len({h["x-shopify-event-id"] for _, _, h, _ in app.requests}) == 1


async def test_a_pending_order_is_told_as_paid_only_later(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    order = await ordered(shop, paid=False)
    await shop.sandbox.deliveries.idle()
    assert "orders/paid" not in [topic for topic, _ in topics(app)]
    await shop.post(f"/orders/{order.id}/pay")
    await shop.sandbox.deliveries.idle()
    assert "orders/paid" in [topic for topic, _ in topics(app)]


async def test_every_topic_goes_to_its_own_route(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    order = await ordered(shop)
    await shop.post(f"/orders/{order.id}/refund", {"lines": [{"line_id": order.lines[0].id, "quantity": 1}]})
    await shop.post(f"/orders/{order.id}/cancel")
    await shop.post("/customers/1001/update")
    await shop.post("/customers/1004/merge", {"into": 1001})
    await shop.post("/compliance", {"topic": "customers/redact", "customer_id": 1001})
    await shop.post("/app/uninstall")
    await shop.sandbox.deliveries.idle()
    routes = {topic: path.rpartition("/")[2] for topic, path in topics(app)}
    assert routes["orders/cancelled"] == "orders"
    assert routes["refunds/create"] == "refunds"
    assert routes["customers/update"] == routes["customers/merge"] == "customers"
    assert routes["customers/redact"] == "compliance"
    assert routes["app/uninstalled"] == "app"


async def test_a_retry_carries_the_payload_of_the_trigger(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    app.statuses = [500]
    order = await ordered(shop, paid=False)
    shop.sandbox.mark_paid(order.id)
    await shop.sandbox.deliveries.idle()
    creates = [r for r in app.requests if r[2]["x-shopify-topic"] == "orders/create"]
    assert len(creates) == 2
    assert creates[0][3] == creates[1][3]
    assert json.loads(creates[1][3])["financial_status"] == "pending"
    assert creates[0][2]["x-shopify-webhook-id"] == creates[1][2]["x-shopify-webhook-id"]


async def test_webhooks_can_be_held_and_arrive_in_reverse(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    await shop.post("/deliveries", {"hold": True})
    await ordered(shop)
    assert app.requests == []
    await shop.post("/deliveries", {"hold": False, "release": True, "reverse": True})
    await shop.sandbox.deliveries.idle()
    assert [topic for topic, _ in topics(app)] == ["orders/updated", "orders/paid", "orders/create"]


async def test_a_webhook_can_come_without_a_field_or_with_a_number_as_text(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    await shop.post("/faults", {"route": "webhook orders/create", "kind": "omit", "fields": ["customer"]})
    await shop.post("/faults", {"route": "webhook orders/paid", "kind": "stringly", "fields": ["id"]})
    order = await ordered(shop)
    await shop.sandbox.deliveries.idle()
    create, paid, updated = (json.loads(r[3]) for r in app.requests)
    assert "customer" not in create
    assert paid["id"] == str(order.id)
    assert updated["id"] == order.id


async def test_a_customer_attached_later_is_an_update(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    order = shop.sandbox.place_order(shop.sandbox.open_cart([(50101, 1)]))
    await shop.post(f"/orders/{order.id}/customer", {"customer_id": 1001})
    await shop.sandbox.deliveries.idle()
    customers = [json.loads(body)["customer"] for _, _, _, body in app.requests]
    assert [c["id"] if c else None for c in customers] == [None, None, None, 1001]


async def test_an_uninstalled_app_hears_of_nothing_but_its_end_and_compliance(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    shop.sandbox.uninstall()
    shop.sandbox.place_order(shop.sandbox.open_cart([(50101, 1)], 1001))
    shop.sandbox.compliance("shop/redact")
    await shop.sandbox.deliveries.idle()
    assert [topic for topic, _ in topics(app)] == ["app/uninstalled", "shop/redact"]

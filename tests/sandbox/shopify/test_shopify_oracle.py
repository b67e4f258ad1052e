"""Shopify's own Python package accepts what the sandbox signs."""

import pytest
from shopify_app import ShopifyApp

pytestmark = pytest.mark.anyio
OFFICIAL = ShopifyApp("sandbox-client-id", "sandbox-client-secret-for-local-use")


def seen(app, index=0):
    method, target, headers, body = app.requests[index]
    return {"method": method, "headers": headers, "url": "https://app.example" + target, "body": body.decode()}


async def test_app_proxy_requests(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    await shop.http.get("/apps/rewards/token?a=1&b=x%20y", headers={"X-Sandbox-Customer": "1002"})
    result = OFFICIAL.verify_app_proxy_req(seen(app))
    assert (result.ok, result.shop, result.logged_in_customer_id) == (True, "sandbox-shop", "1002")


async def test_webhooks(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    shop.sandbox.place_order(shop.sandbox.open_cart([(50101, 1)], 1002))
    await shop.sandbox.deliveries.idle()
    assert OFFICIAL.verify_webhook_req(seen(app)).ok


@pytest.mark.parametrize(
    ("surface", "verify"),
    [
        ("checkout", OFFICIAL.verify_checkout_ui_ext_req),
        ("customer_account", OFFICIAL.verify_customer_account_ui_ext_req),
        ("pos", OFFICIAL.verify_pos_ui_ext_req),
    ],
)
async def test_id_tokens(shop, surface, verify):
    token = shop.sandbox.id_token(surface, customer_id=1001)
    headers = {"authorization": f"Bearer {token}"}
    assert verify({"method": "POST", "headers": headers, "url": "https://app.example/v1", "body": ""}).ok

"""What Shopify signs for each surface: ID tokens and app-proxy requests."""

from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from proxy.sandbox.shopify.app_proxy import signature

pytestmark = pytest.mark.anyio
SECRET, CLIENT_ID = "sandbox-client-secret-for-local-use", "sandbox-client-id"


async def claims(shop, query):
    token = (await shop.http.get(f"/_sandbox/tokens?{query}")).json()["token"]
    return jwt.decode(token, SECRET, algorithms=["HS256"], audience=CLIENT_ID, options={"verify_exp": False})


async def test_a_checkout_token_names_the_customer_by_gid_and_the_shop_without_scheme(shop):
    told = await claims(shop, "surface=checkout&customer_id=1001")
    assert (told["dest"], told["sub"]) == ("sandbox-shop.myshopify.com", "gid://shopify/Customer/1001")
    assert told["exp"] - told["iat"] == 300
    assert "sid" not in told
    assert "sub" not in await claims(shop, "surface=checkout")
    assert "iss" not in await claims(shop, "surface=customer_account&iss=0")


async def test_a_pos_token_names_the_staff_login_and_has_a_session(shop):
    told = await claims(shop, "surface=pos")
    assert (told["dest"], told["sub"]) == ("https://sandbox-shop.myshopify.com", "42")
    assert told["iss"] == "https://sandbox-shop.myshopify.com/admin"
    assert told["exp"] - told["iat"] == 60
    assert {"sid", "sig", "jti", "nbf"} <= set(told)


async def test_a_token_can_be_made_old(shop):
    token = (await shop.http.get("/_sandbox/tokens?surface=checkout&offset_s=-600")).json()["token"]
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(token, SECRET, algorithms=["HS256"], audience=CLIENT_ID)


async def test_a_token_has_no_customer_when_the_app_may_not_read_customers(open_shop):
    shop = await open_shop(scopes=("read_orders",))
    assert "sub" not in await claims(shop, "surface=checkout&customer_id=1001")


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        ([("logged_in_customer_id", "1")], "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"),
        ([("logged_in_customer_id", "")], "e072b6d7e6622d85912a5214b860d3100dc1e73d9bc29f43796ac8c9ff8093cb"),
        ([], "a9718877bea71c2484f91608a7eaea1532bdf71f5c56825065fa4ccabe549ef3"),
    ],
)
def test_the_signature_is_the_one_of_the_published_examples(customer, expected):
    given = [("extra", "1"), ("extra", "2"), ("shop", "shop-name.myshopify.com"), *customer]
    given += [("path_prefix", "/apps/awesome_reviews"), ("timestamp", "1317327555")]
    assert signature("hush", given) == expected


async def test_the_storefront_forwards_signed_without_cookies(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    answer = await shop.http.post(
        "/apps/rewards/token?x=a%20b&x=c&empty=&logged_in_customer_id=999",
        content=b'{"a":1}',
        headers={"Cookie": "sandbox_customer=1001; secret=1", "Content-Type": "application/json"},
    )
    method, target, headers, body = app.requests[0]
    told = parse_qs(urlsplit(target).query, keep_blank_values=True)
    assert (method, urlsplit(target).path, body) == ("POST", "/storefront/token", b'{"a":1}')
    assert told["logged_in_customer_id"] == ["1001"]
    assert (told["path_prefix"], told["x"], told["empty"]) == (["/apps/rewards"], ["a b", "c"], [""])
    sent = told.pop("signature")[0]
    assert sent == signature(SECRET, [(k, v) for k, values in told.items() for v in values])
    assert "cookie" not in headers
    assert headers["x-forwarded-host"] == "sandbox-shop.myshopify.com"
    assert "set-cookie" not in answer.headers
    assert "x-powered-by" not in answer.headers
    assert answer.headers["x-kept"] == "yes"


async def test_the_root_of_the_prefix_reaches_the_root_and_nobody_is_an_empty_customer(open_shop, app):
    shop = await open_shop(served=True, proxy_url=app.url)
    await shop.http.get("/apps/rewards")
    _, target, _, _ = app.requests[0]
    assert urlsplit(target).path == "/storefront"
    assert "logged_in_customer_id=&" in target

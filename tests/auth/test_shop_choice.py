import pytest
from genuine import (
    DOMAIN,
    FOREIGN_SECRET,
    NOW_S,
    OTHER_DOMAIN,
    SECRET,
    body_signature,
    customer_claims,
    proxied,
    shop,
    signed,
    staff_claims,
    token,
)
from refusals import refused

from proxy.auth.app_proxy import AppProxyVerifier
from proxy.auth.session_token import SessionTokenVerifier
from proxy.auth.shops import by_audience, by_dest, by_header, by_shop
from proxy.auth.transient import TransientKey, TransientTokens
from proxy.auth.webhook import ShopifyWebhookVerifier

OTHER_SECRET = "shpss_other_shops_secret_0123456789abc"
SHOPS = [shop(), shop(OTHER_DOMAIN, (OTHER_SECRET,), "another-app")]
OTHERS = {"dest": OTHER_DOMAIN, "aud": "another-app"}


def now_s() -> float:
    return NOW_S


@pytest.fixture
def sessions():
    return {one.domain: SessionTokenVerifier(one, now_s) for one in SHOPS}


def test_a_token_goes_to_the_shop_that_it_claims(sessions):
    ours, theirs = token(customer_claims()), token(customer_claims(**OTHERS), OTHER_SECRET)
    assert by_dest(ours, sessions).verify_customer(ours).shop == DOMAIN
    assert by_dest(theirs, sessions).verify_customer(theirs).shop == OTHER_DOMAIN
    at_pos = token(staff_claims())
    assert by_dest(at_pos, sessions).verify_staff(at_pos).shop == DOMAIN


@pytest.mark.parametrize("changes", [OTHERS, {"dest": OTHER_DOMAIN}, {"dest": f"https://{OTHER_DOMAIN}"}])
def test_a_token_that_claims_another_shop_is_held_to_that_shops_secrets(sessions, changes):
    lying = token(customer_claims(**changes), SECRET)
    assert refused(by_dest(lying, sessions).verify_customer, lying) == "token_signature_wrong"


@pytest.mark.parametrize("dest", ["evil.example", "", f"https://{DOMAIN}/x", DOMAIN.upper()])
def test_a_token_for_an_unknown_shop_is_refused(sessions, dest):
    assert refused(lambda text: by_dest(text, sessions), token(customer_claims(dest=dest))) == "shop_unknown"


@pytest.mark.parametrize(
    "text", ["", "a.b.c", "é", "x" * 9000, token(customer_claims(dest=...)), token(customer_claims(dest=7))]
)
def test_a_token_that_claims_no_shop_is_refused(sessions, text):
    assert refused(lambda given: by_dest(given, sessions), text) in ("token_malformed", "token_too_long")


def test_a_transient_token_goes_to_its_audience():
    key = TransientKey("k", FOREIGN_SECRET)
    mints = {one.domain: TransientTokens(one.domain, [key], now_s, lambda: "x", 300) for one in SHOPS}
    minted = mints[OTHER_DOMAIN].mint("1001").token
    assert by_audience(minted, mints).verify(minted).shop == OTHER_DOMAIN


def test_a_proxied_query_goes_to_the_shop_that_it_names():
    verifiers = {one.domain: AppProxyVerifier(one, now_s) for one in SHOPS}
    ours = signed(proxied())
    assert by_shop(ours, verifiers).verify(ours).shop == DOMAIN
    pairs = [(name, OTHER_DOMAIN.encode() if name == b"shop" else value) for name, value in proxied()]
    theirs, lying = signed(pairs, OTHER_SECRET), signed(pairs, SECRET)
    assert by_shop(theirs, verifiers).verify(theirs).shop == OTHER_DOMAIN
    assert refused(by_shop(lying, verifiers).verify, lying) == "signature_wrong"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (b"", "shop_missing"),
        (b"shop=%ff", "shop_unknown"),
        (b"shop=nobody.myshopify.com", "shop_unknown"),
        (b"shop=a&shop=b", "shop_repeated"),
        (b"shop=%", "query_malformed"),
    ],
)
def test_a_query_that_names_no_shop_of_ours_is_refused(query, reason):
    assert refused(lambda given: by_shop(given, {}), query) == reason


def test_a_webhook_goes_to_the_shop_in_its_header():
    verifiers = {one.domain: ShopifyWebhookVerifier(one) for one in SHOPS}
    by_header(OTHER_DOMAIN.encode(), verifiers).verify(b"{}", body_signature(b"{}", OTHER_SECRET))
    lied = by_header(OTHER_DOMAIN.encode(), verifiers)
    assert refused(lied.verify, b"{}", body_signature(b"{}", SECRET)) == "webhook_signature_wrong"
    assert refused(lambda name: by_header(name, verifiers), b"nobody.myshopify.com") == "shop_unknown"
    assert refused(lambda name: by_header(name, verifiers), b"\xff\xfe") == "shop_unknown"

"""What the probe of Shopify's CLI sends; every one of them has to be refused.

Source: https://shopify.dev/docs/apps/build/security/app-security-checks
"""

import pytest
from genuine import NOW_S, body_signature, encoded, proxied, shop, signature, signed
from refusals import refused

from proxy.auth.app_proxy import AppProxyVerifier
from proxy.auth.session_token import SessionTokenVerifier, bearer
from proxy.auth.webhook import ShopifyWebhookVerifier

PROBE = b"app-security-probe.invalid.myshopify.com"


def now_s() -> float:
    return NOW_S


def as_probe(pairs):
    return [(name, PROBE if name == b"shop" else value) for name, value in pairs]


GENUINE = proxied()
STALE = proxied(NOW_S - 120)
TIMELESS = [pair for pair in GENUINE if pair[0] != b"timestamp"]
TWO_SHOPS = [*GENUINE, (b"shop", PROBE)]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (encoded(GENUINE), "signature_missing"),
        (encoded([*GENUINE, (b"signature", b"0" * 64)]), "signature_wrong"),
        (encoded([*GENUINE, (b"signature", b"invalid")]), "signature_malformed"),
        (signed(TIMELESS), "timestamp_missing"),
        (signed(STALE), "timestamp_outside_window"),
        (signed(TWO_SHOPS), "shop_repeated"),
        (encoded([*TWO_SHOPS, (b"signature", signature(GENUINE))]), "shop_repeated"),
        (signed(as_probe(GENUINE)), "shop_malformed"),
        (encoded(as_probe(GENUINE)), "signature_missing"),
    ],
)
def test_every_app_proxy_probe_is_refused_even_when_it_is_signed(query, reason):
    assert refused(AppProxyVerifier(shop(), now_s).verify, query) == reason


def test_the_request_that_the_probes_are_made_of_is_genuine():
    assert AppProxyVerifier(shop(), now_s).verify(signed(GENUINE)).customer == "1001"


def test_every_webhook_probe_is_refused():
    verify = ShopifyWebhookVerifier(shop()).verify
    assert refused(lambda body: verify(body, None), b"{}") == "webhook_signature_missing"
    assert refused(verify, b"{}", b"invalid") == "webhook_signature_malformed"
    assert refused(verify, b"{}", body_signature(b"{} ")) == "webhook_signature_wrong"


def test_the_probe_of_extension_routes_is_refused_on_every_surface():
    sessions = SessionTokenVerifier(shop(), now_s)
    probe = bearer(b"Bearer app-security.invalid.token")
    for verify in (sessions.verify_customer, sessions.verify_staff):
        assert refused(verify, probe) in ("token_malformed", "token_signature_wrong")

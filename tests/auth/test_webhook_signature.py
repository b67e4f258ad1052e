import json
from pathlib import Path

import pytest
from genuine import FOREIGN_SECRET, OLD_SECRET, SECRET, body_signature, shop
from refusals import refused

from proxy.auth.webhook import OmneoWebhookVerifier, ShopifyWebhookVerifier

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "webhook.json").read_text())
BODY = VECTORS["body"].encode()
HEX = VECTORS["omneo"]["signature"].encode()


def from_shopify() -> ShopifyWebhookVerifier:
    return ShopifyWebhookVerifier(shop())


def from_omneo() -> OmneoWebhookVerifier:
    return OmneoWebhookVerifier([VECTORS["omneo"]["secret"], "the secret before this one"])


def test_the_vectors_pass():
    shopify = VECTORS["shopify"]
    ShopifyWebhookVerifier(shop(secrets=(shopify["secret"],))).verify(BODY, shopify["signature"].encode())
    from_omneo().verify(BODY, HEX)


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe not text", b"x" * 3_000_000])
def test_the_raw_bytes_are_what_is_proven(body):
    from_shopify().verify(body, body_signature(body))
    assert refused(from_shopify().verify, body + b" ", body_signature(body)) == "webhook_signature_wrong"


def test_both_secrets_pass_during_a_rotation_and_no_other():
    from_shopify().verify(BODY, body_signature(BODY, SECRET))
    from_shopify().verify(BODY, body_signature(BODY, OLD_SECRET))
    assert refused(from_shopify().verify, BODY, body_signature(BODY, FOREIGN_SECRET)) == "webhook_signature_wrong"


def test_a_webhook_without_a_signature_is_refused():
    for verifier in (from_shopify(), from_omneo()):
        for absent in (None, b""):
            with pytest.raises(Exception) as caught:
                verifier.verify(BODY, absent)
            assert caught.value.reason == "webhook_signature_missing"


@pytest.mark.parametrize(
    "malformed",
    [
        body_signature(BODY)[:-1],
        body_signature(BODY) + b"=",
        body_signature(BODY) + b"\n",
        b" " + body_signature(BODY),
        body_signature(BODY)[:20] + b"\n" + body_signature(BODY)[20:],
        body_signature(BODY).replace(b"=", b"A"),
        b"\xe9" * 44,
        HEX,
    ],
)
def test_a_shopify_signature_that_is_not_the_base64_of_32_bytes_is_refused(malformed):
    assert refused(from_shopify().verify, BODY, malformed) == "webhook_signature_malformed"


def test_a_signature_has_one_spelling():
    """The last character before the padding has two unused bits; a decoder that ignores them accepts four forms."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    genuine = body_signature(BODY)
    spare = bytes([alphabet[alphabet.index(genuine[-2]) + 1]])
    assert refused(from_shopify().verify, BODY, genuine[:-2] + spare + b"=") == "webhook_signature_malformed"


def test_omneo_may_write_its_hex_in_either_case():
    from_omneo().verify(BODY, HEX.upper())
    from_omneo().verify(BODY, HEX[:32].upper() + HEX[32:])


@pytest.mark.parametrize("malformed", [HEX[:-1], HEX + b"0", b"0x" + HEX[2:], b" " + HEX, HEX + b"\n", b"\xe9" * 64])
def test_an_omneo_signature_that_is_not_hex_is_refused(malformed):
    assert refused(from_omneo().verify, BODY, malformed) == "webhook_signature_malformed"


def test_another_omneo_body_or_secret_is_refused():
    assert refused(from_omneo().verify, BODY + b" ", HEX) == "webhook_signature_wrong"
    assert refused(OmneoWebhookVerifier(["another"]).verify, BODY, HEX) == "webhook_signature_wrong"


def test_no_verifier_is_made_without_a_secret():
    for secrets in ([], [""], ["x", ""]):
        with pytest.raises(ValueError, match="secret"):
            OmneoWebhookVerifier(secrets)

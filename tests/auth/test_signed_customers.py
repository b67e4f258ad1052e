import hmac
from hashlib import sha256

import pytest
from genuine import DOMAIN, OTHER_DOMAIN
from hypothesis import given
from hypothesis import strategies as st
from refusals import refused

from proxy.auth.signed_customer import SignedCustomers
from proxy.domain.caller import Caller, Surface

SECRET, OTHER_SECRET = "a-secret-of-the-theme", "a-secret-of-the-other-theme"
SIGNED = SignedCustomers({DOMAIN: SECRET, OTHER_DOMAIN: OTHER_SECRET})


def signature(customer: str, secret: str = SECRET) -> str:
    """What Liquid's `hmac_sha256` writes."""
    return hmac.new(secret.encode(), customer.encode(), sha256).hexdigest()


def test_the_signature_is_liquids():
    # Source: echo -n 1001 | openssl dgst -sha256 -hmac a-secret-of-the-theme
    assert signature("1001") == "cc7bb5e362a572a0049c34f55859718b5f6877ddd9d24868585d764d1c5346c3"


def test_the_shop_is_the_one_whose_secret_signed():
    assert SIGNED.verify("1001", signature("1001")) == Caller(DOMAIN, Surface.STOREFRONT, "1001")
    assert SIGNED.verify("1001", signature("1001", OTHER_SECRET)) == Caller(OTHER_DOMAIN, Surface.STOREFRONT, "1001")


@pytest.mark.parametrize(
    ("customer", "signed"),
    [
        ("1002", signature("1001")),
        ("1001", signature("1001", "another-secret-altogether")),
        ("1001", signature("1001", "")),
        ("1001", "0" * 64),
    ],
)
def test_a_signature_of_something_else_proves_nothing(customer, signed):
    assert refused(SIGNED.verify, customer, signed) == "customer_signature_wrong"


@pytest.mark.parametrize(
    "customer", ["", "0", "01001", "-1", "1001 ", "1001\n", "gid://shopify/Customer/1001", "é", "١"]
)
def test_only_a_customers_number_is_a_customer_even_when_signed(customer):
    assert refused(SIGNED.verify, customer, signature(customer)) == "customer_signature_malformed"


@pytest.mark.parametrize(
    "signed",
    ["", signature("1001").upper(), signature("1001")[:-1], signature("1001") + "0", "é" * 64, "0x" + "0" * 62],
)
def test_a_signature_has_one_spelling(signed):
    assert refused(SIGNED.verify, "1001", signed) == "customer_signature_malformed"


@given(st.text(max_size=70), st.text(max_size=70))
def test_whatever_comes_is_refused_without_a_crash(customer, signed):
    assert refused(SIGNED.verify, customer, signed)


def test_two_shops_never_have_one_secret_and_none_is_empty():
    for secrets in ({DOMAIN: SECRET, OTHER_DOMAIN: SECRET}, {DOMAIN: ""}):
        with pytest.raises(ValueError, match="secret"):
            SignedCustomers(secrets)


def test_without_secrets_nobody_is_signed():
    assert not SignedCustomers({})
    assert refused(SignedCustomers({}).verify, "1001", signature("1001", "")) == "customer_signature_wrong"

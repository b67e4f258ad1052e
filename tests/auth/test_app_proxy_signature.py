import json
from pathlib import Path

import pytest
from genuine import DOMAIN, FOREIGN_SECRET, NOW_S, OLD_SECRET, encoded, proxied, shop, signature, signed
from refusals import refused

from proxy.auth.app_proxy import AppProxyVerifier, expected_signature
from proxy.domain.caller import Caller, Surface

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "app_proxy.json").read_text())["documented"]


def verifier(now_s: float = NOW_S) -> AppProxyVerifier:
    return AppProxyVerifier(shop(), lambda: now_s)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_every_documented_signature_is_what_we_compute(vector):
    assert expected_signature(vector["query"].encode(), vector["secret"]) == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_documented_request_passes_when_it_is_complete_and_is_refused_for_what_it_lacks(vector):
    configured = shop(vector["shop"], (vector["secret"],))
    guard = AppProxyVerifier(configured, lambda: vector["timestamp"] + 5)
    query = f"{vector['query']}&signature={vector['signature']}".encode()
    if vector["refused"]:
        assert vector["why"]
        assert refused(guard.verify, query) == vector["refused"]
    else:
        assert guard.verify(query) == Caller(configured.domain, Surface.STOREFRONT, vector["customer"])


def test_a_logged_in_visitor_is_the_customer():
    assert verifier().verify(signed(proxied())) == Caller(DOMAIN, Surface.STOREFRONT, "1001")


def test_a_visitor_who_is_not_logged_in_is_a_caller_without_a_customer():
    assert verifier().verify(signed(proxied(customer=""))) == Caller(DOMAIN, Surface.STOREFRONT, None)


def test_both_secrets_pass_during_a_rotation_and_no_other():
    assert verifier().verify(signed(proxied(), OLD_SECRET)).customer == "1001"
    assert refused(verifier().verify, signed(proxied(), FOREIGN_SECRET)) == "signature_wrong"


def test_a_shop_without_a_usable_secret_gets_no_verifier():
    for secrets in ((), ("",), ("x" * 32, "")):
        with pytest.raises(ValueError, match="secret"):
            AppProxyVerifier(shop(secrets=secrets), lambda: NOW_S)


@pytest.mark.parametrize("off_s", [-90, -1, 0, 1, 90])
def test_a_timestamp_within_ninety_seconds_either_way_passes(off_s):
    assert verifier(NOW_S + off_s).verify(signed(proxied())).customer == "1001"


@pytest.mark.parametrize("off_s", [-91, -90.5, 90.5, 91, 86_400])
def test_a_timestamp_beyond_ninety_seconds_either_way_is_refused(off_s):
    assert refused(verifier(NOW_S + off_s).verify, signed(proxied())) == "timestamp_outside_window"


@pytest.mark.parametrize("name", [b"shop", b"timestamp", b"path_prefix", b"logged_in_customer_id"])
def test_a_reserved_name_is_wanted_exactly_once_even_when_signed(name):
    pairs = proxied()
    less = [pair for pair in pairs if pair[0] != name]
    again = [*pairs, (name, dict(pairs)[name])]
    assert refused(verifier().verify, signed(less)) == f"{name.decode()}_missing"
    assert refused(verifier().verify, signed(again)) == f"{name.decode()}_repeated"


def test_the_signature_is_wanted_exactly_once():
    query = signed(proxied())
    assert refused(verifier().verify, encoded(proxied())) == "signature_missing"
    assert refused(verifier().verify, query + b"&signature=" + signature(proxied())) == "signature_repeated"
    assert refused(verifier().verify, b"") == "signature_missing"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"shop", b"blue-heron.myshopify.com.evil.example"),
        (b"shop", b"https://blue-heron.myshopify.com"),
        (b"shop", b"-blue.myshopify.com"),
        (b"shop", b"Blue-Heron.myshopify.com"),
        (b"shop", b"blue-heron.myshopify.com\n"),
        (b"shop", b"a.blue-heron.myshopify.com"),
        (b"timestamp", b"1790000000.0"),
        (b"timestamp", b" 1790000000"),
        (b"timestamp", b"+1790000000"),
        (b"timestamp", b"01790000000"),
        (b"timestamp", "١٧٩٠٠٠٠٠٠٠".encode()),
        (b"timestamp", b""),
        (b"logged_in_customer_id", b"0"),
        (b"logged_in_customer_id", b"1001,1002"),
        (b"logged_in_customer_id", b"gid://shopify/Customer/1001"),
        (b"logged_in_customer_id", b"1" * 21),
        (b"logged_in_customer_id", b"-1"),
        (b"path_prefix", b"/apps/rewards/"),
        (b"path_prefix", b"/elsewhere/rewards"),
        (b"path_prefix", b"apps/rewards"),
        (b"path_prefix", b""),
    ],
)
def test_a_reserved_value_of_another_form_is_refused_even_when_signed(name, value):
    pairs = [(known, value if known == name else genuine) for known, genuine in proxied()]
    assert refused(verifier().verify, signed(pairs)) == f"{name.decode()}_malformed"


@pytest.mark.parametrize(
    "wrong",
    [b"", b"0" * 63, b"0" * 65, b"G" * 64, b"%FF" * 64, "é".encode() * 32, signature(proxied()).upper()],
)
def test_a_signature_of_another_form_is_refused_without_a_crash(wrong):
    assert refused(verifier().verify, encoded(proxied()) + b"&signature=" + wrong) == "signature_malformed"


def test_a_signature_for_another_shop_of_the_same_app_is_refused():
    pairs = [(name, b"red-kite.myshopify.com" if name == b"shop" else value) for name, value in proxied()]
    assert refused(verifier().verify, signed(pairs)) == "shop_foreign"


@pytest.mark.parametrize("name", [b"shop", b"timestamp", b"path_prefix", b"logged_in_customer_id"])
def test_a_reserved_token_inside_a_visitors_own_value_is_refused(name):
    assert refused(verifier().verify, signed(proxied(extra=[(b"q", b"x" + name + b"=1")]))) == "query_ambiguous"
    assert refused(verifier().verify, signed(proxied(extra=[(b"work" + name, b"1")]))) == "query_ambiguous"


def test_the_order_in_which_parameters_arrive_does_not_matter():
    pairs = proxied(extra=[(b"page", b"2")])
    assert verifier().verify(encoded([(b"signature", signature(pairs)), *reversed(pairs)])).customer == "1001"


@pytest.mark.parametrize(
    ("raw", "pair"),
    [
        (b"q=a+b", (b"q", b"a b")),
        (b"q=a%2Bb", (b"q", b"a+b")),
        (b"q", (b"q", b"")),
        (b"q=", (b"q", b"")),
        (b"q=a=b", (b"q", b"a=b")),
        (b"q=a;r=b", (b"q", b"a;r=b")),
        (b"q=%ff%00", (b"q", b"\xff\x00")),
        (b"%71=%c3%A9", (b"q", "é".encode())),
        (b"q[1]=x", (b"q[1]", b"x")),
        (b"=x", (b"", b"x")),
    ],
)
def test_a_parameter_is_decoded_as_the_form_it_was_signed_as(raw, pair):
    pairs = proxied(extra=[pair])
    query = raw + b"&&" + encoded(proxied()) + b"&signature=" + signature(pairs)
    assert verifier().verify(query).customer == "1001"


def test_a_percent_encoded_reserved_name_is_that_name():
    query = signed(proxied()).replace(b"shop=", b"%73hop=", 1)
    assert verifier().verify(query).customer == "1001"
    assert refused(verifier().verify, query + b"&shop=" + DOMAIN.encode()) == "shop_repeated"


@pytest.mark.parametrize("broken", [b"q=%", b"q=%4", b"q=%zz", b"%G0=1", b"q=%%41"])
def test_a_broken_percent_escape_is_refused(broken):
    assert refused(verifier().verify, signed(proxied()) + b"&" + broken) == "query_malformed"


def test_an_endless_query_is_refused_before_it_is_parsed():
    assert refused(verifier().verify, signed(proxied()) + b"&" * 9000) == "query_too_long"


def test_names_that_are_prefixes_of_each_other_are_sorted_as_shopify_sorts_them():
    pairs = proxied(extra=[(b"a", b"1"), (b"a-b", b"2"), (b"extra", b"1"), (b"extra1", b"2")])
    assert verifier().verify(signed(pairs)).customer == "1001"

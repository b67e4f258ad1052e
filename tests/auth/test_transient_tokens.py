import jwt
import pytest
from genuine import DOMAIN, NOW_S, OTHER_DOMAIN, SECRET, token
from refusals import refused

from proxy.auth.transient import Purpose, TransientKey, TransientTokens
from proxy.domain.caller import Caller, Surface

FIRST = TransientKey("2026-10", "a-first-key-of-our-own-0123456789")
SECOND = TransientKey("2026-11", "a-second-key-of-our-own-012345678")


class Time:
    now_s: float = NOW_S

    def __call__(self) -> float:
        return self.now_s


def tokens(*keys: TransientKey, shop: str = DOMAIN, now_s=lambda: NOW_S, lifetime_s: int = 300) -> TransientTokens:
    numbers = iter(range(10**6))
    return TransientTokens(shop, keys or (FIRST,), now_s, lambda: f"id-{next(numbers)}", lifetime_s)


def forged(key: TransientKey = FIRST, kid: str | None = None, **changes: object) -> str:
    claims = {
        "iss": "omneo-redemption-proxy",
        "aud": DOMAIN,
        "sub": "1001",
        "pid": "b2c4",
        "purpose": "storefront",
        "iat": NOW_S,
        "nbf": NOW_S,
        "exp": NOW_S + 300,
        "jti": "x",
    }
    kept = {name: value for name, value in (claims | changes).items() if value is not ...}
    return token(kept, key.secret, kid=kid or key.kid)


def test_a_minted_token_proves_its_customer_to_the_shop():
    minted = tokens().mint("1001", "b2c4")
    assert minted.expires_s == NOW_S + 300
    assert tokens().verify(minted.token) == Caller(DOMAIN, Surface.STOREFRONT, "1001")


def test_an_anonymous_token_proves_a_visitor_without_a_customer():
    assert tokens().verify(tokens().mint(None).token) == Caller(DOMAIN, Surface.STOREFRONT)


def test_the_claims_are_the_ones_that_are_promised():
    minted = tokens().mint("1001", "b2c4")
    assert jwt.get_unverified_header(minted.token) == {"alg": "HS256", "typ": "JWT", "kid": "2026-10"}
    assert jwt.decode(minted.token, options={"verify_signature": False}) == {
        "iss": "omneo-redemption-proxy",
        "aud": DOMAIN,
        "sub": "1001",
        "pid": "b2c4",
        "purpose": "storefront",
        "iat": NOW_S,
        "nbf": NOW_S,
        "exp": NOW_S + 300,
        "jti": "id-0",
    }


def test_the_profile_of_an_anonymous_token_is_the_text_null():
    for customer in (None, "1001"):
        claims = jwt.decode(tokens().mint(customer).token, options={"verify_signature": False})
        assert claims["pid"] == "null"
        assert claims.get("sub") == customer


def test_a_profile_without_a_customer_is_never_minted():
    with pytest.raises(ValueError, match="customer"):
        tokens().mint(None, "b2c4")


def test_every_token_has_an_id_of_its_own():
    mint = tokens()
    assert mint.mint("1001").token != mint.mint("1001").token


def test_a_new_key_mints_and_the_one_before_still_verifies_until_it_is_taken_out():
    before = tokens(FIRST).mint("1001").token
    rotated = tokens(SECOND, FIRST)
    after = rotated.mint("1001").token
    assert jwt.get_unverified_header(after)["kid"] == "2026-11"
    assert rotated.verify(before).customer == rotated.verify(after).customer == "1001"
    assert refused(tokens(SECOND).verify, before) == "token_key_unknown"
    assert refused(tokens(FIRST).verify, after) == "token_key_unknown"


def test_the_named_key_is_the_only_one_that_is_tried():
    assert refused(tokens(FIRST, SECOND).verify, forged(FIRST, kid="2026-11")) == "token_signature_wrong"


def test_a_token_lives_as_long_as_it_was_given_and_is_remembered_no_longer():
    time = Time()
    mint = tokens(now_s=time, lifetime_s=60)
    minted = mint.mint("1001").token
    assert mint.verify(minted) is mint.verify(minted)
    time.now_s = NOW_S + 69
    assert mint.verify(minted).customer == "1001"
    time.now_s = NOW_S + 70
    assert refused(mint.verify, minted) == "token_expired"
    time.now_s = NOW_S - 11
    assert refused(mint.verify, minted) == "token_not_yet_valid"


def test_a_token_of_another_shop_is_refused():
    assert refused(tokens(shop=OTHER_DOMAIN).verify, tokens().mint("1001").token) == "token_audience_foreign"


def test_the_forger_below_can_make_a_genuine_token():
    assert tokens().verify(forged()).customer == "1001"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": ...}, "token_purpose_foreign"),
        ({"iss": "someone-else"}, "token_purpose_foreign"),
        ({"purpose": ...}, "token_purpose_foreign"),
        ({"purpose": "till"}, "token_purpose_foreign"),
        ({"aud": ...}, "token_audience_foreign"),
        ({"aud": [DOMAIN]}, "token_audience_foreign"),
        ({"exp": ...}, "token_times_missing"),
        ({"nbf": ...}, "token_times_missing"),
        ({"exp": "1790000300"}, "token_times_missing"),
        ({"sub": ...}, "token_malformed"),
        ({"sub": None}, "token_malformed"),
        ({"sub": 1001}, "token_malformed"),
        ({"sub": "gid://shopify/Customer/1001"}, "token_malformed"),
        ({"sub": "0"}, "token_malformed"),
        ({"pid": ...}, "token_malformed"),
        ({"pid": None}, "token_malformed"),
        ({"pid": ""}, "token_malformed"),
    ],
)
def test_each_claim_is_checked_even_when_signed(changes, reason):
    assert refused(tokens().verify, forged(**changes)) == reason


def test_a_token_without_a_key_id_or_with_an_unknown_one_is_refused():
    unnamed = token({"iss": "omneo-redemption-proxy"}, FIRST.secret)
    assert refused(tokens().verify, unnamed) == "token_key_unknown"
    assert refused(tokens().verify, forged(kid="2020-01")) == "token_key_unknown"
    assert refused(tokens().verify, token({}, SECRET, kid="../../etc")) == "token_key_unknown"


@pytest.mark.parametrize("text", ["", "a.b.c", "..", "é.é.é", "x" * 9000])
def test_what_is_not_a_token_is_refused_without_a_crash(text):
    refused(tokens().verify, text)


def test_a_key_is_long_enough_named_and_never_printed():
    for kid, secret in (("", "x" * 32), ("k", "x" * 31), ("k", "")):
        with pytest.raises(ValueError, match="32 bytes"):
            TransientKey(kid, secret)
    assert FIRST.secret not in repr(FIRST)
    assert tokens().mint("1001").token not in repr(tokens().mint("1001"))
    for keys in ([], [FIRST, TransientKey("2026-10", SECOND.secret)]):
        with pytest.raises(ValueError, match="kid"):
            TransientTokens(DOMAIN, keys, lambda: NOW_S, lambda: "x", 300)


def test_a_token_for_reading_proves_a_reader_and_nobody_else():
    minted = tokens().mint("1001", "b2c4", Purpose.READING)
    assert jwt.decode(minted.token, options={"verify_signature": False})["purpose"] == "reading"
    both = tokens()
    for _ in range(2):
        assert both.verify_reader(minted.token) == Caller(DOMAIN, Surface.STOREFRONT, "1001")
        assert refused(both.verify, minted.token) == "token_purpose_foreign"


def test_a_token_of_the_storefront_reads_too():
    assert tokens().verify_reader(tokens().mint("1001").token) == tokens().verify(tokens().mint("1001").token)


@pytest.mark.parametrize("purpose", [..., "till", "", None, ["reading"]])
def test_a_reader_needs_a_purpose_that_there_is(purpose):
    assert refused(tokens().verify_reader, forged(purpose=purpose)) == "token_purpose_foreign"

import json
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from genuine import (
    DOMAIN,
    FOREIGN_SECRET,
    NOW_S,
    OLD_SECRET,
    OTHER_DOMAIN,
    SECRET,
    customer_claims,
    shop,
    staff_claims,
    token,
)
from refusals import refused

from proxy.auth.session_token import SessionTokenVerifier, bearer
from proxy.auth.token import Verified, VerifiedTokens, Window
from proxy.domain.caller import Caller, Surface
from proxy.domain.ids import ShopDomain

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "session_token.json").read_text())
BOTH = [("verify_customer", customer_claims), ("verify_staff", staff_claims)]


class Time:
    def __init__(self, now_s: float = NOW_S) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def verifier(now_s: float = NOW_S, **configured) -> SessionTokenVerifier:
    return SessionTokenVerifier(shop(**configured), Time(now_s))


@pytest.mark.parametrize("vector", VECTORS["tokens"], ids=lambda vector: vector["name"])
def test_the_vectors_pass_on_their_own_surface(vector):
    configured = shop(VECTORS["shop"], (VECTORS["secret"],), VECTORS["client_id"])
    tokens = SessionTokenVerifier(configured, lambda: VECTORS["now_s"])
    verify = tokens.verify_staff if vector["surface"] == "pos" else tokens.verify_customer
    assert verify(vector["token"]) == Caller(
        configured.domain, Surface(vector["surface"]), vector["customer"], vector["staff"]
    )


def test_a_checkout_token_names_the_customer():
    assert verifier().verify_customer(token(customer_claims())) == Caller(DOMAIN, Surface.CHECKOUT, "1001")


def test_a_checkout_token_without_sub_is_a_guest():
    assert verifier().verify_customer(token(customer_claims(sub=...))) == Caller(DOMAIN, Surface.CHECKOUT)


def test_a_pos_token_names_the_login_of_the_device():
    assert verifier().verify_staff(token(staff_claims())) == Caller(DOMAIN, Surface.POS, staff="42")


@pytest.mark.parametrize("dest", [DOMAIN, f"https://{DOMAIN}"])
@pytest.mark.parametrize("iss", [..., f"https://{DOMAIN}/admin", f"https://{DOMAIN}", f"https://{DOMAIN}/checkouts"])
def test_a_customers_token_may_carry_a_scheme_and_an_issuer_of_its_shop(dest, iss):
    assert verifier().verify_customer(token(customer_claims(dest=dest, iss=iss))).customer == "1001"


@pytest.mark.parametrize(("verify", "claims"), BOTH)
def test_both_secrets_pass_during_a_rotation_and_no_other(verify, claims):
    for secret in (SECRET, OLD_SECRET):
        assert getattr(verifier(), verify)(token(claims(), secret)).shop == DOMAIN
    assert refused(getattr(verifier(), verify), token(claims(), FOREIGN_SECRET)) == "token_signature_wrong"


@pytest.mark.parametrize(("verify", "claims"), BOTH)
@pytest.mark.parametrize("name", ["exp", "nbf", "aud", "dest"])
def test_a_token_without_a_required_claim_is_refused(verify, claims, name):
    refused(getattr(verifier(), verify), token(claims(**{name: ...})))


@pytest.mark.parametrize(("verify", "claims"), BOTH)
def test_the_times_hold_with_ten_seconds_of_leeway_on_both_sides(verify, claims):
    genuine = token(claims(exp=NOW_S + 60))
    for now_s in (NOW_S - 10, NOW_S, NOW_S + 60, NOW_S + 69.9):
        assert getattr(verifier(now_s), verify)(genuine).shop == DOMAIN
    assert refused(getattr(verifier(NOW_S - 10.1), verify), genuine) == "token_not_yet_valid"
    assert refused(getattr(verifier(NOW_S + 70), verify), genuine) == "token_expired"


@pytest.mark.parametrize(("verify", "claims"), BOTH)
def test_a_token_issued_in_the_future_is_refused(verify, claims):
    assert refused(getattr(verifier(), verify), token(claims(iat=NOW_S + 11))) == "token_not_yet_valid"


@pytest.mark.parametrize(("verify", "claims"), BOTH)
@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", [None, True, "1790000100", 1790000100.5, float("inf"), [], {}])
def test_a_time_that_is_not_a_whole_number_is_refused(verify, claims, name, value):
    assert refused(getattr(verifier(), verify), token(claims(**{name: value}))) == "token_times_missing"


@pytest.mark.parametrize(("verify", "claims"), BOTH)
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "another-app"}, "token_audience_foreign"),
        ({"aud": ["client-id-of-the-app"]}, "token_audience_foreign"),
        ({"aud": None}, "token_audience_foreign"),
        ({"dest": f"https://{OTHER_DOMAIN}"}, "token_shop_foreign"),
        ({"dest": "https://evil.example"}, "token_shop_foreign"),
        ({"dest": f"http://{DOMAIN}"}, "token_shop_foreign"),
        ({"dest": f"https://https://{DOMAIN}"}, "token_shop_foreign"),
        ({"dest": f"{DOMAIN}/"}, "token_shop_foreign"),
        ({"dest": f"{DOMAIN}\n"}, "token_shop_foreign"),
        ({"dest": [DOMAIN]}, "token_shop_foreign"),
        ({"iss": f"https://{OTHER_DOMAIN}/admin"}, "token_issuer_foreign"),
        ({"iss": f"https://{DOMAIN}.evil.example/admin"}, "token_issuer_foreign"),
        ({"iss": f"https://evil.example/{DOMAIN}"}, "token_issuer_foreign"),
        ({"iss": None}, "token_issuer_foreign"),
        ({"jti": 7}, "token_malformed"),
    ],
)
def test_a_token_for_another_app_or_shop_is_refused_even_when_signed(verify, claims, changes, reason):
    assert refused(getattr(verifier(), verify), token(claims(**changes))) == reason


@pytest.mark.parametrize(
    "sub",
    [
        "42",
        "1001",
        "",
        None,
        1001,
        "gid://shopify/Customer/0",
        "gid://shopify/Customer/",
        "gid://shopify/Order/1001",
        "gid://shopify/Customer/1001\n",
        "gid://shopify/Customer/١٠٠١",
        ["gid://shopify/Customer/1001"],
    ],
)
def test_a_subject_that_is_not_a_customer_is_refused_at_checkout(sub):
    assert refused(verifier().verify_customer, token(customer_claims(sub=sub))) == "token_of_another_surface"


@pytest.mark.parametrize(
    "sub", [..., None, "", 42, "0", "42\n", "٤٢", "gid://shopify/Customer/42", "gid://shopify/User/4"]
)
def test_a_subject_that_is_not_a_user_is_refused_at_pos(sub):
    assert refused(verifier().verify_staff, token(staff_claims(sub=sub))) == "token_of_another_surface"


@pytest.mark.parametrize("changes", [{"sid": ...}, {"sid": ""}, {"sid": None}, {"sid": 1}, {"dest": DOMAIN}])
def test_each_mark_of_a_pos_token_is_needed_by_itself(changes):
    assert refused(verifier().verify_staff, token(staff_claims(**changes))) == "token_of_another_surface"


@pytest.mark.parametrize("sid", ["x", "", None])
def test_a_session_id_of_any_kind_is_refused_at_checkout(sid):
    assert refused(verifier().verify_customer, token(customer_claims(sid=sid))) == "token_of_another_surface"


def test_only_hs256_is_accepted():
    unsigned = token(customer_claims()).split(".")[1]
    none = urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    long_key = SECRET * 2
    tokens = verifier(secrets=(long_key,))
    assert tokens.verify_customer(token(customer_claims(), long_key)).customer == "1001"
    for algorithm in ("HS384", "HS512"):
        wrong = token(customer_claims(), long_key, algorithm=algorithm)
        assert refused(tokens.verify_customer, wrong) == "token_signature_wrong"
    assert refused(tokens.verify_customer, f"{none}.{unsigned}.") == "token_malformed"
    assert refused(tokens.verify_customer, f"{none}.{unsigned}.AAAA") == "token_signature_wrong"


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a.b", "a.b.c.d", "a.b.c", "é.é.é", " ", token(customer_claims()) + "=", "a.b.c\n", "\ud800.a.a"],
)
@pytest.mark.parametrize("verify", ["verify_customer", "verify_staff"])
def test_what_is_not_a_token_is_refused_without_a_crash(verify, text):
    assert refused(getattr(verifier(), verify), text) in ("token_malformed", "token_signature_wrong")


def test_a_deeply_nested_header_or_payload_is_refused_without_a_crash():
    deep = urlsafe_b64encode(b"[" * 3000).rstrip(b"=").decode()
    genuine = token(customer_claims()).split(".")
    refused(verifier().verify_customer, f"{deep}.{genuine[1]}.{genuine[2]}")
    refused(verifier().verify_customer, f"{genuine[0]}.{deep}.{genuine[2]}")


@pytest.mark.parametrize("payload", [b"[]", b"7", b'"text"', b"null", b"{", b"\xff"])
def test_a_signed_payload_that_is_no_object_is_refused(payload):
    import jwt

    signed = jwt.PyJWS().encode(payload, SECRET, algorithm="HS256")
    assert refused(verifier().verify_customer, signed) == "token_signature_wrong"


def test_a_token_beyond_8_kb_is_refused_before_it_is_looked_at():
    assert verifier().verify_customer(token(customer_claims(note="x" * 4000))).customer == "1001"
    assert refused(verifier().verify_customer, token(customer_claims(note="x" * 8000))) == "token_too_long"


@pytest.mark.parametrize(("verify", "claims"), BOTH)
def test_a_remembered_token_dies_when_it_expires_and_not_later(verify, claims):
    time = Time()
    tokens = SessionTokenVerifier(shop(), time)
    genuine = token(claims(exp=NOW_S + 60))
    check = getattr(tokens, verify)
    first = check(genuine)
    time.now_s = NOW_S + 69
    assert check(genuine) is first
    time.now_s = NOW_S + 70
    assert refused(check, genuine) == "token_expired"
    time.now_s = NOW_S - 11
    assert refused(check, genuine) == "token_not_yet_valid"
    time.now_s = NOW_S
    assert check(genuine) == first


def test_a_remembered_token_is_refused_when_the_clock_goes_back_before_its_start():
    time = Time()
    tokens = SessionTokenVerifier(shop(), time)
    genuine = token(customer_claims())
    tokens.verify_customer(genuine)
    time.now_s = NOW_S - 11
    assert refused(tokens.verify_customer, genuine) == "token_not_yet_valid"


def test_what_one_surface_remembers_the_other_still_refuses():
    tokens = verifier()
    at_checkout, at_pos = token(customer_claims()), token(staff_claims())
    assert tokens.verify_customer(at_checkout).customer
    assert tokens.verify_staff(at_pos).staff
    for _ in range(2):
        assert refused(tokens.verify_staff, at_checkout) == "token_of_another_surface"
        assert refused(tokens.verify_customer, at_pos) == "token_of_another_surface"


def test_a_remembered_token_with_another_signature_is_refused():
    tokens = verifier()
    genuine = token(customer_claims())
    tokens.verify_customer(genuine)
    head, _, tail = genuine.rpartition(".")
    other = f"{head}.{'B' if tail[0] != 'B' else 'C'}{tail[1:]}"
    assert refused(tokens.verify_customer, other) == "token_signature_wrong"


def test_the_memory_is_bounded_and_forgetting_refuses_nobody():
    tokens = SessionTokenVerifier(shop(), Time(), remembered=4)
    many = [token(customer_claims(sub=f"gid://shopify/Customer/{n}")) for n in range(1, 40)]
    for _ in range(2):
        assert [tokens.verify_customer(one).customer for one in many] == [str(n) for n in range(1, 40)]


def test_the_memory_asks_once_forgets_the_expired_and_never_grows_beyond_its_size():
    time, asked = Time(), []

    def prove(text: str) -> Verified:
        asked.append(text)
        return Verified(Caller(ShopDomain(DOMAIN), Surface.CHECKOUT), Window(NOW_S, NOW_S + 60))

    memory = VerifiedTokens(prove, time, size=3)
    for text in ["a.b.c", "a.b.c", "a.b.d", "a.b.e", "a.b.f", "a.b.f"]:
        memory.verify(text)
        assert len(memory) <= 3
    assert asked == ["a.b.c", "a.b.d", "a.b.e", "a.b.f"]
    time.now_s = NOW_S + 70
    assert refused(memory.verify, "a.b.f") == "token_expired"
    assert len(memory) == 2
    assert refused(memory.verify, "a.b.f") == "token_expired"
    assert len(memory) == 2


@pytest.mark.parametrize("scheme", [b"Bearer", b"bearer", b"BEARER", b"bEaReR"])
@pytest.mark.parametrize("space", [b" ", b"  "])
def test_the_bearer_scheme_is_case_insensitive(scheme, space):
    assert bearer(scheme + space + b"a.b.c") == "a.b.c"


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearera.b.c",
        b"Basic a.b.c",
        b"a.b.c",
        b"Bearer a b",
        b"Bearer a.b.c, Bearer d.e.f",
        b" Bearer a.b.c",
        b"Bearer a.b.c ",
        b"Bearer\ta.b.c",
        b"Bearer \xe9.b.c",
        b"Bearer a.b.c\n",
        b"Bearer " + b"x" * 9000,
    ],
)
def test_another_authorization_is_refused(header):
    assert refused(bearer, header) == "authorization_malformed"


def test_no_authorization_is_refused():
    with pytest.raises(Exception) as caught:
        bearer(None)
    assert caught.value.reason == "authorization_missing"


def test_a_shop_without_a_usable_secret_gets_no_verifier():
    for secrets in ((), ("",), ("x" * 32, "")):
        with pytest.raises(ValueError, match="secret"):
            SessionTokenVerifier(shop(secrets=secrets), Time())

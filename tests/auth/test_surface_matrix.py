import pytest
from genuine import DOMAIN, NOW_S, SECRET, customer_claims, proxied, shop, signed, staff_claims, token
from refusals import verdict

from proxy.auth.app_proxy import AppProxyVerifier
from proxy.auth.session_token import SessionTokenVerifier
from proxy.auth.transient import TransientKey, TransientTokens
from proxy.domain.caller import Caller, Surface


def now_s() -> float:
    return NOW_S


# The worst case on purpose: a retailer used the app's own secret as the transient key.
TRANSIENT = TransientTokens(DOMAIN, [TransientKey("k", SECRET)], now_s, lambda: "x", 300)

PROOFS = {
    "checkout": token(customer_claims()),
    "checkout with an issuer": token(customer_claims(iss=f"https://{DOMAIN}/admin")),
    "checkout that names the transient key": token(customer_claims(), kid="k"),
    "guest": token(customer_claims(sub=...)),
    "pos": token(staff_claims()),
    "pos that names the transient key": token(staff_claims(), kid="k"),
    "transient": TRANSIENT.mint("1001", "b2c4").token,
    "anonymous transient": TRANSIENT.mint(None).token,
    "app proxy": signed(proxied()).decode(),
    "app proxy, not logged in": signed(proxied(customer="")).decode(),
}

ACCEPTED = {
    ("customer", "checkout"): Caller(DOMAIN, Surface.CHECKOUT, "1001"),
    ("customer", "checkout with an issuer"): Caller(DOMAIN, Surface.CHECKOUT, "1001"),
    ("customer", "checkout that names the transient key"): Caller(DOMAIN, Surface.CHECKOUT, "1001"),
    ("customer", "guest"): Caller(DOMAIN, Surface.CHECKOUT),
    ("staff", "pos"): Caller(DOMAIN, Surface.POS, staff="42"),
    ("staff", "pos that names the transient key"): Caller(DOMAIN, Surface.POS, staff="42"),
    ("theme", "transient"): Caller(DOMAIN, Surface.STOREFRONT, "1001"),
    ("theme", "anonymous transient"): Caller(DOMAIN, Surface.STOREFRONT),
    ("proxy", "app proxy"): Caller(DOMAIN, Surface.STOREFRONT, "1001"),
    ("proxy", "app proxy, not logged in"): Caller(DOMAIN, Surface.STOREFRONT),
}


@pytest.mark.parametrize("kind", PROOFS)
@pytest.mark.parametrize("entrance", ["customer", "staff", "theme", "proxy"])
def test_each_entrance_takes_its_own_proof_and_no_other(entrance, kind):
    sessions = SessionTokenVerifier(shop(), now_s)
    verify = {
        "customer": sessions.verify_customer,
        "staff": sessions.verify_staff,
        "theme": TransientTokens(DOMAIN, [TransientKey("k", SECRET)], now_s, lambda: "x", 300).verify,
        "proxy": lambda text: AppProxyVerifier(shop(), now_s).verify(text.encode()),
    }[entrance]
    for _ in range(2):
        assert verdict(verify, PROOFS[kind]) == ACCEPTED.get((entrance, kind))


def test_a_proof_stays_refused_elsewhere_when_every_entrance_has_seen_every_proof():
    sessions = SessionTokenVerifier(shop(), now_s)
    entrances = {"customer": sessions.verify_customer, "staff": sessions.verify_staff, "theme": TRANSIENT.verify}
    for _ in range(2):
        for kind, proof in PROOFS.items():
            for entrance, verify in entrances.items():
                assert verdict(verify, proof) == ACCEPTED.get((entrance, kind))

"""Print what proving a caller costs, each as a ratio to Shopify's own Python package, side by side in this run.

    python tests/bench/verify.py            # about ten seconds; --json for machines

Both are given what a server has in its hands: ours raw bytes, the package its mapping of method, URL, headers and body.
In each round one runs after the other; the median of the rounds is shown. A cold token was never seen, a warm one is
repeated, as clients do until it expires. The package has no token like our transient one: its checkout token stands in.
"""

import argparse
import base64
import hashlib
import hmac
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import jwt
from shopify_app import ShopifyApp

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from proxy.auth.app_proxy import AppProxyVerifier, expected_signature
from proxy.auth.session_token import SessionTokenVerifier, bearer
from proxy.auth.transient import TransientKey, TransientTokens
from proxy.auth.webhook import ShopifyWebhookVerifier
from proxy.domain.ids import CustomerId, ShopDomain, TenantName
from proxy.domain.money import Money
from proxy.domain.shop import Policy, Shop, Timing, TransactionMode

DOMAIN = ShopDomain("sandbox-shop.myshopify.com")
SECRET, CLIENT_ID = "a-client-secret-for-the-bench-only", "bench"
SHOP = Shop(
    domain=DOMAIN,
    tenant=TenantName("bench"),
    currency="AUD",
    client_id=CLIENT_ID,
    client_secrets=(SECRET,),
    policy=Policy(minimum=Money(1, "AUD")),
    timing=Timing(),
    transaction_mode=TransactionMode.NONE,
)
THEIRS = ShopifyApp(client_id=CLIENT_ID, client_secret=SECRET)
ROUNDS, ROUND_S = 21, 0.02


@dataclass(frozen=True, slots=True)
class Measured:
    """Microseconds for one proof, and the median of the rounds' ratios; below 1 ours is cheaper."""

    proof: str
    ours_us: float
    theirs_us: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Pair:
    """The same proof twice; each call does one."""

    name: str
    ours: Callable[[], object]
    theirs: Callable[[], object]


def main() -> None:
    parser = argparse.ArgumentParser(description="what proving a caller costs")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    as_json = parser.parse_args().json
    found = [measured(pair) for pair in pairs()]
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=2))
        return
    print(f"{'proof':<28}{'ours':>10}{'shopifyapp':>14}{'ratio':>8}")
    for one in found:
        print(f"{one.proof:<28}{one.ours_us:>7.1f} us{one.theirs_us:>11.1f} us{one.ratio:>8.2f}")


def measured(pair: Pair) -> Measured:
    """Interleave rounds of both, each long enough for the clock."""
    times = max(1, int(ROUND_S / timed(pair.theirs, 10)))
    rounds = [(timed(pair.ours, times), timed(pair.theirs, times)) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(one) * 1e6 for one in zip(*rounds, strict=True))
    return Measured(pair.name, ours, theirs, statistics.median(our / their for our, their in rounds))


def timed(call: Callable[[], object], times: int) -> float:
    """Give seconds a call."""
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times


def pairs() -> list[Pair]:
    return [
        query(),
        cold_token(),
        warm_token(),
        transient(),
        webhook("webhook, 5 kB", 5_000),
        webhook("webhook, 500 kB", 500_000),
    ]


def query() -> Pair:
    plain = f"shop={DOMAIN}&logged_in_customer_id=1001&path_prefix=%2Fapps%2Frewards&timestamp={int(time.time())}"
    sent = f"{plain}&signature={expected_signature(plain.encode(), SECRET)}"
    raw, verifier = sent.encode(), AppProxyVerifier(SHOP, time.time)
    request = {"method": "GET", "url": f"https://p.example/storefront?{sent}", "headers": {}, "body": ""}
    return Pair("app-proxy query", lambda: verifier.verify(raw), lambda: passed(THEIRS.verify_app_proxy_req(request)))


def cold_token() -> Pair:
    # Two in turn with room for one: each comes as if for the first time.
    headers = [f"Bearer {token(jti)}" for jti in ("1", "2")]
    raws, verifier = [header.encode() for header in headers], SessionTokenVerifier(SHOP, time.time, remembered=1)

    def ours() -> None:
        raws.reverse()
        verifier.verify_customer(bearer(raws[0]))

    return Pair("session token, cold", ours, theirs_of(headers[0]))


def warm_token() -> Pair:
    header = f"Bearer {token('1')}"
    raw, verifier = header.encode(), SessionTokenVerifier(SHOP, time.time)
    return Pair("session token, warm", lambda: verifier.verify_customer(bearer(raw)), theirs_of(header))


def transient() -> Pair:
    key = TransientKey("bench", "a-key-for-the-bench-of-32-characters")
    tokens = TransientTokens(DOMAIN, [key], time.time, lambda: "1", 900, remembered=1)
    raws = [f"Bearer {tokens.mint(CustomerId(number)).token}".encode() for number in ("1001", "1002")]

    def ours() -> None:
        raws.reverse()
        tokens.verify(bearer(raws[0]))

    return Pair("our transient token, cold", ours, theirs_of(f"Bearer {token('1')}"))


def webhook(name: str, size: int) -> Pair:
    body = json.dumps({"id": 1, "note": "x" * size}).encode()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256))
    verifier = ShopifyWebhookVerifier(SHOP)
    headers = {"X-Shopify-Hmac-Sha256": signature.decode()}
    request = {"method": "POST", "url": "https://p.example/x", "headers": headers, "body": body.decode()}
    return Pair(name, lambda: verifier.verify(body, signature), lambda: passed(THEIRS.verify_webhook_req(request)))


def token(jti: str) -> str:
    now = int(time.time())
    claims = {"dest": DOMAIN, "aud": CLIENT_ID, "sub": "gid://shopify/Customer/1001", "jti": jti}
    return jwt.encode({**claims, "exp": now + 300, "nbf": now, "iat": now}, SECRET, algorithm="HS256")


def theirs_of(header: str) -> Callable[[], object]:
    request = {"method": "POST", "url": "https://p.example/x", "headers": {"Authorization": header}, "body": ""}
    return lambda: passed(THEIRS.verify_checkout_ui_ext_req(request))


def passed(result: object) -> None:
    # A refusal may be quicker than a proof, and would flatter the other side.
    if not result.ok:  # type: ignore[attr-defined]
        raise SystemExit(f"the package refused what it was measured with: {result}")


if __name__ == "__main__":
    main()

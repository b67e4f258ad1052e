"""What Shopify would send, signed as its pages say, without any of the product's code."""

import hmac
import json
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote_from_bytes

import jwt

from proxy.domain.ids import ShopDomain, TenantName
from proxy.domain.money import Money
from proxy.domain.shop import Policy, Shop, Timing, TransactionMode

NOW_S = 1_790_000_000
DOMAIN = "blue-heron.myshopify.com"
OTHER_DOMAIN = "red-kite.myshopify.com"
CLIENT_ID = "client-id-of-the-app"
SECRET = "shpss_current_secret_0123456789abcdef0"
OLD_SECRET = "shpss_former_secret_0123456789abcdef01"
FOREIGN_SECRET = "shpss_foreign_secret_0123456789abcdef0"

Pairs = list[tuple[bytes, bytes]]


def shop(domain: str = DOMAIN, secrets: tuple[str, ...] = (SECRET, OLD_SECRET), client_id: str = CLIENT_ID) -> Shop:
    return Shop(
        domain=ShopDomain(domain),
        tenant=TenantName("tenant"),
        currency="AUD",
        client_id=client_id,
        client_secrets=secrets,
        policy=Policy(minimum=Money(1, "AUD")),
        timing=Timing(),
        transaction_mode=TransactionMode.OWN,
    )


def proxied(now_s: float = NOW_S, customer: str = "1001", extra: Iterable[tuple[bytes, bytes]] = ()) -> Pairs:
    return [
        *extra,
        (b"shop", DOMAIN.encode()),
        (b"logged_in_customer_id", customer.encode()),
        (b"path_prefix", b"/apps/rewards"),
        (b"timestamp", str(int(now_s)).encode()),
    ]


def canonical(pairs: Pairs) -> bytes:
    names = dict.fromkeys(name for name, _ in pairs)
    return b"".join(sorted(n + b"=" + b",".join(v for name, v in pairs if name == n) for n in names))


def signature(pairs: Pairs, secret: str = SECRET) -> bytes:
    return hmac.new(secret.encode(), canonical(pairs), "sha256").hexdigest().encode()


def encoded(pairs: Pairs) -> bytes:
    return "&".join(f"{quote_from_bytes(n, safe='')}={quote_from_bytes(v, safe='')}" for n, v in pairs).encode()


def signed(pairs: Pairs, secret: str = SECRET) -> bytes:
    return encoded([*pairs, (b"signature", signature(pairs, secret))])


def customer_claims(now_s: float = NOW_S, **changes: object) -> dict[str, object]:
    now = int(now_s)
    claims: dict[str, object] = {
        "dest": DOMAIN,
        "aud": CLIENT_ID,
        "sub": "gid://shopify/Customer/1001",
        "exp": now + 300,
        "nbf": now,
        "iat": now,
        "jti": "6c992878-dbaf-48d1-bb9d-6d9b59814fd1",
    }
    return _changed(claims, changes)


def staff_claims(now_s: float = NOW_S, **changes: object) -> dict[str, object]:
    now = int(now_s)
    claims: dict[str, object] = {
        "iss": f"https://{DOMAIN}/admin",
        "dest": f"https://{DOMAIN}",
        "aud": CLIENT_ID,
        "sub": "42",
        "exp": now + 60,
        "nbf": now,
        "iat": now,
        "jti": "f8912129-1af6-4cad-9ca3-76b0f7621087",
        "sid": "aaea182f2732d44c23057c0fea584021a4485b2bd25d3eb7fd349313ad24c685",
        "sig": "f07cf3740270c17fb61c700b2f0f2e7f2f4fc8ff48426221738f7a39e4c475bf",
    }
    return _changed(claims, changes)


def _changed(claims: dict[str, object], changes: dict[str, object]) -> dict[str, object]:
    """Ellipsis takes a claim out."""
    return {name: value for name, value in (claims | changes).items() if value is not ...}


def token(claims: dict[str, object], secret: str = SECRET, algorithm: str = "HS256", **headers: str) -> str:
    # The encoder insists on well-formed claims, the signing layer below it does not: bad claims are what we test.
    return jwt.PyJWS().encode(json.dumps(claims).encode(), secret, algorithm=algorithm, headers=headers or None)


def body_signature(body: bytes, secret: str = SECRET) -> bytes:
    return b64encode(hmac.digest(secret.encode(), body, "sha256"))

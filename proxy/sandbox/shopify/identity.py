"""ID tokens as each surface gets them from Shopify.

Source: https://shopify.dev/docs/apps/build/authentication-authorization/id-tokens
"""

import uuid
from datetime import UTC, datetime
from typing import Any

import jwt

from proxy.sandbox.shopify.checkout import Refused
from proxy.sandbox.shopify.store import Store

SURFACES = ("checkout", "customer_account", "pos", "admin")
STAFF_LIFETIME_S = 60
BUYER_LIFETIME_S = 300


def id_token(
    store: Store,
    surface: str,
    *,
    customer_id: int | None = None,
    user_id: int = 42,
    offset_s: float = 0,
    iss: bool = True,
) -> str:
    """Mint the token of a surface; `offset_s` shifts its times from the system's, negative makes it old.

    A buyer's token has no `sub` when nobody is logged in or the app may not read customers. `iss` on it
    is undocumented but seen in practice; switch it off to get the documented shape.
    """
    if surface not in SURFACES:
        raise Refused("unknown_surface", f"a surface is one of {', '.join(SURFACES)}")
    shop, client_id = store.config.shop, store.config.client_id
    issued = int(datetime.now(UTC).timestamp() + offset_s)
    staff = surface in ("pos", "admin")
    claims: dict[str, Any] = {
        "aud": client_id,
        "exp": issued + (STAFF_LIFETIME_S if staff else BUYER_LIFETIME_S),
        "nbf": issued,
        "iat": issued,
        "jti": str(uuid.uuid4()),
    }
    if staff:
        claims |= {"iss": f"https://{shop}/admin", "dest": f"https://{shop}", "sub": str(user_id)}
        claims |= {"sid": str(uuid.uuid4()), "sig": uuid.uuid4().hex * 2}
    else:
        claims |= {"dest": shop}
        if iss:
            claims["iss"] = f"https://{shop}/admin"
        may_read = {"read_customers", "write_customers"} & set(store.config.scopes)
        if customer_id is not None and may_read:
            claims["sub"] = f"gid://shopify/Customer/{customer_id}"
    return jwt.encode(claims, store.config.client_secret, algorithm="HS256")

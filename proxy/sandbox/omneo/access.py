"""Who is calling: server tokens with scopes, and the ID proxy's short tokens for one customer."""

import hashlib
from datetime import datetime

import jwt

from proxy.sandbox.omneo.config import OmneoConfig
from proxy.sandbox.omneo.problems import forbidden, not_found, unauthenticated
from proxy.sandbox.omneo.state import OmneoState

# The anonymous token's profile id is this text, not a JSON null, by omneo/omneo-sdk's test.
ANONYMOUS = "null"


def bearer(header: str | None) -> str:
    """Take the token out of an Authorization header. Raises Problem 401."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthenticated()
    return token.strip()


def server_namespace(state: OmneoState, header: str | None, scope: str | None) -> str | None:
    """Admit a server token and return its namespace.

    Raises Problem 401 for an unknown token and 403 for a missing scope (assumption: undocumented).
    """
    token = state.tokens.get(bearer(header))
    if token is None:
        raise unauthenticated()
    if scope and not ({"*", scope} & token.scopes):
        raise forbidden()
    return token.namespace


def id_token(config: OmneoConfig, profile_id: str | None, now: datetime) -> tuple[str, int]:
    """Mint an ID token; return it with its expiry in unix seconds."""
    expires = int(now.timestamp()) + config.id_token_lifetime_s
    claims = {"pid": profile_id or ANONYMOUS, "exp": expires}
    return jwt.encode(claims, _key(config), algorithm="HS256"), expires


def id_profile(config: OmneoConfig, header: str | None, now: datetime) -> str | None:
    """Return the profile id that an ID token speaks for, None when anonymous. Raises Problem 401."""
    claims = _claims(config, bearer(header))
    expires = claims.get("exp")
    if not isinstance(expires, int) or expires <= now.timestamp():
        raise unauthenticated()
    pid = str(claims.get("pid"))
    return pid if pid != ANONYMOUS else None


def me(config: OmneoConfig, header: str | None, now: datetime) -> str:
    """Return the profile id behind `/profiles/me`. Raises Problem 401, and 404 for an anonymous token."""
    pid = id_profile(config, header, now)
    if pid is None:
        raise not_found("Profile")
    return pid


def _claims(config: OmneoConfig, token: str) -> dict[str, object]:
    try:
        # The expiry is compared with the sandbox's clock, which the library does not know.
        found: dict[str, object] = jwt.decode(token, _key(config), algorithms=["HS256"], options={"verify_exp": False})
    except jwt.PyJWTError as error:
        raise unauthenticated() from error
    return found


def _key(config: OmneoConfig) -> bytes:
    # Only the simulator signs and verifies; hashing gives HS256 a key of its full length.
    return hashlib.sha256(config.id_secret.encode()).digest()

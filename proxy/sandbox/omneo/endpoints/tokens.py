"""Server tokens: verifying the one presented, creating, listing and deleting others."""

import secrets
from typing import Any

from proxy.sandbox.omneo.call import Answer, Call, data, gone
from proxy.sandbox.omneo.config import ALL_SCOPES, ApiToken
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.problems import not_found
from proxy.sandbox.omneo.rules import check
from proxy.sandbox.omneo.times import stamp


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/auth/verify", verify),
        Endpoint("GET", "/auth/access-tokens", listed),
        Endpoint("POST", "/auth/api-tokens", create),
        Endpoint("DELETE", "/auth/api-tokens/{token}", delete),
    ]


def verify(_: Call) -> Answer:
    """Answer 200 without JSON: the SDK hands its caller the response itself and looks at the status."""
    return Answer(200, None)


def listed(call: Call) -> Answer:
    return data([_shaped(call, t) for t in call.state.tokens.values()])


def create(call: Call) -> Answer:
    """Create a token; its namespace is its name (assumption: undocumented)."""
    check(call.body, {"name": "required|string", "scopes": "array"})
    scopes = frozenset(str(s) for s in call.body.get("scopes") or ALL_SCOPES)
    token = ApiToken(secrets.token_urlsafe(32), call.body["name"], call.body["name"], scopes)
    call.state.tokens[token.value] = token
    return Answer(201, {"accessToken": token.value, "token": _shaped(call, token)})


def delete(call: Call) -> Answer:
    wanted = call.path["token"]
    for value, token in call.state.tokens.items():
        if wanted in (value, token.name):
            del call.state.tokens[value]
            return gone()
    raise not_found("Token")


def _shaped(call: Call, token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.name,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "revoked": False,
        "created_at": stamp(call.now),
        "updated_at": stamp(call.now),
        "expires_at": None,
    }

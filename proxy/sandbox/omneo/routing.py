"""From HTTP to one synchronous handler and back: admission, body, faults, webhooks, JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.delivery import Deliveries
from proxy.sandbox.faults import Faults
from proxy.sandbox.omneo import access, events
from proxy.sandbox.omneo.call import Answer, Call, data
from proxy.sandbox.omneo.config import OmneoConfig
from proxy.sandbox.omneo.encoding import bent, encoded
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.problems import Problem, invalid, not_found
from proxy.sandbox.omneo.state import OmneoState

API = "/api/v3"
ID_API = "/id/api/v1"
_OWN = "/profiles/{profile}"

Admit = Callable[[Request, Call], None]


@dataclass(frozen=True, slots=True)
class Tenant:
    """What every route needs; `state` is a question because a reset replaces it."""

    state: Callable[[], OmneoState]
    config: OmneoConfig
    clock: SandboxClock
    faults: Faults
    deliveries: Deliveries


def api_routes(tenant: Tenant, endpoints: list[Endpoint]) -> list[Route]:
    """Return the server API's routes."""
    return [_route(tenant, API + e.path, e, _admit_server(e.scope)) for e in endpoints]


def id_routes(tenant: Tenant, endpoints: list[Endpoint]) -> list[BaseRoute]:
    """Return the ID proxy: the token endpoint and the mirror of a profile's own routes, open to browsers.

    Source: https://docs.omneo.io/dev-guides/frontend/omneo-id
    """
    mint = Endpoint("POST", "/auth/token", mint_id_token)
    create = next(e for e in endpoints if e.path == "/profiles" and e.method == "POST")
    mirrored = [e for e in endpoints if e.me and e.path.startswith(_OWN)]
    routes = [
        _route(tenant, mint.path, mint, _admit_server(None)),
        _route(tenant, create.path, create, _admit_anyone),
        *(_route(tenant, "/profiles/me" + e.path.removeprefix(_OWN), e, _admit_me) for e in mirrored),
    ]
    cors = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
    return [Mount(ID_API, routes=routes, middleware=[cors])]


def mint_id_token(call: Call) -> Answer:
    """Mint a token by profile id or identity; without an id it is anonymous."""
    wanted, handle = call.body.get("id"), call.body.get("id_handle")
    if wanted in (None, ""):
        if handle not in (None, ""):
            raise invalid("id", "The id field is required when id handle is present.")
        profile_id = None
    else:
        profile = call.state.find_profile(handle, str(wanted))
        if profile is None:
            raise not_found("Profile")
        profile_id = profile.id
    token, expires = access.id_token(call.config, profile_id, call.now)
    return data({"token": token, "exp": expires})


def _admit_server(scope: str | None) -> Admit:
    def admit(request: Request, call: Call) -> None:
        call.namespace = access.server_namespace(call.state, request.headers.get("authorization"), scope)

    return admit


def _admit_anyone(request: Request, call: Call) -> None:
    access.id_profile(call.config, request.headers.get("authorization"), call.now)


def _admit_me(request: Request, call: Call) -> None:
    call.path["profile"] = access.me(call.config, request.headers.get("authorization"), call.now)


def _route(tenant: Tenant, path: str, endpoint: Endpoint, admit: Admit) -> Route:
    async def answer(request: Request) -> Response:
        body = await request.body()
        # From here to the end nothing awaits: a request is one step for all others.
        return _answered(tenant, endpoint, admit, request, body)

    return Route(path, answer, methods=[endpoint.method])


def _answered(tenant: Tenant, endpoint: Endpoint, admit: Admit, request: Request, body: bytes) -> Response:
    call = Call(
        state=tenant.state(),
        config=tenant.config,
        now=tenant.clock.now(),
        url=str(request.url.replace(query="")),
        path={name: str(value) for name, value in request.path_params.items()},
        query=list(request.query_params.multi_items()),
        body=_object(body),
        faults=tenant.faults.take(f"{request.method} {request.url.path}"),
    )
    try:
        admit(request, call)
        answer = endpoint.handler(call)
    except Problem as problem:
        return _json(problem.status, problem.body())
    events.send_webhooks(call, tenant.config.webhook_secret, tenant.deliveries)
    if answer.body is None:
        return Response(status_code=answer.status)
    return _json(answer.status, bent(answer.body, call.faults))


def _object(body: bytes) -> dict[str, Any]:
    # Laravel takes a body that is not a JSON object for an empty one, and validation speaks.
    try:
        found = json.loads(body, parse_float=Decimal) if body else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(encoded(body), status, media_type="application/json")

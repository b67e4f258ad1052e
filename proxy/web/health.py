"""Routes for whoever operates it."""

import json

from starlette.responses import Response

from proxy.web.state import ProxyRequest, services


async def get_healthz(_request: ProxyRequest) -> Response:
    """`GET /healthz`: the process answers."""
    return Response(b'{"status":"ok"}', media_type="application/json")


async def get_readyz(request: ProxyRequest) -> Response:
    """`GET /readyz`: 503 while something that every request needs does not work; names what."""
    checks = await services(request).ready()
    ok = all(state == "ok" for state in checks.values())
    body = json.dumps({"status": "ok" if ok else "unavailable", "checks": checks}).encode()
    return Response(body, 200 if ok else 503, media_type="application/json")


async def get_metrics(request: ProxyRequest) -> Response:
    """`GET /metrics`: Prometheus' text format."""
    return Response(await services(request).metrics(), media_type="text/plain; version=0.0.4")

"""Errors on the wire: RFC 9457 problem details, plus `code` and `retryable`."""

import json
import math

from starlette.exceptions import HTTPException
from starlette.responses import Response

from proxy.domain.errors import ProxyError, Unauthenticated

_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def problem(error: ProxyError) -> Response:
    """Write what the caller may know; details stay in the log."""
    body = {
        "type": "about:blank",
        "title": error.text,
        "status": error.status,
        "code": error.code,
        "retryable": error.retryable,
        **error.facts(),
    }
    headers = {"Cache-Control": "no-store"}
    if error.retryable:
        headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return _json(body, error.status, headers)


def http_problem(error: HTTPException) -> Response:
    """Write what the router refused in the same shape."""
    code = _CODES.get(error.status_code, "invalid_request")
    body = {
        "type": "about:blank",
        "title": error.detail,
        "status": error.status_code,
        "code": code,
        "retryable": False,
    }
    return _json(body, error.status_code, dict(error.headers or {}))


def for_omneos_clients(answer: Response) -> Response:
    """Give a problem with `message` as well, where Omneo's clients look for the reason."""
    said = json.loads(bytes(answer.body))
    kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return _json(said | {"message": said["title"]}, answer.status_code, kept)


def _json(body: dict[str, object], status: int, headers: dict[str, str]) -> Response:
    text = json.dumps(body, ensure_ascii=False).encode()
    return Response(text, status, headers, media_type="application/problem+json")

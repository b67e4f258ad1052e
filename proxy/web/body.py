"""Read what a request carries: bodies, keys and paging."""

import hashlib
import json
import re
from typing import TypeVar

from pydantic import ValidationError

from proxy.domain.errors import IdempotencyKeyMissing, InvalidRequest
from proxy.domain.loyalty import PAGE_SIZE
from proxy.web.state import ProxyRequest
from proxy.web.wire import In

M = TypeVar("M", bound=In)

# The IETF draft writes the key as a quoted string; clients in the field send it bare. Both are read.
_KEY = re.compile(r'(")?([\x21\x23-\x7e]{1,255})(?(1)")')
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,63}")
_MAX_PAGE = 1000


async def read(request: ProxyRequest, model: type[M]) -> tuple[M, str]:
    """Parse the body; gives it with a hash of what it says, so that spacing does not make it another request."""
    try:
        parsed = model.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        # The name of a field that we do not know is the sender's own text, of any length and content.
        field = field if _FIELD.fullmatch(field) else "body"
        raise InvalidRequest(f"{field}: {first['msg']}", field=field) from None
    canonical = json.dumps(parsed.said(), sort_keys=True)
    return parsed, hashlib.sha256(canonical.encode()).hexdigest()


def idempotency_key(request: ProxyRequest) -> str:
    """Give the Idempotency-Key; a write without one is refused."""
    headers = request.headers.getlist("idempotency-key")
    if not headers:
        raise IdempotencyKeyMissing("The Idempotency-Key header is missing.")
    found = _KEY.fullmatch(headers[0].strip()) if len(headers) == 1 else None
    if found is None:
        raise InvalidRequest("Idempotency-Key must be once 1 to 255 visible characters.", field="Idempotency-Key")
    return found[2]


def paging(request: ProxyRequest) -> tuple[int, int]:
    """Give `page` (from 1) and `size` (1 to 50, 10 unless told)."""
    return _number(request, "page", 1, _MAX_PAGE), _number(request, "size", PAGE_SIZE, 50)


def _number(request: ProxyRequest, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text) or int(text) > most:
        raise InvalidRequest(f"{name} must be a number from 1 to {most}.", field=name)
    return int(text)

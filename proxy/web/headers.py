"""Headers that decide who calls."""

from proxy.domain.errors import Unauthenticated
from proxy.web.state import ProxyRequest


def proof(request: ProxyRequest, name: bytes, called: str) -> bytes | None:
    """Give the header's value; one that comes twice is refused, because whoever stands before us may read the other."""
    found = [bytes(value) for key, value in request.scope["headers"] if key == name]
    if len(found) > 1:
        raise Unauthenticated(f"{called}_repeated")
    return found[0] if found else None

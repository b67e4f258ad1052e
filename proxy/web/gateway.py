"""The paths of Omneo's ID API, for front ends that were written for it: a customer's own data, to be read only."""

from urllib.parse import parse_qsl

from starlette.responses import Response

from proxy.domain.errors import InvalidRequest, NotFound, ReadOnly
from proxy.domain.gateway import Query, passed_on, profile_read
from proxy.web.callers import reading_caller
from proxy.web.reads import show
from proxy.web.state import ProxyRequest

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


async def ask_gateway(request: ProxyRequest) -> Response:
    """Everything below `/id/`: only a listed GET reaches Omneo, and nothing of the request but its query does.

    Source: https://docs.omneo.io/dev-guides/frontend/omneo-id
    """
    site, caller = reading_caller(request)
    if request.method != "GET":
        raise ReadOnly()
    # The router matched what the server decoded; a name is a name only as it was sent.
    read = profile_read(request.scope["raw_path"])
    if caller.customer is None:
        # As Omneo answers an anonymous token.
        raise NotFound(reason="anonymous")
    return show(await site.gateway(site.shop, caller.customer, read, _query(request)))


def _query(request: ProxyRequest) -> Query:
    raw: bytes = request.scope["query_string"]
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=32)
    except ValueError:
        raise InvalidRequest() from None
    return passed_on(pairs)

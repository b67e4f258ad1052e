"""The route by which a till asks whose code was scanned or typed."""

from starlette.responses import Response

from proxy.domain.member import parse_code
from proxy.web.body import read
from proxy.web.callers import staff_caller
from proxy.web.reads import show
from proxy.web.state import ProxyRequest, services
from proxy.web.wire_profile import LookupIn, LookupOut


async def post_lookup(request: ProxyRequest) -> Response:
    """`POST /v1/pos/lookups`: who carries a code. It changes nothing; in an address the code would end up in logs."""
    site, caller = staff_caller(request)
    body, _ = await read(request, LookupIn)
    code = parse_code(body.code)
    await services(request).limits.lookup(caller)
    found = await site.look_up(site.shop, code, body.handle, caller.actor)
    return show(LookupOut.of(found).model_dump_json().encode())

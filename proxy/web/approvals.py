"""Routes by which a second login sees and grants what a till may not do alone."""

from starlette.responses import Response

from proxy.domain.staff import parse_approval
from proxy.web.callers import staff_caller
from proxy.web.reads import show
from proxy.web.state import ProxyRequest, services
from proxy.web.wire_quote import ApprovalOut


async def get_approval(request: ProxyRequest) -> Response:
    """`GET /v1/pos/approvals/{id}`: what it is for, and whether it was granted."""
    site, caller = staff_caller(request)
    approval = parse_approval(request.path_params["id"])
    return show(ApprovalOut.of(await site.tills.approve.look(caller, approval)).model_dump_json().encode())


async def post_approval(request: ProxyRequest) -> Response:
    """`POST /v1/pos/approvals/{id}`: grant it, as another login than the one that asked."""
    site, caller = staff_caller(request)
    approval = parse_approval(request.path_params["id"])
    await services(request).limits.write(caller)
    return show(ApprovalOut.of(await site.tills.approve(caller, approval)).model_dump_json().encode())

"""A second login looks at an approval and grants it."""

from proxy.domain.caller import Caller
from proxy.domain.errors import NotFound
from proxy.domain.refusals import ApprovalInvalid, ApprovalOwn
from proxy.domain.staff import Approval, ApprovalId, ApprovalState
from proxy.ports import Approvals


class Approve:
    """Grants by the login that was proven; who stands at the till is not known to anybody."""

    def __init__(self, approvals: Approvals) -> None:
        self._approvals = approvals

    async def look(self, caller: Caller, approval: ApprovalId) -> Approval:
        """Give an approval of the caller's shop."""
        found = await self._approvals.get(caller.shop, approval)
        if found is None:
            raise NotFound()
        return found

    async def __call__(self, caller: Caller, approval: ApprovalId) -> Approval:
        """Grant it; repeating that changes nothing. Raises `ApprovalOwn` or `ApprovalInvalid`."""
        assert caller.staff is not None
        found = await self.look(caller, approval)
        if found.wish.login == caller.staff:
            raise ApprovalOwn()
        if await self._approvals.grant(caller.shop, approval, caller.staff):
            return await self.look(caller, approval)
        found = await self.look(caller, approval)
        if found.granted_by != caller.staff and found.state is not ApprovalState.GRANTED:
            raise ApprovalInvalid(state=found.state)
        return found

"""Tills and quotes, shaped as intents."""

from collections.abc import Collection
from typing import Protocol

from proxy.domain.hold import Room, RoomAsked
from proxy.domain.ids import OrderId, RedemptionId, ShopDomain, StaffId
from proxy.domain.staff import Approval, ApprovalId, ApprovalWish, Day, TillBounds


class Approvals(Protocol):
    """Approvals by a second login; the unit that grants a hold is what uses one."""

    async def ask(self, new: ApprovalId, wish: ApprovalWish, lifetime_ms: int) -> Approval: ...
    async def get(self, shop: ShopDomain, approval: ApprovalId) -> Approval | None: ...
    async def grant(self, shop: ShopDomain, approval: ApprovalId, by: StaffId) -> bool: ...


class Tills(Protocol):
    """Days of logins and devices, and who rang sales up."""

    async def days(
        self, shop: ShopDomain, bounds: TillBounds, currency: str, replaced: Collection[RedemptionId]
    ) -> tuple[Day, ...]: ...
    async def rang_up(self, shop: ShopDomain, order: OrderId) -> StaffId | None: ...


class Rooms(Protocol):
    """What a hold would meet."""

    async def room(self, asked: RoomAsked) -> Room: ...

"""What a till has to keep to before value is set aside there."""

from proxy.domain.hold import Unapproved, Wish
from proxy.domain.redemption import Place, iso
from proxy.domain.refusals import ApprovalInvalid, ApprovalPending, ApprovalRequired, StaffLimitReached
from proxy.domain.shop import Shop
from proxy.domain.staff import DAY, ApprovalWish, AtTill, Day, TillBounds
from proxy.ports import Approvals, Ids


class StaffCheck:
    """Refuses what the shop's rules forbid, and says what the hold's own unit of work has to look at."""

    def __init__(self, approvals: Approvals, ids: Ids) -> None:
        self._approvals = approvals
        self._ids = ids

    async def __call__(self, shop: Shop, wish: Wish) -> TillBounds | None:
        """Give the bounds of a wish at a till, None for a customer's own; uses of benefits are not amounts.

        Raises `ApprovalRequired` with the id of an approval that a second login may grant.
        """
        till = wish.till
        if till is None:
            return None
        if wish.benefit is not None:
            return TillBounds(till.login, wish.place.device, reason=till.reason)
        rules = shop.policy.staff
        rules.check(wish.amount, wish.place.device)
        rules.needs_reason(wish.amount, till.reason)
        needed = rules.needs_approval(wish.amount)
        if needed and till.approval is None:
            raise await self._required(shop, ApprovalWish(shop.domain, wish.customer, wish.amount, till.login))
        return bounds_of(shop, wish.place, till, needed=needed)

    async def _required(self, shop: Shop, wish: ApprovalWish) -> ApprovalRequired:
        rules = shop.policy.staff
        lifetime_ms = int(rules.approval_lifetime.total_seconds() * 1000)
        approval = await self._approvals.ask(self._ids.approval(), wish, lifetime_ms)
        assert rules.approval_above is not None
        return ApprovalRequired(
            approval=approval.id, above=rules.approval_above.wire(), expires_at=iso(approval.expires_ms)
        )


def bounds_of(shop: Shop, place: Place, till: AtTill, *, needed: bool) -> TillBounds:
    """Form what the hold has to keep to; an approval that is not needed is not used up."""
    rules = shop.policy.staff
    return TillBounds(
        login=till.login,
        device=place.device,
        login_daily=rules.login_daily,
        device_daily=rules.device_daily,
        reason=till.reason,
        approval=till.approval if needed else None,
    )


def day_full(day: Day) -> StaffLimitReached:
    """Say whose day is full, and what is left of it."""
    hours = int(DAY.total_seconds() // 3600)
    return StaffLimitReached(whose=day.whose, limit=day.limit.wire(), left=day.left.wire(), within_h=hours)


def unapproved(wrong: Unapproved) -> ApprovalPending | ApprovalInvalid:
    """Say whether waiting for the approval may help."""
    return ApprovalPending() if wrong.pending else ApprovalInvalid()

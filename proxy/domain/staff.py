"""Rules for redeeming at a till: what a login may give away, and what needs a reason or a colleague."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, NewType

from proxy.domain.errors import InvalidRequest
from proxy.domain.ids import CustomerId, RedemptionId, ShopDomain, StaffId
from proxy.domain.money import Money
from proxy.domain.refusals import AboveStaffMaximum, DeviceRequired, ReasonRequired

ApprovalId = NewType("ApprovalId", str)

DAY: Final = timedelta(hours=24)  # a sliding window: it needs no time zone and has no midnight to wait for

_APPROVAL: Final = re.compile(r"apr_[0-9a-f]{32}", re.ASCII)


def parse_approval(text: str) -> ApprovalId:
    """Accept only the form that we mint."""
    if not _APPROVAL.fullmatch(text):
        raise InvalidRequest("That is not an approval id.", field="approval")
    return ApprovalId(text)


@dataclass(frozen=True, slots=True)
class StaffRules:
    """What a retailer lets tills do; none of it is asked of a customer's own checkout."""

    maximum: Money | None = None
    device_daily: Money | None = None
    login_daily: Money | None = None
    reason_above: Money | None = None
    approval_above: Money | None = None
    approval_lifetime: timedelta = timedelta(minutes=10)
    cross_check: bool = True

    def check(self, amount: Money, device: str | None) -> None:
        """Refuse what no reason and no colleague can allow."""
        if self.maximum is not None and self.maximum < amount:
            raise AboveStaffMaximum(maximum=self.maximum.wire())
        if self.device_daily is not None and device is None:
            raise DeviceRequired()

    def needs_reason(self, amount: Money, reason: str | None) -> None:
        """Refuse an amount for which a reason has to be given and was not."""
        if self.reason_above is not None and self.reason_above < amount and reason is None:
            raise ReasonRequired(above=self.reason_above.wire())

    def needs_approval(self, amount: Money) -> bool:
        """Tell whether a second login has to agree."""
        return self.approval_above is not None and self.approval_above < amount


@dataclass(frozen=True, slots=True)
class AtTill:
    """Who wishes at a till: the login that was proven, and what it gives beside the wish."""

    login: StaffId
    reason: str | None = None
    approval: ApprovalId | None = None


@dataclass(frozen=True, slots=True)
class TillBounds:
    """What the unit of work that grants a hold at a till has to keep to; `approval` is set where one is needed."""

    login: StaffId
    device: str | None
    login_daily: Money | None = None
    device_daily: Money | None = None
    reason: str | None = None
    approval: ApprovalId | None = None


class Bounded(StrEnum):
    """Whose day has a limit."""

    DEVICE = "device"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class Day:
    """What is left of somebody's limit for the last 24 hours."""

    whose: Bounded
    limit: Money
    left: Money


@dataclass(frozen=True, slots=True)
class ApprovalWish:
    """What an approval is asked for; it is good for nothing else."""

    shop: ShopDomain
    customer: CustomerId
    amount: Money
    login: StaffId


class ApprovalState(StrEnum):
    """Where an approval is."""

    PENDING = "pending"
    GRANTED = "granted"
    EXPIRED = "expired"
    USED = "used"


@dataclass(frozen=True, slots=True)
class Approval:
    """One row: what was asked for, who granted it, and the redemption that used it; times are Unix milliseconds."""

    id: ApprovalId
    wish: ApprovalWish
    state: ApprovalState
    granted_by: StaffId | None
    used_by: RedemptionId | None
    expires_ms: int

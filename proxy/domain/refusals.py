"""Refusals by the retailer's rules: each has the numbers behind it, so that a client can say it in its own words."""

from proxy.domain.errors import ProxyError


class RuleRefusal(ProxyError):
    """A rule forbids it; every detail is a number or an id that the caller may see, in wire form."""

    status = 422

    def facts(self) -> dict[str, object]:
        return dict(self.details)


class AboveMaximum(RuleRefusal):
    """More than the policy lets one redemption take."""

    code = "above_maximum"
    message = "That is more than you can redeem at once."


class NotAStep(RuleRefusal):
    """The amount is no multiple of the policy's step."""

    code = "not_a_step"
    message = "That amount cannot be redeemed. Please choose one of the steps."


class BelowMinimumSpend(RuleRefusal):
    """What of the cart may be discounted does not reach the policy's minimum spend."""

    code = "below_minimum_spend"
    message = "There is not enough in the cart yet to use rewards."


class AboveShare(RuleRefusal):
    """More than the policy's share of what may be discounted."""

    code = "above_share"
    message = "That is more than can be taken off this cart."


class AboveStaffMaximum(RuleRefusal):
    """More than staff may redeem at once."""

    code = "above_staff_maximum"
    message = "That is more than can be redeemed at a till."


class StaffLimitReached(RuleRefusal):
    """The login or the device would redeem more within a day than it may."""

    code = "staff_limit_reached"
    status = 409
    message = "This till has redeemed as much as it may for now."


class DeviceRequired(RuleRefusal):
    """Devices are limited, so a till that does not say which it is cannot redeem."""

    code = "device_required"
    message = "The till did not say which device it is."


class ReasonRequired(RuleRefusal):
    """So much needs a reason."""

    code = "reason_required"
    message = "Please give a reason for this redemption."


class ApprovalRequired(RuleRefusal):
    """So much needs a second login; `approval` is what that one grants and the wish is then repeated with."""

    code = "approval_required"
    status = 409
    message = "A colleague has to approve this redemption."


class ApprovalPending(RuleRefusal):
    """Nobody has granted the approval yet."""

    code = "approval_pending"
    status = 409
    retryable = True
    message = "A colleague has not approved this redemption yet."


class ApprovalInvalid(RuleRefusal):
    """The approval is over, was used, or is for another wish."""

    code = "approval_invalid"
    status = 409
    message = "That approval cannot be used any more. Please ask for a new one."


class ApprovalOwn(RuleRefusal):
    """Nobody approves what they asked for themselves."""

    code = "approval_own"
    status = 403
    message = "Somebody else has to approve this redemption."


class BenefitUnavailable(ProxyError):
    """The profile has no such benefit that could be redeemed now: it was used, has ended, or is somebody else's."""

    code = "benefit_unavailable"
    status = 409
    message = "This benefit can no longer be used."


class BenefitUsedUp(ProxyError):
    """More uses were asked for than are left; what other carts hold is taken off."""

    code = "benefit_used_up"
    status = 409
    message = "This benefit has been used up."

    def facts(self) -> dict[str, object]:
        return {"left": self.details["left"]}


class BenefitExpired(ProxyError):
    """The benefit ends before an order could use it."""

    code = "benefit_expired"
    status = 409
    message = "This benefit is about to expire and can no longer be used."

    def facts(self) -> dict[str, object]:
        return {"expires_at": self.details["expires_at"]}


class BenefitNotApplicable(ProxyError):
    """The shop does not say what this benefit does here, or not on this surface."""

    code = "benefit_not_applicable"
    status = 409
    message = "This benefit cannot be used here."

    def facts(self) -> dict[str, object]:
        return {"reason": self.details["reason"]}


class NotCombinable(ProxyError):
    """Shopify would not put both discounts on one cart: ours with another of ours, or with the cart's codes."""

    code = "not_combinable"
    status = 409
    message = "This cannot be combined with what is already applied."

    def facts(self) -> dict[str, object]:
        return dict(self.details)

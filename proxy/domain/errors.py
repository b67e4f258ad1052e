"""The one tree of errors: a stable code for machines, a message fit for a shopper, details for the log only."""

from proxy.domain.rate import Drained


class ProxyError(Exception):
    """Something that the caller is told; `details` go to the log and never to the wire."""

    code: str = "internal"
    status: int = 500
    retryable: bool = False
    retry_after_s: float = 2
    message: str = "Something went wrong on our side."

    def __init__(self, message: str | None = None, **details: object) -> None:
        self.text = message or self.message
        self.details = details
        super().__init__(self.text)

    def facts(self) -> dict[str, object]:
        """Numbers behind the refusal that the caller may see, in wire form."""
        return {}


class InvalidRequest(ProxyError):
    """The request is malformed; repeating it does not help."""

    code = "invalid_request"
    status = 400
    message = "The request could not be understood."

    def facts(self) -> dict[str, object]:
        field = self.details.get("field")
        return {"field": field} if field else {}


class Unauthenticated(ProxyError):
    """The caller proved nothing; `reason` is for logs and metrics, never for the wire."""

    code = "unauthenticated"
    status = 401
    message = "Please sign in again."

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class NotFound(ProxyError):
    """No such thing for this caller; someone else's thing answers the same."""

    code = "not_found"
    status = 404
    message = "We could not find that."


class ReadOnly(ProxyError):
    """The gateway for Omneo's clients changes nothing: what is redeemed has to go through the ledger's holds."""

    code = "read_only"
    status = 403
    message = "Here a profile can only be read. Rewards are redeemed with POST /v1/redemptions."


class TooLarge(ProxyError):
    """The body is beyond its limit."""

    code = "too_large"
    status = 413
    message = "The request is too large."


class UrlTooLong(ProxyError):
    """Path and query are beyond their limit."""

    code = "url_too_long"
    status = 414
    message = "The request is too large."


class HeadersTooLarge(ProxyError):
    """The headers are too many or too long."""

    code = "headers_too_large"
    status = 431
    message = "The request is too large."


class ArrivedTooSlowly(ProxyError):
    """The request was not there in time; nothing was done."""

    code = "arrived_too_slowly"
    status = 408
    retryable = True
    message = "Your connection is too slow. Please try again in a moment."


class DeadlinePassed(ProxyError):
    """We did not finish in time; what was begun goes on, and the same key resumes it."""

    code = "deadline_passed"
    status = 503
    retryable = True
    message = "That took too long. Please try again in a moment."


class RateLimited(ProxyError):
    """It was asked for too often; nothing was done and no key was claimed."""

    code = "rate_limited"
    status = 429
    retryable = True
    message = "That was too often. Please try again in a moment."

    def __init__(self, drained: Drained, shop: str) -> None:
        super().__init__(limit=drained.bound, wait_s=drained.wait_s, shop=shop)
        self.retry_after_s = drained.wait_s


class IdempotencyKeyMissing(ProxyError):
    """A write came without an Idempotency-Key."""

    code = "idempotency_key_missing"
    status = 400
    message = "The request could not be understood."


class IdempotencyKeyReused(ProxyError):
    """The same key came with another body."""

    code = "idempotency_key_reused"
    status = 422
    message = "The request could not be understood."


class IdempotencyInFlight(ProxyError):
    """The first attempt with this key is still running."""

    code = "in_flight"
    status = 409
    retryable = True
    message = "Your rewards are being applied. Please wait a moment."


class LoginRequired(ProxyError):
    """A guest has no rewards that we could know of."""

    code = "login_required"
    status = 403
    message = "Sign in to use your rewards."


class PendingProfile(ProxyError):
    """The customer has not reached Omneo yet; it is being set up."""

    code = "pending_profile"
    status = 409
    retryable = True
    message = "Your rewards account is being set up. Please try again in a moment."


class ProfileInactive(ProxyError):
    """The profile may not redeem."""

    code = "profile_inactive"
    status = 409
    message = "Your rewards account is not active."


class CurrencyMismatch(ProxyError):
    """Balance and shop are in different currencies."""

    code = "currency_mismatch"
    status = 409
    message = "Your rewards are in another currency."


class BelowMinimum(ProxyError):
    """Less than the policy's minimum was asked for."""

    code = "below_minimum"
    status = 422
    message = "That is less than the smallest amount you can redeem."

    def facts(self) -> dict[str, object]:
        return {"minimum": self.details["minimum"]}


class InsufficientBalance(ProxyError):
    """More was asked for than is spendable now."""

    code = "insufficient_balance"
    status = 409
    message = "You do not have that much left to redeem."

    def facts(self) -> dict[str, object]:
        return {"available": self.details["available"]}


class RewardsExpire(ProxyError):
    """It would be enough, were it not that some of it ends before an order could use it."""

    code = "expired"
    status = 409
    message = "Some of your rewards are about to expire and can no longer be used."

    def facts(self) -> dict[str, object]:
        return {"available": self.details["available"], "expiring": self.details["expiring"]}


class HeldElsewhere(ProxyError):
    """Another checkout or till holds this customer's value."""

    code = "held_elsewhere"
    status = 409
    message = "Your rewards are in use in another checkout."

    def facts(self) -> dict[str, object]:
        return {name: self.details[name] for name in ("surface", "location", "until") if name in self.details}


class DiscountRefused(ProxyError):
    """Shopify would not make the discount; nothing is held any more."""

    code = "discount_refused"
    status = 409
    message = "Your rewards could not be applied. Nothing was taken."


class NotClaimable(ProxyError):
    """Omneo would not give the benefit; its reason is for the log."""

    code = "not_claimable"
    status = 409
    message = "That cannot be claimed at the moment."


class ShopClosed(ProxyError):
    """The shop has uninstalled the app: nothing can be issued there until it is back."""

    code = "shop_closed"
    status = 409
    message = "Rewards cannot be used in this shop at the moment."


class Busy(ProxyError):
    """A race was lost several times over; nothing is down, and trying again is right."""

    code = "busy"
    status = 409
    retryable = True
    message = "Please try again in a moment."


class UpstreamUnavailable(ProxyError):
    """Shopify or Omneo did not give a usable answer; nothing is lost, trying again is right."""

    code = "upstream_unavailable"
    status = 503
    retryable = True
    message = "Rewards are unavailable for a moment. Nothing was taken."

    def facts(self) -> dict[str, object]:
        known = self.details.get("last_known")
        return {"last_known": known} if known else {}


class OutcomePending(ProxyError):
    """We asked and do not know the outcome yet; the same key resumes the same redemption."""

    code = "outcome_pending"
    status = 503
    retryable = True
    message = "We are still applying your rewards. Please try again in a moment."


class RefusedBefore(ProxyError):
    """The same key was refused before, and is refused alike."""

    def __init__(self, code: str, status: int, message: str, facts: dict[str, object]) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self._facts = facts

    def facts(self) -> dict[str, object]:
        return self._facts

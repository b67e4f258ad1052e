"""The shapes of benefits on the wire: what each does here, what is on offer, and a claim."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from proxy.domain.caller import Surface
from proxy.domain.effect import DiscountClass, Effect
from proxy.domain.loyalty import Claimable
from proxy.domain.mapping import Inapplicable
from proxy.services.benefits import ShownBenefit, ShownBenefits
from proxy.web.wire import In, MoneyOut, Out, Text


class EffectOut(Out):
    """What it does at Shopify; `on` null: nothing of ours, so a code of the retailer's or something to hand over."""

    kind: Literal["amount", "percentage", "free_product", "free_shipping", "code", "record"]
    percent: str | None
    amount: MoneyOut | None
    on: Literal["order", "products", "collections", "shipping"] | None

    @classmethod
    def of(cls, effect: Effect) -> Self:
        """Write the effect; a code is not shown before it is redeemed."""
        return cls.model_validate(
            {
                "kind": effect.kind.value,
                "percent": f"{effect.percent.normalize():f}" if effect.percent is not None else None,
                "amount": effect.amount.wire() if effect.amount is not None else None,
                "on": _on(effect),
            }
        )


class BenefitOut(Out):
    """An entitlement that is not dollars; `reason` says why it is not applicable.

    `remaining` is what a redemption made now could use; null means without limit.
    """

    id: int
    handle: str
    name: str
    type: str | None
    description: str | None
    terms: str | None
    expires_at: datetime | None
    remaining: int | None
    applicable: bool
    reason: str | None
    effect: EffectOut | None
    instructions: str | None

    @classmethod
    def of(cls, shown: ShownBenefit, surface: Surface) -> Self:
        """Write one benefit as this surface may use it."""
        benefit, reason, effect = shown.benefit, None, None
        if isinstance(shown.effect, Inapplicable):
            reason = shown.effect
        else:
            effect = EffectOut.of(shown.effect)
        return cls(
            id=benefit.id,
            handle=benefit.handle,
            name=benefit.name,
            type=benefit.type,
            description=benefit.description,
            terms=benefit.terms,
            expires_at=benefit.expires_at,
            remaining=shown.left,
            applicable=effect is not None,
            reason=reason,
            effect=effect,
            instructions=benefit.instructions_store if surface is Surface.POS else benefit.instructions_online,
        )


class ClaimableOut(Out):
    """A benefit on offer; `POST …/claims` with its handle makes it the customer's."""

    handle: str
    name: str
    description: str | None
    terms: str | None
    claim_until: datetime | None

    @classmethod
    def of(cls, offer: Claimable) -> Self:
        """Write one offer."""
        return cls(
            handle=offer.handle,
            name=offer.name,
            description=offer.description,
            terms=offer.terms,
            claim_until=offer.claim_until,
        )


class BenefitsOut(Out):
    """What can be redeemed now, and what claimed; a part that could not be read is empty and named in `missing`."""

    status: Literal["active", "pending_profile"]
    benefits: list[BenefitOut] = Field(default_factory=list)
    claimable: list[ClaimableOut] = Field(default_factory=list)
    missing: list[str] = Field(default_factory=list)
    stale: bool = False

    @classmethod
    def of(cls, shown: ShownBenefits | None, surface: Surface) -> Self:
        """Write them as this surface may use them."""
        if shown is None:
            return cls(status="pending_profile")
        return cls(
            status="active",
            benefits=[BenefitOut.of(each, surface) for each in shown.benefits],
            claimable=[ClaimableOut.of(offer) for offer in shown.claimable],
            missing=list(shown.missing),
            stale=shown.stale,
        )


class ClaimIn(In):
    """Which benefit is wanted, by the handle of its definition."""

    definition: Text


class PosClaimIn(ClaimIn):
    """The same at a till; the device is kept as declared."""

    device_id: Text | None = None


class ClaimOut(Out):
    """The benefit that was claimed, as it is now."""

    benefit: BenefitOut


def _on(effect: Effect) -> str | None:
    match effect.discount_class:
        case DiscountClass.SHIPPING:
            return "shipping"
        case DiscountClass.PRODUCT:
            return "products" if effect.products else "collections"
        case DiscountClass.ORDER:
            return "order"
        case _:
            return None

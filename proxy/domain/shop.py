"""A shop as configured: who it is, which tenant keeps its loyalty, and its policy."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from proxy.domain.caller import Surface
from proxy.domain.effect import DiscountClass, Effect, EffectKind
from proxy.domain.ids import ShopDomain, TenantName
from proxy.domain.mapping import BenefitRule
from proxy.domain.money import Money
from proxy.domain.staff import StaffRules

# Shopify refuses our credentials for this shop: the app is not there. A secret that is wrong says something else.
NOT_INSTALLED: Final = "app_not_installed"

_WHOLE_PERCENT: Final = 100


class TransactionMode(StrEnum):
    """Whether we write the Omneo transaction, or attach to the one that Omneo's own app writes."""

    OWN = "own"
    ATTACH = "attach"
    NONE = "none"


class GiveBackPolicy(StrEnum):
    """What a return of goods gives back: the returned lines' share, all or nothing, or nothing."""

    PRO_RATA = "pro_rata"
    FULL_ONLY = "full_only"
    NONE = "none"


class Spendable(StrEnum):
    """What of a balance may be redeemed, and so which strategies Omneo is asked for."""

    REWARDS = "rewards"
    REWARDS_AND_POINTS = "rewards+points"

    @property
    def strategies(self) -> list[str]:
        """Omneo's names, in the order in which they are consumed."""
        return ["rewards"] if self is Spendable.REWARDS else ["rewards", "points"]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things may take before the ledger acts by itself."""

    hold_checkout: timedelta = timedelta(minutes=30)
    hold_pos: timedelta = timedelta(minutes=15)
    grace_expiry: timedelta = timedelta(minutes=30)
    grace_removal: timedelta = timedelta(minutes=2)
    settling: timedelta = timedelta(seconds=120)
    ceiling: timedelta = timedelta(seconds=30)
    expiry_margin: timedelta = timedelta(hours=24)
    profile_wait: timedelta = timedelta(hours=1)
    attach_wait: timedelta = timedelta(days=7)
    reversal_window: timedelta = timedelta(seconds=600)
    reversal_margin: timedelta = timedelta(seconds=30)

    def needed_until(self, surface: Surface, now: datetime) -> datetime:
        """Tell until when a reward has to last that is held on this surface now."""
        return now + self.hold(surface) + self.expiry_margin

    def hold(self, surface: Surface) -> timedelta:
        """Tell how long a hold made on this surface lives."""
        return self.hold_pos if surface is Surface.POS else self.hold_checkout


@dataclass(frozen=True, slots=True)
class Policy:
    """What the retailer allows. `max_share_percent` is of what may be discounted; products are Shopify's numbers."""

    minimum: Money
    minimum_spend: Money | None = None
    spendable: Spendable = Spendable.REWARDS
    eligible_collection: str | None = None
    combines_with_order: bool = True
    combines_with_product: bool = True
    combines_with_shipping: bool = True
    give_back: GiveBackPolicy = GiveBackPolicy.PRO_RATA
    capture_early: frozenset[Surface] = frozenset()
    maximum: Money | None = None
    step: Money | None = None
    max_share_percent: int = _WHOLE_PERCENT
    excluded_products: frozenset[str] = frozenset()
    staff: StaffRules = field(default_factory=StaffRules)

    def effect(self, amount: Money) -> Effect:
        """Give what redeeming so much of the balance does at Shopify."""
        combines = {
            DiscountClass.ORDER: self.combines_with_order,
            DiscountClass.PRODUCT: self.combines_with_product,
            DiscountClass.SHIPPING: self.combines_with_shipping,
        }
        return Effect(
            EffectKind.AMOUNT,
            amount,
            collections=(self.eligible_collection,) if self.eligible_collection else (),
            minimum_spend=self._least_subtotal(amount),
            combines_with=frozenset(of for of, allowed in combines.items() if allowed),
        )

    def _least_subtotal(self, amount: Money) -> Money | None:
        """Give the subtotal from which Shopify applies it: a share of the cart is a subtotal to be reached."""
        whole = Money(-(-amount.minor * _WHOLE_PERCENT // self.max_share_percent), amount.currency)
        least = [self.minimum_spend] if self.minimum_spend is not None else []
        least += [whole] if self.max_share_percent < _WHOLE_PERCENT else []
        return max(least, key=lambda subtotal: subtotal.minor, default=None)


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop and the tenant behind it; secrets are newest first and never printed."""

    domain: ShopDomain
    tenant: TenantName
    currency: str
    client_id: str
    client_secrets: tuple[str, ...] = field(repr=False)
    policy: Policy
    timing: Timing
    transaction_mode: TransactionMode
    identity_handle: str = "shopify"
    lookup_handles: tuple[str, ...] = ()
    test_shop: bool = False
    code_prefix: str = "RW"
    external_id_template: str = "{order_id}"
    attach_external_ids: tuple[str, ...] = ("{order_id}", "{order_gid}", "{order_name}", "{order_number}")
    attach_before_own: bool = True
    systems_web: tuple[str, ...] = ("web",)
    systems_pos: tuple[str, ...] = ("pos",)
    benefits: tuple[BenefitRule, ...] = ()

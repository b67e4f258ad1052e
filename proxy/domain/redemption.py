"""A redemption: one wish to redeem, from its hold to its record, and the moves it may make."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from proxy.domain.actor import Actor
from proxy.domain.benefit import BenefitUse
from proxy.domain.caller import Surface
from proxy.domain.ids import (
    Code,
    CustomerId,
    DiscountId,
    OrderId,
    ProfileId,
    RedemptionId,
    ShopDomain,
    StaffId,
    TenantName,
    is_gone,
)
from proxy.domain.money import Money


class State(StrEnum):
    """Where a redemption is. Source of the words: README, "The ledger"."""

    HELD = "held"
    ISSUED = "issued"
    CAPTURING = "capturing"
    CAPTURED = "captured"
    RECORDED = "recorded"
    RELEASING = "releasing"
    RELEASED = "released"
    RETURNING = "returning"
    RETURNED = "returned"
    REVIEW = "review"


MOVES: Final[dict[State, frozenset[State]]] = {
    # A hold whose discount Shopify refused has nothing to take back, so it may go at once.
    State.HELD: frozenset({State.ISSUED, State.CAPTURING, State.RELEASING, State.RELEASED, State.REVIEW}),
    State.ISSUED: frozenset({State.CAPTURING, State.RELEASING, State.REVIEW}),
    # What was captured early and never used by an order is given back.
    State.RELEASING: frozenset({State.CAPTURING, State.RELEASED, State.RETURNING, State.REVIEW}),
    State.CAPTURING: frozenset({State.CAPTURED, State.REVIEW}),
    State.CAPTURED: frozenset({State.RECORDED, State.RETURNING, State.REVIEW}),
    State.RECORDED: frozenset({State.RETURNING, State.REVIEW}),
    State.RETURNING: frozenset({State.CAPTURED, State.RECORDED, State.RETURNED, State.REVIEW}),
    State.RELEASED: frozenset({State.REVIEW}),
    State.RETURNED: frozenset({State.REVIEW}),
    State.REVIEW: frozenset(),
}

OPEN: Final = frozenset({State.HELD, State.ISSUED})
CAPTURABLE: Final = frozenset({State.HELD, State.ISSUED, State.RELEASING})
UNKNOWN_ORDER: Final = "used_by_unknown_order"  # why it is in review until that order is known
SHOP_CLOSED: Final = "shop_closed"  # why it is in review until the shop's orders can be read again
REDACTED: Final = "redacted"  # why it is in review when its order comes or changes after its person was taken out


def sources(to: State) -> frozenset[State]:
    """Tell from which states a move to this one is allowed."""
    return frozenset(state for state, targets in MOVES.items() if to in targets)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a redemption is wanted: surface and, as declared by the client, cart, location, staff and device."""

    surface: Surface
    cart: str | None = None
    location: str | None = None
    staff: str | None = None
    device: str | None = None

    def same_cart(self, other: "Place") -> bool:
        """Tell whether a new amount here replaces the one there; an undeclared cart is nobody's."""
        return self.cart is not None and self.surface is other.surface and self.cart == other.cart


@dataclass(frozen=True, slots=True)
class Redemption:
    """One row of the ledger. `held` is what it still takes from the allowance; times are Unix milliseconds, UTC.

    `early`: it is captured when its code is made, and given back if no order uses it. With `benefit`, every amount
    counts uses of it. `login` is the till's, as proven.
    """

    id: RedemptionId
    shop: ShopDomain
    tenant: TenantName
    profile: ProfileId
    customer: CustomerId
    place: Place
    state: State
    amount: Money
    held: Money
    captured: Money
    returned: Money
    shortfall: Money
    code: Code
    starts_ms: int
    ends_ms: int
    discount: DiscountId | None
    parent: RedemptionId | None
    order: OrderId | None
    reason: str | None
    deactivated_ms: int | None
    use_seen: bool
    grace_until_ms: int | None
    early: bool
    created_ms: int
    updated_ms: int
    benefit: BenefitUse | None = None
    login: StaffId | None = None

    @property
    def capturable(self) -> bool:
        """Tell whether an order may take it; in review for want of that very order, it may as well."""
        return self.state in CAPTURABLE or (self.state is State.REVIEW and self.reason == UNKNOWN_ORDER)

    @property
    def redacted(self) -> bool:
        """Tell whether its person was taken out: nothing more can be spent or given back for it."""
        return is_gone(self.customer)

    @property
    def usable(self) -> bool:
        """Tell whether its code may be handed out; captured early, not before all of it was captured."""
        return self.state is State.ISSUED and (not self.early or self.captured == self.amount)

    @property
    def has_discount(self) -> bool:
        """Tell whether a discount of its own is made at Shopify."""
        return self.benefit is None or self.benefit.effect.makes_code

    @property
    def cart_code(self) -> str | None:
        """Give the code that brings it onto a cart; none where nothing is discounted."""
        return self.code if self.benefit is None else self.benefit.code(self.code)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One move, kept for ever: which state was reached, when, why, and who caused it."""

    at_ms: int
    state: State
    note: str
    actor: Actor
    facts: dict[str, object]


def iso(ms: int) -> str:
    """Write Unix milliseconds as RFC 3339 in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

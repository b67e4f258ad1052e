"""A wish to redeem, its idempotency claim, and the ways in which asking for a hold can end."""

from dataclasses import dataclass

from proxy.domain.actor import SERVICE, Actor
from proxy.domain.allowance import Standing
from proxy.domain.benefit import BenefitUse
from proxy.domain.errors import HeldElsewhere
from proxy.domain.ids import Code, CustomerId, ProfileId, RedemptionId, ShopDomain, TenantName
from proxy.domain.money import Money
from proxy.domain.redemption import Place, Redemption, iso
from proxy.domain.staff import AtTill, Day, TillBounds


@dataclass(frozen=True, slots=True)
class ClaimKey:
    """The scope of an Idempotency-Key; `subject` is the customer, at POS the login and device."""

    shop: ShopDomain
    surface: str
    subject: str
    route: str
    key: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A final refusal as it is replayed."""

    code: str
    status: int
    message: str
    facts: dict[str, object]


@dataclass(frozen=True, slots=True)
class Claim:
    """A used key. `leased_until_ms` in the past and not finished: whoever held it is gone, and may be resumed."""

    key: ClaimKey
    body_hash: str
    redemption: RedemptionId | None
    refusal: Refusal | None
    finished: bool
    leased_until_ms: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller asked for: an amount, or so many uses of a benefit; `benefit` is its id in Omneo.

    `take_over` releases a redemption that is open elsewhere.
    """

    customer: CustomerId
    actor: Actor
    place: Place
    amount: Money
    key: ClaimKey
    body_hash: str
    take_over: bool = False
    benefit: int | None = None
    till: AtTill | None = None


@dataclass(frozen=True, slots=True)
class HoldWish:
    """Everything that one unit of work needs to set value aside; durations in milliseconds.

    `spendable` and `epoch` are the reading that the hold is granted from. What deactivated predecessors on
    the same declared cart still hold passes over to it; with `take_over`, what they hold anywhere in the shop.
    With `benefit`, `amount` and `spendable` count its uses.
    """

    id: RedemptionId
    code: Code
    shop: ShopDomain
    tenant: TenantName
    profile: ProfileId
    customer: CustomerId
    place: Place
    amount: Money
    spendable: Money
    epoch: int
    ttl_ms: int
    skew_ms: int
    claim: ClaimKey
    body_hash: str
    claim_lease_ms: int
    take_over: bool
    early: bool = False
    actor: Actor = SERVICE
    benefit: BenefitUse | None = None
    till: TillBounds | None = None


@dataclass(frozen=True, slots=True)
class RoomAsked:
    """Where an amount, or uses of a benefit, might be held: the question about it, without the wish."""

    shop: ShopDomain
    tenant: TenantName
    profile: ProfileId
    place: Place
    take_over: bool
    early: bool
    benefit: BenefitUse | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """What a hold there would meet: what else is held, the bound of the last answer, and what stands in its way.

    `passing` are redemptions whose holds would pass over to it, and which it so makes room for itself.
    """

    standing: Standing
    in_the_way: Redemption | None
    replaced: Redemption | None
    passing: tuple[RedemptionId, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """The value is set aside and durable."""

    redemption: Redemption


@dataclass(frozen=True, slots=True)
class KeyTaken:
    """Another attempt with this key came first."""

    claim: Claim


@dataclass(frozen=True, slots=True)
class Occupied:
    """The profile has an open redemption already."""

    redemption: Redemption


@dataclass(frozen=True, slots=True)
class Moved:
    """Value moved since the reading was taken: read again."""


@dataclass(frozen=True, slots=True)
class Short:
    """The reading does not cover it; `held` is what other holds take."""

    held: Money


@dataclass(frozen=True, slots=True)
class Closed:
    """The shop has uninstalled the app."""


@dataclass(frozen=True, slots=True)
class DayFull:
    """The login or the device would redeem more within a day than it may."""

    day: Day


@dataclass(frozen=True, slots=True)
class Unapproved:
    """The approval cannot be used for this wish; `pending`: nobody has granted it yet."""

    pending: bool


HoldResult = Held | KeyTaken | Occupied | Moved | Short | Closed | DayFull | Unapproved


def held_elsewhere(shop: ShopDomain, occupant: Redemption) -> HeldElsewhere:
    """Say where a profile's value is held and until when; another shop of the tenant is told no more than that."""
    if occupant.shop != shop:
        return HeldElsewhere()
    place = occupant.place
    where = {"location": place.location} if place.location is not None else {}
    return HeldElsewhere(surface=place.surface, until=iso(occupant.ends_ms), **where)

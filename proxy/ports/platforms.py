"""The two other sides: Omneo and Shopify."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from proxy.domain.allowance import Balance, Reward
from proxy.domain.capture import GiveBack, OmneoRedemption, Redeem
from proxy.domain.discount import Access, Combination, Discount, DiscountSpec
from proxy.domain.drift import Listed
from proxy.domain.gateway import ProfileRead, Query
from proxy.domain.ids import (
    Code,
    CustomerId,
    DiscountId,
    OmneoRedemptionId,
    OrderId,
    ProfileId,
    TransactionId,
)
from proxy.domain.loyalty import Benefit, Claimable, IdToken, Page, Profile, Tier, Transaction
from proxy.domain.member import Identity, Member, MemberCode
from proxy.domain.money import Money
from proxy.domain.order import Order, OrderSighting
from proxy.domain.outcome import Outcome
from proxy.domain.standing_sale import StandingSale
from proxy.domain.transaction import TransactionWrite


class Omneo(Protocol):
    """One tenant. Reads raise `UpstreamUnavailable`, or `NotFound` for an unknown profile; writes end in an Outcome."""

    async def find_profile(self, handle: str, identifier: str) -> Profile | None: ...
    async def find_member(self, handle: str, code: MemberCode) -> Member | None:
        """Find who carries this code, with the identities that the answer tells; those may be some or none."""
        ...

    async def identities(self, profile: ProfileId) -> tuple[Identity, ...]: ...
    async def profile(self, profile: ProfileId) -> Profile: ...
    async def balance(self, profile: ProfileId) -> Balance: ...
    async def rewards(self, profile: ProfileId) -> tuple[Reward, ...]: ...
    async def benefits(self, profile: ProfileId) -> tuple[Benefit, ...]: ...
    async def tier(self, profile: ProfileId) -> Tier | None: ...
    async def transactions(self, profile: ProfileId, page: int, size: int) -> Page[Transaction]: ...
    async def redemptions(self, profile: ProfileId, label: str) -> tuple[OmneoRedemption, ...]:
        """List every redemption whose label is this one, of any type, all pages, matched in our code."""
        ...

    async def redemption_page(
        self, since: datetime, page: int, profile: ProfileId | None = None
    ) -> tuple[tuple[Listed, ...], bool]:
        """List one page of a tenant's or a profile's redemptions since, older ones may be among them; True: more."""
        ...

    async def redeem(self, wish: Redeem) -> Outcome[OmneoRedemption]: ...
    async def reverse(self, redemption: OmneoRedemptionId) -> Outcome[OmneoRedemption]: ...
    async def give_back(self, wish: GiveBack) -> Outcome[OmneoRedemption]: ...
    async def write_transaction(self, sale: TransactionWrite) -> Outcome[TransactionId]: ...
    async def sale_at(self, external_id: str) -> StandingSale | None: ...
    async def sales_where(self, field: str, values: Sequence[str]) -> tuple[StandingSale, ...]:
        """Ask for sales by a filter that Omneo may ignore: who asks compares what comes."""
        ...

    async def attach_redemption(self, sale: TransactionId, redemption: OmneoRedemptionId) -> Outcome[StandingSale]: ...
    async def verify(self) -> None:
        """Ask whether the token is valid; raises `UpstreamUnavailable` with the reason otherwise."""
        ...


class OmneoBenefits(Protocol):
    """One tenant's benefits, besides those that a profile can redeem now."""

    async def claimable(self, profile: ProfileId) -> tuple[Claimable, ...]: ...
    async def claim(self, profile: ProfileId, definition: str, label: str) -> Outcome[Benefit]: ...
    async def claimed(self, profile: ProfileId, label: str) -> Benefit | None:
        """Find the benefit that was claimed with this label, in whatever state it is by now."""
        ...

    async def defined(self, handle: str) -> bool: ...


class OmneoProfiles(Protocol):
    """One tenant's profiles as its customers' own clients read them."""

    async def read(self, profile: ProfileId, read: ProfileRead, query: Query) -> bytes:
        """Give the body as it came. Raises `NotFound`, also for an answer that is not about this profile."""
        ...


class OmneoIdTokens(Protocol):
    """One tenant's ID API, as far as it mints tokens."""

    async def mint(self, profile: ProfileId | None) -> IdToken:
        """Mint a token of Omneo's own; without a profile it is anonymous. Raises `UpstreamUnavailable`, `NotFound`."""
        ...


class Shopify(Protocol):
    """One shop's Admin API. Reads raise `UpstreamUnavailable`; writes end in an Outcome."""

    async def create_discount(self, spec: DiscountSpec) -> Outcome[DiscountId]:
        """Ask for the discount; `Refused("TAKEN")` means that the code exists and may be ours."""
        ...

    async def discount(self, code: Code) -> Discount | None: ...
    async def combination(self, code: str) -> Combination | None:
        """Tell with what a code combines; None for one that does not exist or does not work now."""
        ...

    async def deactivate(self, discount: DiscountId) -> Outcome[int]:
        """End the discount; answers how often it was used as far as Shopify knows. One that is gone is Answered(0)."""
        ...

    async def delete(self, discount: DiscountId) -> Outcome[None]:
        """Delete the discount; one that is gone is Answered."""
        ...

    async def order(self, order: OrderId) -> Order | None:
        """Read the order with all its lines; None means unreadable (older than read_orders reaches), not absent."""
        ...

    async def sightings(self, since: datetime, customer: CustomerId | None = None) -> Sequence[OrderSighting]:
        """List orders updated since, all pages, oldest first; the search index lags behind by seconds to minutes."""
        ...

    async def sighting_page(self, since: datetime, after: str | None) -> tuple[tuple[OrderSighting, ...], str | None]:
        """List one page of the same with the cursor of the next."""
        ...

    async def price(self, product: str) -> Money | None:
        """Read what one unit costs, of its variants the cheapest; None for a product that there is none of."""
        ...

    async def existing(self, ids: Sequence[str]) -> frozenset[str]:
        """Tell which of these products and collections there are."""
        ...

    async def access(self) -> Access: ...

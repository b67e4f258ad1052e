"""Omneo's answers, read tolerantly: numbers in any form, missing and unknown fields, ids as text or number."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from proxy.domain.allowance import Balance, Reward
from proxy.domain.capture import OmneoRedemption
from proxy.domain.ids import OmneoRedemptionId, ProfileId
from proxy.domain.loyalty import Profile, Tier


def _stamp(value: object) -> datetime | None:
    """Read `YYYY-MM-DD HH:mm:ss`, which is UTC, or ISO 8601. Source: https://omneo.readme.io/reference/redemptions-1"""
    if value is None or value == "":
        return None
    at = datetime.fromisoformat(str(value).strip())
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _stamp_or_none(value: object) -> datetime | None:
    try:
        return _stamp(value)
    except ValueError:
        return None


def _blank(value: object) -> object:
    return None if value == "" else value


def _mapping(value: object) -> object:
    # PHP writes an empty object as [], so whatever is not an object holds nothing.
    return value if isinstance(value, dict) else None


def _rows(value: object) -> object:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _texts(value: object) -> object:
    return [str(text) for text in value if isinstance(text, str | int)] if isinstance(value, list) else []


def _code(value: object) -> object:
    return value if isinstance(value, str) and value else None


Amount = Annotated[Decimal | None, BeforeValidator(_blank)]
Stamp = Annotated[datetime | None, BeforeValidator(_stamp)]
LooseStamp = Annotated[datetime | None, BeforeValidator(_stamp_or_none)]  # where it decides nothing
Flag = Annotated[bool | None, BeforeValidator(_blank)]
Count = Annotated[int | None, BeforeValidator(_blank)]
Texts = Annotated[list[str], BeforeValidator(_texts)]
Code = Annotated[str | None, BeforeValidator(_code)]
Fields = Annotated[dict[str, Any] | None, BeforeValidator(_mapping)]
ZERO = Decimal(0)


class Wire(BaseModel):
    """What all of them share; unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


W = TypeVar("W", bound=Wire)
Part = Annotated[W | None, BeforeValidator(_mapping)]
Parts = Annotated[list[W], BeforeValidator(_rows)]


class ProfileWire(Wire):
    id: str = Field(min_length=1)
    first_name: str | None = None
    last_name: str | None = None
    profile_type: str | None = None
    tier_handle: str | None = None
    joined_at: LooseStamp = None

    def domain(self) -> Profile:
        return Profile(
            ProfileId(self.id),
            self.first_name or "",
            self.last_name or "",
            self.profile_type or "",
            self.tier_handle,
            self.joined_at,
        )


class IdentityWire(Wire):
    id: Count = None
    handle: str | None = None
    identifier: str | None = None
    profile_id: str | None = None
    is_active: Flag = None
    created_at: LooseStamp = None


class CurrencyWire(Wire):
    source: Code = Field(default=None, alias="from")
    target: Code = Field(default=None, alias="to")

    def code(self) -> str | None:
        """Two differing codes become one that matches no shop, so that a mismatch is refused further up."""
        if self.source is None or self.target is None or self.source == self.target:
            return self.source or self.target
        return f"{self.source}->{self.target}"


class BalanceWire(Wire):
    reward_balance: Amount = None
    point_balance: Amount = None
    point_balance_dollars: Amount = None
    combined_balance_dollars: Amount = None
    currency: Part[CurrencyWire] = None

    def domain(self) -> Balance:
        """Missing balances are nothing; a missing sum is rewards and points in dollars."""
        rewards, points = self.reward_balance or ZERO, self.point_balance_dollars or ZERO
        combined = self.combined_balance_dollars
        return Balance(
            rewards=rewards,
            points=self.point_balance or ZERO,
            points_value=points,
            combined=rewards + points if combined is None else combined,
            currency=self.currency.code() if self.currency else None,
        )


class DefinitionWire(Wire):
    name: str | None = None
    handle: str | None = None
    type: str | None = None
    short_description: str | None = None
    long_description: str | None = None
    terms_conditions: str | None = None


class RewardWire(Wire):
    id: int
    value_initial: Amount = None
    value_remaining: Amount = None
    issued_at: Stamp = None
    expires_at: Stamp = None
    is_active: Flag = None
    is_expired: Flag = None
    definition: Part[DefinitionWire] = None

    def domain(self) -> Reward:
        remaining, expired = self.value_remaining or ZERO, bool(self.is_expired)
        return Reward(
            id=self.id,
            name=(self.definition and self.definition.name) or "",
            initial=remaining if self.value_initial is None else self.value_initial,
            remaining=remaining,
            issued_at=self.issued_at,
            expires_at=self.expires_at,
            active=not expired and remaining > 0 if self.is_active is None else self.is_active,
            expired=expired,
        )


class TierWire(Wire):
    current_tier: Part[DefinitionWire] = None
    next_tier: Part[DefinitionWire] = None
    current_progress: Amount = None
    current_remain: Amount = None
    next_progress: Amount = None
    next_remain: Amount = None

    def domain(self) -> Tier:
        now, then = self.current_tier or DefinitionWire(), self.next_tier or DefinitionWire()
        return Tier(
            current=now.name or now.handle,
            next=then.name or then.handle,
            progress=self.next_progress,
            remaining=self.next_remain,
            current_progress=self.current_progress,
            current_remaining=self.current_remain,
        )


class NamedWire(Wire):
    name: str | None = None
    external_id: str | None = None


class LocationWire(Wire):
    id: int
    external_id: str | None = None


class UsedWire(Wire):
    id: Count = None


class PartWire(Wire):
    """What was taken of one reward, benefit or batch of points."""

    type: str | None = None
    count: Count = None
    type_attributes: Part[UsedWire] = None


class RedemptionWire(Wire):
    """One redemption. Source: https://omneo.readme.io/reference/redemptions-1; an answer to a write has no items."""

    id: int
    type: str | None = None
    total: Amount = None
    meta: Fields = None
    transaction_external_id: str | None = None
    transaction: Part[NamedWire] = None
    balances: Part[BalanceWire] = None
    items: Parts[PartWire] = []

    @property
    def uses(self) -> dict[int, int]:
        """The uses of each benefit, by its id; none where they are not told."""
        found: Counter[int] = Counter()
        for item in self.items:
            if item.type != "benefit":
                continue
            of = item.type_attributes.id if item.type_attributes else None
            if of is None or item.count is None:
                return {}  # told in part is not told: what is left out was not taken less
            found[of] += abs(item.count)
        return dict(found)

    @property
    def row(self) -> str | None:
        """The id of our own row, capture or give-back, that was put into meta when it was made."""
        return self._note("capture_id") or self._note("give_back_id")

    def labels(self) -> frozenset[str]:
        """Everything that may hold our label: which of the places Omneo shows is undocumented."""
        linked = self.transaction.external_id if self.transaction else None
        places = (self.transaction_external_id, linked, self._note("capture_id"), self._note("label"))
        return frozenset(label for label in places if label)

    def _note(self, name: str) -> str | None:
        value = (self.meta or {}).get(name)
        return str(value) if value else None

    def domain(self, label: str | None, type_: str | None = None, after: Decimal | None = None) -> OmneoRedemption:
        return OmneoRedemption(
            id=OmneoRedemptionId(self.id),
            type=type_ or self.type or "redeem",
            total=self.total or ZERO,
            label=label,
            capture=self.row,
            balance_after=after,
            uses=self.uses,
        )


class TransactionWire(Wire):
    """A sale, as far as the ledger reads it: whatever else stands in one cannot keep it from being recorded."""

    id: int
    external_id: str | None = None
    receipt_ref: str | None = None
    transacted_at: Stamp = None
    total: Amount = None
    redemption: Part[RedemptionWire] = None
    is_void: Flag = None

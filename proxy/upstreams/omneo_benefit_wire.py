"""Omneo's benefits and their definitions, read as tolerantly as the rest."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from proxy.domain.loyalty import Benefit, Claimable
from proxy.upstreams.omneo_wire import Amount, Count, DefinitionWire, Fields, Flag, Part, Stamp, Wire


def _tag_names(value: object) -> object:
    # Tags are written as text; where they come as objects, these have a name or a handle.
    if not isinstance(value, list):
        return []
    named = [tag.get("handle") or tag.get("name") if isinstance(tag, dict) else tag for tag in value]
    return [tag for tag in named if isinstance(tag, str)]


Tags = Annotated[list[str], BeforeValidator(_tag_names)]


class BenefitDefinitionWire(DefinitionWire):
    tags: Tags = Field(default_factory=list)
    meta: Fields = None
    value: Amount = None
    claim_period_end_at: Stamp = None
    redeem_code_online: str | None = None
    redeem_code_pos: str | None = None
    redeem_instructions_online: str | None = None
    redeem_instructions_store: str | None = None

    def claimable(self) -> Claimable:
        return Claimable(
            handle=self.handle or "",
            name=self.name or "",
            description=self.short_description or self.long_description,
            terms=self.terms_conditions,
            claim_until=self.claim_period_end_at,
        )

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Give meta as text: what a shop's mapping compares with; what is nested is nobody's key."""
        return tuple((str(key), _text(value)) for key, value in (self.meta or {}).items() if _plain(value))


class BenefitWire(Wire):
    id: int
    external_id: str | None = None
    expires_at: Stamp = None
    is_expired: Flag = None
    is_redeemable: Flag = None
    redemptions_remaining: Count = None
    total_global_redemptions_remaining: Count = None
    value: Amount = None
    redeem_code_online: str | None = None
    redeem_code_pos: str | None = None
    definition: Part[BenefitDefinitionWire] = None

    def domain(self) -> Benefit:
        of = self.definition or BenefitDefinitionWire()
        counts = (self.redemptions_remaining, self.total_global_redemptions_remaining)
        left = min((max(0, count) for count in counts if count is not None), default=None)
        return Benefit(
            id=self.id,
            handle=of.handle or "",
            name=of.name or "",
            type=of.type,
            description=of.short_description or of.long_description,
            terms=of.terms_conditions,
            expires_at=self.expires_at,
            remaining=left,
            redeemable=self.is_redeemable is not False and not self.is_expired and left != 0,
            external_id=self.external_id or None,
            tags=tuple(of.tags),
            meta=of.facts(),
            value=of.value if self.value is None else self.value,
            code_online=self.redeem_code_online or of.redeem_code_online or None,
            code_pos=self.redeem_code_pos or of.redeem_code_pos or None,
            instructions_online=of.redeem_instructions_online or None,
            instructions_store=of.redeem_instructions_store or None,
        )


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | Decimal | bool)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

"""The shape of benefits on the wire."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from proxy.domain.loyalty import Benefit
from proxy.web.wire import Out


class BenefitOut(Out):
    """An entitlement that is not dollars; `remaining` null means without limit."""

    id: int
    handle: str
    name: str
    type: str | None
    description: str | None
    terms: str | None
    expires_at: datetime | None
    remaining: int | None

    @classmethod
    def of(cls, benefit: Benefit) -> Self:
        """Write one benefit."""
        return cls(
            id=benefit.id,
            handle=benefit.handle,
            name=benefit.name,
            type=benefit.type,
            description=benefit.description,
            terms=benefit.terms,
            expires_at=benefit.expires_at,
            remaining=benefit.remaining,
        )


class BenefitsOut(Out):
    """What can be redeemed now."""

    status: Literal["active", "pending_profile"]
    benefits: list[BenefitOut] = Field(default_factory=list)
    stale: bool = False

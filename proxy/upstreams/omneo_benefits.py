"""Uses of benefits in Omneo: claim one, redeem uses of it, give uses back."""

from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from proxy.domain.capture import OmneoRedemption
from proxy.domain.ids import OmneoRedemptionId, ProfileId
from proxy.domain.loyalty import Benefit
from proxy.domain.outcome import Answered, Outcome, Unknown
from proxy.upstreams.http import Upstream
from proxy.upstreams.omneo_call import Ask, OmneoCalls
from proxy.upstreams.omneo_pages import row_of
from proxy.upstreams.omneo_wire import BenefitWire, RedemptionWire
from proxy.upstreams.retry import Retry


class BenefitClient:
    """One tenant's benefits; none of these calls takes a label, so an Unknown is settled from the remaining uses."""

    def __init__(self, upstream: Upstream, token: SecretStr, *, retry: Retry | None = None) -> None:
        self._calls = OmneoCalls(upstream, token, retry or Retry())

    async def claim(self, profile: ProfileId, definition: str, timezone: str = "UTC") -> Outcome[Benefit]:
        """Claim a benefit by its definition's handle.

        Source: https://docs.omneo.io/api-reference/profile-benefit/claim-benefit
        """
        body = {"definition": definition, "timezone": timezone}
        outcome = await self._calls.write(Ask("claim_benefit", "POST", _of(profile, "claim"), body=body))
        if not isinstance(outcome, Answered):
            return outcome
        try:
            return Answered(BenefitWire.model_validate(row_of(outcome.value)).domain())
        except ValueError:
            return Unknown("unreadable")

    async def redeem(self, profile: ProfileId, benefit: int, count: int) -> Outcome[OmneoRedemption]:
        """Use a benefit `count` times.

        Source: https://docs.omneo.io/api-reference/benefit-redeem/add-benefit-redemption
        """
        ask = Ask("redeem_benefit", "POST", _of(profile, f"{benefit}/redeem"), body={"count": count})
        return _redemption(await self._calls.write(ask), "redeem")

    async def give_back(self, redemption: OmneoRedemptionId, count: int) -> Outcome[OmneoRedemption]:
        """Give uses back.

        Source: https://docs.omneo.io/api-reference/benefit-redeem/add-benefit-return
        """
        path = f"/redemptions/{redemption}/benefit/return"
        return _redemption(
            await self._calls.write(Ask("return_benefit", "POST", path, body={"count": count})), "return"
        )


def _of(profile: ProfileId, rest: str) -> str:
    return f"/profiles/{quote(profile, safe='')}/benefits/{rest}"


def _redemption(outcome: Outcome[Any], type_: str) -> Outcome[OmneoRedemption]:
    if not isinstance(outcome, Answered):
        return outcome
    try:
        return Answered(RedemptionWire.model_validate(row_of(outcome.value)).domain(None, type_))
    except ValueError:
        return Unknown("unreadable")

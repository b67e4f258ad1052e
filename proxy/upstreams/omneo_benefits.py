"""Benefits in Omneo: what is on offer, and claim one; uses of them are redeemed as money is."""

from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from proxy.domain.errors import NotFound, UpstreamUnavailable
from proxy.domain.ids import ProfileId
from proxy.domain.loyalty import Benefit, Claimable
from proxy.domain.outcome import Answered, Outcome, Unknown
from proxy.upstreams.http import Upstream
from proxy.upstreams.omneo_benefit_wire import BenefitDefinitionWire, BenefitWire
from proxy.upstreams.omneo_call import Ask, OmneoCalls, Token
from proxy.upstreams.omneo_pages import Pages, row_of
from proxy.upstreams.omneo_wire import Wire
from proxy.upstreams.retry import Retry

W = TypeVar("W", bound=Wire)


class BenefitClient:
    """One tenant's benefits. A claim takes a label and is looked for by it."""

    def __init__(
        self, upstream: Upstream, token: Token, *, retry: Retry | None = None, page_size: int = 100, max_pages: int = 50
    ) -> None:
        self._calls = OmneoCalls(upstream, token, retry or Retry())
        self._pages = Pages(self._calls, page_size, max_pages)

    async def claimable(self, profile: ProfileId) -> tuple[Claimable, ...]:
        """List what this profile may claim now; nothing in a tenant that offers none."""
        try:
            rows = await self._pages.all("claimable_benefits", _of(profile, "/claimable"))
        except NotFound:
            return ()
        offers = (_read(BenefitDefinitionWire, row).claimable() for row in rows)
        return tuple(offer for offer in offers if offer.handle)

    async def claim(self, profile: ProfileId, definition: str, label: str) -> Outcome[Benefit]:
        """Claim a benefit by its definition's handle; the label is kept with it.

        Source: https://docs.omneo.io/api-reference/profile-benefit/claim-benefit
        """
        body = {"definition": definition, "timezone": "UTC", "external_id": label}
        outcome = await self._calls.write(Ask("claim_benefit", "POST", _of(profile, "/claim"), body=body))
        if not isinstance(outcome, Answered):
            return outcome
        try:
            return Answered(BenefitWire.model_validate(row_of(outcome.value)).domain())
        except ValueError:
            return Unknown("unreadable")

    async def claimed(self, profile: ProfileId, label: str) -> Benefit | None:
        """Find the benefit with this label, used up and expired ones too.

        A filter may be ignored or mean something else, so nothing found is asked for once more without it.
        """
        for query in ((("filter[external_id]", label),), ()):
            rows = await self._pages.all("benefits", _of(profile, ""), query)
            found = (benefit for row in rows if (benefit := _read(BenefitWire, row).domain()).external_id == label)
            first = min(found, key=lambda benefit: benefit.id, default=None)
            if first is not None:
                return first
        return None

    async def defined(self, handle: str) -> bool:
        """Tell whether there is a definition with this handle."""
        path = f"/benefits/definitions/handle/{quote(handle, safe='')}"
        try:
            return row_of(await self._calls.read(Ask("benefit_definition", "GET", path))) is not None
        except NotFound:
            return False


def _of(profile: ProfileId, rest: str) -> str:
    return f"/profiles/{quote(profile, safe='')}/benefits{rest}"


def _read(model: type[W], row: Any) -> W:
    try:
        return model.model_validate(row)
    except ValidationError:
        raise UpstreamUnavailable(upstream="omneo", reason="unreadable", shape=model.__name__) from None

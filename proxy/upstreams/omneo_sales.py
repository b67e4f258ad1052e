"""Sales that stand in Omneo: the lookups that find one, and the change that attaches a redemption to it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from proxy.domain.errors import InvalidRequest, NotFound, UpstreamUnavailable
from proxy.domain.ids import OmneoRedemptionId, OrderId, ProfileId, ShopDomain, TransactionId, parse_order, parse_shop
from proxy.domain.outcome import Answered, Outcome, Unknown
from proxy.domain.standing_sale import StandingSale
from proxy.upstreams.omneo_call import Ask, OmneoCalls
from proxy.upstreams.omneo_pages import Pages, row_of
from proxy.upstreams.omneo_wire import ZERO, Count, Fields, TransactionWire

# A lookup that this tenant has not, or whose value it takes for malformed, finds nothing; any other failure is told.
_FINDS_NOTHING = frozenset({400, 405, 422})


class StandingSaleWire(TransactionWire):
    """A transaction with what tells whose it is."""

    order_number: str | None = None
    profile_id: str | None = None
    redemption_id: Count = None
    meta: Fields = None

    def standing(self) -> StandingSale:
        """Give the sale as the domain knows it."""
        attached = self.redemption.id if self.redemption else self.redemption_id
        return StandingSale(
            id=TransactionId(self.id),
            external_id=self.external_id,
            order_number=self.order_number,
            receipt_ref=self.receipt_ref,
            profile=ProfileId(self.profile_id) if self.profile_id else None,
            redemption=OmneoRedemptionId(attached) if attached else None,
            total=self.total or ZERO,
            transacted_at=self.transacted_at,
            void=bool(self.is_void),
            order=self._order(),
        )

    def _order(self) -> tuple[ShopDomain, OrderId] | None:
        meta = self.meta or {}
        try:
            return parse_shop(str(meta.get("shopify_shop"))), parse_order(str(meta.get("shopify_order")))
        except InvalidRequest:
            return None


class Sales:
    """Looks for sales; what a filter gives is matched again by whoever asked, since a filter may be ignored."""

    def __init__(self, calls: OmneoCalls, pages: Pages, page_size: int) -> None:
        self._calls = calls
        self._pages = pages
        self._page_size = page_size

    async def at(self, external_id: str) -> StandingSale | None:
        """Read the sale with this external id."""
        ask = Ask("find_transaction", "GET", f"/transactions/external/{quote(external_id, safe='')}")
        try:
            row = row_of(await self._calls.read(ask))
        except NotFound:
            return None
        except UpstreamUnavailable as error:
            _raise_unless_nothing(error)
            return None
        return _read(row) if row is not None else None

    async def where(self, field: str, values: Sequence[str]) -> tuple[StandingSale, ...]:
        """Read the first page of sales whose field has one of these values; one alone is asked for the plainest way.

        Source: the operators of https://omneo.readme.io/reference/indexprofilebenefit-1 and of omneo/omneo-sdk.
        """
        query = ((f"filter[{field}]" if len(values) == 1 else f"filter[{field}][in]", ",".join(values)),)
        try:
            page = await self._pages.one("find_transactions", "/transactions", 1, self._page_size, query)
        except NotFound:
            return ()
        except UpstreamUnavailable as error:
            _raise_unless_nothing(error)
            return ()
        return tuple(_read(row) for row in page.rows)

    async def attach(self, sale: TransactionId, redemption: OmneoRedemptionId) -> Outcome[StandingSale]:
        """Set the redemption of a sale; sending it again changes nothing.

        Source: https://docs.omneo.io/api-reference/transaction
        """
        body = {"redemption_id": redemption}
        outcome = await self._calls.write(Ask("attach_redemption", "PUT", f"/transactions/{sale}", body=body))
        if not isinstance(outcome, Answered):
            return outcome
        try:
            return Answered(StandingSaleWire.model_validate(row_of(outcome.value)).standing())
        except ValidationError:
            return Unknown("unreadable")


def _raise_unless_nothing(error: UpstreamUnavailable) -> None:
    if error.details.get("status") not in _FINDS_NOTHING:
        raise error


def _read(row: Any) -> StandingSale:
    try:
        return StandingSaleWire.model_validate(row).standing()
    except ValidationError:
        raise UpstreamUnavailable(upstream="omneo", reason="unreadable", shape="StandingSaleWire") from None

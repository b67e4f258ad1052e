"""Redact whom Shopify asks us to forget, as soon as nothing of theirs is open, and everybody after a time."""

from collections.abc import Sequence
from typing import Final

from proxy.domain.actor import SERVICE
from proxy.domain.happening import Happening
from proxy.domain.ids import ShopDomain
from proxy.domain.privacy import PrivacyRequest, RequestKind
from proxy.domain.redemption import iso
from proxy.domain.work import Again, Finished, Verdict
from proxy.ports import Closures, PrivacyRequests, Redaction, Telemetry

_BATCH: Final = 50  # redemptions in one unit
_BATCHES: Final = 200  # in one run of the housekeeping
_LATER_S: Final = 3600.0


class Redact:
    """Takes people out of what has ended; may run any number of times for a request."""

    def __init__(
        self, *, requests: PrivacyRequests, redaction: Redaction, closures: Closures, telemetry: Telemetry
    ) -> None:
        self._requests = requests
        self._redaction = redaction
        self._closures = closures
        self._telemetry = telemetry

    async def __call__(self, shop: ShopDomain, request_id: int) -> Verdict:
        """Cut a few redemptions, or end the request when nobody of it is left."""
        request = await self._requests.get(request_id)
        if request is None or request.shop != shop or request.done_ms is not None:
            return Finished()
        # Who asked first what is kept is told first: afterwards nobody can.
        if any(_comes_first(other, request) for other in await self._requests.open_in(shop)):
            return self._wait(request, "data_request", ())
        # A body that was sent when the app was gone may come again when it is back.
        if request.kind is RequestKind.SHOP and not await self._closures.closed(shop):
            return self._wait(request, "shop_open", ())
        done = await self._redaction.redact(shop, request.customer, _BATCH)
        if done.cut == _BATCH:
            return Again(0)
        if done.waiting:
            return self._wait(request, "not_settled", done.waiting)
        if await self._requests.redacted(request, SERVICE):
            self._telemetry.tell(Happening.PRIVACY_REDACTED, shop=shop, request=request.id, kind=request.kind)
        return Finished()

    async def keep_house(self, shop: ShopDomain, keep_ms: int) -> None:
        """Cut what has not moved for `keep_ms`, and tell of every request that waits for a person."""
        for _ in range(_BATCHES):
            if await self._redaction.expire(shop, keep_ms, _BATCH) < _BATCH:
                break
        for request in await self._requests.open_in(shop):
            if request.kind is RequestKind.DATA:
                self._wait(request, "answer", ())

    def _wait(self, request: PrivacyRequest, why: str, redemptions: Sequence[str]) -> Again:
        self._telemetry.tell(
            Happening.PRIVACY_WAITING,
            shop=request.shop,
            request=request.id,
            kind=request.kind,
            due=iso(request.due_ms),
            why=why,
            redemptions=list(redemptions),
        )
        return Again(_LATER_S)


def _comes_first(other: PrivacyRequest, redaction: PrivacyRequest) -> bool:
    same = redaction.customer is None or other.customer == redaction.customer
    return other.kind is RequestKind.DATA and same

"""Personal data and installations, shaped as intents."""

from collections.abc import Sequence
from typing import Protocol

from proxy.domain.ids import CustomerId, RedemptionId, ShopDomain
from proxy.domain.privacy import PrivacyRequest


class Cut(Protocol):
    """How many redemptions lost their person, and some of those that could not yet."""

    @property
    def cut(self) -> int: ...
    @property
    def waiting(self) -> Sequence[RedemptionId]: ...


class Redaction(Protocol):
    """Taking people out of what has ended, a bounded number at a time."""

    async def redact(self, shop: ShopDomain, customer: CustomerId | None, limit: int) -> Cut: ...
    async def expire(self, shop: ShopDomain, keep_ms: int, limit: int) -> int: ...


class PrivacyRequests(Protocol):
    """What a shop's customers asked about their data."""

    async def get(self, request: int) -> PrivacyRequest | None: ...
    async def open_in(self, shop: ShopDomain) -> Sequence[PrivacyRequest]: ...
    async def redacted(self, request: PrivacyRequest, by: str) -> bool: ...


class Closures(Protocol):
    """The mark of shops that have uninstalled the app; a move that lost its race answers false."""

    async def closed(self, shop: ShopDomain) -> bool: ...
    async def close(self, shop: ShopDomain) -> bool: ...
    async def reopen(self, shop: ShopDomain) -> bool: ...
    async def give_up(self, redemption: RedemptionId, shop: ShopDomain) -> bool: ...

"""What a shop's customers may ask about their data, and by when it has to be done."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from proxy.domain.ids import CustomerId, ShopDomain

# Source: https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance (30 days from the request).
_DUE_MS: Final = 30 * 86_400_000


class RequestKind(StrEnum):
    """Shopify's compliance topics."""

    DATA = "customers/data_request"
    CUSTOMER = "customers/redact"
    SHOP = "shop/redact"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a webhook asks for; `reference` is Shopify's id of a data request. Nothing else of its body is kept."""

    kind: RequestKind
    customer: CustomerId | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """One request. `customer` is cut when it has been redacted; times in Unix ms."""

    id: int
    shop: ShopDomain
    kind: RequestKind
    customer: CustomerId | None
    reference: str | None
    received_ms: int
    done_ms: int | None
    done_by: str | None

    @property
    def due_ms(self) -> int:
        """When it has to be done at the latest."""
        return self.received_ms + _DUE_MS

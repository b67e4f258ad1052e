"""Who was proven to call."""

from dataclasses import dataclass
from enum import StrEnum

from proxy.domain.actor import SERVICE, Actor, customer_actor, staff_actor
from proxy.domain.errors import LoginRequired
from proxy.domain.ids import CustomerId, ShopDomain, StaffId


class Surface(StrEnum):
    """Where a person meets the product."""

    CHECKOUT = "checkout"
    CUSTOMER_ACCOUNT = "customer_account"
    STOREFRONT = "storefront"
    POS = "pos"


@dataclass(frozen=True, slots=True)
class Caller:
    """Shop, surface and either the customer who is signed in or the staff login of the device.

    Checkout and customer-account tokens carry the same claims, so both are `CHECKOUT`. A guest has no customer.
    At POS `staff` is the device's login, which says nothing about who stands at the till.
    Source: https://shopify.dev/docs/apps/build/pos/communicate-with-server
    """

    shop: ShopDomain
    surface: Surface
    customer: CustomerId | None = None
    staff: StaffId | None = None

    @property
    def actor(self) -> Actor:
        """Whom the journal names for what is asked in this call."""
        if self.staff is not None:
            return staff_actor(self.staff)
        return SERVICE if self.customer is None else customer_actor(self.customer)

    def signed_in(self) -> CustomerId:
        """Give the customer, or refuse a guest."""
        if self.customer is None:
            raise LoginRequired()
        return self.customer

"""Forget what is remembered of a profile, because Omneo told that it changed."""

from proxy.domain.errors import InvalidRequest
from proxy.domain.ids import CustomerId, parse_customer
from proxy.domain.profile_event import ProfileEvent
from proxy.domain.shop import Shop
from proxy.services.benefits import Benefits
from proxy.services.customers import Customers
from proxy.services.display import Display
from proxy.services.overview import Overviews
from proxy.services.readings import Readings


class ForgetProfile:
    """Touches memory alone, so that tens of thousands of events cost nothing.

    Nothing rests on it: what is not dropped here is shown until its short time is over, and never held from.
    """

    def __init__(
        self, customers: Customers, readings: Readings, overviews: Overviews, benefits: Benefits, display: Display
    ) -> None:
        self._customers = customers
        self._readings = readings
        self._overviews = overviews
        self._benefits = benefits
        self._display = display

    def __call__(self, shop: Shop, event: ProfileEvent) -> None:
        """Have the profiles that an event names read anew, and shown anew to the shop's customers that they are."""
        customers = set(customers_of(shop, event))
        for profile in event.profiles:
            customers |= self._customers.known_as(shop, profile)
            self._readings.forget(shop, profile)
            self._overviews.forget(shop, profile)
            self._benefits.forget(shop, profile)
        for customer in customers:
            if event.itself:
                self._customers.forget(shop, customer)
            self._display.forget(shop.domain, customer)


def customers_of(shop: Shop, event: ProfileEvent) -> tuple[CustomerId, ...]:
    """Give the shop's customers among an event's identities."""
    found = []
    for handle, identifier in event.identities:
        if handle != shop.identity_handle:
            continue
        try:
            found.append(parse_customer(identifier))
        except InvalidRequest:
            continue  # an identity of this handle that no customer of Shopify has
    return tuple(found)

"""What an order says against what a till declared: only what both name, and differently, is a contradiction."""

from dataclasses import dataclass
from typing import Final

from proxy.domain.caller import Surface
from proxy.domain.ids import StaffId
from proxy.domain.order import Order
from proxy.domain.redemption import Redemption

# Neither the customer nor whoever stands at the till is told that a person looks at it because of these.
UNTOLD: Final = frozenset({"not_a_pos_sale", "location_mismatch", "staff_mismatch"})

_LOCATION = "gid://shopify/Location/"
_STAFF = "gid://shopify/StaffMember/"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Why a person should look at it, with what was declared and what the order says."""

    reason: str
    declared: str | None
    order: str | None


def contradiction(redemption: Redemption, order: Order, rang_up: StaffId | None) -> Contradiction | None:
    """Give the first contradiction between a redemption at a till and the order that spends it.

    `rang_up` is whom Shopify names: it may be the login of the device or the member of staff who is pinned to it, so
    either fits. The device is not compared: nothing says that a till's own id is the one on its orders.
    Source: assumption, undocumented.
    """
    place = redemption.place
    if place.surface is not Surface.POS:
        return None
    if order.source_name is not None and not order.pos:
        return Contradiction("not_a_pos_sale", place.surface, order.source_name)
    location = place.location.removeprefix(_LOCATION) if place.location is not None else None
    if location is not None and order.location is not None and location != order.location:
        return Contradiction("location_mismatch", location, order.location)
    staff = place.staff.removeprefix(_STAFF) if place.staff is not None else None
    if rang_up is not None and staff is not None and rang_up not in (staff, redemption.login):
        return Contradiction("staff_mismatch", staff, rang_up)
    return None

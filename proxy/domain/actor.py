"""Who caused a move, as the journal names it: an id, never a person's name or address."""

from typing import Final, NewType

from proxy.domain.ids import CustomerId, StaffId

Actor = NewType("Actor", str)

# What nobody asked for: a hold's time was over, an order came, a sale was recorded.
SERVICE: Final = Actor("service")

_LENGTH: Final = 64


def customer_actor(customer: CustomerId) -> Actor:
    """Name a customer who asked through a proven token."""
    return Actor(f"customer:{customer}")


def staff_actor(login: StaffId) -> Actor:
    """Name the till's login; whoever stands there is only declared, and is kept with the redemption."""
    return Actor(f"staff:{login}")


def operator_actor(login: str) -> Actor:
    """Name whoever runs a command, by the login of the operating system."""
    return Actor(f"operator:{login}"[:_LENGTH])

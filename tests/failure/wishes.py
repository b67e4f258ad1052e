"""What customers ask for, and what they were answered."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer asked for, and the final answer that they got."""

    key: str
    body: dict[str, Any]
    status: int
    answer: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.answer["id"])

    @property
    def code(self) -> str | None:
        """What to type at the checkout; a benefit may need none."""
        code: str | None = self.answer["code"]
        return code

    @property
    def attribute(self) -> dict[str, str]:
        """What the cart has to carry instead."""
        attribute = self.answer["cart_attribute"]
        return {attribute["key"]: attribute["value"]} if attribute else {}

    @property
    def issued(self) -> bool:
        return self.status in (200, 201) and self.answer["state"] == "issued"


def body_of(wanted: str | int) -> dict[str, Any]:
    """Form the wish for an amount, or for a use of a benefit by its id."""
    if isinstance(wanted, int):
        return {"benefit": {"id": wanted, "uses": 1}, "cart": "cart-1"}
    return {"amount": {"amount": wanted, "currencyCode": "AUD"}, "cart": "cart-1"}

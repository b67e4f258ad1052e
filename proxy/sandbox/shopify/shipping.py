"""Free shipping: what a code takes off the one shipping price that a cart has."""

from decimal import Decimal

from proxy.sandbox.shopify.model import Application, Discount


def covered(discount: Discount, price: Decimal | None) -> bool:
    """Tell whether the price is one that the discount makes free; None is a sale that ships nothing."""
    if price is None:
        return False
    return discount.maximum_shipping_price is None or price <= discount.maximum_shipping_price


def application(discount: Discount, code: str, price: Decimal, index: int) -> Application:
    """Write the discount as an order carries it, also where shipping costs nothing.

    Source: an order of a real shop with the code FREESHIP2024, github:valmi-io/valmi-activation
    """
    return Application(
        index=index,
        type="discount_code",
        label=code,
        value_type="percentage",
        value=Decimal(100),
        amount=price,
        each=True,
        entitled=False,
        discount_id=discount.id,
        target="shipping_line",
    )

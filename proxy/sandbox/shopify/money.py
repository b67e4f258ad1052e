"""Amounts of money in currencies with two decimals: rounding, spreading and the texts of both APIs."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def cents(amount: Decimal) -> Decimal:
    """Round half up to the cent."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def spread(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Divide `amount`, capped at the weights' sum, in proportion to `weights`.

    The parts sum to it exactly and none exceeds its weight; the cents left over go to the largest
    remainders, the earlier line first when equal. Source: the official order sample divides 10.00
    over three equal lines as 3.34, 3.33, 3.33.
    """
    units = [int(w / CENT) for w in weights]
    whole = sum(units)
    target = min(int(cents(amount) / CENT), whole)
    if target <= 0:
        return [ZERO for _ in weights]
    parts = [target * unit // whole for unit in units]
    by_remainder = sorted(range(len(units)), key=lambda i: (-(target * units[i] % whole), i))
    for i in by_remainder[: target - sum(parts)]:
        parts[i] += 1
    return [part * CENT for part in parts]


def share(amount: Decimal, part: int, whole: int) -> Decimal:
    """Return the part of `amount` that belongs to `part` of `whole` units, to the cent."""
    return cents(amount * part / whole) if whole else ZERO


def rest_text(amount: Decimal) -> str:
    """Write money as the REST payloads do: always two decimals."""
    return str(cents(amount))


def graphql_text(amount: Decimal) -> str:
    """Write a decimal as the GraphQL scalar does: "5.0", "12.5", "12.34"."""
    whole, _, fraction = f"{amount:f}".partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"

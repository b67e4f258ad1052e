"""The rules by which codes apply to a cart: who may use them, which combine, and what each line gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from proxy.sandbox.shopify.model import Application, CartLine, Discount, Manual
from proxy.sandbox.shopify.money import ZERO, cents, spread
from proxy.sandbox.shopify.shipping import application, covered

# Product and order codes; one shipping code may be beside them.
# https://help.shopify.com/en/manual/discounts/discount-combinations
MAX_CODES = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A typed code with the discount behind it and how often that was used so far."""

    code: str
    discount: Discount | None
    uses: int = 0
    uses_by_customer: int = 0
    # A checkout that was open before the discount was ended may still complete with it.
    honoured: bool = False


@dataclass(frozen=True, slots=True)
class CodeOutcome:
    code: str
    applicable: bool
    reason: str | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """The cart's price: `allocations` has, per line, the share of each application by its index.

    `discount` is what lines lost, `shipping_allocations` what the shipping price did.
    """

    codes: tuple[CodeOutcome, ...]
    applications: tuple[Application, ...]
    allocations: tuple[dict[int, Decimal], ...]
    subtotal: Decimal
    discount: Decimal
    shipping_allocations: dict[int, Decimal]


def quote(
    lines: Sequence[CartLine],
    candidates: Sequence[Candidate],
    customer_id: int | None,
    now: datetime,
    manual: Manual | None = None,
    shipping: Decimal | None = None,
) -> Quote:
    """Price the cart; the code typed first wins where two do not combine; `shipping` None ships nothing.

    Product discounts come before order discounts; a line takes one product discount; every order
    percentage is of the subtotal after product discounts. Source: assumption where
    https://help.shopify.com/en/manual/discounts/discount-combinations is silent.
    """
    accepted, refused = _accept(lines, candidates, customer_id, now, shipping)
    ledger = _Ledger(lines)
    by_class = sorted(accepted, key=lambda c: _discount(c).klass != "PRODUCT")
    amounts = {c.code: ledger.apply(_discount(c), c.code) for c in by_class if not _discount(c).free_shipping}
    if manual is not None:
        ledger.apply_manual(manual)
    # Shipping discounts come last. Source: https://help.shopify.com/en/manual/discounts/discount-combinations
    freed = {c.code: ledger.free(_discount(c), c.code, shipping) for c in accepted if _discount(c).free_shipping}
    outcomes = []
    for candidate in candidates:
        reason = refused.get(candidate.code)
        if reason is None and candidate.code not in freed and amounts[candidate.code] <= 0:
            reason = "nothing_left_to_discount"
        amount = (amounts | freed).get(candidate.code, ZERO)
        outcomes.append(CodeOutcome(candidate.code, reason is None, reason, amount))
    subtotal = sum((line.total for line in lines), ZERO)
    taken = subtotal - sum(ledger.left, ZERO)
    return Quote(tuple(outcomes), tuple(ledger.applications), tuple(ledger.shares), subtotal, taken, ledger.freed)


def _discount(candidate: Candidate) -> Discount:
    assert candidate.discount is not None
    return candidate.discount


def _accept(
    lines: Sequence[CartLine],
    candidates: Sequence[Candidate],
    customer_id: int | None,
    now: datetime,
    shipping: Decimal | None,
) -> tuple[list[Candidate], dict[str, str]]:
    accepted: list[Candidate] = []
    refused: dict[str, str] = {}
    for candidate in candidates:
        reason = _refusal(lines, candidate, customer_id, now, shipping)
        beside = [a for a in accepted if _discount(a).klass != "SHIPPING"]
        if reason is None and not _discount(candidate).free_shipping and len(beside) >= MAX_CODES:
            reason = "too_many_codes"
        if reason is None and not all(_combine(_discount(a), _discount(candidate)) for a in accepted):
            reason = "not_combinable"
        if reason is None:
            accepted.append(candidate)
        else:
            refused[candidate.code] = reason
    return accepted, refused


def _refusal(
    lines: Sequence[CartLine],
    candidate: Candidate,
    customer_id: int | None,
    now: datetime,
    shipping: Decimal | None,
) -> str | None:
    discount = candidate.discount
    if discount is None:
        return "not_found"
    if not candidate.honoured:
        status = discount.status(now)
        if status != "ACTIVE":
            return "expired" if status == "EXPIRED" else "not_started"
        if discount.usage_limit is not None and candidate.uses >= discount.usage_limit:
            return "usage_limit_reached"
    if discount.customers is not None and customer_id not in discount.customers:
        return "customer_missing" if customer_id is None else "customer_not_eligible"
    if discount.once_per_customer and candidate.uses_by_customer:
        return "already_used_by_customer"
    if discount.free_shipping and not covered(discount, shipping):
        return "no_eligible_shipping"
    eligible = [line for line in lines if discount.covers(line.variant)]
    if not eligible:
        return "no_eligible_items"
    least = discount.minimum_subtotal or ZERO
    if sum((line.total for line in eligible), ZERO) < least:
        return "minimum_subtotal_not_met"
    if sum(line.quantity for line in eligible) < (discount.minimum_quantity or 0):
        return "minimum_quantity_not_met"
    return None


def _combine(one: Discount, other: Discount) -> bool:
    return other.klass in one.combines_with and one.klass in other.combines_with


class _Ledger:
    """What is left of each line while one discount after another takes its part."""

    def __init__(self, lines: Sequence[CartLine]) -> None:
        self.lines = lines
        self.left = [line.total for line in lines]
        self.shares: list[dict[int, Decimal]] = [{} for _ in lines]
        self.applications: list[Application] = []
        self.freed: dict[int, Decimal] = {}
        self._before_order_discounts: list[Decimal] | None = None
        self._has_product_discount: set[int] = set()

    def apply(self, discount: Discount, code: str) -> Decimal:
        """Take the discount off the lines; return how much it was."""
        eligible = [i for i, line in enumerate(self.lines) if discount.covers(line.variant)]
        if discount.klass == "PRODUCT":
            eligible = [i for i in eligible if i not in self._has_product_discount]
            self._has_product_discount.update(eligible)
        elif self._before_order_discounts is None:
            self._before_order_discounts = list(self.left)
        parts = self._parts(discount, eligible)
        value = discount.amount if discount.amount is not None else _percent(discount.percentage)
        return self._book(
            parts,
            kind="discount_code",
            label=code,
            value_type="fixed_amount" if discount.amount is not None else "percentage",
            value=value,
            each=discount.klass == "PRODUCT" and (discount.each_item or discount.amount is None),
            entitled=discount.klass == "PRODUCT",
            discount_id=discount.id,
        )

    def free(self, discount: Discount, code: str, shipping: Decimal | None) -> Decimal:
        """Take all of the shipping price off; return how much it was."""
        price = shipping or ZERO
        index = len(self.applications)
        self.applications.append(application(discount, code, price, index))
        self.freed[index] = price
        return price

    def apply_manual(self, manual: Manual) -> Decimal:
        amount = manual.amount
        if amount is None:
            amount = cents(sum(self.left, ZERO) * (manual.percentage or ZERO))
        parts = dict(enumerate(spread(amount, self.left)))
        return self._book(
            parts,
            kind="manual",
            label=manual.title,
            value_type="fixed_amount" if manual.amount is not None else "percentage",
            value=manual.amount if manual.amount is not None else _percent(manual.percentage),
            each=False,
            entitled=False,
            discount_id=None,
        )

    def _parts(self, discount: Discount, eligible: list[int]) -> dict[int, Decimal]:
        weights = [self.left[i] for i in eligible]
        if discount.amount is None:
            basis = self._before_order_discounts if discount.klass == "ORDER" else self.left
            assert basis is not None
            amount = cents(sum((basis[i] for i in eligible), ZERO) * (discount.percentage or ZERO))
        elif discount.each_item and discount.klass == "PRODUCT":
            wanted = [discount.amount * self.lines[i].quantity for i in eligible]
            return {i: min(w, left) for i, w, left in zip(eligible, wanted, weights, strict=True)}
        else:
            amount = discount.amount
        return dict(zip(eligible, spread(amount, weights), strict=True))

    def _book(
        self,
        parts: dict[int, Decimal],
        *,
        kind: str,
        label: str,
        value_type: str,
        value: Decimal,
        each: bool,
        entitled: bool,
        discount_id: int | None,
    ) -> Decimal:
        total = sum(parts.values(), ZERO)
        if total <= 0:
            return ZERO
        index = len(self.applications)
        for line, part in parts.items():
            if part:
                self.left[line] -= part
                self.shares[line][index] = part
        self.applications.append(Application(index, kind, label, value_type, value, total, each, entitled, discount_id))
        return total


def _percent(fraction: Decimal | None) -> Decimal:
    return (fraction or ZERO) * 100

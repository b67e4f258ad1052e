"""Shopify's search syntax, and the filters of the order search over its lagging index.

Source: https://shopify.dev/docs/api/usage/search-syntax
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from proxy.sandbox.shopify.order import Order

_TERM = re.compile(r"""(?P<not>-|NOT\s+)?(?P<field>\w+):(?P<op>>=|<=|>|<)?(?P<value>'[^']*'|"[^"]*"|[^\s()]+)""")
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Term:
    field: str
    compare: str | None
    value: str
    negated: bool


def terms(query: str) -> list[list[Term]]:
    """Read a query as alternatives (OR) of terms that must all hold. Parentheses are not understood."""
    return [
        [Term(m["field"], m["op"], m["value"].strip("'\""), bool(m["not"])) for m in _TERM.finditer(alternative)]
        for alternative in re.split(r"\s+OR\s+", query)
    ]


def indexed_at(order: Order, now: datetime, lag_s: float) -> datetime | None:
    """Return the `updated_at` that the index knows, None when it has not seen the order yet."""
    horizon = now - timedelta(seconds=lag_s)
    seen = [at for at in order.updates if at <= horizon]
    return seen[-1] if seen else None


def matches(order: Order, updated_at: datetime, alternatives: list[list[Term]]) -> bool:
    """Tell whether the index finds the order. A filter that is not known is ignored, as Shopify does."""
    return any(
        all(_holds(order, updated_at, term) != term.negated for term in alternative if term.field in _FIELDS)
        for alternative in alternatives
    )


def _holds(order: Order, updated_at: datetime, term: Term) -> bool:
    actual = _FIELDS[term.field](order, updated_at)
    if isinstance(actual, datetime):
        wanted = _time(term.value)
        return wanted is not None and _compared(term, actual, wanted)
    if isinstance(actual, int) and not isinstance(actual, bool):
        number = term.value.rpartition("/")[2]
        return number.isdecimal() and _compared(term, actual, int(number))
    if isinstance(actual, bool):
        return term.value.casefold() == str(actual).casefold()
    return actual is not None and str(actual).casefold() == term.value.casefold()


def _compared(term: Term, actual: Any, wanted: Any) -> bool:
    return bool(_COMPARE[term.compare](actual, wanted)) if term.compare else bool(actual == wanted)


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _status(order: Order, _: datetime) -> str:
    return "cancelled" if order.cancelled_at else "open"


_FIELDS: dict[str, Callable[[Order, datetime], Any]] = {
    "id": lambda o, _: o.id,
    "name": lambda o, _: o.name,
    "test": lambda o, _: o.test,
    "status": _status,
    "created_at": lambda o, _: o.created_at,
    "processed_at": lambda o, _: o.created_at,
    "updated_at": lambda _, at: at,
    "customer_id": lambda o, _: o.customer.id if o.customer else None,
    "location_id": lambda o, _: o.location_id,
    "cart_token": lambda o, _: o.cart_token,
    "checkout_token": lambda o, _: o.checkout_token,
    "source_name": lambda o, _: o.source_name,
    "financial_status": lambda o, _: o.financial_status,
    # The schema's own text: only the first code on an order is indexed.
    "discount_code": lambda o, _: o.codes[0] if o.codes else None,
}

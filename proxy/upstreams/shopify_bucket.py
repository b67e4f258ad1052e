"""Our view of a shop's cost bucket, so that a burst is paced before Shopify throttles it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any


class Bucket:
    """Points that are left, as last told and refilled since, less what our calls under way may cost.

    Other processes share the real one, so this is only an estimate; THROTTLED corrects it.
    Source: https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._maximum = 0.0
        self._available = 0.0
        self._rate = 0.0
        self._told_at = 0.0
        self._under_way = 0.0
        self._costs: dict[str, float] = {}

    @contextmanager
    def reserved(self, operation: str) -> Iterator[float]:
        """Keep aside what the operation cost last time; gives the seconds to wait before sending it."""
        cost = self._costs.get(operation, 0.0)
        free = self._free()
        self._under_way += cost
        try:
            yield max(0.0, (min(cost, self._maximum) - free) / self._rate) if self._rate else 0.0
        finally:
            self._under_way -= cost

    def learn(self, operation: str, extensions: Mapping[str, Any]) -> float | None:
        """Take over what Shopify told; answers the seconds until the operation fits, None where it did not say."""
        try:
            cost = extensions["cost"]
            asked = _points(cost["requestedQueryCost"])
            status = cost["throttleStatus"]
            maximum, rate = _points(status["maximumAvailable"]), _points(status["restoreRate"])
            available = _points(status["currentlyAvailable"])
        except (KeyError, TypeError):
            return None
        if rate <= 0:
            return None
        self._maximum, self._rate, self._available, self._told_at = maximum, rate, available, self._monotonic()
        self._costs[operation] = asked
        return max(0.0, (asked - available) / rate)

    def _free(self) -> float:
        refilled = self._available + (self._monotonic() - self._told_at) * self._rate
        return min(self._maximum, refilled) - self._under_way


def _points(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError("not a number of points")
    return float(value)

"""Token buckets: how often something may be asked for, and how long to wait when it was too often."""

from dataclasses import dataclass
from enum import StrEnum


class Bound(StrEnum):
    """Whose bucket it is."""

    CALLER = "caller"
    CUSTOMER = "customer"
    SHOP = "shop"


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket that holds `burst` tokens and gets one back every `every_us` microseconds.

    All that is kept of a bucket is when it will be full again; one of which nothing is kept is full.
    """

    burst: int
    every_us: int

    @classmethod
    def per_minute(cls, requests: int) -> "Rate":
        """Allow so many requests in a minute, at once or spread."""
        return cls(requests, 60_000_000 // requests)

    def draw(self, full_at_us: int, now_us: int) -> tuple[int, int]:
        """Tell when the bucket is full again if one token is taken now, and how long it takes until one is there.

        Where that is 0 or less, there is one.
        """
        after_us = (full_at_us if full_at_us > now_us else now_us) + self.every_us
        return after_us, after_us - now_us - self.burst * self.every_us


# One token from the bucket of this key, which is of one bound alone. A plain tuple, for every warm read makes two.
Draw = tuple[Bound, tuple[str, ...], Rate]


@dataclass(frozen=True, slots=True)
class Drained:
    """Nothing was taken: this bucket has no token for another so many seconds."""

    bound: Bound
    wait_s: float

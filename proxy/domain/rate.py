"""Token buckets: how often something may be asked for, and how long to wait when it was too often."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


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

    @property
    def full_us(self) -> int:
        """How long an empty bucket takes to be full."""
        return self.burst * self.every_us

    def after(self, full_at_us: int, now_us: int) -> int:
        """Tell when the bucket is full again if one token more is taken now."""
        return max(full_at_us, now_us) + self.every_us

    def lacks_us(self, full_at_us: int, now_us: int) -> int:
        """Tell how long it takes until a token is there for this; 0 or less where there is one."""
        return full_at_us - now_us - self.full_us


class Draw(NamedTuple):
    """One token from the bucket of this key, which is of one bound alone. A tuple: every warm read makes two."""

    bound: Bound
    key: tuple[str, ...]
    rate: Rate


@dataclass(frozen=True, slots=True)
class Drained:
    """Nothing was taken: this bucket has no token for another so many seconds."""

    bound: Bound
    wait_s: float

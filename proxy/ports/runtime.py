"""What a process gives: time, ids, caches and telemetry."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from proxy.domain.happening import Happening
from proxy.domain.ids import (
    CaptureId,
    Code,
    RedemptionId,
)
from proxy.domain.rate import Drained, Draw
from proxy.domain.staff import ApprovalId

V = TypeVar("V")


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Give the wall clock, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Give seconds that only ever go up."""
        ...


class Ids(Protocol):
    """Where ids and codes come from."""

    def redemption(self) -> RedemptionId: ...
    def capture(self) -> CaptureId: ...
    def give_back(self) -> str: ...
    def approval(self) -> ApprovalId: ...
    def code(self, prefix: str) -> Code: ...
    def token(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Cached(Generic[V]):
    """A value with its age in seconds; `stale` means that the other side could not be asked anew."""

    value: V
    age_s: float
    stale: bool


class Cache(Protocol[V]):
    """Values that many callers want at once and that are dear to load."""

    async def get(self, key: Hashable, load: Callable[[], Awaitable[V]], *, fresh: bool = False) -> Cached[V]:
        """Give the cached value, or load it once for all who wait; `fresh` accepts no cached and no stale value."""
        ...

    def peek(self, key: Hashable) -> V | None:
        """Give the value only if it is there and fresh, without waiting."""
        ...

    def remembered(self, key: Hashable) -> Cached[V] | None:
        """Give what this process last saw, however old, without asking anybody."""
        ...

    def drop(self, key: Hashable) -> None:
        """Have the next caller load anew; what is being loaded now is not kept."""
        ...


class Buckets(Protocol):
    """Token buckets that many callers draw from at once."""

    async def take(self, *draws: Draw) -> Drained | None:
        """Take one token from each, or none from any; gives the bucket that makes the caller wait longest."""
        ...

    def take_here(self, *draws: Draw) -> Drained | None:
        """Do the same with this process's own buckets, without waiting for anything."""
        ...


class Telemetry(Protocol):
    """Where happenings go: one log line and one count each."""

    def tell(self, happening: Happening, **fields: object) -> None: ...

"""Token buckets of this process."""

from collections.abc import Callable

from cachetools import LRUCache

from proxy.domain.rate import Drained, Draw


class LocalBuckets:
    """Buckets in memory, as many as there is room for; of the rest, those not used for longest count as full."""

    def __init__(self, size: int, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._full_at_us: LRUCache[tuple[str, ...], int] = LRUCache(size)

    async def take(self, *draws: Draw) -> Drained | None:
        """Take one token from each, or none from any; gives the bucket that makes the caller wait longest."""
        return self.take_here(*draws)

    def take_here(self, *draws: Draw) -> Drained | None:
        """Do the same with this process's own buckets, without waiting for anything."""
        now_us = int(self._monotonic() * 1_000_000)
        kept, taken = self._full_at_us, []
        worst: Drained | None = None
        for bound, key, rate in draws:
            full_at_us = rate.after(kept.get((bound, *key), 0), now_us)
            lacks_s = rate.lacks_us(full_at_us, now_us) / 1_000_000
            if lacks_s > 0 and (worst is None or lacks_s > worst.wait_s):
                worst = Drained(bound, lacks_s)
            taken.append(((bound, *key), full_at_us))
        if worst is None:
            for name, full_at_us in taken:
                kept[name] = full_at_us
        return worst

"""Token buckets of this process."""

from collections.abc import Callable

from proxy.domain.rate import Drained, Draw


class LocalBuckets:
    """Buckets in memory, as many as there is room for; of the rest, those not used for longest count as full."""

    def __init__(self, size: int, monotonic: Callable[[], float]) -> None:
        self._size = size
        self._monotonic = monotonic
        # The least recently used first. A plain dict: every warm read comes here, and a cache class costs it 5 %.
        self._full_at_us: dict[tuple[str, ...], int] = {}

    async def take(self, *draws: Draw) -> Drained | None:
        """Take one token from each, or none from any; gives the bucket that makes the caller wait longest."""
        return self.take_here(*draws)

    def take_here(self, *draws: Draw) -> Drained | None:
        """Do the same with this process's own buckets, without waiting for anything."""
        now_us = int(self._monotonic() * 1_000_000)
        kept, drawn = self._full_at_us, []
        worst: Drained | None = None
        for bound, key, rate in draws:
            before_us = kept.pop(key, 0)
            after_us, lacks_us = rate.draw(before_us, now_us)
            if lacks_us > 0 and (worst is None or lacks_us / 1_000_000 > worst.wait_s):
                worst = Drained(bound, lacks_us / 1_000_000)
            drawn.append((key, before_us, after_us))
        for key, before_us, after_us in drawn:
            # Whoever is refused uses it too: a drained bucket that was forgotten would be a full one.
            kept[key] = after_us if worst is None else before_us
        while len(kept) > self._size:
            del kept[next(iter(kept))]
        return worst

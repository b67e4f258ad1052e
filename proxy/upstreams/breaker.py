"""A circuit breaker: after several failures in a row nothing is sent for a while, then one probe at a time."""

from collections.abc import Callable


class Breaker:
    """Open after `failures` failures in a row; after `cool_down_s` let one call through to see.

    A probe that never reports back (its caller was cancelled) blocks nothing for longer than one more cool-down.
    """

    def __init__(self, failures: int, cool_down_s: float, monotonic: Callable[[], float]) -> None:
        self._limit = failures
        self._cool_down_s = cool_down_s
        self._monotonic = monotonic
        self._failed = 0
        self._closed_from = 0.0

    @property
    def open(self) -> bool:
        """Tell whether calls are held back."""
        return self._failed >= self._limit

    def allows(self) -> bool:
        """Tell whether a call may be sent now; while open a yes is the probe, and so is given once per cool-down."""
        if not self.open:
            return True
        now = self._monotonic()
        if now < self._closed_from:
            return False
        self._closed_from = now + self._cool_down_s
        return True

    def succeeded(self) -> None:
        """Report an answer that shows the other side to be up."""
        self._failed = 0

    def failed(self) -> None:
        """Report a transport failure or a 5xx."""
        self._failed += 1
        if self.open:
            self._closed_from = self._monotonic() + self._cool_down_s

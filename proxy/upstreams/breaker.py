"""A circuit breaker: after several failures in a row nothing is sent for a while, then one probe at a time."""

from collections.abc import Callable


class Admission:
    """A call that was let through; it reports once what it came to, also when it was cut short."""

    __slots__ = ("_breaker",)

    def __init__(self, breaker: "Breaker") -> None:
        self._breaker = breaker

    def succeeded(self) -> None:
        """Report an answer that shows the other side to be up; a 429 does, for what is down limits nobody."""
        self._breaker._succeeded()

    def failed(self) -> None:
        """Report a time-out, a transport failure or a 5xx."""
        self._breaker._failed(self)

    def forgotten(self) -> None:
        """Report that nothing was learned: whoever called went away, or nothing could be sent."""
        self._breaker._forgotten(self)


class Breaker:
    """Open after `failures` failures in a row; after `cool_down_s` half-open, for exactly one probe at a time.

    A probe that succeeds closes it, one that fails starts the cool-down anew, and after one that learned nothing the
    next call is the probe. What was sent before it opened may still close it; that it fails too says nothing new.
    """

    def __init__(self, failures: int, cool_down_s: float, monotonic: Callable[[], float]) -> None:
        self._limit = failures
        self._cool_down_s = cool_down_s
        self._monotonic = monotonic
        self._failures = 0
        self._probe_from = 0.0
        self._probe: Admission | None = None

    @property
    def open(self) -> bool:
        """Tell whether calls are held back."""
        return self._failures >= self._limit

    @property
    def refuses(self) -> bool:
        """Tell whether a call would be refused now, without making it the probe."""
        return self.open and (self._probe is not None or self._monotonic() < self._probe_from)

    def admit(self) -> Admission | None:
        """Let a call through, or none; whoever gets an admission has to report."""
        if self.refuses:
            return None
        admission = Admission(self)
        if self.open:
            self._probe = admission
        return admission

    def _succeeded(self) -> None:
        self._failures = 0
        self._probe = None

    def _failed(self, admission: Admission) -> None:
        if self.open and admission is not self._probe:
            return
        self._failures += 1
        self._probe = None
        if self.open:
            self._probe_from = self._monotonic() + self._cool_down_s

    def _forgotten(self, admission: Admission) -> None:
        if admission is self._probe:
            self._probe = None

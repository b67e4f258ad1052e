"""The time that both simulators live by: the system's, moved by an offset."""

from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Tell the time for every simulator that was given this object."""

    def __init__(self) -> None:
        self._offset = timedelta()

    @property
    def offset_s(self) -> float:
        return self._offset.total_seconds()

    def now(self) -> datetime:
        """Return the aware UTC time."""
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Move forward, or back when negative."""
        self._offset += timedelta(seconds=seconds)

    def set(self, at: datetime) -> None:
        """Make it `at` now; time goes on from there. `at` must be aware."""
        if at.tzinfo is None:
            raise ValueError("a sandbox clock is set with an aware time")
        self._offset = at - datetime.now(UTC)

    def reset(self) -> None:
        """Return to the system's time."""
        self._offset = timedelta()

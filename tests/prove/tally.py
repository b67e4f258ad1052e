"""What a run of the proof counts."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Tally:
    """Counts of one or of many runs; `faults` by kind, `duplicates` of requests and webhooks, value in minor units."""

    steps: int = 0
    kills: int = 0
    duplicates: int = 0
    lost_minor: int = 0
    doubled_minor: int = 0
    stuck: int = 0
    reviews: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Count another run in."""
        for name in ("steps", "kills", "duplicates", "lost_minor", "doubled_minor", "stuck", "reviews"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults.update(other.faults)

    def to_json(self) -> dict[str, Any]:
        """Write it down, so that a run can be resumed."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "faults"} | {
            "faults": dict(self.faults)
        }

    @classmethod
    def from_json(cls, read: dict[str, Any]) -> "Tally":
        """Read what was written down."""
        faults = Counter(read.pop("faults", {}))
        return cls(**read, faults=faults)

"""The three ways in which a call that changes something can end; Unknown is never treated as Refused."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """It happened, and this is what came back."""

    value: T


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing happened. `transient` refusals (throttled, not connected) may be tried again, the rest may not."""

    reason: str
    transient: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was sent and the answer is missing: it may have happened, or may still happen."""

    reason: str


Outcome = Answered[T] | Refused | Unknown

"""Trying again, bounded in number and in time, with the other side's own word on when."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import stamina

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how long, in seconds; a Retry-After beyond `after_max_s` is not waited for."""

    attempts: int = 3
    budget_s: float = 12.0
    wait_initial_s: float = 0.1
    wait_max_s: float = 2.0
    wait_jitter_s: float = 0.1
    after_max_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Again(Generic[T]):
    """Worth another try, after `after_s` seconds where the other side said so; `otherwise` is what it comes to."""

    otherwise: T
    after_s: float | None = None


class _NotYet(Exception):
    def __init__(self, after_s: float | None) -> None:
        super().__init__("not yet")
        self.after_s = after_s


async def retrying(policy: Retry, once: Callable[[float], Awaitable[T | Again[T]]]) -> T:
    """Call `once` with the seconds that are left, until it answers something else than Again or the budget is spent.

    No attempt is ever cancelled from here: `once` keeps to the seconds that it was given, because only it can tell
    whether something was sent.
    """
    ends = time.monotonic() + policy.budget_s

    def worth(error: Exception) -> bool | float:
        if not isinstance(error, _NotYet):
            return False
        if error.after_s is None:
            return True
        return error.after_s if error.after_s <= min(policy.after_max_s, ends - time.monotonic()) else False

    attempts = stamina.retry_context(
        on=worth,
        attempts=policy.attempts,
        timeout=policy.budget_s,
        wait_initial=policy.wait_initial_s,
        wait_max=policy.wait_max_s,
        wait_jitter=policy.wait_jitter_s,
    )
    last: Again[T] | None = None
    try:
        async for attempt in attempts:
            with attempt:
                result = await once(max(0.0, ends - time.monotonic()))
                if not isinstance(result, Again):
                    return result
                last = result
                raise _NotYet(result.after_s)
    except _NotYet:
        pass
    assert last is not None
    return last.otherwise

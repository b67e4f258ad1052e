"""Faults to choose from, each bounded so that what the README assumes of the platforms still holds."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from proxy.sandbox.faults import Fault, Faults

REDEEM, REVERSAL, RETURN = "POST */redeem", "POST */reversal", "POST */return"
# What may fail while somebody does something; the likeliest are what moves value.
ASKING: Final = (
    "GET */balances",
    "GET */rewards",
    "GET */redeemable_benefits",
    "POST */search-id",
    "graphql CodeCreate",
    "graphql CodeCreate",
    "graphql FreeShippingCreate",
    "graphql CodeByCode",
    "graphql CodeDeactivate",
    "POST /admin/oauth/access_token",
)
WORKING: Final = (
    *(REDEEM, REDEEM, REDEEM, REVERSAL, REVERSAL, RETURN, RETURN),
    "GET */redemptions",
    "GET */redeemable_benefits",
    "POST */transactions",
    "graphql OrderForSettlement",
    "graphql OrdersSweep",
    "graphql CodeDeactivate",
    "graphql CodeDelete",
)
KINDS: Final = (
    "drop_after",
    "drop_before",
    "server_error_after",
    "server_error",
    "rate_limited",
    "slow",
    "late",
    "hidden",
    "throttled",
)
LOSSES: Final = ("drop_after", "drop_before", "server_error_after", "late", "hidden")
OMENS: Final = 9999
_MOST = 4


@dataclass(frozen=True, slots=True)
class Climate:
    """What can go wrong at all: while somebody asks for something, and while work is done."""

    asking: tuple[str, ...] = ASKING
    working: tuple[str, ...] = WORKING
    kinds: tuple[str, ...] = KINDS
    merges: bool = True  # after one, what a hold may rest on is known less exactly for a while
    benefits: bool = True  # without them money alone is redeemed, and more of it
    approvals: bool = True  # without them a till redeems as much as it wishes until its day is full

    def omen(self, number: int, routes: tuple[str, ...]) -> tuple[Fault, ...]:
        """Read a number as something that goes wrong on one of the routes; the lower third means nothing."""
        if number < OMENS // 3:
            return ()
        number, times = divmod(number, 3)
        number, skip = divmod(number, 4)
        number, which = divmod(number, len(routes))
        return faults(routes[which], self.kinds[number % len(self.kinds)], times + 1, skip // 3)


def faults(route: str, kind: str, times: int = 1, skip: int = 0) -> tuple[Fault, ...]:
    """Build what goes wrong; `late` is executed after we gave up, `hidden` is executed, unheard of and unlisted."""
    match kind:
        case "rate_limited":
            return (Fault(route, "rate_limited", times, skip, retry_after_s=1),)
        case "slow":
            return (Fault(route, "latency", times, skip, latency_ms=700),)
        case "late":
            return (Fault(route, "latency", 1, skip, latency_ms=20_000),)
        case "hidden":
            # A late sight of a redeem or a return beyond the settling time is what the README excludes; a reversal
            # is never sent twice for it: it may stay hidden longer, and goes before a person then.
            unlisted_s = 200 if route == REVERSAL else 60
            unlisted = Fault(route, "delayed_visibility", 1, skip, visible_after_s=unlisted_s)
            return unlisted, Fault(route, "drop_after", 1, skip)
        case _:
            return (Fault(route, kind, times, skip),)


@dataclass(slots=True)
class Weather:
    """One side's faults, and how many of each kind have struck."""

    faults: Faults
    struck: Counter[str] = field(default_factory=Counter)
    _added: Counter[str] = field(default_factory=Counter)

    def add(self, *more: Fault) -> None:
        """Switch some on; the oldest ends where too much is going wrong, and one thing at a time is very late."""
        late = any(each.latency_ms > 1000 for each in more)
        kept = [each for each in self.faults.active() if each.latency_ms <= 1000 or not late]
        self.clear()
        for each in [*kept[len(more) - _MOST :], *more]:
            self.faults.add(each)
            self._added[each.kind] += 1

    def clear(self) -> None:
        """End all, and count those that struck to their end."""
        left = Counter(one.kind for one in self.faults.active())
        self.struck += self._added - left
        self._added.clear()
        self.faults.clear()

"""Benefits that a profile has, what they do at Shopify, and wishes and orders that use them."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from proxy.domain.benefit import uses
from proxy.domain.effect import Effect, EffectKind
from proxy.domain.hold import Wish
from proxy.domain.loyalty import Benefit
from proxy.domain.order import Allocation, Order, OrderLine
from proxy.domain.outcome import Answered
from proxy.domain.redemption import Redemption
from tests.services.alone import Alone
from tests.services.redeeming import profile, redeem, wish
from tests.services.scripts import bought
from tests.stores.ledger import CUSTOMER, aud

BIRTHDAY, SOCKS, COFFEE, SPRING = 41, 42, 43, 44
NAMES = {BIRTHDAY: "birthday-10", SOCKS: "free-socks", COFFEE: "coffee", SPRING: "spring"}
EFFECTS: dict[str, Effect | str] = {
    "birthday-10": Effect(EffectKind.PERCENTAGE, percent=Decimal(10)),
    "free-socks": Effect(EffectKind.FREE_PRODUCT, aud(1500), products=("gid://shopify/Product/1",)),
    "coffee": Effect(EffectKind.RECORD),
    "spring": Effect(EffectKind.CODE, shared_code="SPRING"),
}


def benefit(id_: int, remaining: int | None = 1, **changes: Any) -> Benefit:
    row = Benefit(id_, NAMES[id_], NAMES[id_], None, None, None, None, remaining, redeemable=True)
    return replace(row, **changes)


def entitled(alone: Alone, *benefits: Benefit) -> None:
    """Give the profile these benefits, and the shop its mapping."""
    alone.omneo.profiles[CUSTOMER] = profile()
    alone.omneo.entitled[:] = benefits
    alone.effects.update(EFFECTS)


def use_of(id_: int, count: int = 1, key: str | None = None, **changes: Any) -> Wish:
    return wish(amount=uses(count), benefit=id_, key=key or f"use-{id_}", **changes)


async def placed(alone: Alone, asked: Wish) -> Redemption:
    """Have it granted and issued."""
    made = await redeem(alone, asked, Answered(f"gid://discount/{asked.key.key}"))
    return made.redemption


def sale(number: str, *lines: dict[str, int], **changes: Any) -> Order:
    """An order with a line of one unit for each of these; each says what which code took off it, in cents."""
    made = tuple(
        OrderLine(
            str(n),
            "Thing",
            None,
            None,
            1,
            1,
            aud(5000),
            aud(0),
            tuple(Allocation(code, None, aud(off)) for code, off in taken.items()),
        )
        for n, taken in enumerate(lines)
    )
    codes = tuple({code: None for taken in lines for code in taken})
    return replace(bought(number), lines=made, **{"codes": codes, **changes})

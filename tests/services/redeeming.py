"""Wishes of one customer, and what they come to."""

from dataclasses import replace
from typing import Any

from proxy.domain.actor import Actor
from proxy.domain.caller import Surface
from proxy.domain.hold import ClaimKey, Wish
from proxy.domain.loyalty import Profile
from proxy.domain.redemption import Place
from proxy.domain.shop import Policy, Shop
from proxy.services.redeem import Placed
from tests.services.alone import Alone, shop_of
from tests.stores.ledger import CUSTOMER, PROFILE, SHOP, aud

ADA = Actor("customer:1001")
HERE = Place(Surface.CHECKOUT, "cart-1")
MINIMUM = shop_of(policy=Policy(aud(100)))
EARLY = shop_of(policy=Policy(aud(100), capture_early=frozenset({Surface.CHECKOUT})))


def profile(**changes: Any) -> Profile:
    return replace(Profile(PROFILE, "Ada", "Hopper", "active", None, None), **changes)


def wish(minor: int = 500, key: str = "key-1", **changes: Any) -> Wish:
    place = changes.get("place", HERE)
    claim = ClaimKey(SHOP, place.surface, CUSTOMER, "redemptions", key)
    return replace(Wish(CUSTOMER, ADA, HERE, aud(minor), claim, "0" * 64), **changes)


async def redeem(alone: Alone, asked: Wish, *answers: Any, shop: Shop = MINIMUM) -> Placed:
    alone.shopify.answers[:] = answers
    return await alone.redeem()(shop, asked)


def held(alone: Alone) -> list[dict[str, object]]:
    return [fields for name, fields in alone.told.lines if name == "redemption.held"]

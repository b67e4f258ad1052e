"""Sales with benefits: several discounts on one cart, of which money and uses are spent, and come back, apart."""

from typing import Any, Final

from proxy.sandbox import seed
from tests.failure.stage import Stage
from tests.failure.stories.story import story

_SOCKS: Final = 1  # the second line of every cart
_GIVES: Final[dict[str, Any]] = {
    "gift": {"handle": "birthday-gift", "gives": "percentage", "percent": "10"},
    "alterations": {"handle": "free-alterations", "gives": "record"},
}


@story(benefits=_GIVES)
async def with_benefits(shop: Stage) -> None:
    """10 %, an amount and a thing that is handed over on one cart: sold, some of it given back, then the rest."""
    wishes = await shop.redeem_all(_of(shop, "birthday-gift"), "20.80", _of(shop, "free-alterations"))
    order = shop.buy(*wishes)
    for wish in wishes:
        await shop.reaches(wish, "recorded")
    shop.shopify.refund(order.id, [(order.lines[_SOCKS].id, 2)])
    await shop.noted(wishes[1], "given_back")
    shop.shopify.refund(order.id)
    for wish in wishes:
        await shop.reaches(wish, "returned")


@story("shortfall", benefits=_GIVES)
async def uses_alone(shop: Stage) -> None:
    """Another till uses the gift under its hold: the other use is taken all the same, and comes back with the goods."""
    gift, alterations = await shop.redeem_all(_of(shop, "birthday-gift"), _of(shop, "free-alterations"))
    path = f"/profiles/{seed.ADA.profile_id}/benefits/{_of(shop, 'birthday-gift')}/redeem"
    await shop.omneo_api("POST", path, {"count": 1})
    order = shop.buy(gift, alterations)
    await shop.reaches(gift, "review")
    await shop.reaches(alterations, "recorded")
    shop.advance(600)  # a reversal is no longer possible
    shop.shopify.refund(order.id)
    await shop.reaches(alterations, "returned")


def _of(shop: Stage, handle: str) -> int:
    """Find Ada's benefit of a definition."""
    state = shop.omneo.state
    definition = state.entry_by("benefit_definitions", "handle", handle)
    assert definition is not None
    mine = state.benefits_of(str(seed.ADA.profile_id))
    return next(each.id for each in mine if each.definition_id == definition.id)

"""What tills may not do alone."""

from typing import Final

from proxy.sandbox import seed
from tests.failure.stage import Stage
from tests.failure.stories.story import story
from tests.failure.wishes import Wish
from tests.world.world import ADA

_ANNA: Final = 42
_BO: Final = 43


@story(staff_approval_above="5.00", staff_daily_amount="100.00")
async def approved(shop: Stage) -> None:
    """A till asks for more than it may, a colleague grants it, and the sale is rung up."""
    wish = await _granted(shop, "12.50")
    lines = [(seed.LINEN_SHIRT.variant_id, 1)]
    shop.shopify.pos_sale(lines, location_id=seed.LOCATION.id, customer_id=ADA, codes=[wish.code])
    await shop.reaches(wish, "recorded")


async def _granted(shop: Stage, amount: str) -> Wish:
    """Ask anew, as people do, while what they got is over before it can be used."""
    for _ in range(4):
        refused = await shop.at_till(_ANNA, amount)
        assert refused.answer["code"] == "approval_required", refused
        approval = refused.answer["approval"]
        await shop.ask("POST", f"/v1/pos/approvals/{approval}", till=_BO)
        wish = await shop.at_till(_ANNA, amount, approval=approval)
        if wish.issued and shop.lasts(wish):
            return wish
        await shop.drained()
    raise AssertionError(f"nothing was issued: {wish} {shop.log()}")

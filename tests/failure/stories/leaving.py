"""Customers and shops who go: what is asked of us then, and what is done if they come back."""

from typing import Final

from tests.failure.stage import Stage
from tests.failure.stories.story import story
from tests.world.rows import LedgerRows
from tests.world.world import ADA

_REST_S: Final = 72 * 3600 + 1


@story()
async def forgotten(shop: Stage) -> None:
    """A customer whose order is long over is taken out."""
    wish = await shop.redeem("12.50")
    shop.buy(wish)
    await shop.reaches(wish, "recorded")
    await shop.drained()
    shop.advance(_REST_S)
    await shop.drained()
    shop.shopify.compliance("customers/redact", ADA)

    async def gone() -> bool:
        return LedgerRows(shop.database_url).redemptions[wish.id].customer_id != str(ADA)

    await shop.eventually(gone)
    await shop.drained()
    shop.wishes.remove(wish)  # its key is forgotten with it: asked for again, it would be a new wish


@story()
async def closed_and_back(shop: Stage) -> None:
    """The app is removed while a code is out, and comes back after a person was asked."""
    wish = await shop.redeem("12.50")
    shop.shopify.uninstall()

    async def closed() -> bool:
        return bool(LedgerRows(shop.database_url).closed_shops)

    await shop.eventually(closed)
    await shop.reaches(wish, "review")
    shop.shopify.install()
    shop.shopify.grant_scopes(shop.shopify.config.scopes)
    await shop.reaches(wish, "released")
    assert not await closed()

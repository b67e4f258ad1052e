"""What customers, buyers and tills do on any day."""

from dataclasses import replace
from typing import Final

from proxy.sandbox import seed
from proxy.sandbox.shopify.payload import order_payload
from tests.failure.stage import Stage
from tests.failure.stories.story import sold, story
from tests.world.world import BENEDIKT

_SOCKS: Final = 1  # the second line of every cart
_HOLD_S: Final = 1800


@story()
async def returned(shop: Stage) -> None:
    """Redeem, buy, give one pair of socks back, then the rest."""
    wish = await shop.redeem("20.80")
    order = shop.buy(wish)
    await shop.reaches(wish, "recorded")
    shop.shopify.refund(order.id, [(order.lines[_SOCKS].id, 1)])
    await shop.noted(wish, "given_back")
    shop.shopify.refund(order.id)
    await shop.reaches(wish, "returned")


@story()
async def reversed_whole(shop: Stage) -> None:
    """An order that is cancelled before it is paid undoes its redemption."""
    wish = await shop.redeem("12.50")
    order = shop.buy(wish, paid=False)
    await shop.reaches(wish, "captured")
    shop.shopify.cancel(order.id)
    await shop.reaches(wish, "returned")


@story()
async def removed(shop: Stage) -> None:
    wish = await shop.redeem("12.50")
    await shop.remove(wish)
    await shop.reaches(wish, "released")


@story()
async def expired(shop: Stage) -> None:
    wish = await shop.redeem("12.50")
    await shop.reaches(wish, "released")


@story()
async def replaced(shop: Stage) -> None:
    """The same cart wants another amount; what was set aside first passes over."""
    first = await shop.redeem("20.00")
    second = await shop.redeem("7.35")
    shop.buy(second)
    await shop.reaches(second, "recorded")
    await shop.reaches(first, "released")


@story()
async def walked_away(shop: Stage) -> None:
    """Whoever asked never comes back: nobody repeats the request, and the value is free again by itself."""
    await shop.once("12.50")


@story()
async def claimed(shop: Stage) -> None:
    """Omneo would give as many as it is asked for; a key that is repeated gets one."""
    state = shop.omneo.state
    definition = state.entry_by("benefit_definitions", "handle", "welcome-tote")
    assert definition is not None
    definition.fields["is_reclaimable"] = True
    ids = {await shop.claim("welcome-tote", "claim-1") for _ in range(2)}
    assert ids == {benefit.id for benefit in state.benefits.values() if benefit.definition_id == definition.id}


@story()
async def late(shop: Stage) -> None:
    """The order comes after the release: the buyer was shown the code, and it is honoured."""
    wish = await shop.redeem("12.50")
    cart = shop.cart(wish)
    await shop.remove(wish)
    await shop.reaches(wish, "released")
    order = shop.shopify.place_order(cart, honour=True)
    await sold(shop, order)


@story()
async def twice(shop: Stage) -> None:
    """Two checkouts that were open at once use one code."""
    wish = await shop.redeem("12.50")
    carts = shop.cart(wish), shop.cart(wish)
    first = shop.shopify.place_order(carts[0])
    second = shop.shopify.place_order(carts[1], honour=True)
    await sold(shop, first)
    await sold(shop, second)


@story()
async def told_once(shop: Stage) -> None:
    """One webhook comes through: its work is done at once, not when the hold's end or a sweep finds the order."""
    wish = await shop.redeem("12.50")
    shop.shopify.deliveries.lose = True
    order = shop.buy(wish)
    shop.shopify.deliveries.lose = False
    shop.shopify.webhooks.order(order, "orders/paid")
    await shop.reaches(wish, "recorded")
    assert shop.clock.offset_s < _HOLD_S


@story()
async def found_by_release(shop: Stage) -> None:
    """Every webhook of the order is lost; the release finds it before it lets go."""
    wish = await shop.redeem("12.50")
    shop.shopify.deliveries.lose = True
    shop.buy(wish)
    await shop.reaches(wish, "recorded")


@story(sweep_every_s=300)
async def found_by_sweep(shop: Stage) -> None:
    """Every webhook of the order is lost; the sweep finds it."""
    wish = await shop.redeem("12.50")
    shop.shopify.deliveries.lose = True
    shop.buy(wish)
    await shop.reaches(wish, "recorded")


@story()
async def refused(shop: Stage) -> None:
    """A wish beyond the balance is refused for good."""
    wish = await shop.wish("30.00")
    assert wish.answer["code"] == "insufficient_balance"
    shop.buy(await shop.redeem("12.50"))


@story("other_customer")
async def other_customer(shop: Stage) -> None:
    """Somebody else buys with the code: spent against its holder, and put before a person."""
    wish = await shop.redeem("12.50")
    shop.shopify.deliveries.hold = True
    order = shop.buy(wish)
    shop.shopify.attach_customer(order.id, BENEDIKT)
    shop.shopify.deliveries.release()
    shop.shopify.deliveries.hold = False
    await shop.reaches(wish, "review")
    await sold(shop, order)


@story(transaction_mode="attach", omneo_webhook_secret=seed.OMNEO_WEBHOOK_SECRET)
async def attached(shop: Stage) -> None:
    """Omneo's own app writes the sale; it is waited for, told of and attached to."""
    shop.omneo.shopify_app.config = replace(shop.omneo.shopify_app.config, delay_s=None)
    for trigger in ("transaction.created", "transaction.updated"):
        url = f"{shop.http.base_url}/webhooks/omneo/{seed.OMNEO_TENANT}"
        await shop.omneo_api("POST", "/webhooks", {"trigger": trigger, "url": url, "namespace": "proxy"})
    wish = await shop.redeem("12.50")
    order = shop.buy(wish)
    await shop.noted(wish, "waiting_for_transaction")
    shop.omneo.shopify_app.tell(order_payload(shop.shopify.state, order))
    shop.omneo.shopify_app.write()
    await shop.reaches(wish, "recorded")


@story(capture_early="checkout")
async def early(shop: Stage) -> None:
    """Spent when the code is made, and joined to the order that uses it."""
    wish = await shop.redeem("12.50")
    shop.buy(wish)
    await shop.reaches(wish, "recorded")


@story(capture_early="checkout")
async def early_removed(shop: Stage) -> None:
    """Spent when the code is made, and given back because no order used it."""
    wish = await shop.redeem("12.50")
    await shop.remove(wish)
    await shop.reaches(wish, "returned")


@story(capture_early="checkout")
async def walked_away_early(shop: Stage) -> None:
    """The same where it is spent when the code is made."""
    await shop.once("12.50")


@story(omneo_webhook_secret=seed.OMNEO_WEBHOOK_SECRET)
async def merged(shop: Stage) -> None:
    """Omneo merges the profile that holds, and tells: the order is spent, and given back, as the other's."""
    url = f"{shop.http.base_url}/webhooks/omneo/{seed.OMNEO_TENANT}"
    await shop.omneo_api("POST", "/webhooks", {"trigger": "profile.merged", "url": url, "namespace": "proxy"})
    wish = await shop.redeem("12.50")
    await _merge(shop)
    await shop.noted(wish, "profile_merged")
    order = shop.buy(wish)
    await shop.reaches(wish, "recorded")
    shop.shopify.refund(order.id)
    await shop.reaches(wish, "returned")


@story()
async def merged_untold(shop: Stage) -> None:
    """Nobody tells of the merge: the redeem finds the profile gone, and goes on with who took it over."""
    wish = await shop.redeem("12.50")
    await _merge(shop)
    shop.buy(wish)
    await shop.reaches(wish, "recorded")


async def _merge(shop: Stage) -> None:
    """Merge Ada's profile into one that was made for it."""
    await shop.omneo_api("POST", "/profiles", {"first_name": "A", "last_name": "H", "email": "kept@example.com"})
    kept = shop.omneo.state.profile_by_email("kept@example.com")
    assert kept is not None
    body = {"source_profile_id": seed.ADA.profile_id, "destination_profile_id": kept.id}
    await shop.omneo_api("POST", "/profiles/merge", body)

"""Shopify merges two customers: what the one who is gone has redeemed is settled, given back and free all the same."""

from decimal import Decimal
from typing import Any

import pytest

from proxy.domain.ledger_line import Period
from proxy.stores.exports import Exports
from tests.stores.ledger import open_ledger
from tests.world.rows import nothing_to_settle
from tests.world.world import ADA, BENEDIKT, World

pytestmark = pytest.mark.anyio


def spent(world: World, customer: int = ADA) -> list[tuple[str, Decimal]]:
    return [(r.type, r.total) for r in world.omneo_redemptions(customer)]


async def merged(world: World, redemption: dict[str, Any]) -> None:
    """Merge Ada into Benedikt, and wait until the ledger knows."""
    world.shopify.merge_customers(kept_id=BENEDIKT, gone_id=ADA)

    async def his() -> bool:
        answer = await world.http.get(f"/v1/redemptions/{redemption['id']}", headers=world.bearer(BENEDIKT))
        return answer.status_code == 200

    await world.eventually(his, lambda: world.log.getvalue()[-3000:])


async def test_an_order_after_the_merge_is_the_holders_own(world: World) -> None:
    redemption = await world.redeemed("12.50")
    await merged(world, redemption)
    world.buy(redemption["code"], customer=BENEDIKT)
    await world.reaches(redemption["id"], "recorded", BENEDIKT)
    assert (spent(world), spent(world, BENEDIKT)) == ([("redeem", Decimal("12.50"))], [])


async def test_a_refund_after_the_merge_gives_the_share_back_without_a_person(world: World) -> None:
    redemption = await world.redeemed("20.80")
    order = world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    # An order that is read between a merge and the word of it is another customer's, and goes before a person.
    await nothing_to_settle(world)
    await merged(world, redemption)
    world.shopify.refund(order.id, [(order.lines[1].id, 2)])
    await world.noted(redemption["id"], "given_back", BENEDIKT)
    assert (await world.redemption(redemption["id"], BENEDIKT))["state"] == "recorded"
    assert spent(world) == [("redeem", Decimal("20.80")), ("return", Decimal("5.00"))]


async def test_who_was_kept_takes_back_what_the_other_had_applied(world: World) -> None:
    redemption = await world.redeemed("12.50")
    await merged(world, redemption)
    removed = await world.http.delete(f"/v1/redemptions/{redemption['id']}", headers=world.bearer(BENEDIKT))
    assert removed.json()["state"] == "releasing"
    world.clock.advance(121)
    await world.reaches(redemption["id"], "released", BENEDIKT)
    assert world.shopify.state.discounts == {}


async def test_an_order_whose_webhooks_are_lost_is_found_among_the_orders_of_who_was_kept(world: World) -> None:
    redemption = await world.redeemed("12.50")
    await merged(world, redemption)
    world.shopify.deliveries.lose = True
    world.buy(redemption["code"], customer=BENEDIKT)
    await world.expires(redemption["id"], BENEDIKT)
    await world.reaches(redemption["id"], "recorded", BENEDIKT)
    assert spent(world) == [("redeem", Decimal("12.50"))]


async def test_a_merge_that_nobody_told_of_is_spent_once_and_put_before_a_person(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.deliveries.lose = True
    world.shopify.merge_customers(kept_id=BENEDIKT, gone_id=ADA)
    world.shopify.deliveries.lose = False
    world.buy(redemption["code"], customer=BENEDIKT)
    done = await world.reaches(redemption["id"], "review")
    assert (done["reason"], done["captured"]["amount"]) == ("other_customer", "12.50")
    assert spent(world) == [("redeem", Decimal("12.50"))]


async def test_a_merge_that_failed_hands_nothing_over(world: World) -> None:
    redemption = await world.redeemed("12.50")
    payload = {
        "admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{BENEDIKT}",
        "admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{ADA}",
        "status": "failed",
    }
    world.shopify.webhooks.send("customers/merge", payload)
    await world.shopify.deliveries.idle(10)
    assert any(e["event"] == "event.received" and e["topic"] == "customers/merge" for e in world.events())
    assert (await world.redemption(redemption["id"]))["state"] == "issued"


async def test_the_journal_keeps_whose_each_move_was(world: World) -> None:
    redemption = await world.redeemed("12.50")
    await merged(world, redemption)
    async with open_ledger(world.settings.database_url) as ledger:
        exports = Exports(ledger.database)
        lines = await exports.between(0, await exports.last(), Period(None, None, None))
    assert [(line.cause, line.customer) for line in lines] == [
        ("hold", str(ADA)),
        ("issue", str(ADA)),
        ("customer_merged", str(BENEDIKT)),
    ]

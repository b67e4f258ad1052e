"""Customers who ask to be forgotten are, once nothing of theirs is open; what finance needs stays."""

from decimal import Decimal
from typing import Any

import pytest

from proxy.domain.ledger_line import Period
from proxy.sandbox.clock import SandboxClock
from proxy.stores import schema as t
from proxy.stores.exports import Exports
from tests.stores.ledger import TENANT, open_ledger
from tests.world.rows import LedgerRows, nothing_to_settle, places
from tests.world.shops import open_shops
from tests.world.world import ADA, BENEDIKT, World, open_world

pytestmark = pytest.mark.anyio

REST_S = 72 * 3600 + 1
HOUR_S = 3601
QUARTER_S = 91 * 86_400


def told(world: World, event: str) -> list[dict[str, Any]]:
    return [e for e in world.events() if e["event"] == event]


async def happens(world: World, event: str, times: int = 1) -> None:
    async def there() -> bool:
        return len(told(world, event)) >= times

    await world.eventually(there, lambda: world.log.getvalue()[-3000:])


def of_ada(world: World) -> list[str]:
    return places(world.settings.database_url, str(ADA), world.omneo_profile(), "ada-s-cart")


async def sold(world: World, customer: int = ADA, amount: str = "12.50") -> tuple[dict[str, Any], Any]:
    redemption = await world.redeemed(amount, customer, cart="ada-s-cart" if customer == ADA else "cart-2")
    order = world.buy(redemption["code"], customer=customer)
    await world.reaches(redemption["id"], "recorded", customer)
    return redemption, order


async def rests(world: World) -> None:
    """Let the time pass after which nothing moves by itself, and what was due meanwhile be done."""
    await world.passes(REST_S)  # what moves while it passes has not rested

    async def done() -> bool:
        tasks, now_ms = LedgerRows(world.settings.database_url).tasks, world.clock.now().timestamp() * 1000
        due = [task for task in tasks if task.kind == "privacy" and (task.lease or task.due_ms <= now_ms)]
        return not due and not [task for task in tasks if task.kind in ("order", "redemption") and not task.parked]

    await world.eventually(done, lambda: world.log.getvalue()[-3000:])


async def forgotten(world: World, customer: int = ADA) -> None:
    await rests(world)
    world.shopify.compliance("customers/redact", customer)
    await happens(world, "privacy.redacted")


async def totals(world: World) -> dict[str, list[Decimal]]:
    """What finance adds up, by column."""
    async with open_ledger(world.settings.database_url) as ledger:
        exports = Exports(ledger.database)
        lines = await exports.between(0, await exports.last(), Period(None, None, None))
    names = ("held_change", "captured_change", "returned_change", "shortfall_change")
    return {name: [getattr(line, name) for line in lines if line.cause != "redacted"] for name in names}


async def test_after_a_redaction_the_customer_stands_in_no_row_of_any_table(world: World) -> None:
    _, order = await sold(world)
    world.shopify.refund(order.id, [(order.lines[1].id, 1)])
    removed = await world.redeemed("3.00", cart="ada-s-cart")
    await world.http.delete(f"/v1/redemptions/{removed['id']}", headers=world.bearer())
    world.clock.advance(121)
    await world.reaches(removed["id"], "released")
    await world.redeem("9000.00", cart="ada-s-cart")  # refused, and the refusal is kept under its key
    assert len(of_ada(world)) > 5
    await nothing_to_settle(world)
    before = await totals(world)
    await forgotten(world)
    assert of_ada(world) == []
    assert await totals(world) == before


async def test_a_redaction_leaves_everybody_else_alone(world: World) -> None:
    await sold(world)
    theirs, _ = await sold(world, BENEDIKT, "4.00")
    await forgotten(world)
    assert (await world.redemption(theirs["id"], BENEDIKT))["state"] == "recorded"
    kept = places(world.settings.database_url, str(BENEDIKT), world.omneo_profile(BENEDIKT))
    assert {"redemptions.customer_id", "redemptions.profile_id", "captures.profile_id", "allowances.profile_id"} <= set(
        kept
    )


async def test_each_redemption_of_a_customer_gets_another_name(world: World) -> None:
    for _ in range(2):
        await sold(world, amount="2.00")
    await forgotten(world)
    rows = LedgerRows(world.settings.database_url).redemptions.values()
    assert len({row.customer_id for row in rows}) == len({row.profile_id for row in rows}) == 2


async def test_a_redaction_waits_until_nothing_of_the_customer_is_open(world: World) -> None:
    redemption = await world.redeemed("12.50", cart="ada-s-cart")
    world.shopify.compliance("customers/redact", ADA)
    await happens(world, "privacy.waiting")
    waiting = told(world, "privacy.waiting")[-1]
    assert (waiting["why"], waiting["redemptions"]) == ("not_settled", [redemption["id"]])
    world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    await rests(world)
    world.clock.advance(HOUR_S)
    await happens(world, "privacy.redacted")
    assert of_ada(world) == []


async def test_a_redaction_waits_for_the_answer_to_who_asked_first(world: World) -> None:
    await sold(world)
    world.shopify.compliance("customers/data_request", ADA)
    await world.shopify.deliveries.idle(10)
    await rests(world)
    world.shopify.compliance("customers/redact", ADA)
    await happens(world, "privacy.waiting")
    assert told(world, "privacy.waiting")[-1]["why"] == "data_request"
    assert of_ada(world) != []


async def test_what_comes_back_after_a_redaction_is_for_a_person(world: World) -> None:
    redemption, order = await sold(world)
    await forgotten(world)
    world.shopify.refund(order.id)
    await ends_in_review(world, redemption["id"])
    assert [r.type for r in world.omneo_redemptions()] == ["redeem"]


async def test_an_order_that_is_paid_after_a_redaction_is_for_a_person(world: World) -> None:
    redemption = await world.redeemed("12.50")
    order = world.buy(redemption["code"], paid=False)
    await world.reaches(redemption["id"], "captured")
    await forgotten(world)
    world.shopify.mark_paid(order.id)
    await ends_in_review(world, redemption["id"])


async def test_a_code_that_is_used_after_a_redaction_is_for_a_person_and_spends_nothing(world: World) -> None:
    redemption = await world.redeemed("12.50")
    cart = world.cart(redemption["code"])
    await world.expires(redemption["id"])
    await world.reaches(redemption["id"], "released")
    await forgotten(world)
    world.shopify.place_order(cart, honour=True)
    await ends_in_review(world, redemption["id"])
    assert world.omneo_redemptions() == []


async def test_an_order_that_changes_nothing_after_a_redaction_is_left_as_it_is(world: World) -> None:
    redemption, order = await sold(world)
    await forgotten(world)
    settled = len(told(world, "order.settled"))
    world.shopify.attach_customer(order.id, BENEDIKT)
    await happens(world, "order.settled", settled + 1)
    assert LedgerRows(world.settings.database_url).redemptions[redemption["id"]].state == "recorded"


async def ends_in_review(world: World, redemption: str) -> None:
    async def there() -> bool:
        row = LedgerRows(world.settings.database_url).redemptions[redemption]
        return (row.state, row.reason) == ("review", "redacted")

    await world.eventually(there, lambda: world.log.getvalue()[-3000:])


async def test_a_customer_who_comes_back_is_served_as_anybody(world: World) -> None:
    await sold(world)
    await forgotten(world)
    again, _ = await sold(world, amount="2.00")
    assert (await world.redemption(again["id"]))["captured"]["amount"] == "2.00"


async def test_who_was_merged_away_is_forgotten_too(world: World) -> None:
    redemption, _ = await sold(world)
    # An order that is read between a merge and the word of it is another customer's, and goes before a person.
    await nothing_to_settle(world)
    world.shopify.merge_customers(kept_id=BENEDIKT, gone_id=ADA)
    await world.shopify.deliveries.idle(10)
    # Shopify no longer knows who is gone, so the request is written by hand.
    body = {"shop_domain": "sandbox-shop.myshopify.com", "customer": {"id": ADA, "email": "a@b.c", "phone": None}}
    await rests(world)
    world.shopify.webhooks.send("customers/redact", {"shop_id": 1, **body})
    await happens(world, "privacy.redacted")
    assert places(world.settings.database_url, str(ADA)) == []
    assert (await world.redemption(redemption["id"], BENEDIKT))["state"] == "recorded"


@pytest.mark.parametrize("topic", ["customers/redact", "shop/redact"])
async def test_a_request_for_another_shop_than_its_header_says_is_refused(world: World, topic: str) -> None:
    body = {"shop_id": 2, "shop_domain": "another.myshopify.com"}
    if topic != "shop/redact":
        body["customer"] = {"id": ADA}
    world.shopify.webhooks.send(topic, body)

    async def answered() -> bool:
        return bool(world.shopify.deliveries.log)

    await world.eventually(answered)
    assert {attempt.status for attempt in world.shopify.deliveries.log} == {401}
    assert places(world.settings.database_url, topic, str(ADA)) == []


async def test_an_old_body_under_a_new_id_asks_for_nothing_new(world: World) -> None:
    body = {"shop_domain": "sandbox-shop.myshopify.com", "customer": {"id": ADA}, "data_request": {"id": 9}}
    for _ in range(3):
        world.shopify.webhooks.send("customers/data_request", body)
    await world.shopify.deliveries.idle(10)
    assert [request.reference for request in LedgerRows(world.settings.database_url).privacy_requests] == ["9"]


async def test_two_customers_who_ask_at_once_are_both_forgotten(world: World) -> None:
    await sold(world)
    await sold(world, BENEDIKT, "4.00")
    await rests(world)
    for customer in (ADA, BENEDIKT):
        world.shopify.compliance("customers/redact", customer)
    await happens(world, "privacy.redacted", 2)
    assert of_ada(world) == places(world.settings.database_url, str(BENEDIKT), world.omneo_profile(BENEDIKT)) == []


async def test_a_shop_that_is_gone_is_forgotten_whole_and_no_other_of_its_tenant(database_url: str) -> None:
    async with open_shops(database_url) as shops:
        await sold(shops.north)
        theirs, _ = await sold(shops.south, amount="2.00")
        shops.north.shopify.uninstall()
        await happens(shops.north, "shop.closed")
        await rests(shops.north)
        shops.north.shopify.compliance("shop/redact")
        await happens(shops.north, "privacy.redacted")
        rows = LedgerRows(database_url).redemptions.values()
        named = {row.shop.partition(".")[0]: row.customer_id for row in rows}
        assert named["south"] == str(ADA)
        assert named["sandbox-shop"].startswith("gone_")
        assert (await shops.south.redemption(theirs["id"]))["state"] == "recorded"


async def test_a_shop_that_is_open_is_not_forgotten(world: World) -> None:
    await sold(world)
    await rests(world)
    world.shopify.compliance("shop/redact")
    await happens(world, "privacy.waiting")
    assert told(world, "privacy.waiting")[-1]["why"] == "shop_open"
    assert of_ada(world) != []


async def test_everybody_is_forgotten_after_the_time_that_is_set(database_url: str) -> None:
    async with open_world(database_url) as world:
        redemption, _ = await sold(world)
        await rests(world)
        waiting = await world.redeemed("3.00", BENEDIKT)
    later = SandboxClock()
    later.advance(QUARTER_S)
    async with open_world(database_url, clock=later, personal_keep_s=90 * 86_400) as world:

        async def cut() -> bool:
            return str(LedgerRows(database_url).redemptions[redemption["id"]].customer_id) != str(ADA)

        await world.eventually(cut, lambda: world.log.getvalue()[-3000:])
        assert places(database_url, world.omneo_profile()) == []
        # What had not ended by then keeps its person.
        assert LedgerRows(database_url).redemptions[waiting["id"]].customer_id == str(BENEDIKT)


async def test_however_many_only_looked_none_is_kept_for_longer(database_url: str) -> None:
    looked = [
        {"tenant": TENANT, "profile_id": f"p-{number}", "held_minor": 0, "epoch": number} for number in range(2500)
    ]
    async with open_ledger(database_url) as ledger:
        await ledger.database.write(lambda unit: unit.run(t.allowances.insert().values(looked)).rowcount)
    async with open_world(database_url) as world:

        async def tidied() -> bool:
            return not LedgerRows(database_url).allowances

        await world.eventually(tidied, lambda: world.log.getvalue()[-3000:])

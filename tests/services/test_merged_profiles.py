"""Omneo merges two profiles: what the one that is gone had is held, spent, given back and recorded as the other's."""

import hmac
from collections.abc import AsyncIterator
from decimal import Decimal
from hashlib import sha256

import httpx
import pytest

from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from tests.services.attaching import HOOK, told
from tests.services.test_attach_webhooks import hear
from tests.world.rows import LedgerRows
from tests.world.shops import TENANTS, open_shops
from tests.world.world import ADA, BENEDIKT, DEV, World, open_world

pytestmark = pytest.mark.anyio

EVENTS = ("profile.merged", "profile.deleted", "balance.updated", "reward.created")
REDEEM = "POST /api/v3/profiles/*/redeem"


@pytest.fixture
async def hooked(database_url: str) -> AsyncIterator[World]:
    """Omneo tells of what happens to profiles; what is read of them is remembered for long."""
    secret = seed.OMNEO_WEBHOOK_SECRET
    async with open_world(database_url, omneo_webhook_secret=secret, cache_ttl_s=60, worker_lease_s=300) as world:
        for trigger in EVENTS:
            hook = {"trigger": trigger, "url": world.urls["proxy"] + HOOK, "namespace": "proxy"}
            assert (await world.omneo_api("POST", "/webhooks", hook)).is_success
        yield world


async def merge(world: World, gone: int = ADA, kept: int = BENEDIKT) -> None:
    body = {
        "source_profile_id": world.omneo_profile(gone),
        "destination_profile_id": world.omneo_profile(kept),
    }
    assert (await world.omneo_api("POST", "/profiles/merge", body)).is_success


def spent(world: World, customer: int = BENEDIKT) -> list[tuple[str, Decimal]]:
    """What Omneo has of us under the profile that was kept."""
    rows = world.omneo_redemptions(customer)
    return [(r.type, r.total) for r in rows if (r.transaction_external_id or "cap_").startswith("cap_")]


def ledger_of(world: World) -> LedgerRows:
    return LedgerRows(world.settings.database_url)


def profiles_of(world: World) -> set[str]:
    rows = ledger_of(world)
    return {row.profile_id for row in rows.redemptions.values()} | {row.profile_id for row in rows.captures}


async def test_a_hold_is_the_others_as_soon_as_omneo_tells_and_its_order_is_recorded_there(hooked: World) -> None:
    redemption = await hooked.redeemed("12.50")
    await merge(hooked)
    await hooked.noted(redemption["id"], "profile_merged")
    hooked.buy(redemption["code"])
    await hooked.reaches(redemption["id"], "recorded")
    assert spent(hooked) == [("redeem", Decimal("12.50"))]
    assert profiles_of(hooked) == {hooked.omneo_profile(BENEDIKT)}


async def test_what_came_over_counts_against_what_the_other_may_redeem(hooked: World) -> None:
    before = await hooked.rewards(BENEDIKT)
    redemption = await hooked.redeemed("25.00")
    await merge(hooked)
    await hooked.noted(redemption["id"], "profile_merged")
    after = await hooked.rewards(BENEDIKT)
    assert after["balance"]["available"] == before["balance"]["available"]


async def test_what_came_over_is_not_shown_to_the_other_customer(hooked: World) -> None:
    redemption = await hooked.redeemed("12.50")
    await merge(hooked)
    await hooked.noted(redemption["id"], "profile_merged")
    shown = await hooked.rewards(BENEDIKT)
    till = await hooked.http.get(f"/v1/pos/customers/{BENEDIKT}", headers=hooked.bearer(None, "pos"))
    assert shown["redemption"] is till.json()["redemption"] is None
    assert shown["redemptions"] == till.json()["redemptions"] == []
    assert redemption["code"] not in str(shown) + till.text
    assert (await hooked.rewards(ADA))["redemption"]["id"] == redemption["id"]


async def test_what_was_made_as_the_profile_before_stays_listed_and_is_not_of_this_balance(world: World) -> None:
    redemption = await world.redeemed("12.50")
    await merge(world)  # nobody told
    world.clock.advance(310)
    shown = await world.rewards()
    assert [each["id"] for each in shown["redemptions"]] == [redemption["id"]]
    assert (shown["redemption"], shown["balance"]["held"]["amount"]) == (None, "0.00")


async def test_an_order_spends_from_the_profile_that_was_kept_though_nobody_told(world: World) -> None:
    redemption = await world.redeemed("12.50")
    await merge(world)
    world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    assert spent(world) == [("redeem", Decimal("12.50"))]
    assert profiles_of(world) == {world.omneo_profile(BENEDIKT)}


async def test_a_redeem_whose_answer_was_lost_before_the_merge_is_found_among_the_others(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.omneo.faults.add(Fault(REDEEM, "drop_after"))
    world.omneo.faults.add(Fault("GET /api/v3/profiles/*/redemptions", "server_error", status=503, times=3))
    world.buy(redemption["code"])
    await told(world, "capture.unknown")
    await merge(world)
    world.omneo.faults.clear()
    await world.reaches(redemption["id"], "recorded")
    assert spent(world) == [("redeem", Decimal("12.50"))]


async def test_a_refund_after_the_merge_gives_back_to_the_profile_that_was_kept(world: World) -> None:
    redemption = await world.redeemed("20.80")
    order = world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    await merge(world)
    world.shopify.refund(order.id, [(order.lines[1].id, 2)])
    await world.noted(redemption["id"], "given_back")
    assert spent(world) == [("redeem", Decimal("20.80")), ("return", Decimal("5.00"))]


async def test_a_return_whose_answer_was_lost_before_the_merge_is_not_sent_twice(world: World) -> None:
    redemption = await world.redeemed("20.80")
    order = world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    world.omneo.faults.add(Fault("POST /api/v3/redemptions/*/return", "drop_after"))
    world.omneo.faults.add(Fault("GET /api/v3/profiles/*/redemptions", "server_error", status=503, times=3))
    world.shopify.refund(order.id, [(order.lines[1].id, 2)])
    await told(world, "task.retried")
    await merge(world)
    world.omneo.faults.clear()
    await world.noted(redemption["id"], "given_back")
    assert spent(world) == [("redeem", Decimal("20.80")), ("return", Decimal("5.00"))]


async def test_a_sale_that_is_paid_after_the_merge_stands_under_the_profile_that_was_kept(world: World) -> None:
    redemption = await world.redeemed("12.50")
    order = world.buy(redemption["code"], paid=False)
    await world.reaches(redemption["id"], "captured")
    await merge(world)
    world.shopify.mark_paid(order.id)
    await world.reaches(redemption["id"], "recorded")
    (sale,) = [t for t in world.omneo.state.transactions.values() if t.external_id == str(order.id)]
    assert sale.profile_id == world.omneo_profile(BENEDIKT)


async def test_the_next_wish_counts_what_the_customer_held_before_though_nobody_told(world: World) -> None:
    first = await world.redeemed("20.00", cart="cart-1")
    await merge(world)
    world.clock.advance(301)  # whoever the customer was is asked anew
    elsewhere = await world.redeem("1.00", cart="cart-2")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "held_elsewhere")
    assert (await world.redemption(first["id"]))["state"] == "issued"
    assert profiles_of(world) == {world.omneo_profile(BENEDIKT)}


async def test_where_both_have_a_code_the_survivors_stays_and_an_order_still_wins_the_other(hooked: World) -> None:
    mine, theirs = await hooked.redeemed("12.50"), await hooked.redeemed("5.00", BENEDIKT)
    cart = hooked.cart(mine["code"])
    await merge(hooked)
    await hooked.noted(mine["id"], "profile_merged")
    assert (await hooked.redemption(theirs["id"], BENEDIKT))["state"] == "issued"
    hooked.shopify.place_order(cart, paid=True, honour=True)
    await hooked.reaches(mine["id"], "recorded")
    hooked.buy(theirs["code"], customer=BENEDIKT)
    await hooked.reaches(theirs["id"], "recorded", BENEDIKT)
    assert sorted(spent(hooked)) == [("redeem", Decimal("5.00")), ("redeem", Decimal("12.50"))]


async def test_a_chain_of_merges_of_which_nobody_told_is_followed_to_its_end(world: World) -> None:
    redemption = await world.redeemed("12.50")
    await merge(world)
    await merge(world, BENEDIKT, DEV)
    world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    assert spent(world, DEV) == [("redeem", Decimal("12.50"))]


async def test_an_event_that_is_wrong_moves_nothing(hooked: World) -> None:
    redemption = await hooked.redeemed("12.50")
    gone, kept = (hooked.omneo_profile(who) for who in (ADA, BENEDIKT))
    body = httpx.Request("POST", "http://x", json={"source_profile_id": gone, "destination_profile_id": kept}).content
    for event in ("profile.merged", "profile.deleted"):
        assert (await hear(hooked, event, body)).status_code == 200
    await told(hooked, "event.received", topic="profile.deleted", profiles=[gone])

    async def looked_after() -> bool:
        return not [task for task in ledger_of(hooked).tasks if task.kind == "profile"]

    await hooked.eventually(looked_after)
    assert (await hooked.redemption(redemption["id"]))["state"] == "issued"
    assert profiles_of(hooked) == {gone}


async def test_an_event_that_is_not_signed_is_not_heard(hooked: World) -> None:
    body = httpx.Request("POST", "http://x", json={"id": hooked.omneo_profile(ADA)}).content
    assert (await hear(hooked, "profile.merged", body, "another-secret")).status_code == 401
    assert not [task for task in ledger_of(hooked).tasks if task.kind == "profile"]


async def test_a_hold_of_a_profile_that_is_gone_for_good_is_let_go(hooked: World) -> None:
    redemption = await hooked.redeemed("12.50")
    assert (await hooked.omneo_api("DELETE", f"/profiles/{hooked.omneo_profile()}")).is_success

    async def let_go() -> bool:
        hooked.time_goes_on(25)
        return bool((await hooked.redemption(redemption["id"]))["state"] == "released")

    await hooked.eventually(let_go, lambda: hooked.log.getvalue()[-3000:])
    assert hooked.shopify.state.discounts == {}


async def test_what_was_promised_to_an_order_goes_before_a_person_when_the_profile_is_gone(world: World) -> None:
    redemption = await world.redeemed("12.50")
    assert (await world.omneo_api("DELETE", f"/profiles/{world.omneo_profile()}")).is_success
    world.buy(redemption["code"])
    assert (await world.reaches(redemption["id"], "review"))["reason"] == "profile_gone"


async def test_a_balance_that_changed_is_shown_at_once(hooked: World) -> None:
    before = await hooked.rewards()
    given = {"profile_id": hooked.omneo_profile(), "timezone": "UTC", "value_initial": "10.00"}
    await hooked.omneo_api("POST", "/rewards", given | {"reward_definition_handle": "loyalty-reward"})

    async def more() -> bool:
        return bool((await hooked.rewards())["balance"] != before["balance"])

    await hooked.eventually(more)
    assert hooked.clock.offset_s == 0


async def test_a_flood_of_changes_leaves_nothing_in_the_ledger(hooked: World) -> None:
    await hooked.rewards()
    rows = ledger_of(hooked)
    body = httpx.Request("POST", "http://x", json={"profile_id": hooked.omneo_profile(), "id": 7}).content
    for event in ("balance.updated", "reward.issued", "benefit.deleted", "point.created", "tier.updated") * 20:
        assert (await hear(hooked, event, body)).status_code == 200
    after = ledger_of(hooked)
    assert (after.tasks, after.allowances) == (rows.tasks, rows.allowances)


async def test_a_merge_is_the_tenants_in_all_its_shops_and_no_other_tenants(database_url: str) -> None:
    """Both tenants know a profile of this id; only one has merged it, and both are told."""
    async with open_shops(database_url) as shops:
        ended = await shops.south.redeemed("5.00")
        shops.south.buy(ended["code"])
        await shops.south.reaches(ended["id"], "recorded")
        mine, foreign = await shops.north.redeemed("12.50"), await shops.east.redeemed("12.50")
        await merge(shops.north)
        body = httpx.Request("POST", "http://x", json={"id": shops.north.omneo_profile()}).content
        for tenant in TENANTS.values():
            signature = hmac.new(tenant.webhook_secret.encode(), body, sha256).hexdigest()
            headers = {"X-Omneo-Event": "profile.merged", "X-Omneo-Hmac-SHA256": signature}
            told = await shops.north.http.post(f"/webhooks/omneo/{tenant.tenant}", content=body, headers=headers)
            assert told.status_code == 200
        await shops.north.noted(mine["id"], "profile_merged")
        await shops.south.noted(ended["id"], "profile_merged")

        async def looked_after() -> bool:
            return not [task for task in ledger_of(shops.east).tasks if task.kind == "profile"]

        await shops.east.eventually(looked_after)
        rows = ledger_of(shops.east).redemptions
        gone, kept = (shops.north.omneo_profile(who) for who in (ADA, BENEDIKT))
        assert [rows[each["id"]].profile_id for each in (mine, ended, foreign)] == [kept, kept, gone]

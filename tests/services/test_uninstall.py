"""A shop that has uninstalled the app: nothing is issued and nothing is lost, and it goes on when the app is back."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from proxy.domain.ids import OrderId, ShopDomain
from proxy.domain.redemption import State
from proxy.sandbox.faults import Fault
from proxy.stores.closures import Closures
from tests.services.test_privacy import happens, told
from tests.stores.ledger import SHOP, Ledger, open_ledger
from tests.test_commands import environment, run
from tests.world.rows import LedgerRows
from tests.world.world import ADA, World, open_world

pytestmark = pytest.mark.anyio

OVER_S = 1801  # a hold's time, and the grace after it


def marked(world: World) -> list[str]:
    return [row.shop for row in LedgerRows(world.settings.database_url).closed_shops]


async def closed(world: World) -> None:
    world.shopify.uninstall()
    await happens(world, "shop.closed")


async def opened(world: World) -> None:
    """The app is back, and Shopify tells so."""
    world.shopify.install()
    world.shopify.grant_scopes(world.shopify.config.scopes)
    await happens(world, "shop.reopened")


async def given_up(world: World, redemption: str) -> dict[str, Any]:
    world.clock.advance(OVER_S)

    async def ended() -> bool:
        return (await world.redemption(redemption))["state"] == "releasing"

    await world.eventually(ended, lambda: world.log.getvalue()[-3000:])
    world.clock.advance(OVER_S)
    return await world.reaches(redemption, "review")


async def swept(world: World) -> None:
    """Have the next sweep due."""

    async def armed() -> bool:
        tasks = LedgerRows(world.settings.database_url).tasks
        return any(task.kind == "sweep" and task.lease is None for task in tasks)

    await world.eventually(armed)
    world.clock.advance(61)


def spent(world: World) -> list[tuple[str, Decimal]]:
    return [(r.type, r.total) for r in world.omneo_redemptions()]


async def test_an_uninstall_that_shopify_does_not_confirm_changes_nothing(world: World) -> None:
    world.shopify.webhooks.send("app/uninstalled", {"id": 1, "domain": world.shopify.config.shop})
    await happens(world, "shop.served")
    assert marked(world) == []
    await world.redeemed("12.50")


async def test_while_shopify_says_nothing_the_shop_stays_open(world: World) -> None:
    world.shopify.faults.add(Fault("POST /admin/oauth/access_token", "server_error", times=1000))
    world.shopify.webhooks.send("app/uninstalled", {"id": 1, "domain": world.shopify.config.shop})
    await happens(world, "task.retried")
    assert {e["reason"] for e in told(world, "task.retried")} == {"shopify_token_refused"}
    assert marked(world) == []


async def test_in_a_closed_shop_nothing_is_issued_and_reads_go_on(world: World) -> None:
    await closed(world)
    answer = await world.redeem("12.50")
    assert (answer.status_code, answer.json()["code"], answer.json()["retryable"]) == (409, "shop_closed", False)
    assert (await world.rewards())["balance"]["available"]["amount"] == "25.00"
    rows = LedgerRows(world.settings.database_url)
    assert (list(rows.redemptions), [row.held_minor for row in rows.allowances]) == ([], [0])
    assert world.shopify.state.discounts == {}


async def test_a_closed_shop_is_closed_for_every_process_and_after_a_restart(database_url: str) -> None:
    async with open_world(database_url) as first:
        await closed(first)
    async with open_world(database_url, worker_in_serve=False) as second:
        assert (await second.redeem("12.50")).json()["code"] == "shop_closed"


async def test_a_refused_wish_is_granted_under_another_key_when_the_app_is_back(world: World) -> None:
    await closed(world)
    assert (await world.redeem("12.50", key="first")).status_code == 409
    await opened(world)
    assert (await world.redeem("12.50", key="second")).status_code == 201


async def test_a_code_that_nobody_can_look_after_keeps_its_hold_and_goes_before_a_person(world: World) -> None:
    redemption = await world.redeemed("12.50")
    await closed(world)
    assert (await given_up(world, redemption["id"]))["reason"] == "shop_closed"
    rows = LedgerRows(world.settings.database_url)
    assert [row.held_minor for row in rows.allowances] == [1250]

    async def nothing_is_left_to_do() -> bool:
        tasks = LedgerRows(world.settings.database_url).tasks
        return not [task for task in tasks if task.kind == "redemption"]

    await world.eventually(nothing_is_left_to_do)


async def test_when_the_app_is_back_the_sweep_finds_the_order_that_came_just_before(database_url: str) -> None:
    async with open_world(database_url, sweep_every_s=60) as world:
        await swept(world)
        await happens(world, "sweep.done")
        redemption = await world.redeemed("12.50")
        world.shopify.deliveries.lose = True
        world.buy(redemption["code"])
        await world.shopify.deliveries.idle(10)
        world.shopify.deliveries.lose = False
        await closed(world)
        await given_up(world, redemption["id"])
        await opened(world)
        await world.reaches(redemption["id"], "recorded")
        assert spent(world) == [("redeem", Decimal("12.50"))]


async def test_when_the_app_is_back_an_unused_code_is_released(world: World) -> None:
    redemption = await world.redeemed("12.50")
    await closed(world)
    await given_up(world, redemption["id"])
    await opened(world)
    await world.noted(redemption["id"], "deactivated")
    world.clock.advance(OVER_S)
    await world.reaches(redemption["id"], "released")
    assert (spent(world), (await world.rewards())["balance"]["available"]["amount"]) == ([], "25.00")


async def test_what_was_being_spent_is_spent_once_and_recorded_when_the_app_is_back(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.omneo.faults.add(Fault("POST /api/v3/profiles/*/redeem", "drop_after", times=1))
    world.omneo.faults.add(Fault("GET /api/v3/profiles/*/redemptions", "server_error", times=None))
    world.buy(redemption["code"])
    await happens(world, "capture.unknown")
    await closed(world)
    world.omneo.faults.clear()
    world.clock.advance(121)
    await world.reaches(redemption["id"], "captured")
    await happens(world, "task.parked")
    await opened(world)
    await world.reaches(redemption["id"], "recorded")
    assert spent(world) == [("redeem", Decimal("12.50"))]


async def test_an_uninstall_whose_webhook_is_lost_is_found_out_and_so_is_the_way_back(database_url: str) -> None:
    async with open_world(database_url, sweep_every_s=60) as world:
        world.shopify.deliveries.lose = True
        world.shopify.uninstall()
        await swept(world)
        await happens(world, "shop.closed")
        world.shopify.install()
        await swept(world)
        await happens(world, "shop.reopened")
        assert marked(world) == []
        assert (await world.redeem("12.50", ADA)).status_code == 201


async def test_proxy_check_opens_a_shop_that_answers(idle: World) -> None:
    database_url = idle.settings.database_url
    async with open_ledger(database_url) as ledger:
        await Closures(ledger.database).close(ShopDomain(idle.shopify.config.shop))
    assert (await idle.redeem("12.50", key="first")).json()["code"] == "shop_closed"
    addresses = {"SHOPIFY_BASE_URL": idle.urls["shopify"], "OMNEO_BASE_URL": f"{idle.urls['omneo']}/api/v3"}
    assert (await run(environment(database_url, **addresses), "check")).status == 0
    assert marked(idle) == []
    assert (await idle.redeem("12.50", key="second")).status_code == 201


async def test_a_shop_that_opens_while_one_gives_up_leaves_nothing_in_review(ledger: Ledger) -> None:
    """Whoever comes second finds what the first has done: in review with the mark gone it would stay for ever."""
    closures = Closures(ledger.database)
    for _ in range(20):
        redemption = await ledger.issued(500)
        assert await ledger.redemptions.begin_release(redemption, "expired")
        assert await closures.close(SHOP)
        await asyncio.gather(closures.give_up(redemption.id, SHOP), closures.reopen(SHOP))
        assert (await ledger.now(redemption)).state is State.RELEASING
        assert not await closures.closed(SHOP)


async def test_work_that_is_parked_while_the_shop_opens_is_not_left_behind(ledger: Ledger) -> None:
    closures = Closures(ledger.database)
    await ledger.events.wish_order(SHOP, OrderId("7"))
    assert await closures.close(SHOP)
    (task,) = await ledger.tasks.lease("w", 60_000, 1)
    assert await closures.reopen(SHOP)
    await ledger.tasks.park(task, "shop_closed")
    left = await ledger.tasks.lease("w2", 60_000, 10)
    assert ("order", "7") in [(again.kind, again.subject) for again in left]

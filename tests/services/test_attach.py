"""Where Omneo's own app writes the transactions: waited for, attached to, and never written a second time."""

import pytest

from proxy.sandbox.faults import Fault
from tests.services.attaching import (
    DAY_S,
    LOOK,
    PUT,
    assert_attached,
    in_time,
    looks_again,
    sales,
    sell,
    spent,
    tell,
    told,
    waits,
)
from tests.world.world import BENEDIKT, World

pytestmark = pytest.mark.anyio


async def test_a_transaction_that_comes_late_is_attached_to_and_no_other_is_written(attaching: World) -> None:
    redemption = await attaching.redeemed("12.50")
    order = attaching.buy(redemption["code"])
    await waits(attaching, redemption)
    await looks_again(attaching, 5)
    assert sales(attaching) == []
    tell(attaching, order)
    attaching.omneo.shopify_app.write()
    done = await in_time(attaching, redemption)
    assert [step["note"] for step in done["history"]].count("waiting_for_transaction") == 1
    assert len([e for e in attaching.events() if e["event"] == "record.waiting"]) == 1
    assert_attached(attaching)


async def test_the_apps_transaction_is_attached_to_before_the_order_is_paid(attaching: World) -> None:
    redemption = await attaching.redeemed("12.50")
    order = attaching.buy(redemption["code"], paid=False)
    tell(attaching, order)
    attaching.omneo.shopify_app.write()
    await in_time(attaching, redemption)
    assert_attached(attaching)


async def test_a_transaction_of_days_later_is_attached_to(attaching: World) -> None:
    redemption = await attaching.redeemed("12.50")
    order = attaching.buy(redemption["code"])
    await waits(attaching, redemption)
    tell(attaching, order, delay_s=6 * DAY_S)
    await looks_again(attaching, 6 * DAY_S - 3600)
    assert sales(attaching) == []

    await in_time(attaching, redemption, step_s=30)
    assert_attached(attaching)


async def test_a_transaction_that_never_comes_goes_before_a_person_and_nothing_is_written(attaching: World) -> None:
    redemption = await attaching.redeemed("12.50")
    attaching.buy(redemption["code"])
    await waits(attaching, redemption)
    await looks_again(attaching, 7 * DAY_S - 3600)
    assert (await attaching.redemption(redemption["id"]))["state"] == "captured"
    done = await in_time(attaching, redemption, "review", step_s=30)
    assert done["reason"] == "transaction_missing"
    assert done["captured"]["amount"] == "12.50"
    assert sales(attaching) == []
    await told(attaching, "record.missing")


async def test_a_transaction_that_carries_another_redemption_is_left_to_a_person(attaching: World) -> None:
    redemption = await attaching.redeemed("12.50")
    attaching.shopify.deliveries.hold = True
    order = attaching.buy(redemption["code"])
    tell(attaching, order)
    attaching.omneo.shopify_app.write()
    answer = await attaching.omneo_api("POST", f"/profiles/{attaching.omneo_profile()}/redeem", {"amount": 2})
    other = answer.json()["data"]["id"]
    (sale,) = sales(attaching)
    assert (await attaching.omneo_api("PUT", f"/transactions/{sale.id}", {"redemption_id": other})).is_success
    puts = attaching.omneo.calls[PUT]
    attaching.shopify.deliveries.release()
    done = await attaching.reaches(redemption["id"], "review")
    assert done["reason"] == "transaction_taken"
    assert sales(attaching) == [sale]
    assert sale.redemption_id == other
    assert attaching.omneo.calls[PUT] == puts


async def test_what_was_spent_but_stands_on_another_transaction_already_is_left_to_a_person(attaching: World) -> None:
    redemption = await attaching.redeemed("12.50")
    order = attaching.buy(redemption["code"])
    await waits(attaching, redemption)
    elsewhere = await sell(attaching, external_id="till-7", redemption_id=spent(attaching).id)
    tell(attaching, order)
    attaching.omneo.shopify_app.write()
    done = await in_time(attaching, redemption, "review", step_s=30)
    assert done["reason"] == "transaction_refused"
    assert spent(attaching).transaction_id == elsewhere
    assert len(sales(attaching)) == 2


@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "server_error", "server_error_after", "rate_limited"])
async def test_an_attachment_that_fails_in_any_way_is_made_once(attaching: World, kind: str) -> None:
    redemption = await attaching.redeemed("12.50")
    order = attaching.buy(redemption["code"])
    await waits(attaching, redemption)
    tell(attaching, order)
    attaching.omneo.faults.add(Fault("PUT /api/v3/transactions/*", kind))
    attaching.omneo.shopify_app.write()
    await in_time(attaching, redemption)
    assert attaching.omneo.calls[PUT] == (1 if kind.endswith("_after") else 2)
    assert_attached(attaching)


@pytest.mark.parametrize("route", ["GET /api/v3/transactions/external/*", "GET /api/v3/transactions"])
async def test_a_look_that_fails_is_no_look_and_one_that_a_tenant_has_not_is_passed_over(
    attaching: World, route: str
) -> None:
    attaching.omneo.faults.add(Fault(route, "server_error", times=None, status=405))
    redemption = await attaching.redeemed("12.50")
    attaching.shopify.deliveries.hold = True
    order = attaching.buy(redemption["code"])
    tell(attaching, order)
    attaching.omneo.shopify_app.write()
    if route == LOOK:
        attaching.omneo.faults.add(Fault("GET /api/v3/transactions/external/*", "server_error", times=9))
    attaching.shopify.deliveries.release()
    await in_time(attaching, redemption)
    assert_attached(attaching)


async def test_an_order_without_redemption_is_nothing_to_attach(attaching: World) -> None:
    attaching.buy(customer=BENEDIKT)
    await told(attaching, "order.settled")
    assert sales(attaching) == []
    assert attaching.omneo.calls[LOOK] == 0


async def test_a_cancelled_order_is_waited_for_no_more(attaching: World) -> None:
    redemption = await attaching.redeemed("12.50")
    order = attaching.buy(redemption["code"], paid=False)
    await waits(attaching, redemption)
    attaching.shopify.cancel(order.id)
    await attaching.reaches(redemption["id"], "returned")
    before = attaching.omneo.calls[LOOK]
    attaching.clock.advance(8 * DAY_S)
    await attaching.shopify.deliveries.idle(10)
    assert (await attaching.redemption(redemption["id"]))["state"] == "returned"
    assert attaching.omneo.calls[LOOK] == before
    assert sales(attaching) == []

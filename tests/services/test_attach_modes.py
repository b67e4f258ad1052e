"""A change between own and attach writes no sale a second time, in any order of events."""

import pytest

from proxy.sandbox.faults import Fault
from tests.services.attaching import (
    BY_NUMBER,
    LOOK,
    PUT,
    UPSERT,
    assert_attached,
    in_time,
    sales,
    settled_again,
    spent,
    tell,
    told,
    waits,
    working,
)
from tests.world.world import BENEDIKT, World

pytestmark = pytest.mark.anyio


async def test_a_transaction_that_carries_ours_already_is_not_written_to(idle: World) -> None:
    async with working(idle, "attach"):
        redemption = await idle.redeemed("12.50")
        order = idle.buy(redemption["code"])
        await waits(idle, redemption)
    tell(idle, order)
    idle.omneo.shopify_app.write()
    (sale,) = sales(idle)
    body = {"redemption_id": spent(idle).id}
    assert (await idle.omneo_api("PUT", f"/transactions/{sale.id}", body)).is_success
    async with working(idle, "attach"):
        await in_time(idle, redemption)
    assert idle.omneo.calls[PUT] == 1
    assert_attached(idle)


async def test_what_own_recorded_stays_when_the_mode_becomes_attach(idle: World) -> None:
    async with working(idle, "own"):
        redemption = await idle.redeemed("12.50")
        order = idle.buy(redemption["code"])
        await idle.reaches(redemption["id"], "recorded")
    (ours,) = sales(idle)
    tell(idle, order, external_id="{order_gid}")
    idle.omneo.shopify_app.write()
    async with working(idle, "attach"):
        idle.shopify.webhooks.order(order, "orders/updated")
        await told(idle, "order.settled")
        await settled_again(idle)
    assert ours.redemption_id == spent(idle).id
    assert idle.omneo.calls[PUT] == 0


async def test_a_sale_of_own_whose_answer_was_lost_is_the_one_that_attach_finds(idle: World) -> None:
    idle.omneo.faults.add(Fault(UPSERT, "drop_after", times=None))
    async with working(idle, "own"):
        redemption = await idle.redeemed("12.50")
        idle.buy(redemption["code"])
        await told(idle, "task.retried", kind="order")
    before = idle.omneo.calls[UPSERT]
    async with working(idle, "attach"):
        await in_time(idle, redemption)
    (sale,) = sales(idle)
    assert sale.redemption_id == spent(idle).id
    assert (idle.omneo.calls[UPSERT], idle.omneo.calls[PUT]) == (before, 0)


@pytest.mark.parametrize("form", [{"external_id": "{order_gid}"}, BY_NUMBER])
async def test_what_the_app_wrote_is_attached_to_when_the_mode_becomes_own(idle: World, form: dict[str, str]) -> None:
    async with working(idle, "attach"):
        redemption = await idle.redeemed("12.50")
        order = idle.buy(redemption["code"])
        await waits(idle, redemption)
    tell(idle, order, **form)
    idle.omneo.shopify_app.write()
    async with working(idle, "own"):
        await in_time(idle, redemption)
    assert_attached(idle)
    await told(idle, "record.found")


async def test_what_nobody_wrote_is_written_once_when_the_mode_becomes_own(idle: World) -> None:
    async with working(idle, "attach"):
        redemption = await idle.redeemed("12.50")
        idle.buy(redemption["code"])
        await waits(idle, redemption)
    async with working(idle, "own"):
        await in_time(idle, redemption)
    (sale,) = sales(idle)
    assert sale.redemption_id == spent(idle).id
    assert idle.omneo.calls[UPSERT] == 1


async def test_a_sale_without_redemption_that_the_app_wrote_is_not_written_again_by_own(idle: World) -> None:
    order = idle.buy(customer=BENEDIKT)
    tell(idle, order, external_id="{order_gid}")
    idle.omneo.shopify_app.write()
    async with working(idle, "own"):
        await told(idle, "record.found")
        await told(idle, "order.settled")
        await settled_again(idle)
    (sale,) = sales(idle)
    assert sale.fields["systems"] == ["shopify"]
    assert idle.omneo.calls[UPSERT] == 0


async def test_own_does_not_look_where_it_is_told_not_to(idle: World) -> None:
    async with working(idle, "own", attach_before_own=False):
        redemption = await idle.redeemed("12.50")
        idle.buy(redemption["code"])
        await idle.reaches(redemption["id"], "recorded")
    assert idle.omneo.calls[LOOK] == 0
    assert len(sales(idle)) == 1

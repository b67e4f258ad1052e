"""The story: a balance is shown, part of it is applied, the order is placed, and Omneo knows."""

from decimal import Decimal

import pytest

from tests.world.world import World

pytestmark = pytest.mark.anyio


async def test_twelve_fifty_of_twenty_five_ends_with_twelve_fifty_left_and_one_attached_redemption(
    world: World,
) -> None:
    before = await world.rewards()
    assert before["status"] == "active"
    assert before["balance"]["available"] == {"amount": "25.00", "currencyCode": "AUD"}
    assert [r["remaining"]["amount"] for r in before["rewards"]] == ["10.00", "15.00"]

    redemption = await world.redeemed("12.50")
    assert redemption["state"] == "issued"
    assert (await world.rewards())["balance"]["available"]["amount"] == "12.50"

    order = world.buy(redemption["code"])
    done = await world.reaches(redemption["id"], "recorded")

    assert done["captured"]["amount"] == "12.50"
    assert done["order_id"] == str(order.id)
    assert [step["state"] for step in done["history"]] == ["held", "issued", "capturing", "captured", "recorded"]
    (spent,) = world.omneo_redemptions()
    assert spent.total == Decimal("12.50")
    (sale,) = [t for t in world.omneo.state.transactions.values() if t.external_id == str(order.id)]
    assert sale.redemption_id == spent.id
    after = await world.rewards()
    assert after["balance"] == {
        "available": {"amount": "12.50", "currencyCode": "AUD"},
        "held": {"amount": "0.00", "currencyCode": "AUD"},
        "total": {"amount": "12.50", "currencyCode": "AUD"},
    }

"""Goods come back: their share of the value comes back once, whatever gets lost on the way."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from proxy.sandbox.faults import Fault
from tests.world.databases import Databases
from tests.world.world import World, open_world

pytestmark = pytest.mark.anyio

REVERSAL = "POST /api/v3/redemptions/*/reversal"
RETURN = "POST /api/v3/redemptions/*/return"


async def bought(world: World, amount: str = "20.80", state: str = "recorded") -> tuple[dict[str, Any], Any]:
    """Buy a shirt of 79.00 and two pairs of socks of 12.50; 20.80 are 15.80 on the shirt and 5.00 on the socks."""
    redemption = await world.redeemed(amount)
    order = world.buy(redemption["code"], paid=state == "recorded")
    await world.reaches(redemption["id"], state)
    return redemption, order


def kinds(world: World) -> list[tuple[str, Decimal]]:
    return [(r.type, r.total) for r in world.omneo_redemptions()]


async def total(world: World) -> str:
    return str((await world.rewards())["balance"]["total"]["amount"])


async def given_back(world: World, redemption_id: str, times: int = 1) -> None:
    async def there() -> bool:
        history = (await world.redemption(redemption_id))["history"]
        return sum(step["note"] == "given_back" for step in history) == times

    await world.eventually(there, lambda: world.log.getvalue()[-4000:])


async def test_a_cancelled_order_is_reversed_and_leaves_everything_as_it_was(world: World) -> None:
    redemption, order = await bought(world, state="captured")
    world.shopify.cancel(order.id)
    await world.reaches(redemption["id"], "returned")
    assert [kind for kind, _ in kinds(world)] == ["redeem", "reversal"]
    wallet = await world.rewards()
    assert wallet["balance"]["available"]["amount"] == "25.00"
    assert [r["remaining"]["amount"] for r in wallet["rewards"] if r["state"] == "active"] == ["10.00", "15.00"]


async def test_after_the_reversal_window_the_whole_is_returned(world: World) -> None:
    redemption, order = await bought(world, state="captured")
    world.clock.advance(571)
    world.shopify.cancel(order.id)
    await world.reaches(redemption["id"], "returned")
    assert kinds(world) == [("redeem", Decimal("20.80")), ("return", Decimal("20.80"))]
    assert await total(world) == "25.00"


async def test_a_partial_refund_returns_its_lines_share_and_is_never_a_reversal(world: World) -> None:
    redemption, order = await bought(world)
    shirt, socks = order.lines
    world.shopify.refund(order.id, [(socks.id, 1)])
    await given_back(world, redemption["id"])
    assert kinds(world)[1:] == [("return", Decimal("2.50"))]
    assert (await world.redemption(redemption["id"]))["state"] == "recorded"
    world.shopify.refund(order.id, [(shirt.id, 1)])
    await given_back(world, redemption["id"], 2)
    assert kinds(world)[2:] == [("return", Decimal("15.80"))]
    world.shopify.refund(order.id, [(socks.id, 1)])
    await world.reaches(redemption["id"], "returned")
    assert kinds(world)[3:] == [("return", Decimal("2.50"))]
    assert await total(world) == "25.00"


async def test_a_profile_that_is_gone_before_the_answer_was_found_goes_before_a_person(world: World) -> None:
    redemption, order = await bought(world)
    world.omneo.faults.add(Fault(RETURN, "drop_before"))
    world.shopify.refund(order.id, [(order.lines[1].id, 1)])
    await world.reaches(redemption["id"], "returning")
    answer = await world.omneo_api("DELETE", f"/profiles/{world.omneo_profile()}")
    assert answer.is_success, answer.text
    done = await world.reaches(redemption["id"], "review")
    assert done["reason"] == "profile_gone"


async def test_what_comes_back_while_an_answer_is_looked_for_is_given_back_too(world: World) -> None:
    """Found by the state machine: the second refund's event finds the first one's return under way."""
    redemption, order = await bought(world)
    shirt, socks = order.lines
    world.omneo.faults.add(Fault(RETURN, "drop_after"))
    world.omneo.faults.add(Fault(RETURN, "delayed_visibility", visible_after_s=30))
    world.shopify.refund(order.id, [(socks.id, 1)])
    await world.reaches(redemption["id"], "returning")
    world.shopify.refund(order.id, [(socks.id, 1), (shirt.id, 1)])

    async def looked_since() -> bool:
        return sum(e["event"] == "event.received" for e in world.events()) >= 7

    await world.eventually(looked_since, lambda: world.log.getvalue()[-3000:])
    world.clock.advance(31)
    await world.reaches(redemption["id"], "returned")
    assert sorted(total for kind, total in kinds(world) if kind == "return") == [Decimal("2.50"), Decimal("18.30")]


async def test_repeated_refund_webhooks_return_once(world: World) -> None:
    redemption, order = await bought(world)
    world.shopify.deliveries.duplicate = True
    world.shopify.refund(order.id, [(order.lines[1].id, 2)])
    await given_back(world, redemption["id"])
    for _ in range(3):
        world.shopify.webhooks.order(order, "orders/updated")
    await world.shopify.deliveries.idle(10)
    await world.eventually(lambda: _settled(world))
    assert kinds(world)[1:] == [("return", Decimal("5.00"))]


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after", "drop_before", "server_error", "rate_limited"])
async def test_a_return_that_fails_in_any_way_is_made_once(world: World, kind: str) -> None:
    redemption, order = await bought(world)
    world.omneo.faults.add(Fault(RETURN, kind))
    world.shopify.refund(order.id, [(order.lines[1].id, 2)])
    await world.eventually(lambda: _until(world, redemption["id"], "given_back"), lambda: world.log.getvalue()[-5000:])
    assert kinds(world)[1:] == [("return", Decimal("5.00"))]


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after", "rate_limited"])
async def test_a_reversal_whose_answer_is_lost_is_found_and_never_returned_on_top(world: World, kind: str) -> None:
    redemption, order = await bought(world, state="captured")
    world.omneo.faults.add(Fault(REVERSAL, kind))
    world.shopify.cancel(order.id)
    await world.eventually(lambda: _until(world, redemption["id"], "given_back"), lambda: world.log.getvalue()[-5000:])
    assert [kind for kind, _ in kinds(world)] == ["redeem", "reversal"]
    assert await total(world) == "25.00"


async def test_a_lost_reversal_that_stays_unseen_goes_before_a_person_and_is_not_returned(world: World) -> None:
    redemption, order = await bought(world, state="captured")
    world.omneo.faults.add(Fault(REVERSAL, "drop_after"))
    world.omneo.faults.add(Fault("GET /api/v3/profiles/*/redemptions", "delayed_visibility", None, visible_after_s=1e9))
    world.omneo.faults.add(Fault("GET /api/v3/redemptions", "delayed_visibility", None, visible_after_s=1e9))
    world.shopify.cancel(order.id)
    await world.eventually(lambda: _state(world, redemption["id"], "review"))
    assert [kind for kind, _ in kinds(world)] == ["redeem", "reversal"]


async def test_a_reversal_that_omneo_refuses_outright_becomes_a_return(world: World) -> None:
    """Omneo's window closed earlier than we thought: certainly nothing was reversed."""
    redemption, order = await bought(world, state="captured")
    world.omneo.faults.add(Fault(REVERSAL, "server_error", status=422))
    world.shopify.cancel(order.id)
    await world.reaches(redemption["id"], "returned")
    assert kinds(world)[1:] == [("return", Decimal("20.80"))]


async def test_an_order_cancelled_while_its_redeem_is_unknown_is_found_and_then_undone(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.omneo.faults.add(Fault("POST /api/v3/profiles/*/redeem", "drop_after"))
    order = world.buy(redemption["code"], paid=False)

    async def unknown() -> bool:
        return any(e["event"] == "capture.unknown" for e in world.events())

    await world.eventually(unknown)
    world.shopify.cancel(order.id)
    await world.eventually(lambda: _until(world, redemption["id"], "given_back"), lambda: world.log.getvalue()[-5000:])
    assert await total(world) == "25.00"


async def test_a_refund_before_the_capture_is_taken_into_account_at_once(world: World) -> None:
    redemption = await world.redeemed("20.80")
    world.shopify.deliveries.hold = True
    order = world.buy(redemption["code"])
    world.shopify.refund(order.id, [(order.lines[1].id, 2)])
    world.shopify.deliveries.release()
    await given_back(world, redemption["id"])
    assert kinds(world) == [("redeem", Decimal("20.80")), ("return", Decimal("5.00"))]


async def test_value_that_came_back_can_be_held_again(world: World) -> None:
    redemption, order = await bought(world, state="captured")
    world.shopify.cancel(order.id)
    await world.reaches(redemption["id"], "returned")
    again = await world.redeemed("25.00", cart="cart-2")
    assert again["state"] == "issued"


@pytest.mark.parametrize(("policy", "back"), [("full_only", []), ("none", [])])
async def test_a_partial_refund_gives_nothing_where_the_policy_says_so(
    databases: Databases, tmp_path: Path, policy: str, back: list[Any]
) -> None:
    async with open_world(databases.sqlite(tmp_path / "policy.db"), give_back=policy) as world:
        _, order = await bought(world)
        world.shopify.refund(order.id, [(order.lines[1].id, 1)])
        await world.shopify.deliveries.idle(10)
        await world.eventually(lambda: _settled(world))
        assert kinds(world)[1:] == back


async def _settled(world: World) -> bool:
    """What came last was worked off: an order was settled after the last event was stored."""
    names = [e["event"] for e in world.events()]
    return "event.received" in names and names[::-1].index("order.settled") < names[::-1].index("event.received")


async def _until(world: World, redemption_id: str, note: str) -> bool:
    world.time_goes_on(15)
    return any(step["note"] == note for step in (await world.redemption(redemption_id))["history"])


async def _state(world: World, redemption_id: str, state: str) -> bool:
    world.time_goes_on(15)
    return bool((await world.redemption(redemption_id))["state"] == state)

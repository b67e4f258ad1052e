"""A redeem that committed behind our back: what is too much goes back, what was given up is taken up again."""

from decimal import Decimal

import pytest

from proxy.sandbox.faults import Fault
from proxy.sandbox.omneo.config import OmneoConfig
from tests.world.world import World, open_world

pytestmark = pytest.mark.anyio

REDEEM = "POST /api/v3/profiles/*/redeem"
REVERSAL = "POST /api/v3/redemptions/*/reversal"


def of_type(world: World, kind: str) -> list[Decimal]:
    return [r.total for r in world.omneo_redemptions() if r.type == kind]


async def spent_twice(world: World, visible_after_s: int = 200) -> str:
    """Have the first redeem commit unseen, so that a second one is sent; gives our redemption."""
    world.omneo.faults.add(Fault(REDEEM, "drop_after"))
    world.omneo.faults.add(Fault(REDEEM, "delayed_visibility", visible_after_s=visible_after_s))
    redemption = await world.redeemed("5.00")
    world.buy(redemption["code"])

    async def sent_again() -> bool:
        world.time_goes_on(10)
        return len(of_type(world, "redeem")) == 2

    await world.eventually(sent_again)
    await world.reaches(redemption["id"], "recorded")
    return str(redemption["id"])


async def looked(world: World, kind: str, *totals: str) -> None:
    async def given_back() -> bool:
        world.time_goes_on(10)
        return of_type(world, kind) == [Decimal(total) for total in totals]

    await world.eventually(given_back, lambda: world.log.getvalue()[-3000:])


async def test_a_surplus_redeem_is_reversed_within_the_window(world: World) -> None:
    redemption = await spent_twice(world)
    await looked(world, "reversal", "5.00")
    done = await world.redemption(redemption)
    assert (done["state"], done["captured"]["amount"]) == ("recorded", "5.00")
    assert (await world.rewards())["balance"]["available"]["amount"] == "20.00"


async def test_a_surplus_beyond_the_window_is_returned(database_url: str) -> None:
    async with open_world(database_url, settling_s=400) as world:
        await spent_twice(world, visible_after_s=620)
        await looked(world, "return", "5.00")
        assert of_type(world, "reversal") == []
        assert (await world.rewards())["balance"]["available"]["amount"] == "20.00"


@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "server_error_after"])
async def test_a_surplus_whose_reversal_is_unknown_is_looked_up(world: World, kind: str) -> None:
    redemption = await spent_twice(world)
    world.omneo.faults.add(Fault(REVERSAL, kind))
    await looked(world, "reversal", "5.00")
    assert of_type(world, "return") == []
    assert (await world.redemption(redemption))["state"] == "recorded"


async def test_a_surplus_and_the_whole_order_both_go_back_once(world: World) -> None:
    redemption = await spent_twice(world)
    await looked(world, "reversal", "5.00")
    world.shopify.cancel(next(iter(world.shopify.state.orders)))
    await looked(world, "reversal", "5.00", "5.00")
    await world.reaches(redemption, "returned")
    assert (await world.rewards())["balance"]["available"]["amount"] == "25.00"


async def test_what_was_given_up_without_an_answer_is_taken_up_when_it_shows(world: World) -> None:
    world.omneo.faults.add(Fault(REDEEM, "drop_after"))
    world.omneo.faults.add(Fault(REDEEM, "delayed_visibility", visible_after_s=6000))
    world.omneo.faults.add(Fault(REDEEM, "drop_before", times=None, skip=1))
    redemption = await world.redeemed("5.00")
    world.buy(redemption["code"])

    async def given_up() -> bool:
        world.time_goes_on(30)
        return bool((await world.redemption(redemption["id"]))["reason"] == "redeem_unknown")

    await world.eventually(given_up)
    world.omneo.faults.clear()
    world.clock.advance(6000)

    async def taken_up() -> bool:
        world.time_goes_on(60)
        return bool((await world.redemption(redemption["id"]))["state"] == "recorded")

    await world.eventually(taken_up, lambda: world.log.getvalue()[-3000:])
    assert of_type(world, "redeem") == [Decimal("5.00")]
    rewards = await world.rewards()
    assert (rewards["balance"]["available"]["amount"], rewards["balance"]["held"]["amount"]) == ("20.00", "0.00")


async def test_a_short_redeem_of_a_tenant_that_ignores_strict_is_kept_and_reviewed(database_url: str) -> None:
    async with open_world(database_url, tenant=OmneoConfig(strict_supported=False)) as world:
        redemption = await world.redeemed("20.00")
        await world.omneo_api(
            "POST", f"/profiles/{world.omneo_profile()}/redeem", {"amount": 15.0, "strategies": ["rewards"]}
        )
        world.buy(redemption["code"])
        done = await world.reaches(redemption["id"], "review")
        assert (done["reason"], done["captured"]["amount"]) == ("shortfall", "10.00")
        assert of_type(world, "redeem") == [Decimal("15.00"), Decimal("10.00")]


async def test_a_short_early_redeem_of_a_tenant_that_ignores_strict_is_undone(database_url: str) -> None:
    async with open_world(database_url, tenant=OmneoConfig(strict_supported=False), capture_early="checkout") as world:
        await world.rewards()
        await world.omneo_api(
            "POST", f"/profiles/{world.omneo_profile()}/redeem", {"amount": 15.0, "strategies": ["rewards"]}
        )
        answer = await world.redeem("20.00")
        assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_balance")
        assert answer.json()["available"]["amount"] == "10.00"
        (held,) = [e for e in world.events() if e["event"] == "redemption.held"]
        world.clock.advance(121)
        await world.reaches(held["redemption"], "returned")
        assert of_type(world, "reversal") == [Decimal("10.00")]
        assert (await world.rewards())["balance"]["available"]["amount"] == "10.00"


async def test_a_code_that_staff_made_bigger_takes_no_more_than_was_held_and_says_so(world: World) -> None:
    redemption = await world.redeemed("5.00")
    world.shopify.staff_edit(redemption["code"], {"customerGets": {"value": {"discountAmount": {"amount": "15.00"}}}})
    world.buy(redemption["code"])
    done = await world.reaches(redemption["id"], "recorded")
    assert done["captured"]["amount"] == "5.00"
    assert of_type(world, "redeem") == [Decimal("5.00")]
    (over,) = [e for e in world.events() if e["event"] == "capture.over"]
    assert (over["discounted"], over["amount"]) == ("15.00 AUD", "5.00 AUD")

"""Interleavings and lost answers that a hostile reader thought of, through the front door."""

import asyncio
from decimal import Decimal

import pytest

from proxy.domain.ids import OrderId
from proxy.sandbox.faults import Fault
from proxy.stores.captures import Captures
from proxy.stores.redemptions import Redemptions
from tests.stores.ledger import open_ledger
from tests.world.databases import Databases
from tests.world.world import ADA, BENEDIKT, World, open_world

pytestmark = pytest.mark.anyio
REDEEM = "POST /api/v3/profiles/*/redeem"
LIST = "GET /api/v3/profiles/*/redemptions"


def spent(world: World) -> list[Decimal]:
    return [r.total for r in world.omneo_redemptions() if r.type == "redeem"]


async def _seen(world: World, event: str, count: int = 1) -> None:
    async def there() -> bool:
        return sum(e["event"] == event for e in world.events()) >= count

    await world.eventually(there, lambda: world.log.getvalue()[-3000:])


async def _spend_elsewhere(world: World, amount: str) -> None:
    answer = await world.omneo_api(
        "POST", f"/profiles/{world.omneo_profile()}/redeem", {"amount": float(amount), "strategies": ["rewards"]}
    )
    assert answer.is_success, answer.text


async def _ends(world: World, redemption: str, *states: str, step_s: float = 10, rounds: int = 60) -> dict:
    for _ in range(rounds):
        found = await world.redemption(redemption)
        if found["state"] in states:
            return found
        await world.passes(step_s)
    raise AssertionError(f"{found}\n{world.log.getvalue()[-3000:]}")


async def test_a_lower_amount_after_an_unknown_one_is_not_spent_on_top(world: World) -> None:
    """20.00 commits unseen; the second send is refused because of it; 5.00 more is taken for the same order."""
    redemption = await world.redeemed("20.00")
    world.omneo.faults.add(Fault(REDEEM, "drop_after"))
    world.omneo.faults.add(Fault(REDEEM, "delayed_visibility", visible_after_s=130))
    world.buy(redemption["code"])
    await _seen(world, "task.retried")
    world.clock.advance(123)
    await _seen(world, "capture.refused")
    await _ends(world, redemption["id"], "review", "recorded", "captured")
    for _ in range(8):
        await world.passes(61)
    found = await world.redemption(redemption["id"])
    reasons = [h["note"] for h in found["history"]]
    assert sum(spent(world)) <= Decimal("20.00") or "spent_twice" in reasons, (spent(world), found)


async def test_an_unknown_redeem_that_took_the_whole_balance_is_found(world: World) -> None:
    redemption = await world.redeemed("25.00")
    world.omneo.faults.add(Fault(REDEEM, "drop_after"))
    world.omneo.faults.add(Fault(REDEEM, "delayed_visibility", visible_after_s=130))
    world.buy(redemption["code"])
    await _seen(world, "task.retried")
    world.clock.advance(123)
    await _seen(world, "capture.refused")
    await _ends(world, redemption["id"], "review", "recorded", "captured")
    for _ in range(4):
        await world.passes(61)
    found = await world.redemption(redemption["id"])
    assert spent(world) == [Decimal("25.00")]
    assert found["captured"]["amount"] == "25.00", found


async def test_refused_sends_do_not_use_up_the_sends(world: World) -> None:
    """A 429 storm and then one 503: Omneo is well again, yet nothing is ever spent."""
    redemption = await world.redeemed("12.50")
    world.omneo.faults.add(Fault(REDEEM, "rate_limited", times=12))
    world.omneo.faults.add(Fault(REDEEM, "server_error", skip=12))
    world.buy(redemption["code"])
    found = await _ends(world, redemption["id"], "recorded", "review")
    assert (found["state"], spent(world)) == ("recorded", [Decimal("12.50")]), found


async def test_transient_refusals_do_not_use_up_the_partial_redeem(world: World) -> None:
    redemption = await world.redeemed("20.00")
    await _spend_elsewhere(world, "15.00")
    world.omneo.faults.add(Fault(REDEEM, "rate_limited", times=12))
    world.buy(redemption["code"])
    found = await _ends(world, redemption["id"], "recorded", "review")
    assert found["captured"]["amount"] == "10.00", found


async def test_a_found_redeem_without_total_is_not_sent_again(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.omneo.faults.add(Fault(REDEEM, "drop_after"))
    world.omneo.faults.add(Fault(LIST, "omit", times=None, fields=("total",)))
    world.buy(redemption["code"])
    await _seen(world, "capture.unknown")
    await _ends(world, redemption["id"], "recorded", "review")
    assert spent(world) == [Decimal("12.50")]


async def test_a_use_that_shopify_counted_is_never_let_go(world: World) -> None:
    """The order is another customer's, its webhooks are lost; the count at deactivation said: used."""
    redemption = await world.redeemed("12.50")
    world.shopify.deliveries.lose = True
    order = world.buy(redemption["code"])
    world.shopify.attach_customer(order.id, BENEDIKT)
    await world.expires(redemption["id"])
    found = await _ends(world, redemption["id"], "released", "recorded", "review", "captured")
    assert found["state"] != "released", found


async def test_a_test_order_does_not_keep_its_hold_for_ever(databases: Databases, tmp_path) -> None:
    async with open_world(databases.sqlite(tmp_path / "t.db")) as world:
        redemption = await world.redeemed("12.50")
        order = world.buy(redemption["code"])
        order.test = True
        await _seen(world, "order.test_ignored")
        await world.expires(redemption["id"])
        await _ends(world, redemption["id"], "released", "review", step_s=60, rounds=40)


async def test_a_capture_for_a_profile_that_is_gone_ends(world: World) -> None:
    redemption = await world.redeemed("12.50")
    answer = await world.omneo_api("DELETE", f"/profiles/{world.omneo_profile()}")
    assert answer.is_success, answer.text
    world.buy(redemption["code"])
    await _seen(world, "capture.refused")
    try:
        await _ends(world, redemption["id"], "review", step_s=301, rounds=25)
    finally:
        pass


async def test_a_merged_profile_redeems_at_once(world: World) -> None:
    await world.rewards()
    body = {"first_name": "Ada", "last_name": "Marsh", "email": "ada2@example.com"}
    made = (await world.omneo_api("POST", "/profiles", body)).json()["data"]
    assert (await world.omneo_api("DELETE", f"/profiles/{world.omneo_profile()}")).is_success
    identity = {"handle": "shopify", "identifier": str(ADA)}
    answer = await world.omneo_api("POST", f"/profiles/{made['id']}/identities", identity)
    assert answer.is_success, answer.text
    world.clock.advance(11)
    refused = await world.redeem("5.00", key="k")
    assert refused.json()["code"] != "not_found", refused.text


async def test_a_resumed_attempt_that_is_refused_does_not_forget_the_unknown_before(world: World) -> None:
    """Unknown, then the same key is throttled: the hold is let go although the discount exists and works."""
    world.shopify.faults.add(Fault("graphql CodeCreate", "drop_after"))
    world.shopify.faults.add(Fault("graphql CodeCreate", "drop_before", times=1, skip=1))
    assert (await world.redeem("12.50", key="k")).json()["code"] == "outcome_pending"
    world.shopify.faults.add(Fault("graphql CodeCreate", "server_error", times=None, status=423))
    again = await world.redeem("12.50", key="k")
    (held,) = [e for e in world.events() if e["event"] == "redemption.held"]
    found = await world.redemption(held["redemption"])
    alive = [d.code for d in world.shopify.state.discounts.values()]
    assert not (found["state"] == "released" and alive), (again.text, found["state"], alive)


async def test_the_slower_of_two_attempts_does_not_free_the_key_of_the_faster(world: World) -> None:
    world.shopify.faults.add(Fault("graphql CodeCreate", "latency", latency_ms=1500))
    slow = asyncio.create_task(world.redeem("12.50", key="k"))
    while not world.shopify.calls["graphql CodeCreate"]:
        await asyncio.sleep(0.01)
    world.clock.advance(21)
    fast = await world.redeem("12.50", key="k")
    assert fast.status_code == 201, fast.text
    slower = await slow
    third = await world.redeem("12.50", key="k")
    ids = (slower.json().get("id"), third.json().get("id"))
    assert (slower.status_code, third.json().get("id")) == (201, fast.json()["id"]), (slower.text, ids)


async def test_a_replacement_that_is_refused_leaves_the_first_alone(world: World) -> None:
    first = await world.redeemed("20.00")
    refused = await world.redeem("30.00")
    assert refused.json()["code"] == "insufficient_balance"
    assert (await world.redemption(first["id"]))["state"] == "issued"


async def test_a_child_whose_order_was_cancelled_before_its_capture_gives_its_hold_back(world: World) -> None:
    """The process died between `extend` and `begin`; then the order was cancelled."""
    redemption = await world.redeemed("12.50")
    carts = world.cart(redemption["code"]), world.cart(redemption["code"])
    world.shopify.place_order(carts[0])
    await world.reaches(redemption["id"], "recorded")
    world.shopify.deliveries.hold = True
    second = world.shopify.place_order(carts[1], honour=True, paid=False)
    async with open_ledger(world.settings.database_url) as ledger:
        parent = await Redemptions(ledger.database).get(redemption["id"])
        child = "rdm_" + "e" * 32
        assert await Captures(ledger.database).extend(child, parent, OrderId(str(second.id)), parent.amount, "overuse")
        world.shopify.cancel(second.id)
        world.shopify.deliveries.release()
        world.shopify.deliveries.hold = False
        await world.shopify.deliveries.idle(10)
        for _ in range(10):
            world.clock.advance(1000)
            await asyncio.sleep(0.2)
        standing = await ledger.holds.standing("sandbox", parent.profile)
        assert standing.held_minor == 0, standing


async def test_the_refusal_of_a_slow_attempt_is_not_kept_for_an_issued_redemption(world: World) -> None:
    """A stalls past its claim's lease, B issues, A is refused: the key now answers `refused` while B's code works."""
    world.shopify.faults.add(Fault("graphql CodeCreate", "server_error", status=423, latency_ms=1500))
    slow = asyncio.create_task(world.redeem("12.50", key="k"))
    while not world.shopify.calls["graphql CodeCreate"]:
        await asyncio.sleep(0.01)
    world.clock.advance(21)
    fast = await world.redeem("12.50", key="k")
    assert fast.status_code == 201, fast.text
    await slow
    replay = await world.redeem("12.50", key="k")
    assert (await world.redemption(fast.json()["id"]))["state"] == "issued"
    assert replay.json().get("id") == fast.json()["id"], replay.text


async def test_an_unknown_that_never_happened_does_not_forbid_the_partial_redeem(world: World) -> None:
    """Cut before it ran, then a short balance: after the settling time nothing is there, so 10.00 may be taken."""
    redemption = await world.redeemed("20.00")
    await _spend_elsewhere(world, "15.00")
    world.omneo.faults.add(Fault(REDEEM, "drop_before"))
    world.buy(redemption["code"])
    found = await _ends(world, redemption["id"], "recorded", "review", step_s=30, rounds=40)
    assert found["captured"]["amount"] == "10.00", found

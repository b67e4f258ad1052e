"""Setting value aside, raced and repeated."""

import asyncio
from datetime import timedelta

import pytest

from proxy.domain.benefit import uses
from proxy.domain.caller import Surface
from proxy.domain.capture import Taken
from proxy.domain.hold import ClaimKey, Held, KeyTaken, Moved, Occupied, Refusal, Short
from proxy.domain.ids import CaptureId, OmneoRedemptionId, OrderId, ProfileId, ShopDomain
from proxy.domain.redemption import Place, State
from proxy.services.claim_benefit import label_of
from tests.stores.ledger import PROFILE, SHOP, TENANT, Ledger, aud, order_of

pytestmark = pytest.mark.anyio


async def test_of_sixty_racing_holds_exactly_those_that_fit_are_granted(ledger: Ledger) -> None:
    """One row decides: sixty carts of ten profiles want 10.00 each where every profile has 10.00."""
    profiles = [ProfileId(f"p-{n % 10}") for n in range(60)]
    wishes = [await ledger.wish(1000, 1000, profile=profile) for profile in profiles]
    results = await asyncio.gather(*(ledger.holds.hold(wish) for wish in wishes))
    granted = [result.redemption.profile for result in results if isinstance(result, Held)]
    assert sorted(granted) == sorted(set(profiles))
    assert all(isinstance(result, Held | Occupied | Short) for result in results)


async def test_racing_shops_of_one_tenant_share_one_allowance(ledger: Ledger) -> None:
    """Children hold beside the one open redemption, so the allowance itself is what bounds the next."""
    first = await ledger.issued(600, 1000)
    await ledger.deactivated(first)
    other_cart = Place(Surface.CHECKOUT, "cart-2")
    shops = [SHOP, ShopDomain("other-shop.myshopify.com")] * 4
    results = await asyncio.gather(*(ledger.hold(500, 1000, place=other_cart, shop=shop) for shop in shops))
    assert all(isinstance(result, Short) for result in results)
    assert await ledger.standing() == 600


async def test_each_benefit_and_the_balance_are_held_by_one_beside_each_other(ledger: Ledger) -> None:
    """Twelve wishes at once for two benefits and the balance, each on a cart of its own: one of each is granted."""

    def place(number: int) -> Place:
        return Place(Surface.CHECKOUT, f"cart-{number}")

    wishes = [ledger.use(benefit, 1, 3, place=place(n)) for benefit in (41, 42) for n in range(4)]
    wishes += [ledger.hold(500, 1000, place=place(n)) for n in range(4)]
    results = await asyncio.gather(*wishes)
    granted = [result.redemption for result in results if isinstance(result, Held)]
    assert sorted(row.benefit.id if row.benefit else 0 for row in granted) == [0, 41, 42]
    assert await ledger.holds.uses_held(TENANT, PROFILE) == {41: 1, 42: 1}
    assert await ledger.standing() == 500


async def test_uses_are_held_only_as_far_as_they_reach(ledger: Ledger) -> None:
    first = await ledger.use(41, 2, 3)
    assert isinstance(first, Held)
    await ledger.capturing(first.redemption)
    assert isinstance(await ledger.use(41, 2, 3), Short)
    assert isinstance(await ledger.use(41, 1, 3), Held)
    assert await ledger.holds.uses_held(TENANT, PROFILE) == {41: 3}


async def test_a_use_that_was_captured_since_the_reading_grants_nothing(ledger: Ledger) -> None:
    epoch = await ledger.holds.epoch(TENANT, PROFILE, 41)
    balance = await ledger.holds.epoch(TENANT, PROFILE)
    used = await ledger.use(41, 1, 1)
    assert isinstance(used, Held)
    await ledger.capturing(used.redemption)
    (capture,) = await ledger.captures.of_order(SHOP, OrderId("1"))
    assert await ledger.captures.done(capture, OmneoRedemptionId(7), Taken(uses(1)))
    assert isinstance(await ledger.use(41, 1, 1, epoch=epoch), Moved)
    assert await ledger.holds.epoch(TENANT, PROFILE) == balance, "the balance did not move"
    assert await ledger.holds.uses_held(TENANT, PROFILE) == {}


async def test_a_reading_from_before_a_capture_grants_nothing(ledger: Ledger) -> None:
    """GET 25, another capture of 25 ends, our update would see nothing held: the epoch says no."""
    epoch = await ledger.holds.epoch(TENANT, PROFILE)
    spent = await ledger.issued(2500, 2500)
    await ledger.capturing(spent)
    (capture,) = await ledger.captures.of_order(spent.shop, (await ledger.now(spent)).order)  # type: ignore[arg-type]
    assert await ledger.captures.done(capture, OmneoRedemptionId(7), Taken(aud(2500)))
    assert await ledger.standing() == 0
    assert isinstance(await ledger.hold(2500, 2500, epoch=epoch), Moved)
    assert await ledger.standing() == 0


async def test_the_balance_that_a_capture_told_bounds_new_readings_for_a_while(ledger: Ledger) -> None:
    spent = await ledger.issued(1000, 2500)
    await ledger.capturing(spent)
    (capture,) = await ledger.captures.of_order(spent.shop, (await ledger.now(spent)).order)  # type: ignore[arg-type]
    assert await ledger.captures.done(capture, OmneoRedemptionId(7), Taken(aud(1000), ceiling=(1500, 30_000)))
    assert isinstance(await ledger.hold(2500, 2500), Short)
    ledger.moved = timedelta(seconds=31)
    assert isinstance(await ledger.hold(2500, 2500), Held)


async def test_a_hold_beyond_the_reading_is_refused_and_leaves_nothing(ledger: Ledger) -> None:
    assert await ledger.hold(1001, 1000) == Short(aud(0))
    assert await ledger.standing() == 0
    wish = await ledger.wish(1001, 1000)
    assert isinstance(await ledger.holds.hold(wish), Short)
    assert await ledger.holds.claim(wish.claim) is None


async def test_a_second_open_redemption_of_a_profile_is_refused_and_takes_nothing(ledger: Ledger) -> None:
    first = await ledger.issued(500)
    assert await ledger.hold(500, 100_000) == Occupied(first)
    assert await ledger.standing() == 500


async def test_a_successor_takes_over_the_hold_and_the_pair_is_liable_for_the_larger(ledger: Ledger) -> None:
    first = await ledger.deactivated(await ledger.issued(2500, 2500))
    second = await ledger.held(1000, 2500)
    assert (await ledger.now(first)).held == aud(1500)
    assert second.held == aud(1000)
    assert await ledger.standing() == await ledger.sum_of_holds() == 2500
    await ledger.redemptions.issued(second, "gid://discount/2")  # type: ignore[arg-type]
    await ledger.deactivated(second)
    third = await ledger.held(2000, 2500)
    assert third.held == aud(2000)
    assert await ledger.standing() == await ledger.sum_of_holds() == 2500


async def test_a_successor_that_wants_more_takes_only_the_difference(ledger: Ledger) -> None:
    first = await ledger.deactivated(await ledger.issued(1000, 2500))
    await ledger.held(2500, 2500)
    assert (await ledger.now(first)).held == aud(0)
    assert await ledger.standing() == await ledger.sum_of_holds() == 2500


@pytest.mark.parametrize(
    ("used", "cart", "take_over", "granted"),
    [
        (0, "cart-1", False, True),
        (1, "cart-1", False, False),
        (0, "cart-2", False, False),
        (0, None, False, False),
        (0, "cart-2", True, True),
        (1, "cart-2", True, False),
    ],
)
async def test_only_an_unused_predecessor_of_the_same_declared_cart_passes_its_hold_on(
    ledger: Ledger, used: int, cart: str | None, take_over: bool, granted: bool
) -> None:
    await ledger.deactivated(await ledger.issued(2500, 2500), used=used)
    result = await ledger.hold(2500, 2500, place=Place(Surface.CHECKOUT, cart), take_over=take_over)
    assert isinstance(result, Held if granted else Short)
    assert await ledger.standing() == await ledger.sum_of_holds() == 2500


async def test_what_another_shop_of_the_tenant_holds_is_not_passed_on(ledger: Ledger) -> None:
    """Its order may have come just before its code was ended: then both shops' orders are owed in full."""
    first = await ledger.deactivated(await ledger.issued(2500, 2500))
    result = await ledger.hold(2500, 2500, shop=ShopDomain("south.myshopify.com"), take_over=True)
    assert isinstance(result, Short)
    assert (await ledger.now(first)).held == aud(2500)


async def test_racing_successors_inherit_once(ledger: Ledger) -> None:
    await ledger.deactivated(await ledger.issued(2500, 2500))
    wishes = [await ledger.wish(2500, 2500) for _ in range(12)]
    results = await asyncio.gather(*(ledger.holds.hold(wish) for wish in wishes))
    assert sum(isinstance(result, Held) for result in results) == 1
    assert await ledger.standing() == await ledger.sum_of_holds() == 2500


async def test_one_key_makes_one_redemption_however_many_try(ledger: Ledger) -> None:
    first = await ledger.wish(500, 100_000)
    wishes = [await ledger.wish(500, 100_000, claim=first.claim) for _ in range(20)]
    results = await asyncio.gather(*(ledger.holds.hold(wish) for wish in wishes))
    granted = [result for result in results if isinstance(result, Held)]
    taken = [result for result in results if isinstance(result, KeyTaken)]
    assert (len(granted), len(taken)) == (1, 19)
    assert {result.claim.redemption for result in taken} == {granted[0].redemption.id}


async def test_an_unfinished_claim_is_resumed_by_one_once_its_lease_is_over(ledger: Ledger) -> None:
    wish = await ledger.wish(500, 100_000)
    await ledger.holds.hold(wish)
    assert not await ledger.holds.resume(wish.claim, 20_000)
    ledger.moved = timedelta(seconds=21)
    resumed = await asyncio.gather(*(ledger.holds.resume(wish.claim, 20_000) for _ in range(10)))
    assert sum(resumed) == 1


async def test_a_yielded_claim_is_resumed_at_once_and_a_finished_one_never(ledger: Ledger) -> None:
    wish = await ledger.wish(500, 100_000)
    await ledger.holds.hold(wish)
    await ledger.holds.yield_claim(wish.claim)
    assert await ledger.holds.resume(wish.claim, 20_000)
    await ledger.holds.finish(wish.claim)
    ledger.moved = timedelta(hours=1)
    assert not await ledger.holds.resume(wish.claim, 20_000)


async def test_a_refusal_never_overwrites_the_claim_of_another_attempt(ledger: Ledger) -> None:
    wish = await ledger.wish(500, 100_000)
    await ledger.holds.hold(wish)
    await ledger.holds.refuse(wish.claim, wish.body_hash, Refusal("busy", 503, "é", {"available": 1}))
    claim = await ledger.holds.claim(wish.claim)
    assert claim is not None
    assert claim.redemption == wish.id
    assert claim.refusal is None


async def test_claims_are_forgotten_after_their_time_and_not_before(ledger: Ledger) -> None:
    wish = await ledger.wish(500, 100_000)
    await ledger.holds.hold(wish)
    ledger.moved = timedelta(hours=71)
    assert await ledger.holds.forget_claims(72 * 3_600_000) == 0
    ledger.moved = timedelta(hours=73)
    assert await ledger.holds.forget_claims(72 * 3_600_000) == 1


async def test_a_dropped_hold_gives_everything_back(ledger: Ledger) -> None:
    redemption = await ledger.held(500)
    assert await ledger.redemptions.drop(redemption.id, "discount_refused")
    assert not await ledger.redemptions.drop(redemption.id, "discount_refused")
    assert await ledger.standing() == await ledger.sum_of_holds() == 0
    assert (await ledger.now(redemption)).state is State.RELEASED
    assert isinstance(await ledger.hold(500, 500), Held)


async def test_a_late_order_takes_its_value_from_everyone_elses_view(ledger: Ledger) -> None:
    parent = await ledger.deactivated(await ledger.issued(1000, 2500))
    assert await ledger.redemptions.let_go(parent)
    child = parent.id.replace("rdm_0", "rdm_f")
    order = "77"
    extended = await asyncio.gather(
        *(ledger.captures.extend(f"{child[:-1]}{n}", parent, order, aud(1000), "late") for n in range(6))  # type: ignore[arg-type]
    )
    assert sum(extended) == 1
    assert await ledger.standing() == await ledger.sum_of_holds() == 1000
    found = await ledger.captures.child_of(parent.id, order)  # type: ignore[arg-type]
    assert found is not None
    assert found.parent == parent.id


async def test_a_redemption_of_one_capture_joins_no_other(ledger: Ledger) -> None:
    first = await ledger.issued(500)
    await ledger.capturing(first, "1")
    assert not await ledger.captures.begin(
        CaptureId("cap_" + "f" * 32),
        order_of("2"),
        first.profile,
        [(first, aud(500))],
    )


async def test_of_racing_attempts_one_begins_with_a_key_and_the_others_see_its_claim(ledger: Ledger) -> None:
    key = ClaimKey(SHOP, Surface.CHECKOUT, "1001", "claims", "key-1")
    seen = await asyncio.gather(*(ledger.holds.begin(key, f"{n:064}", 5000) for n in range(20)))
    first = await ledger.holds.claim(key)
    assert first is not None
    assert (first.redemption, first.refusal, first.finished) == (None, None, False)
    assert seen.count(None) == 1
    assert [claim for claim in seen if claim is not None] == [first] * 19
    assert seen.index(None) == int(first.body_hash)


async def test_a_key_that_was_begun_is_resumed_when_its_lease_is_over_and_never_once_it_is_finished(
    ledger: Ledger,
) -> None:
    key = ClaimKey(SHOP, Surface.CHECKOUT, "1001", "claims", "key-1")
    assert await ledger.holds.begin(key, "0" * 64, 5000) is None
    assert not await ledger.holds.resume(key, 5000)
    ledger.moved = timedelta(seconds=6)
    results = await asyncio.gather(*(ledger.holds.resume(key, 5000) for _ in range(10)))
    assert sum(results) == 1
    await ledger.holds.finish(key)
    ledger.moved = timedelta(seconds=60)
    assert not await ledger.holds.resume(key, 5000)
    again = await ledger.holds.begin(key, "0" * 64, 5000)
    assert again is not None
    assert again.finished


async def test_keys_of_other_scopes_are_other_keys(ledger: Ledger) -> None:
    scopes = [
        (SHOP, Surface.CHECKOUT, "1001", "claims", "key-1"),
        (ShopDomain("other.myshopify.com"), Surface.CHECKOUT, "1001", "claims", "key-1"),
        (SHOP, Surface.POS, "1001", "claims", "key-1"),
        (SHOP, Surface.CHECKOUT, "1002", "claims", "key-1"),
        (SHOP, Surface.CHECKOUT, "1001", "redemptions", "key-1"),
        (SHOP, Surface.CHECKOUT, "1001", "claims", "KEY-1"),
    ]
    keys = [ClaimKey(*scope) for scope in scopes]
    assert [await ledger.holds.begin(key, "0" * 64, 5000) for key in keys] == [None] * len(keys)
    assert len({label_of(key) for key in keys}) == len(keys)

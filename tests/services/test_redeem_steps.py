"""From a wish to a code: what is asked in which order, what is kept under the key, and what may be asked again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from proxy.domain.caller import Surface
from proxy.domain.errors import (
    Busy,
    DiscountRefused,
    HeldElsewhere,
    IdempotencyInFlight,
    InsufficientBalance,
    NotFound,
    PendingProfile,
    RewardsExpire,
    UpstreamUnavailable,
)
from proxy.domain.ids import DiscountId, ProfileId, ShopDomain
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.redemption import Place, State, iso
from proxy.domain.shop import Policy, Spendable
from proxy.services.display import View
from tests.services.alone import BEGAN, Alone, shop_of
from tests.services.redeeming import ADA, EARLY, HERE, MINIMUM, profile, redeem, wish
from tests.services.scripts import redeemed
from tests.stores.ledger import CUSTOMER, PROFILE, SHOP, TENANT, aud

pytestmark = pytest.mark.anyio

LOST = Unknown("cut")
MADE: Any = Answered(DiscountId("gid://mine"))
UNUSED: Any = Answered(0)
BEGAN_MS = int(BEGAN.timestamp() * 1000)


@pytest.fixture(autouse=True)
def known(alone: Alone) -> None:
    alone.omneo.profiles = {CUSTOMER: profile()}
    alone.omneo.rewards_minor = 2500


async def test_a_wish_becomes_a_hold_and_a_code(alone: Alone) -> None:
    await alone.shows(CUSTOMER, View.REWARDS)
    placed = await redeem(alone, wish(), MADE)
    row = placed.redemption
    assert (placed.replayed, row.state, row.discount) == (False, State.ISSUED, "gid://mine")
    assert (row.shop, row.tenant, row.profile, row.customer, row.place) == (SHOP, TENANT, PROFILE, CUSTOMER, HERE)
    assert (row.amount, row.held, row.early) == (aud(500), aud(500), False)
    assert (row.starts_ms, row.ends_ms) == (BEGAN_MS - 60_000, BEGAN_MS + 1_800_000)
    assert row.code.startswith("RW")
    told = {"redemption": row.id, "shop": SHOP, "surface": "checkout", "profile": PROFILE, "amount": "5.00 AUD"}
    assert alone.told.lines[0] == ("redemption.held", told)
    assert alone.still_shown(CUSTOMER) == []
    assert (await alone.ledger.redemptions.journal(row.id))[0].actor == ADA


async def test_a_hold_at_a_till_lives_as_long_as_the_tills(alone: Alone) -> None:
    placed = await redeem(
        alone, wish(place=Place(Surface.POS, "till-1")), MADE, shop=replace(MINIMUM, code_prefix="TILL")
    )
    assert placed.redemption.ends_ms == BEGAN_MS + 900_000
    assert placed.redemption.code.startswith("TILL")


async def test_a_remembered_balance_is_read_anew_before_it_refuses(alone: Alone) -> None:
    alone.omneo.rewards_minor = 100
    await alone.readings.get(alone.shop, PROFILE)
    alone.omneo.rewards_minor = 500
    alone.passes(seconds=1)
    assert (await redeem(alone, wish(), MADE)).redemption.held == aud(500)


async def test_rewards_that_may_expire_before_the_order_comes_do_not_count(alone: Alone) -> None:
    """The hold lives for 30 min and the margin is 24 h: a reward must last longer than both."""
    outlives = BEGAN + timedelta(minutes=30, hours=24)
    alone.omneo.expiring = [(aud(2100), outlives)]
    with pytest.raises(RewardsExpire) as refused:
        await redeem(alone, wish(key="a"))
    assert refused.value.facts() == {"available": aud(400).wire(), "expiring": aud(2100).wire()}
    alone.omneo.expiring = [(aud(2100), outlives + timedelta(milliseconds=1))]
    alone.readings.forget(alone.shop, PROFILE)
    assert (await redeem(alone, wish(key="b"), MADE)).redemption.held == aud(500)


async def test_value_that_moves_meanwhile_is_read_again_eight_times_at_most(alone: Alone) -> None:
    asked: list[int] = []

    async def moves() -> None:
        asked.append(1)
        await alone.value_moves()

    alone.omneo.before_balance = moves
    with pytest.raises(Busy) as busy:
        await redeem(alone, wish())
    assert (busy.value.details, len(asked)) == ({"profile": PROFILE}, 9)
    alone.omneo.before_balance = None
    alone.readings.forget(alone.shop, PROFILE)
    assert (await redeem(alone, wish(), MADE)).redemption.state is State.ISSUED


async def test_no_hold_is_granted_from_a_stale_reading(alone: Alone) -> None:
    await alone.readings.get(alone.shop, PROFILE)
    alone.passes(seconds=61)
    alone.omneo.down = True
    with pytest.raises(UpstreamUnavailable):
        await redeem(alone, wish())
    assert (await alone.ledger.holds.standing(TENANT, PROFILE)).held_minor == 0


async def test_a_profile_that_was_merged_is_resolved_once_more(alone: Alone) -> None:
    await alone.customers.find(alone.shop, CUSTOMER)
    alone.omneo.profiles = {CUSTOMER: profile(id=ProfileId("p-2"))}
    alone.omneo.merged = {PROFILE}
    assert (await redeem(alone, wish(), MADE)).redemption.profile == "p-2"


async def test_a_profile_that_is_gone_for_good_is_pending(alone: Alone) -> None:
    await alone.customers.find(alone.shop, CUSTOMER)
    alone.omneo.profiles, alone.omneo.merged = {}, {PROFILE}
    with pytest.raises(PendingProfile) as pending:
        await redeem(alone, wish())
    assert isinstance(pending.value.__cause__, NotFound)


async def test_another_amount_in_the_same_cart_replaces_the_first_and_takes_its_hold_over(alone: Alone) -> None:
    first = (await redeem(alone, wish(2000), MADE)).redemption
    second = await redeem(alone, wish(1500, key="key-2"), UNUSED, MADE)
    assert second.redemption.held == aud(1500)
    assert await alone.standing(first) == (State.RELEASING, "replaced", 500)
    assert await alone.ledger.standing() == 2000
    assert [sent[0] for sent in alone.shopify.sent] == ["create", "deactivate", "create"]
    entry = next(e for e in await alone.ledger.redemptions.journal(first.id) if e.note == "replaced")
    assert entry.actor == ADA


async def test_what_is_held_elsewhere_is_refused_unless_it_is_taken_over(alone: Alone) -> None:
    first = (await redeem(alone, wish(2000), MADE)).redemption
    there = Place(Surface.CHECKOUT, "cart-2")
    with pytest.raises(HeldElsewhere) as refused:
        await redeem(alone, wish(100, key="a", place=there))
    assert refused.value.facts() == {"surface": Surface.CHECKOUT, "until": iso(first.ends_ms)}
    taken = await redeem(alone, wish(2000, key="b", place=there, take_over=True), UNUSED, MADE)
    assert (taken.redemption.state, (await alone.standing(first))[0]) == (State.ISSUED, State.RELEASING)


async def test_what_another_shop_holds_is_never_taken_over(alone: Alone) -> None:
    other = ShopDomain("other.myshopify.com")
    await alone.ledger.issued(500, shop=other, place=HERE)
    for key, take_over in (("a", False), ("b", True)):
        with pytest.raises(HeldElsewhere) as refused:
            await redeem(alone, wish(100, key=key, take_over=take_over))
        # Where and until when is none of this shop's business.
        assert refused.value.facts() == {}
    assert alone.shopify.sent == []


async def test_what_is_being_issued_at_this_moment_is_not_replaced(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    with pytest.raises(IdempotencyInFlight):
        await redeem(alone, wish(100))
    assert (await alone.standing(row))[0] is State.HELD


async def test_where_value_is_captured_early_the_code_comes_after_the_spending(alone: Alone) -> None:
    alone.omneo.answers[:] = [Answered(redeemed(1, 500))]
    placed = await redeem(alone, wish(), MADE, shop=EARLY)
    assert (placed.redemption.usable, placed.redemption.captured) == (True, aud(500))
    till = await redeem(
        alone, wish(key="b", place=Place(Surface.POS, "till-1"), take_over=True), UNUSED, MADE, shop=EARLY
    )
    assert till.redemption.early is False


async def test_an_early_spending_that_is_refused_is_refused_although_shopify_fails(alone: Alone) -> None:
    alone.omneo.answers[:] = [Refused("not_allowed")]
    with pytest.raises(DiscountRefused):
        await redeem(alone, wish(), MADE, LOST, shop=EARLY)


async def test_what_is_shown_is_made_anew_once_the_code_is_there(alone: Alone) -> None:
    async def meanwhile() -> Any:
        assert alone.still_shown(CUSTOMER) == []
        await alone.shows(CUSTOMER, View.REWARDS)
        return MADE

    await alone.shows(CUSTOMER, View.REWARDS)
    await redeem(alone, wish(), meanwhile)
    assert alone.still_shown(CUSTOMER) == []


async def test_at_a_till_a_reward_need_not_last_as_long(alone: Alone) -> None:
    alone.omneo.expiring = [(aud(2500), BEGAN + timedelta(hours=24, minutes=15, milliseconds=1))]
    place = Place(Surface.POS, "till-1")
    assert (await redeem(alone, wish(key="a", place=place), MADE)).redemption.state is State.ISSUED


@pytest.mark.parametrize(("policy", "left"), [(Spendable.REWARDS, 2500), (Spendable.REWARDS_AND_POINTS, 2600)])
async def test_points_may_be_held_only_where_the_policy_counts_them(alone: Alone, policy: Spendable, left: int) -> None:
    alone.omneo.points_minor = 100
    with pytest.raises(InsufficientBalance) as refused:
        await redeem(alone, wish(2601), shop=shop_of(policy=Policy(aud(100), spendable=policy)))
    assert refused.value.facts() == {"available": aud(left).wire()}


async def test_what_is_shown_is_made_anew_once_the_wish_is_refused(alone: Alone) -> None:
    async def meanwhile() -> Any:
        await alone.shows(CUSTOMER, View.REWARDS)
        return Refused("invalid")

    with pytest.raises(DiscountRefused):
        await redeem(alone, wish(), meanwhile)
    assert alone.still_shown(CUSTOMER) == []

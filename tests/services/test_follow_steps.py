"""Who took over a profile that is gone, and what each service does that finds it gone."""

from typing import Any

import pytest

from proxy.domain.capture import CaptureState
from proxy.domain.errors import DiscountRefused, OutcomePending, UpstreamUnavailable
from proxy.domain.happening import Happening
from proxy.domain.ids import CustomerId, ProfileId
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.redemption import Redemption, State
from proxy.domain.work import Again, Finished
from proxy.services.display import View
from proxy.services.gone import LookAfterProfile
from tests.services.alone import Alone
from tests.services.redeeming import EARLY, profile, redeem, wish
from tests.services.scripts import redeemed
from tests.stores.ledger import CUSTOMER, PROFILE, TENANT, aud

pytestmark = pytest.mark.anyio

KEPT = ProfileId("p-2")
OTHER = CustomerId("1002")
GONE = Refused("not_found", transient=False)
LOST = Unknown("cut")


def merge(alone: Alone, *customers: CustomerId, kept: ProfileId = KEPT) -> None:
    """Have Omneo answer 404 for the profile, and name another for these customers."""
    alone.omneo.merged.add(PROFILE)
    alone.omneo.profiles.update({customer: profile(id=kept) for customer in customers or (CUSTOMER,)})


def look_after(alone: Alone) -> LookAfterProfile:
    return LookAfterProfile(alone.follow, alone.successions, alone.release, alone.told)


async def begun(alone: Alone) -> Redemption:
    row = await alone.ledger.issued(500)
    await alone.ledger.capturing(row)
    return row


async def whose(alone: Alone, row: Redemption) -> str:
    return (await alone.ledger.now(row)).profile


async def test_a_profile_that_is_there_keeps_what_it_has(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    alone.omneo.profiles[CUSTOMER] = profile()
    assert await alone.follow.heir(alone.shop, PROFILE) == PROFILE
    assert not await alone.follow(alone.shop, PROFILE)
    assert await whose(alone, row) == PROFILE


async def test_who_the_customers_are_now_has_taken_over_and_it_is_told_once(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    await alone.shows(CUSTOMER, View.REWARDS)
    merge(alone)
    assert await alone.follow(alone.shop, PROFILE)
    assert await whose(alone, row) == KEPT
    assert alone.still_shown(CUSTOMER) == []
    assert await alone.follow(alone.shop, PROFILE)
    facts = {"tenant": TENANT, "gone": PROFILE, "kept": KEPT, "redemptions": 1}
    assert alone.told.lines == [(Happening.PROFILE_MERGED, facts)]


async def test_a_tenant_that_answers_with_who_was_kept_is_believed(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    alone.omneo.answered_as[PROFILE] = profile(id=KEPT)
    assert await alone.follow(alone.shop, PROFILE)
    assert await whose(alone, row) == KEPT


async def test_a_profile_that_is_marked_as_deleted_is_gone(alone: Alone) -> None:
    await alone.ledger.issued(500)
    alone.omneo.profiles[CUSTOMER] = profile(type="deleted")
    assert await alone.follow.heir(alone.shop, PROFILE) is None


async def test_an_identity_that_still_names_the_profile_that_is_gone_names_nobody(alone: Alone) -> None:
    await alone.ledger.issued(500)
    merge(alone, kept=PROFILE)
    assert await alone.follow.heir(alone.shop, PROFILE) is None


async def test_customers_who_went_different_ways_leave_it_to_a_person(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    await alone.ledger.redemptions.begin_release(row, "removed")
    await alone.ledger.issued(300, customer=OTHER)
    merge(alone, CUSTOMER)
    merge(alone, OTHER, kept=ProfileId("p-3"))
    assert not await alone.follow(alone.shop, PROFILE)
    assert await whose(alone, row) == PROFILE


async def test_one_customer_whom_omneo_does_not_know_does_not_hide_the_others(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    await alone.ledger.redemptions.begin_release(row, "removed")
    second = await alone.ledger.issued(300, customer=OTHER)
    merge(alone, OTHER)
    assert await alone.follow(alone.shop, PROFILE)
    assert {await whose(alone, each) for each in (row, second)} == {KEPT}


async def test_nothing_is_decided_while_omneo_is_down(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    alone.omneo.down = True
    with pytest.raises(UpstreamUnavailable):
        await look_after(alone)(alone.shop, PROFILE, 9)
    assert await alone.standing(row) == (State.ISSUED, None, 500)


async def test_a_redeem_that_finds_it_gone_is_sent_to_who_took_over(alone: Alone) -> None:
    row = await begun(alone)
    merge(alone)
    assert await alone.spent(row, GONE) == Again(0)
    assert await alone.spent(row, Answered(redeemed(1, 500))) == Finished()
    assert [sent.profile for sent in alone.omneo.sent] == [PROFILE, KEPT]
    assert await alone.standing(row) == (State.CAPTURED, None, 0)


async def test_a_redeem_that_finds_it_handed_over_already_goes_on_with_who_took_over(alone: Alone) -> None:
    """The event's own work is faster than the answer to a redeem that was under way when the profiles were merged."""
    row = await begun(alone)

    async def meanwhile() -> Any:
        merge(alone)
        assert await look_after(alone)(alone.shop, PROFILE, 0) == Finished()
        return GONE

    assert await alone.spent(row, meanwhile) == Again(0)
    assert await alone.spent(row, Answered(redeemed(1, 500))) == Finished()
    assert await alone.standing(row) == (State.CAPTURED, None, 0)


async def test_a_return_that_finds_it_handed_over_already_goes_on_with_who_took_over(alone: Alone) -> None:
    row = await alone.captured(500)
    capture = await alone.capture(row)
    alone.omneo.answers = [LOST]
    await alone.give_back.undo(alone.shop, capture)
    merge(alone)
    assert await look_after(alone)(alone.shop, PROFILE, 0) == Finished()
    assert await alone.give_back.under_way(alone.shop, capture) == Again(0)
    assert (await alone.standing(row))[0] is State.RETURNING


async def test_a_surplus_is_looked_for_anew_where_it_was_handed_over_already(alone: Alone) -> None:
    row = await begun(alone)
    await alone.spent(row, LOST)
    alone.passes(seconds=120)
    await alone.spent(row, Answered(redeemed(2, 500)))
    before = await alone.capture(row)
    merge(alone)
    assert await look_after(alone)(alone.shop, PROFILE, 0) == Finished()
    assert await alone.undo_surplus(alone.shop, before) == Again(0)


async def test_a_lost_answer_is_looked_for_among_the_others_through_a_whole_settling_time(alone: Alone) -> None:
    row = await begun(alone)
    await alone.spent(row, LOST)
    alone.passes(seconds=119)
    merge(alone)
    await alone.follow(alone.shop, PROFILE)
    assert isinstance(await alone.spent(row), Again)
    alone.passes(seconds=119)
    assert await alone.spent(row) == Again(1.0, "looking")
    assert len(alone.omneo.sent) == 1
    alone.omneo.shown = [redeemed(4, 500)]
    assert await alone.spent(row) == Finished()
    assert alone.omneo.looked[-1][0] == KEPT
    assert await alone.standing(row) == (State.CAPTURED, None, 0)


async def test_a_look_that_finds_it_gone_looks_again_under_who_took_over(alone: Alone) -> None:
    row = await begun(alone)
    await alone.spent(row, LOST)
    merge(alone)
    assert await alone.spent(row) == Again(0)
    assert (await alone.capture(row)).profile == KEPT
    assert (await alone.capture(row)).state is CaptureState.SENT


async def test_an_early_capture_goes_on_with_who_took_over(alone: Alone) -> None:
    alone.omneo.profiles[CUSTOMER] = profile()

    async def gone() -> Any:
        merge(alone)
        return GONE

    alone.omneo.answers = [gone, Answered(redeemed(1, 500))]
    asked, made = wish(), Answered("gid://discount/1")
    with pytest.raises(OutcomePending):
        await redeem(alone, asked, made, shop=EARLY)
    alone.passes(seconds=21)
    placed = await redeem(alone, asked, shop=EARLY)
    assert (placed.redemption.profile, placed.redemption.captured) == (KEPT, aud(500))


async def test_an_early_capture_of_a_profile_that_is_gone_for_good_is_refused_and_released(alone: Alone) -> None:
    alone.omneo.profiles[CUSTOMER] = profile()

    async def gone() -> Any:
        alone.omneo.merged.add(PROFILE)
        alone.omneo.profiles.clear()
        return GONE

    alone.omneo.answers = [gone]
    with pytest.raises(DiscountRefused):
        await redeem(alone, wish(), Answered("gid://discount/1"), Answered(0), shop=EARLY)


async def test_the_surplus_of_a_merged_profile_is_undone_among_the_others(alone: Alone) -> None:
    row = await begun(alone)
    await alone.spent(row, LOST)
    alone.passes(seconds=120)
    await alone.spent(row, Answered(redeemed(2, 500)))
    merge(alone)
    assert await alone.undo_surplus(alone.shop, await alone.capture(row)) == Again(0)
    alone.omneo.shown = [redeemed(1, 500), redeemed(2, 500)]
    await alone.undo_surplus(alone.shop, await alone.capture(row))
    assert alone.told.lines[-1][0] == Happening.CAPTURE_SURPLUS


async def test_a_task_waits_a_little_for_identities_and_then_lets_go_of_what_is_open(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    alone.omneo.merged.add(PROFILE)
    for attempts in range(3):
        assert await look_after(alone)(alone.shop, PROFILE, attempts) == Again(20.0, "profile_gone")
    assert await alone.standing(row) == (State.ISSUED, None, 500)
    alone.shopify.answers = [Answered(0)]
    assert await look_after(alone)(alone.shop, PROFILE, 3) == Finished()
    assert await alone.standing(row) == (State.RELEASING, "profile_gone", 500)
    assert (Happening.PROFILE_GONE, {"shop": alone.shop.domain, "profile": PROFILE, "redemption": row.id}) in (
        alone.told.lines
    )


async def test_a_task_whose_profile_is_there_or_was_merged_ends_at_once(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    alone.omneo.profiles[CUSTOMER] = profile()
    assert await look_after(alone)(alone.shop, PROFILE, 0) == Finished()
    merge(alone)
    assert await look_after(alone)(alone.shop, PROFILE, 0) == Finished()
    assert await whose(alone, row) == KEPT


async def test_what_a_customer_holds_under_a_profile_that_was_merged_is_handed_over(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    merge(alone)
    # Neither another customer's nor what is held under the profile itself is elsewhere.
    await alone.follow.held_elsewhere(alone.shop, OTHER, KEPT)
    await alone.follow.held_elsewhere(alone.shop, CUSTOMER, PROFILE)
    assert await whose(alone, row) == PROFILE
    await alone.follow.held_elsewhere(alone.shop, CUSTOMER, KEPT)
    assert await whose(alone, row) == KEPT


async def test_a_profile_that_is_marked_as_deleted_is_followed_to_who_took_over(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    alone.omneo.answered_as[PROFILE] = profile(type="deleted")
    # An identity that stayed behind names the one that is gone, and so nobody.
    alone.omneo.profiles[CUSTOMER] = profile()
    assert await alone.follow.heir(alone.shop, PROFILE) is None
    alone.omneo.profiles[CUSTOMER] = profile(id=KEPT)
    assert await alone.follow.heir(alone.shop, PROFILE) == KEPT
    assert await whose(alone, row) == PROFILE


async def test_what_was_read_of_who_took_over_is_read_anew(alone: Alone) -> None:
    await alone.ledger.issued(500)
    before = (await alone.readings.get(alone.shop, KEPT)).value
    assert (await alone.readings.get(alone.shop, KEPT)).value is before
    await alone.follow.hand_over(alone.shop, PROFILE, KEPT)
    assert (await alone.readings.get(alone.shop, KEPT)).value is not before


async def test_what_is_let_go_although_shopify_fails_is_let_go_by_itself(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    alone.omneo.merged.add(PROFILE)
    alone.shopify.answers[:] = [LOST]
    assert await look_after(alone)(alone.shop, PROFILE, 3) == Finished()
    assert (await alone.standing(row))[:2] == (State.RELEASING, "profile_gone")

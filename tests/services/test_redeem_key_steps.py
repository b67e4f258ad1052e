"""What is kept under the key of a wish: the outcome that is final, and the redemption that is still open."""

from typing import Any

import pytest

from proxy.domain.errors import (
    BelowMinimum,
    CurrencyMismatch,
    DiscountRefused,
    IdempotencyInFlight,
    IdempotencyKeyReused,
    InsufficientBalance,
    OutcomePending,
    PendingProfile,
    ProfileInactive,
    RefusedBefore,
    UpstreamUnavailable,
)
from proxy.domain.ids import CustomerId, DiscountId
from proxy.domain.money import Money
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.redemption import State
from proxy.services.redeem import Placed
from tests.services.alone import Alone
from tests.services.redeeming import EARLY, MINIMUM, held, profile, redeem, wish
from tests.services.scripts import Beforehand, redeemed
from tests.stores.ledger import CUSTOMER, SHOP, aud

pytestmark = pytest.mark.anyio

LOST, BUSY, NO = Unknown("cut"), Refused("throttled", transient=True), Refused("invalid")
MADE: Any = Answered(DiscountId("gid://mine"))
UNUSED: Any = Answered(0)


@pytest.fixture(autouse=True)
def known(alone: Alone) -> None:
    alone.omneo.profiles = {CUSTOMER: profile()}
    alone.omneo.rewards_minor = 2500


async def test_the_same_key_replays_and_with_another_wish_is_refused(alone: Alone) -> None:
    first = await redeem(alone, wish(), MADE)
    assert await redeem(alone, wish()) == Placed(first.redemption, replayed=True)
    with pytest.raises(IdempotencyKeyReused):
        await redeem(alone, wish(body_hash="1" * 64))
    assert len(alone.shopify.sent) == 1


async def test_another_currency_and_less_than_the_minimum_are_refused_and_replayed(alone: Alone) -> None:
    with pytest.raises(CurrencyMismatch) as mismatch:
        await redeem(alone, wish(key="a", amount=Money(500, "NZD")))
    assert mismatch.value.details == {"ours": "AUD", "theirs": "NZD"}
    for times in (BelowMinimum, RefusedBefore):
        with pytest.raises(times) as refused:
            await redeem(alone, wish(99, key="b"))
        assert (refused.value.code, refused.value.status) == ("below_minimum", 422)
        assert refused.value.text == BelowMinimum.message
        assert refused.value.facts() == {"minimum": aud(100).wire()}
    with pytest.raises(IdempotencyKeyReused):
        await redeem(alone, wish(99, key="b", body_hash="1" * 64))
    assert (await redeem(alone, wish(100, key="c"), MADE)).redemption.amount == aud(100)


async def test_an_unknown_customer_may_ask_again_and_an_inactive_one_may_not(alone: Alone) -> None:
    alone.omneo.profiles = {}
    with pytest.raises(PendingProfile):
        await redeem(alone, wish())
    alone.omneo.profiles = {CUSTOMER: profile(type="blocked")}
    await alone.customers.find(alone.shop, CUSTOMER, fresh=True)
    with pytest.raises(ProfileInactive):
        await redeem(alone, wish())
    with pytest.raises(RefusedBefore):
        await redeem(alone, wish())


@pytest.mark.parametrize(("elsewhere", "left"), [(0, 2500), (1000, 1500), (2600, 0)])
async def test_more_than_is_there_is_refused_with_what_is_left(alone: Alone, elsewhere: int, left: int) -> None:
    if elsewhere:
        row = await alone.ledger.issued(elsewhere)
        await alone.ledger.capturing(row)
    with pytest.raises(InsufficientBalance) as refused:
        await redeem(alone, wish(2501))
    assert refused.value.facts() == {"available": aud(left).wire()}
    with pytest.raises(RefusedBefore):
        await redeem(alone, wish(2501))


async def test_an_attempt_that_is_under_way_is_not_joined_for_twenty_seconds(alone: Alone) -> None:
    async def dies() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await alone.redeem(redemptions=Beforehand(alone.ledger.redemptions, "issued", dies), answers=[MADE])(
            MINIMUM, wish()
        )
    alone.passes(milliseconds=19_999)
    with pytest.raises(IdempotencyInFlight):
        await redeem(alone, wish())
    alone.passes(milliseconds=1)
    placed = await redeem(alone, wish(), MADE)
    assert (placed.replayed, placed.redemption.state) == (True, State.ISSUED)
    assert len(held(alone)) == 1
    alone.passes(seconds=1)
    assert (await redeem(alone, wish())).redemption == placed.redemption


async def test_who_resumes_holds_the_key_for_twenty_seconds(alone: Alone) -> None:
    with pytest.raises(OutcomePending):
        await redeem(alone, wish(), LOST, LOST)

    async def dies() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await alone.redeem(redemptions=Beforehand(alone.ledger.redemptions, "issued", dies), answers=[MADE])(
            MINIMUM, wish()
        )
    alone.passes(milliseconds=19_999)
    with pytest.raises(IdempotencyInFlight):
        await redeem(alone, wish())
    alone.passes(milliseconds=1)
    assert (await redeem(alone, wish(), MADE)).redemption.state is State.ISSUED


async def test_an_outcome_that_is_not_known_is_resumed_at_once_by_the_same_key(alone: Alone) -> None:
    with pytest.raises(OutcomePending):
        await redeem(alone, wish(), LOST, LOST)
    (row,) = [fields["redemption"] for fields in held(alone)]
    placed = await redeem(alone, wish(), MADE)
    assert (placed.replayed, placed.redemption.id, placed.redemption.state) == (True, row, State.ISSUED)
    assert len(held(alone)) == 1


async def test_a_refusal_of_the_resumed_attempt_leaves_the_hold_to_the_release(alone: Alone) -> None:
    with pytest.raises(OutcomePending):
        await redeem(alone, wish(), LOST, LOST)
    with pytest.raises(DiscountRefused):
        await redeem(alone, wish(), NO)
    row = await alone.ledger.redemptions.get(held(alone)[0]["redemption"])  # type: ignore[arg-type]
    assert row is not None
    assert await alone.standing(row) == (State.RELEASING, "discount_refused", 500)
    with pytest.raises(RefusedBefore) as again:
        await redeem(alone, wish())
    assert again.value.code == "discount_refused"


async def test_a_discount_that_is_refused_for_good_is_replayed_and_a_busy_shopify_is_not(alone: Alone) -> None:
    with pytest.raises(DiscountRefused):
        await redeem(alone, wish(key="a"), NO)
    row = await alone.ledger.redemptions.get(held(alone)[0]["redemption"])  # type: ignore[arg-type]
    assert row is not None
    assert await alone.standing(row) == (State.RELEASED, "discount_refused", 0)
    with pytest.raises(RefusedBefore):
        await redeem(alone, wish(key="a"))
    with pytest.raises(UpstreamUnavailable):
        await redeem(alone, wish(key="b"), BUSY)
    assert (await redeem(alone, wish(key="b"), MADE)).replayed is False


async def test_a_key_whose_redemption_ended_before_it_was_answered_is_answered(alone: Alone) -> None:
    with pytest.raises(OutcomePending):
        await redeem(alone, wish(), LOST, LOST)
    (row,) = await alone.ledger.redemptions.open_of(SHOP, CUSTOMER)
    assert await alone.ledger.redemptions.issued(row, DiscountId("gid://late"))
    for _ in range(2):
        placed = await redeem(alone, wish())
        assert (placed.replayed, placed.redemption.discount) == (True, "gid://late")
    claim = await alone.ledger.holds.claim(wish().key)
    assert claim is not None
    assert claim.finished


async def test_an_early_spending_that_is_refused_is_released_at_once_and_replayed(alone: Alone) -> None:
    alone.omneo.answers[:] = [Refused("not_allowed")]
    with pytest.raises(DiscountRefused):
        await redeem(alone, wish(), MADE, UNUSED, shop=EARLY)
    (fields,) = held(alone)
    row = await alone.ledger.redemptions.get(fields["redemption"])  # type: ignore[arg-type]
    assert row is not None
    assert (row.state, row.reason) == (State.RELEASING, "redeem_refused")
    assert row.deactivated_ms is not None
    with pytest.raises(RefusedBefore):
        await redeem(alone, wish(), shop=EARLY)


async def test_an_early_spending_whose_outcome_is_not_known_is_resumed_by_the_same_key(alone: Alone) -> None:
    alone.omneo.answers[:] = [LOST]
    with pytest.raises(OutcomePending):
        await redeem(alone, wish(), MADE, shop=EARLY)
    alone.omneo.shown = [redeemed(1, 500)]
    placed = await redeem(alone, wish(), shop=EARLY)
    assert (placed.replayed, placed.redemption.usable) == (True, True)
    assert len(alone.omneo.sent) == 1
    assert await redeem(alone, wish(customer=CustomerId("1001")), shop=EARLY) == placed


async def test_a_key_whose_early_redemption_was_released_meanwhile_spends_nothing_more(alone: Alone) -> None:
    alone.omneo.answers[:] = [LOST]
    with pytest.raises(OutcomePending):
        await redeem(alone, wish(), MADE, shop=EARLY)
    (row,) = await alone.ledger.redemptions.open_of(SHOP, CUSTOMER)
    assert await alone.ledger.redemptions.begin_release(row, "removed")
    placed = await redeem(alone, wish(), shop=EARLY)
    assert (placed.replayed, placed.redemption.state) == (True, State.RELEASING)
    assert (len(alone.omneo.sent), alone.omneo.looked) == (1, [("shopify", CUSTOMER)])


async def test_an_early_spending_that_cannot_be_judged_keeps_its_key(alone: Alone) -> None:
    async def refuses() -> Any:
        alone.omneo.down = True
        return NO

    alone.omneo.answers[:] = [refuses]
    with pytest.raises(OutcomePending) as told:
        await redeem(alone, wish(), MADE, shop=EARLY)
    row = held(alone)[0]["redemption"]
    assert told.value.details == {"redemption": row, "reason": "early_capture"}
    alone.omneo.down = False
    alone.omneo.rewards_minor = 100
    with pytest.raises(InsufficientBalance):
        await redeem(alone, wish(), UNUSED, shop=EARLY)
    assert len(held(alone)) == 1


async def test_of_two_attempts_at_once_with_one_key_the_second_replays_the_first(alone: Alone) -> None:
    first: list[Placed] = []

    async def other() -> None:
        first.append(await redeem(alone, wish(), MADE))

    second = alone.redeem(holds=Beforehand(alone.ledger.holds, "hold", other))
    assert await second(MINIMUM, wish()) == Placed(first[0].redemption, replayed=True)
    assert len(held(alone)) == 1


async def test_of_two_attempts_at_once_the_second_goes_on_with_what_the_first_left_open(alone: Alone) -> None:
    async def other() -> None:
        with pytest.raises(OutcomePending):
            await redeem(alone, wish(), LOST, LOST)
        alone.shopify.answers[:] = [MADE]

    second = alone.redeem(holds=Beforehand(alone.ledger.holds, "hold", other))
    placed = await second(MINIMUM, wish())
    assert (placed.replayed, placed.redemption.state) == (True, State.ISSUED)
    assert len(held(alone)) == 1

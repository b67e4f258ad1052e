"""What a till has to keep to, step by step: what is refused before a hold, what is asked of a colleague, and when."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from proxy.domain.caller import Caller, Surface
from proxy.domain.capture import Taken
from proxy.domain.errors import NotFound
from proxy.domain.ids import CustomerId, DiscountId, LocationId, OmneoRedemptionId, OrderId, ShopDomain, StaffId
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.redemption import Place, Redemption, State, iso
from proxy.domain.refusals import (
    AboveMaximum,
    AboveStaffMaximum,
    ApprovalInvalid,
    ApprovalOwn,
    ApprovalPending,
    ApprovalRequired,
    ReasonRequired,
    StaffLimitReached,
)
from proxy.domain.shop import Policy, Shop
from proxy.domain.staff import ApprovalId, ApprovalState, AtTill, StaffRules
from proxy.domain.work import Again
from proxy.services.approve import Approve
from proxy.services.cross_check import CrossCheck
from proxy.stores.approvals import Approvals
from proxy.stores.tills import Tills
from tests.services.alone import BEGAN, Alone, shop_of
from tests.services.benefits import BIRTHDAY, benefit, entitled, use_of
from tests.services.redeeming import profile, redeem, wish
from tests.services.settling import settled, using
from tests.stores.ledger import CUSTOMER, SHOP, aud, order_of

pytestmark = pytest.mark.anyio

MADE: Any = Answered(DiscountId("gid://mine"))
ANNA, BO = StaffId("42"), StaffId("43")
TILL = Place(Surface.POS, "till-1", "8801", "77", "device-1")
BEGAN_MS = int(BEGAN.timestamp() * 1000)


@pytest.fixture(autouse=True)
def known(alone: Alone) -> None:
    alone.omneo.profiles = {CUSTOMER: profile()}


def ruled(**rules: Any) -> Shop:
    lifetime = timedelta(seconds=90)
    return shop_of(policy=Policy(aud(100), staff=StaffRules(approval_lifetime=lifetime, **rules)))


def at_till(minor: int = 1000, key: str = "key-1", login: StaffId = ANNA, place: Place = TILL, **said: Any) -> Any:
    return replace(wish(minor, key, place=place), till=AtTill(login, **said))


def approver(alone: Alone) -> Approve:
    return Approve(Approvals(alone.ledger.database))


def caller(login: StaffId, shop: ShopDomain = SHOP) -> Caller:
    return Caller(shop, Surface.POS, staff=login)


async def asked(alone: Alone, shop: Shop, key: str = "a") -> ApprovalId:
    with pytest.raises(ApprovalRequired) as refused:
        await redeem(alone, at_till(key=key), shop=shop)
    found = refused.value.facts()
    assert found["above"] == aud(500).wire()
    assert found["expires_at"] == iso(BEGAN_MS + int(alone.ledger.moved.total_seconds() * 1000) + 90_000)
    return ApprovalId(str(found["approval"]))


async def test_what_the_policy_forbids_is_refused_before_anything_is_asked(alone: Alone) -> None:
    with pytest.raises(AboveMaximum):
        await redeem(alone, wish(501), shop=shop_of(policy=Policy(aud(100), maximum=aud(500))))
    assert alone.omneo.looked == []


@pytest.mark.parametrize(
    ("rules", "refusal"), [({"maximum": aud(999)}, AboveStaffMaximum), ({"reason_above": aud(999)}, ReasonRequired)]
)
async def test_rules_bind_whoever_is_at_a_till_and_nobody_else(alone: Alone, rules: Any, refusal: Any) -> None:
    with pytest.raises(refusal):
        await redeem(alone, at_till(), shop=ruled(**rules))
    assert (await redeem(alone, wish(1000, "key-2"), MADE, shop=ruled(**rules))).redemption.login is None


async def test_the_hold_keeps_the_login_and_the_journal_the_reason(alone: Alone) -> None:
    row = (await redeem(alone, at_till(reason="a torn seam"), MADE, shop=ruled(reason_above=aud(1)))).redemption
    (held, *_) = await alone.ledger.redemptions.journal(row.id)
    assert (row.login, held.facts["staff_reason"]) == (ANNA, "a torn seam")


async def test_uses_of_a_benefit_are_no_amounts_and_keep_login_and_reason_all_the_same(alone: Alone) -> None:
    entitled(alone, benefit(BIRTHDAY))
    use = use_of(BIRTHDAY, place=TILL, till=AtTill(ANNA, reason="a torn seam"))
    strict = ruled(maximum=aud(0), device_daily=aud(0), login_daily=aud(0), approval_above=aud(0))
    row = (await redeem(alone, use, MADE, shop=strict)).redemption
    (held, *_) = await alone.ledger.redemptions.journal(row.id)
    assert (row.state, row.login, held.facts["staff_reason"]) == (State.ISSUED, ANNA, "a torn seam")


async def test_without_a_reason_the_journal_says_none(alone: Alone) -> None:
    row = (await redeem(alone, at_till(), MADE, shop=ruled())).redemption
    (held, *_) = await alone.ledger.redemptions.journal(row.id)
    assert set(held.facts) == {"surface", "minor", "inherited_minor"}


@pytest.mark.parametrize(("bound", "whose"), [("device_daily", "device"), ("login_daily", "login")])
async def test_a_full_day_is_told_with_whose_it_is(alone: Alone, bound: str, whose: str) -> None:
    shop = ruled(**{bound: aud(1500)})
    with pytest.raises(StaffLimitReached) as full:
        await redeem(alone, at_till(1501), shop=shop)
    told = {"whose": whose, "limit": aud(1500).wire(), "left": aud(1500).wire(), "within_h": 24}
    assert full.value.facts() == told
    assert (await redeem(alone, at_till(1500, "key-2"), MADE, shop=shop)).redemption.held == aud(1500)


async def test_a_colleague_grants_and_the_wish_is_held(alone: Alone) -> None:
    shop = ruled(approval_above=aud(500))
    approval = await asked(alone, shop)
    with pytest.raises(ApprovalPending):
        await redeem(alone, at_till(key="b", approval=approval), shop=shop)
    granted = await approver(alone)(caller(BO), approval)
    assert (granted.state, granted.granted_by) == (ApprovalState.GRANTED, BO)
    row = (await redeem(alone, at_till(key="b", approval=approval), MADE, shop=shop)).redemption
    (held, *_) = await alone.ledger.redemptions.journal(row.id)
    assert (held.facts["approval"], held.facts["approved_by"]) == (approval, BO)
    with pytest.raises(ApprovalInvalid):
        await redeem(alone, at_till(key="c", approval=approval), shop=shop)
    assert (await approver(alone)(caller(BO), approval)).state is ApprovalState.USED


async def test_what_needs_no_colleague_uses_no_approval_up(alone: Alone) -> None:
    shop = ruled(approval_above=aud(1000))
    unknown = ApprovalId("apr_" + "0" * 32)
    assert (await redeem(alone, at_till(approval=unknown), MADE, shop=shop)).redemption.state is State.ISSUED


async def test_nobody_grants_their_own_nor_what_is_not_theirs_to_see(alone: Alone) -> None:
    approval, approve = await asked(alone, ruled(approval_above=aud(500))), approver(alone)
    with pytest.raises(ApprovalOwn):
        await approve(caller(ANNA), approval)
    with pytest.raises(NotFound):
        await approve(caller(BO, ShopDomain("other.myshopify.com")), approval)
    with pytest.raises(NotFound):
        await approve(caller(BO), ApprovalId("apr_" + "0" * 32))
    assert (await approve.look(caller(ANNA), approval)).state is ApprovalState.PENDING


async def test_what_is_over_cannot_be_granted_and_another_is_asked_for(alone: Alone) -> None:
    shop, approve = ruled(approval_above=aud(500)), approver(alone)
    first = await asked(alone, shop)
    assert await asked(alone, shop, "b") == first
    alone.passes(seconds=90)
    with pytest.raises(ApprovalInvalid) as late:
        await approve(caller(BO), first)
    assert late.value.facts() == {"state": ApprovalState.EXPIRED}
    assert await asked(alone, shop, "c") != first


async def test_a_second_colleague_is_told_that_it_is_granted_and_not_once_it_is_used(alone: Alone) -> None:
    shop, approve = ruled(approval_above=aud(500)), approver(alone)
    approval = await asked(alone, shop)
    await approve(caller(BO), approval)
    assert (await approve(caller(StaffId("44")), approval)).granted_by == BO
    await redeem(alone, at_till(key="b", approval=approval), MADE, shop=shop)
    with pytest.raises(ApprovalInvalid):
        await approve(caller(StaffId("44")), approval)


async def spent(alone: Alone, row: Redemption) -> None:
    await alone.ledger.capturing(row, "9")
    capture = await alone.ledger.captures.of_redemption(row.id)
    assert capture is not None
    await alone.ledger.captures.done(capture, OmneoRedemptionId(int(capture.id[-4:], 16)), Taken(row.amount))


async def captured_at_till(alone: Alone, **changes: Any) -> Any:
    row = (await redeem(alone, at_till(), MADE, shop=ruled())).redemption
    await spent(alone, row)
    return replace(order_of("9"), **{"source_name": "pos", "location": LocationId("8801"), **changes})


def checks(alone: Alone) -> CrossCheck:
    return CrossCheck(alone.ledger.redemptions, alone.ledger.captures, Tills(alone.ledger.database), alone.told)


async def test_what_the_order_contradicts_goes_to_a_person_with_both_sides(alone: Alone) -> None:
    order = await captured_at_till(alone, location=LocationId("9"))
    (row,) = await alone.ledger.redemptions.by_codes(SHOP, [await _code(alone)])
    for _ in range(2):
        await checks(alone)(alone.shop, order, [row])
    now = await alone.ledger.now(row)
    assert (now.state, now.reason) == (State.REVIEW, "location_mismatch")
    entry = (await alone.ledger.redemptions.journal(row.id))[-1]
    assert entry.facts == {"declared": "8801", "order_says": "9", "order": OrderId("9")}
    told = ("redemption.review", {"redemption": row.id, "reason": "location_mismatch"})
    assert alone.told.lines.count(told) == 1


async def test_whoever_rang_it_up_is_heard_of_from_the_webhook(alone: Alone) -> None:
    order = await captured_at_till(alone)
    (row,) = await alone.ledger.redemptions.by_codes(SHOP, [await _code(alone)])
    await alone.ledger.events.receive(SHOP, "orders/create", "w-1", order.id, login=StaffId("99"))
    await alone.ledger.events.receive(SHOP, "orders/updated", "w-2", order.id, login=StaffId("77"))
    await checks(alone)(alone.shop, order, [row])
    assert (await alone.ledger.now(row)).reason == "staff_mismatch"


@pytest.mark.parametrize("way", ["off", "another order", "agrees"])
async def test_what_is_not_compared_or_agrees_stays_as_it_is(alone: Alone, way: str) -> None:
    order = await captured_at_till(alone, location=LocationId("8801" if way == "agrees" else "9"))
    (row,) = await alone.ledger.redemptions.by_codes(SHOP, [await _code(alone)])
    shop = shop_of(policy=Policy(aud(0), staff=StaffRules(cross_check=way != "off")))
    if way == "another order":
        order = replace(order, id=OrderId("10"))
    await checks(alone)(shop, order, [row])
    assert (await alone.ledger.now(row)).state is State.CAPTURED


async def test_a_contradiction_does_not_hide_that_nothing_could_be_spent(alone: Alone) -> None:
    """Omneo is still asked when the order is compared, and has nothing left in the end."""
    row = (await redeem(alone, at_till(), MADE, shop=ruled())).redemption
    order = using("9", (row, 1000), source_name="web")
    assert await settled(alone, order, Unknown("cut")) == Again(2.0, "cut")
    assert (await alone.ledger.now(row)).state is State.CAPTURING
    alone.omneo.rewards_minor = 0
    alone.passes(seconds=121)
    await settled(alone, order, Refused("validation"))
    alone.passes(seconds=121)
    await settled(alone, order, Refused("validation"))
    assert (await alone.standing(row))[:2] == (State.REVIEW, "shortfall")


async def test_another_customers_contradiction_does_not_hide_behind_the_first(alone: Alone) -> None:
    """Two codes on one order: that the first agrees says nothing about the second."""
    first = (await redeem(alone, at_till(), MADE, shop=ruled())).redemption
    alone.omneo.profiles[CustomerId("1002")] = profile(id="p-2")
    elsewhere = replace(TILL, location="9")
    asked = replace(at_till(key="key-2", place=elsewhere), customer=CustomerId("1002"))
    second = (await redeem(alone, asked, MADE, shop=ruled())).redemption
    await spent(alone, first)
    await spent(alone, second)
    order = replace(order_of("9"), source_name="pos", location=LocationId("8801"))
    await checks(alone)(alone.shop, order, [await alone.ledger.now(first), await alone.ledger.now(second)])
    assert [(await alone.ledger.now(row)).state for row in (first, second)] == [State.CAPTURED, State.REVIEW]


async def test_one_that_this_order_does_not_spend_hides_no_other(alone: Alone) -> None:
    unspent = (await redeem(alone, at_till(), MADE, shop=ruled())).redemption
    alone.omneo.profiles[CustomerId("1002")] = profile(id="p-2")
    asked = replace(at_till(key="key-2"), customer=CustomerId("1002"))
    other = (await redeem(alone, asked, MADE, shop=ruled())).redemption
    await spent(alone, other)
    order = replace(order_of("9"), source_name="pos", location=LocationId("9"))
    await checks(alone)(alone.shop, order, [await alone.ledger.now(unspent), await alone.ledger.now(other)])
    assert [(await alone.ledger.now(row)).state for row in (unspent, other)] == [State.ISSUED, State.REVIEW]


async def test_a_second_use_of_a_code_is_compared_with_its_own_order(alone: Alone) -> None:
    row = (await redeem(alone, at_till(), MADE, shop=ruled())).redemption
    await spent(alone, row)
    second = OrderId("10")
    assert await alone.ledger.captures.extend(alone.ids.redemption(), row, second, aud(1000), "overuse")
    child = await alone.ledger.captures.child_of(row.id, second)
    assert child is not None
    await checks(alone)(alone.shop, replace(order_of("10"), source_name="web"), [await alone.ledger.now(row)])
    found = [(now.state, now.reason) for now in (await alone.ledger.now(row), await alone.ledger.now(child))]
    assert found[0][0] is State.CAPTURED
    assert found[1] == (State.REVIEW, "not_a_pos_sale")


async def _code(alone: Alone) -> str:
    """The code of the one redemption that there is."""
    (sent,) = [sent for sent in alone.shopify.sent if sent[0] == "create"]
    return str(sent[1].code)

"""A till's day and its approvals hold when many ask at once."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from proxy.domain.caller import Surface
from proxy.domain.capture import Taken
from proxy.domain.hold import DayFull, Held, Occupied, RoomAsked, Unapproved
from proxy.domain.ids import CustomerId, OmneoRedemptionId, OrderId, ProfileId, ShopDomain, StaffId
from proxy.domain.redemption import Place, Redemption
from proxy.domain.staff import ApprovalId, ApprovalState, ApprovalWish, Bounded, Day, TillBounds
from proxy.stores.approvals import Approvals
from proxy.stores.dossier import Dossiers
from proxy.stores.rooms import Rooms
from proxy.stores.tills import Tills
from tests.stores.ledger import CUSTOMER, PROFILE, SHOP, TENANT, Ledger, aud

pytestmark = pytest.mark.anyio

ANNA, BO = StaffId("42"), StaffId("43")
LIFETIME_MS = 600_000
PENDING = ApprovalId("apr_1")


def bounds(device: str | None = "till-1", login: StaffId = ANNA, **limits: int) -> TillBounds:
    return TillBounds(login, device, **{name: aud(minor) for name, minor in limits.items()})


def at(device: str | None = "till-1", cart: str | None = None) -> Place:
    return Place(Surface.POS, cart, device=device)


async def tries(
    ledger: Ledger, minor: int, till: TillBounds, *, who: int = 1, cart: str | None = None, **more: Any
) -> Any:
    """One customer each, so that nothing but the till bounds them."""
    place = at(till.device, cart)
    return await ledger.hold(minor, 100_000, profile=ProfileId(f"p-{who}"), place=place, till=till, **more)


async def takes(ledger: Ledger, minor: int, till: TillBounds, **more: Any) -> Redemption:
    result = await tries(ledger, minor, till, **more)
    assert isinstance(result, Held), result
    return result.redemption


@pytest.mark.parametrize("bound", ["device_daily", "login_daily"])
async def test_of_tills_that_race_for_one_day_as_many_pass_as_fit(ledger: Ledger, bound: str) -> None:
    """Each takes 10.00 of a day of 35.00: a sum that is only read would let more than three pass."""
    till = bounds(**{bound: 3500})
    results = await asyncio.gather(*(tries(ledger, 1000, till, who=n) for n in range(12)))
    assert sum(isinstance(result, Held) for result in results) == 3
    assert {type(result) for result in results} == {Held, DayFull}
    assert await ledger.sum_of_holds() == 3000


async def test_tills_that_share_logins_and_devices_crosswise_do_not_wait_for_each_other(ledger: Ledger) -> None:
    crossed = [
        bounds(device, login, device_daily=100_000, login_daily=100_000)
        for device in ("till-1", "till-2")
        for login in (ANNA, BO)
    ]
    results = await asyncio.gather(*(tries(ledger, 100, till, who=n) for n, till in enumerate(crossed * 6)))
    assert all(isinstance(result, Held) for result in results)


async def test_the_day_is_full_from_the_next_cent_on_and_says_what_is_left(ledger: Ledger) -> None:
    till = bounds(device_daily=2000, login_daily=5000)
    await takes(ledger, 1500, till)
    assert await tries(ledger, 501, till, who=2) == DayFull(Day(Bounded.DEVICE, aud(2000), aud(500)))
    await takes(ledger, 500, till, who=2)
    assert await tries(ledger, 1, till, who=3) == DayFull(Day(Bounded.DEVICE, aud(2000), aud(0)))


async def test_a_login_is_bounded_on_whatever_device_it_uses(ledger: Ledger) -> None:
    await takes(ledger, 1500, bounds("till-1", login_daily=2000))
    full = await tries(ledger, 501, bounds("till-2", login_daily=2000), who=2)
    assert full == DayFull(Day(Bounded.LOGIN, aud(2000), aud(500)))
    await takes(ledger, 2000, bounds("till-1", BO, login_daily=2000), who=3)


async def test_another_shops_device_of_the_same_name_has_a_day_of_its_own(ledger: Ledger) -> None:
    till = bounds(device_daily=1000)
    await takes(ledger, 1000, till)
    await takes(ledger, 1000, till, who=2, shop=ShopDomain("other.myshopify.com"))


async def test_a_refused_wish_leaves_nothing_behind(ledger: Ledger) -> None:
    till = bounds(device_daily=1000)
    assert isinstance(await tries(ledger, 1001, till), DayFull)
    assert (await ledger.sum_of_holds(), await ledger.standing()) == (0, 0)
    (day,) = await Tills(ledger.database).days(SHOP, till, "AUD", ())
    assert day.left == aud(1000)


async def test_what_is_released_makes_room_and_what_is_spent_does_not(ledger: Ledger) -> None:
    till = bounds(device_daily=2000)
    released, spent = await takes(ledger, 1000, till, who=1), await takes(ledger, 1000, till, who=2)
    assert await ledger.redemptions.drop(released.id, "discount_refused")
    await ledger.capturing(spent)
    (capture,) = await ledger.captures.of_order(SHOP, OrderId("1"))
    assert await ledger.captures.sending(capture, aud(1000))
    (capture,) = await ledger.captures.of_order(SHOP, OrderId("1"))
    assert await ledger.captures.done(capture, OmneoRedemptionId(1), Taken(aud(1000)))
    assert isinstance(await tries(ledger, 1001, till, who=3), DayFull)
    await takes(ledger, 1000, till, who=3)


async def test_a_day_ends_24_hours_after_what_was_redeemed(ledger: Ledger) -> None:
    till = bounds(login_daily=1000)
    await takes(ledger, 1000, till)
    ledger.moved += timedelta(hours=23, minutes=59)
    assert isinstance(await tries(ledger, 1000, till, who=2), DayFull)
    ledger.moved += timedelta(minutes=2)
    await takes(ledger, 1000, till, who=2)


async def test_a_new_amount_on_the_same_cart_counts_instead_of_the_old(ledger: Ledger) -> None:
    till = bounds(device_daily=1000)
    first = await takes(ledger, 800, till, cart="cart-1")
    assert isinstance(await tries(ledger, 1001, till, cart="cart-1"), DayFull)
    assert isinstance(await tries(ledger, 1000, till, cart="cart-1"), Occupied)
    await ledger.deactivated(first)
    assert (await takes(ledger, 1000, till, cart="cart-1")).held == aud(1000)


async def test_turns_of_those_who_are_not_seen_any_more_are_forgotten(ledger: Ledger) -> None:
    tills, till = Tills(ledger.database), bounds(device_daily=1000)
    await takes(ledger, 400, till)
    ledger.moved += timedelta(hours=49)
    await tills.forget()
    await takes(ledger, 1000, till, who=2)


async def approved(ledger: Ledger, minor: int = 1000, by: StaffId = BO, login: StaffId = ANNA) -> TillBounds:
    wish = ApprovalWish(SHOP, CUSTOMER, aud(minor), login)
    approvals = Approvals(ledger.database)
    made = await approvals.ask(ApprovalId(f"apr_{next(ledger.numbers):032x}"), wish, LIFETIME_MS)
    assert await approvals.grant(SHOP, made.id, by)
    return TillBounds(login, "till-1", approval=made.id)


async def test_of_wishes_that_race_for_one_approval_one_is_held(ledger: Ledger) -> None:
    till = await approved(ledger)
    results = await asyncio.gather(*(tries(ledger, 1000, till, who=n) for n in range(8)))
    assert sorted(type(result).__name__ for result in results) == ["Held"] + ["Unapproved"] * 7


async def test_of_logins_that_race_to_grant_one_does(ledger: Ledger) -> None:
    approvals = Approvals(ledger.database)
    made = await approvals.ask(PENDING, ApprovalWish(SHOP, CUSTOMER, aud(1000), ANNA), LIFETIME_MS)
    logins = [StaffId(str(n)) for n in range(42, 50)]  # Anna's own is the first
    granted = await asyncio.gather(*(approvals.grant(SHOP, made.id, login) for login in logins))
    assert (granted[0], sum(granted)) == (False, 1)


@pytest.mark.parametrize(
    ("minor", "changes"),
    [
        (1001, {}),
        (999, {}),
        (1000, {"customer": CustomerId("1002")}),
        (1000, {"shop": ShopDomain("other.myshopify.com")}),
        (1000, {"login": BO}),
    ],
    ids=["more", "less", "another customer", "another shop", "another login"],
)
async def test_an_approval_is_good_for_its_own_wish_alone(ledger: Ledger, minor: int, changes: dict[str, Any]) -> None:
    asked = await approved(ledger)
    others = {name: value for name, value in changes.items() if name != "login"}
    till = TillBounds(changes.get("login", ANNA), asked.device, approval=asked.approval)
    assert await tries(ledger, minor, till, **others) == Unapproved(pending=False)


async def test_an_approval_is_over_when_its_time_is(ledger: Ledger) -> None:
    till = await approved(ledger)
    ledger.moved += timedelta(milliseconds=LIFETIME_MS)
    assert await tries(ledger, 1000, till) == Unapproved(pending=False)


async def test_an_approval_that_nobody_granted_is_pending(ledger: Ledger) -> None:
    made = await Approvals(ledger.database).ask(PENDING, ApprovalWish(SHOP, CUSTOMER, aud(1000), ANNA), LIFETIME_MS)
    assert await tries(ledger, 1000, TillBounds(ANNA, None, approval=made.id)) == Unapproved(pending=True)


async def test_a_hold_that_came_to_no_discount_has_not_used_its_approval(ledger: Ledger) -> None:
    till = await approved(ledger)
    first = await takes(ledger, 1000, till)
    assert await tries(ledger, 1000, till, who=2) == Unapproved(pending=False)
    assert await ledger.redemptions.drop(first.id, "discount_refused")
    await takes(ledger, 1000, till, who=2)


async def test_what_is_asked_again_gets_the_approval_that_is_open(ledger: Ledger) -> None:
    approvals, wish = Approvals(ledger.database), ApprovalWish(SHOP, CUSTOMER, aud(1000), ANNA)
    first = await approvals.ask(PENDING, wish, LIFETIME_MS)
    assert (await approvals.ask(ApprovalId("apr_2"), wish, LIFETIME_MS)).id == first.id
    ledger.moved += timedelta(milliseconds=LIFETIME_MS)
    assert (await approvals.ask(ApprovalId("apr_3"), wish, LIFETIME_MS)).id == "apr_3"


async def test_an_approval_tells_what_became_of_it_for_a_day(ledger: Ledger) -> None:
    approvals, till = Approvals(ledger.database), await approved(ledger)
    assert till.approval is not None
    row = await takes(ledger, 1000, till)
    used = await approvals.get(SHOP, till.approval)
    assert used is not None
    assert (used.state, used.granted_by, used.used_by) == (ApprovalState.USED, BO, row.id)
    ledger.moved += timedelta(hours=24, milliseconds=LIFETIME_MS + 1000)
    await approvals.forget()
    assert await approvals.get(SHOP, till.approval) is None


async def test_the_journal_keeps_the_reason_and_who_approved(ledger: Ledger) -> None:
    till = await approved(ledger)
    row = await takes(
        ledger, 1000, TillBounds(ANNA, "till-1", reason="Saum gerissen, große Eile", approval=till.approval)
    )
    (entry,) = await ledger.redemptions.journal(row.id)
    assert {name: entry.facts[name] for name in ("staff_reason", "approval", "approved_by")} == {
        "staff_reason": "Saum gerissen, große Eile",
        "approval": till.approval,
        "approved_by": BO,
    }
    assert row.login == ANNA


async def test_a_customer_who_asks_is_told_of_approvals_and_of_no_member_of_staff(ledger: Ledger) -> None:
    till = await approved(ledger)
    await takes(ledger, 1000, TillBounds(ANNA, "till-1", reason="zu spät geliefert", approval=till.approval))
    told = await Dossiers(ledger.database).of(SHOP, CUSTOMER)
    (approval,) = told["approvals"]  # type: ignore[misc]
    assert (approval["id"], approval["amount_minor"]) == (till.approval, 1000)
    text = json.dumps(told, ensure_ascii=False)
    assert [said for said in ("zu spät", f'"{ANNA}"', f'"{BO}"') if said in text] == []


async def test_a_look_at_the_room_finds_what_a_hold_would(ledger: Ledger) -> None:
    """What passes over is not in the way, elsewhere it is; and looking changes nothing."""
    row = await ledger.issued(2000)
    rooms = Rooms(ledger.database)

    async def room(cart: str, *, take_over: bool = False, early: bool = False) -> tuple[int, bool]:
        place = Place(Surface.CHECKOUT, cart)
        found = await rooms.room(RoomAsked(SHOP, TENANT, PROFILE, place, take_over, early))
        return found.standing.held_minor, found.in_the_way is not None

    assert [await room("cart-1"), await room("cart-2"), await room("cart-2", take_over=True)] == [
        (0, False),
        (2000, True),
        (0, False),
    ]
    assert await room("cart-1", early=True) == (2000, False)
    await ledger.deactivated(row)
    assert [await room("cart-1"), await room("cart-2")] == [(0, False), (2000, False)]
    assert await ledger.standing() == 2000

"""What tills may not do alone, or not without a reason, or not any more today; and what a colleague may grant."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from proxy.sandbox import seed
from tests.web.questions import assert_problem, at, aud, till, till_wish
from tests.world.databases import Databases
from tests.world.world import ADA, BENEDIKT, World, open_world

pytestmark = pytest.mark.anyio

ANNA, BO, CY = 42, 43, 44


@pytest.fixture
async def ruled(databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    """A shop with every rule for tills."""
    async with open_world(
        databases.sqlite(tmp_path / "proxy.db"),
        staff_max_amount="24.00",
        staff_device_daily_amount="40.00",
        staff_daily_amount="50.00",
        staff_reason_above="10.00",
        staff_approval_above="15.00",
    ) as world:
        yield world


def login(world: World, user: int) -> dict[str, str]:
    token = world.shopify.id_token("pos", user_id=user, offset_s=world.clock.offset_s)
    return {"Authorization": f"Bearer {token}"}


async def approval(world: World, method: str, found: str, user: int) -> httpx.Response:
    return await world.http.request(method, f"/v1/pos/approvals/{found}", headers=login(world, user))


async def required(world: World, amount: str = "20.00", **more: Any) -> dict[str, Any]:
    """Ask for what needs a colleague; gives the refusal."""
    return assert_problem(await till(world, amount, reason="a torn seam", **more), 409, "approval_required")


async def test_a_till_without_rules_redeems_as_a_customer_does(sqlite_world: World) -> None:
    assert (await till(sqlite_world, "25.00", device_id=None)).status_code == 201


async def test_rules_for_tills_bind_no_customer(ruled: World) -> None:
    assert (await ruled.redeem("25.00")).status_code == 201


@pytest.mark.parametrize(
    ("amount", "wish", "status", "code", "facts"),
    [
        ("24.01", {}, 422, "above_staff_maximum", {"maximum": aud("24.00")}),
        ("5.00", {"device_id": None}, 422, "device_required", {}),
        ("10.01", {}, 422, "reason_required", {"above": aud("10.00")}),
        ("10.01", {"reason": "   "}, 400, "invalid_request", {"field": "reason"}),
        ("5.00", {"reason": "x" * 201}, 400, "invalid_request", {"field": "reason"}),
        ("5.00", {"reason": "a\nb"}, 400, "invalid_request", {"field": "reason"}),
        ("5.00", {"approval": "apr_1"}, 400, "invalid_request", {"field": "approval"}),
    ],
)
async def test_each_refusal_has_the_numbers_behind_it(
    ruled: World, amount: str, wish: dict[str, Any], status: int, code: str, facts: dict[str, Any]
) -> None:
    body = assert_problem(await till(ruled, amount, **wish), status, code)
    assert {name: body[name] for name in facts} == facts
    assert ruled.shopify.state.discounts == {}


async def test_a_reason_is_kept_with_the_hold_and_shown_to_no_customer(ruled: World) -> None:
    answer = await till(ruled, "10.01", reason="Saum gerissen – é")
    assert answer.status_code == 201, answer.text
    shown = await ruled.http.get(f"/v1/pos/redemptions/{answer.json()['id']}", headers=login(ruled, ANNA))
    assert "Saum" not in shown.text
    assert "Saum" not in json.dumps(await ruled.rewards())
    assert "Saum" not in ruled.log.getvalue()


async def test_a_colleague_grants_and_the_till_repeats_its_wish(ruled: World) -> None:
    refused = await required(ruled)
    assert refused["above"] == aud("15.00")
    looked = (await approval(ruled, "GET", refused["approval"], BO)).json()
    assert (looked["state"], looked["customer_id"], looked["amount"], looked["requested_by"]) == (
        "pending",
        str(ADA),
        aud("20.00"),
        str(ANNA),
    )
    granted = await approval(ruled, "POST", refused["approval"], BO)
    assert (granted.status_code, granted.json()["state"], granted.json()["granted_by"]) == (200, "granted", str(BO))
    made = await till(ruled, "20.00", reason="a torn seam", approval=refused["approval"])
    assert made.status_code == 201, made.text
    assert (await approval(ruled, "GET", refused["approval"], BO)).json()["state"] == "used"


async def test_granting_twice_changes_nothing(ruled: World) -> None:
    refused = await required(ruled)
    answers = [await approval(ruled, "POST", refused["approval"], user) for user in (BO, BO, CY)]
    assert [(a.status_code, a.json()["granted_by"]) for a in answers] == [(200, str(BO))] * 3


async def test_nobody_grants_their_own(ruled: World) -> None:
    refused = await required(ruled)
    assert_problem(await approval(ruled, "POST", refused["approval"], ANNA), 403, "approval_own")
    wish = await till(ruled, "20.00", reason="a torn seam", approval=refused["approval"])
    assert_problem(wish, 409, "approval_pending", retryable=True)
    assert ruled.shopify.state.discounts == {}


async def test_a_wish_that_waits_for_its_approval_is_granted_under_the_same_key(ruled: World) -> None:
    refused = await required(ruled)
    wish = {"key": "key-2", "reason": "a torn seam", "approval": refused["approval"]}
    assert_problem(await till(ruled, "20.00", **wish), 409, "approval_pending", retryable=True)
    await approval(ruled, "POST", refused["approval"], BO)
    assert (await till(ruled, "20.00", **wish)).status_code == 201
    assert (await till(ruled, "20.00", **wish)).headers["idempotency-replayed"] == "true"


async def test_the_same_key_is_told_the_same_approval(ruled: World) -> None:
    first = await required(ruled, key="key-1")
    assert (await required(ruled, key="key-1"))["approval"] == first["approval"]


@pytest.mark.parametrize(
    "other",
    [{"amount": "20.01"}, {"customer": BENEDIKT}, {"user": CY}],
    ids=["another amount", "another customer", "another login"],
)
async def test_an_approval_is_good_for_nothing_else(ruled: World, other: dict[str, Any]) -> None:
    refused = await required(ruled)
    await approval(ruled, "POST", refused["approval"], BO)
    wish = {"amount": "20.00", "reason": "a torn seam", "approval": refused["approval"], **other}
    assert_problem(await till(ruled, **wish), 409, "approval_invalid")


async def test_an_approval_is_used_once(ruled: World) -> None:
    refused = await required(ruled)
    await approval(ruled, "POST", refused["approval"], BO)
    wish = {"reason": "a torn seam", "approval": refused["approval"]}
    answers = await asyncio.gather(*(till(ruled, "20.00", cart=f"till-{n}", **wish) for n in range(6)))
    assert sorted(a.status_code for a in answers) == [201] + [409] * 5
    made = next(a for a in answers if a.status_code == 201).json()
    await ruled.http.delete(f"/v1/pos/redemptions/{made['id']}", headers=login(ruled, ANNA))
    again = await till(ruled, "20.00", cart="till-9", take_over=True, **wish)
    assert_problem(again, 409, "approval_invalid")


async def test_an_approval_is_over_when_its_time_is(ruled: World) -> None:
    refused = await required(ruled)
    ruled.clock.advance(601)
    assert_problem(await approval(ruled, "POST", refused["approval"], BO), 409, "approval_invalid")
    assert (await approval(ruled, "GET", refused["approval"], BO)).json()["state"] == "expired"


async def test_an_approval_that_is_not_needed_is_not_used_up(ruled: World) -> None:
    refused = await required(ruled)
    await approval(ruled, "POST", refused["approval"], BO)
    assert (await till(ruled, "5.00", approval=refused["approval"])).status_code == 201
    assert (await approval(ruled, "GET", refused["approval"], BO)).json()["state"] == "granted"


async def test_customers_and_strangers_have_no_part_in_approvals(ruled: World) -> None:
    refused = await required(ruled)
    for method in ("GET", "POST"):
        path = f"/v1/pos/approvals/{refused['approval']}"
        assert_problem(await ruled.http.request(method, path, headers=at(ruled)), 401, "unauthenticated")
        assert_problem(await approval(ruled, method, "apr_" + "0" * 32, BO), 404, "not_found")
        assert_problem(await approval(ruled, method, "apr_nonsense", BO), 400, "invalid_request")


async def test_a_quote_at_a_till_knows_its_rules(ruled: World) -> None:
    async def verdict(amount: str | None, **more: Any) -> tuple[str | None, dict[str, Any], Any]:
        cart = {"token": "till-1", "lines": [{"quantity": 1, "price": aud("500.00")}]}
        body = {"cart": cart, "customer_id": str(BENEDIKT), "device_id": "till-1", **more}
        body |= {"amount": aud(amount)} if amount else {}
        answer = await ruled.http.post("/v1/pos/redemptions/quote", headers=login(ruled, ANNA), json=body)
        assert answer.status_code == 200, answer.text
        (found,) = answer.json()["verdicts"]
        return found["code"], found["facts"], answer.json()["maximum"]

    assert await verdict("24.01") == ("above_staff_maximum", {"maximum": aud("24.00")}, aud("24.00"))
    assert await verdict("10.01") == ("reason_required", {"above": aud("10.00")}, aud("24.00"))
    assert await verdict("15.01", reason="x") == ("approval_required", {"above": aud("15.00")}, aud("24.00"))
    assert await verdict("5.00", device_id=None) == ("device_required", {}, aud("24.00"))
    assert await verdict("10.00") == (None, {}, aud("24.00"))
    # Nothing was asked of a colleague by asking.
    assert (await till(ruled, "10.00", customer=ADA)).status_code == 201
    assert (await verdict("10.00"))[0] is None


async def test_a_quote_says_whose_day_is_full(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), staff_daily_amount="12.00") as world:
        assert (await till(world, "10.00", customer=ADA)).status_code == 201
        cart = {"lines": [{"quantity": 1, "price": aud("500.00")}]}
        body = {"cart": cart, "customer_id": str(BENEDIKT), "amount": aud("2.01")}
        answer = (await world.http.post("/v1/pos/redemptions/quote", headers=login(world, ANNA), json=body)).json()
        facts = {"whose": "login", "limit": aud("12.00"), "left": aud("2.00"), "within_h": 24}
        (verdict,) = answer["verdicts"]
        assert (verdict["code"], verdict["facts"]) == ("staff_limit_reached", facts)
        assert (answer["maximum"], answer["suggested"]) == (aud("2.00"), aud("2.00"))
        body = assert_problem(await till(world, "2.01", customer=BENEDIKT), 409, "staff_limit_reached")
        assert {name: body[name] for name in facts} == facts
        assert (await till(world, "2.00", customer=BENEDIKT)).status_code == 201


async def test_tills_that_race_for_what_is_left_of_a_day_do_not_both_get_it(
    databases: Databases, tmp_path: Path
) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), staff_device_daily_amount="10.00") as world:
        answers = await asyncio.gather(*(till(world, "6.00", customer=who) for who in (ADA, BENEDIKT)))
        assert sorted(a.status_code for a in answers) == [201, 409]


async def test_what_came_back_makes_room_in_the_day_and_what_was_spent_does_not(
    databases: Databases, tmp_path: Path
) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), staff_daily_amount="12.50") as world:
        made = (await till(world, "12.50")).json()
        lines = [(seed.LINEN_SHIRT.variant_id, 1)]
        order = world.shopify.pos_sale(lines, location_id=seed.LOCATION.id, customer_id=ADA, codes=[made["code"]])
        await world.reaches(made["id"], "recorded")
        assert_problem(await till(world, "1.00"), 409, "staff_limit_reached")
        world.shopify.refund(order.id)
        await world.reaches(made["id"], "returned")
        assert (await till(world, "12.50")).status_code == 201


async def test_what_a_till_declares_beyond_its_bounds_is_refused(shared_world: World) -> None:
    for wrong in ({"location_id": "x" * 65}, {"device_id": "x" * 129}, {"reason": 5}, {"approval": None, "said": "x"}):
        headers = at(shared_world, None, "pos") | {"Idempotency-Key": uuid4().hex}
        answer = await shared_world.http.post("/v1/pos/redemptions", headers=headers, json=till_wish(**wrong))
        assert_problem(answer, 400, "invalid_request")

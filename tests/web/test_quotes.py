"""A quote says what a redemption of this cart would be granted, and holds nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from tests.web.questions import CART, assert_problem, at, aud, till
from tests.world.databases import Databases
from tests.world.rows import LedgerRows
from tests.world.world import ADA, BENEDIKT, CHLOE, World, open_world

pytestmark = pytest.mark.anyio

SHIRT = {"product_id": str(seed.LINEN_SHIRT.product_id), "quantity": 1, "price": aud("79.00"), "gift_card": False}
SOCKS = {
    "product_id": f"gid://shopify/Product/{seed.WOOL_SOCKS.product_id}",
    "variant_id": str(seed.WOOL_SOCKS.variant_id),
    "quantity": 2,
    "price": aud("12.50"),
}
GIFT_CARD = {"quantity": 1, "price": aud("50.00"), "gift_card": True}


def cart(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"token": CART, "lines": list(lines or (SHIRT, SOCKS)), **more}


async def asked(world: World, body: dict[str, Any], customer: int = ADA, surface: str = "checkout") -> httpx.Response:
    pos = surface == "pos"
    path = "/v1/pos/redemptions/quote" if pos else "/v1/redemptions/quote"
    headers = at(world, None if pos else customer, surface)
    return await world.http.post(path, headers=headers, json=body | ({"customer_id": str(customer)} if pos else {}))


async def quoted(world: World, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    answer = await asked(world, body or {"cart": cart()}, **more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def on_amount(world: World, body: dict[str, Any], **more: Any) -> tuple[str | None, dict[str, Any]]:
    """Give the code of the verdict on the amount, None where it is allowed, and its facts."""
    (verdict,) = (await quoted(world, body, **more))["verdicts"]
    assert (verdict["of"], verdict["benefit"], verdict["allowed"]) == ("amount", None, verdict["code"] is None)
    return verdict["code"], verdict["facts"]


def coded(world: World, code: str, **changes: Any) -> None:
    """Have staff make a code of their own."""
    world.shopify.staff_create(
        {
            "title": code,
            "code": code,
            "startsAt": "2020-01-01T00:00:00Z",
            "customerGets": {"value": {"percentage": 0.1}, "items": {"all": True}},
            "combinesWith": {"orderDiscounts": True, "productDiscounts": True, "shippingDiscounts": True},
            **changes,
        }
    )


@pytest.fixture(scope="module")
async def strict(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A shop with every rule that a quote knows."""
    path = tmp_path_factory.mktemp("strict") / "proxy.db"
    async with open_world(
        databases.sqlite(path),
        minimum_amount="2.00",
        max_amount="20.00",
        step_amount="2.50",
        minimum_spend="20.00",
        max_share_percent=25,
        excluded_products=[f"gid://shopify/Product/{seed.WOOL_SOCKS.product_id}"],
    ) as world:
        yield world


async def test_as_much_as_possible_is_the_balance_where_nothing_else_bounds_it(shared_world: World) -> None:
    body = await quoted(shared_world)
    assert body["verdicts"] == [{"of": "amount", "benefit": None, "allowed": True, "code": None, "facts": {}}]
    assert (body["maximum"], body["suggested"], body["eligible_subtotal"]) == (
        aud("25.00"),
        aud("25.00"),
        aud("104.00"),
    )
    assert body["balance"] == {"available": aud("25.00"), "held": aud("0.00"), "total": aud("25.00")}


async def test_a_cart_that_is_worth_less_than_the_balance_bounds_it(shared_world: World) -> None:
    body = await quoted(shared_world, {"cart": cart(SOCKS | {"quantity": 1}, GIFT_CARD), "amount": aud("20.00")})
    assert (body["maximum"], body["suggested"], body["eligible_subtotal"]) == (
        aud("12.50"),
        aud("12.50"),
        aud("12.50"),
    )
    (verdict,) = body["verdicts"]
    assert verdict["code"] == "above_share"
    assert verdict["facts"] == {"share_percent": 100, "eligible_subtotal": aud("12.50"), "maximum": aud("12.50")}


@pytest.mark.parametrize(
    ("amount", "lines", "code", "facts"),
    [
        ("1.00", [SHIRT], "below_minimum", {"minimum": aud("2.00")}),
        ("3.00", [SHIRT], "not_a_step", {"step": aud("2.50")}),
        ("22.50", [SHIRT | {"quantity": 9}], "above_maximum", {"maximum": aud("20.00")}),
        (
            "5.00",
            [SOCKS | {"quantity": 99}, GIFT_CARD],
            "below_minimum_spend",
            {"minimum_spend": aud("20.00"), "eligible_subtotal": aud("0.00")},
        ),
        (
            "20.00",
            [SHIRT, SOCKS],
            "above_share",
            {"share_percent": 25, "eligible_subtotal": aud("79.00"), "maximum": aud("19.75")},
        ),
        ("17.50", [SHIRT], None, {}),
    ],
)
async def test_each_rule_is_told_with_the_numbers_behind_it(
    strict: World, amount: str, lines: list[dict[str, Any]], code: str | None, facts: dict[str, Any]
) -> None:
    assert await on_amount(strict, {"cart": cart(*lines), "amount": aud(amount)}) == (code, facts)


@pytest.mark.parametrize(
    ("amount", "lines", "maximum", "suggested"),
    [
        (None, [SHIRT], "17.50", "17.50"),
        ("9.99", [SHIRT], "17.50", "7.50"),
        (None, [SHIRT | {"quantity": 9}], "20.00", "20.00"),
        (None, [SOCKS], "0.00", "0.00"),
        ("2.49", [SHIRT], "17.50", "0.00"),
    ],
)
async def test_what_is_suggested_would_be_granted(
    strict: World, amount: str | None, lines: list[dict[str, Any]], maximum: str, suggested: str
) -> None:
    body = {"cart": cart(*lines), "amount": aud(amount) if amount else None}
    answer = await quoted(strict, body)
    assert (answer["maximum"], answer["suggested"]) == (aud(maximum), aud(suggested))
    if answer["suggested"] != aud("0.00"):
        assert await on_amount(strict, body | {"amount": answer["suggested"]}) == (None, {})


@pytest.mark.parametrize(("amount", "status", "code"), [("3.00", 422, "not_a_step"), ("22.50", 422, "above_maximum")])
async def test_what_a_quote_refuses_for_the_amount_a_redemption_refuses_in_the_same_words(
    strict: World, amount: str, status: int, code: str
) -> None:
    quote = await on_amount(strict, {"cart": cart(SHIRT | {"quantity": 9}), "amount": aud(amount)})
    body = assert_problem(await strict.redeem(amount), status, code)
    assert quote == (code, {name: body[name] for name in quote[1]})
    assert strict.shopify.state.discounts == {}


async def test_shopify_itself_keeps_the_share_whatever_the_client_declared(
    databases: Databases, tmp_path: Path
) -> None:
    """A quarter of a cart: 12.50 is applied from 50.00 on, and a smaller cart gets nothing for it."""
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), max_share_percent=25) as world:
        redemption = await world.redeemed("12.50")
        (discount,) = world.shopify.state.discounts.values()
        assert f"{discount.minimum_subtotal:.2f}" == "50.00"
        small = world.shopify.open_cart([(seed.CANVAS_TOTE.variant_id, 1)], ADA)
        (outcome,) = world.shopify.checkout.set_codes(small, [redemption["code"]]).codes
        assert (outcome.applicable, outcome.reason) == (False, "minimum_subtotal_not_met")
        world.buy(redemption["code"])
        assert (await world.reaches(redemption["id"], "recorded"))["captured"] == aud("12.50")


async def test_a_quote_writes_nothing(sqlite_world: World) -> None:
    rows = LedgerRows(sqlite_world.settings.database_url)
    for _ in range(3):
        await quoted(sqlite_world)
        await quoted(sqlite_world, surface="pos")
    assert (rows.redemptions, list(sqlite_world.shopify.state.discounts)) == ({}, [])
    assert (await sqlite_world.rewards())["balance"]["held"] == aud("0.00")
    assert not [event for event in sqlite_world.events() if event["event"].startswith("redemption.")]


async def test_what_this_cart_holds_already_is_not_in_its_own_way(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("20.00")
    body = await quoted(sqlite_world, {"cart": cart(codes=[redemption["code"].lower()])})
    assert (body["verdicts"][0]["allowed"], body["maximum"]) == (True, aud("25.00"))
    assert body["balance"] == {"available": aud("25.00"), "held": aud("0.00"), "total": aud("25.00")}


async def test_what_is_held_elsewhere_is_told_with_where_and_until_when(sqlite_world: World) -> None:
    held = (await till(sqlite_world, "20.00", location_id=str(seed.LOCATION.id))).json()
    body = {"cart": cart() | {"token": "cart-2"}, "amount": aud("5.00")}
    facts = {"surface": "pos", "until": held["expires_at"], "location": str(seed.LOCATION.id)}
    assert await on_amount(sqlite_world, body) == ("held_elsewhere", facts)
    answer = await quoted(sqlite_world, body)
    assert (answer["maximum"], answer["suggested"]) == (aud("0.00"), aud("0.00"))
    taken_over = await quoted(sqlite_world, body | {"take_over": True})
    assert (taken_over["verdicts"][0]["allowed"], taken_over["maximum"]) == (True, aud("25.00"))


async def test_more_than_the_balance_is_told_with_what_is_available(shared_world: World) -> None:
    body = {"cart": cart(SHIRT | {"quantity": 9}), "amount": aud("25.01")}
    assert await on_amount(shared_world, body) == ("insufficient_balance", {"available": aud("25.00")})
    assert (await quoted(shared_world, body))["suggested"] == aud("25.00")


async def test_a_cart_or_an_amount_in_another_currency_is_refused_as_such(shared_world: World) -> None:
    dollars = {"amount": "5.00", "currencyCode": "NZD"}
    for body in ({"cart": cart(), "amount": dollars}, {"cart": cart(SHIRT | {"price": dollars})}):
        assert (await on_amount(shared_world, body))[0] == "currency_mismatch"


async def test_a_profile_that_may_not_redeem_is_told_as_such(sqlite_world: World) -> None:
    sqlite_world.omneo.state.profiles[sqlite_world.omneo_profile(BENEDIKT)].fields["profile_type"] = "inactive"
    body = await quoted(sqlite_world, {"cart": cart(), "benefits": [{"id": 7}]}, customer=BENEDIKT)
    assert [verdict["code"] for verdict in body["verdicts"]] == ["profile_inactive"] * 2


async def test_nothing_is_judged_as_nothing(shared_world: World) -> None:
    assert (await on_amount(shared_world, {"cart": cart(), "amount": aud("0.00")}))[0] == "below_minimum"


async def test_nobody_gets_a_quote_whose_redemption_would_need_another_answer(shared_world: World) -> None:
    body = {"cart": cart()}
    assert_problem(await asked(shared_world, body, customer=CHLOE), 409, "pending_profile", retryable=True)
    guest = await shared_world.http.post("/v1/redemptions/quote", headers=at(shared_world, None), json=body)
    assert_problem(guest, 403, "login_required")
    crossed = await shared_world.http.post("/v1/redemptions/quote", headers=at(shared_world, None, "pos"), json=body)
    assert_problem(crossed, 401, "unauthenticated")


async def test_a_benefit_that_the_customer_does_not_have_is_refused_beside_the_amount(shared_world: World) -> None:
    body = await quoted(shared_world, {"cart": cart(), "benefits": [{"id": 7, "uses": 1}, {"id": 8}]})
    assert [(v["of"], v["benefit"], v["code"]) for v in body["verdicts"]] == [
        ("amount", None, None),
        ("benefit", 7, "benefit_unavailable"),
        ("benefit", 8, "benefit_unavailable"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"cart": {"lines": [SHIRT] * 251}},
        {"cart": cart(codes=["X"] * 11)},
        {"cart": cart(codes=["X" * 256])},
        {"cart": cart(codes=[""])},
        {"cart": cart(), "benefits": [{"id": n} for n in range(1, 12)]},
        {"cart": cart(SHIRT | {"quantity": 0})},
        {"cart": cart(SHIRT | {"quantity": -1})},
        {"cart": cart(SHIRT | {"quantity": 1.5})},
        {"cart": cart(SHIRT | {"price": aud("-1.00")})},
        {"cart": cart(SHIRT | {"product_id": "gid://shopify/Customer/1"})},
        {"cart": cart(), "amount": "5.00"},
        {"cart": cart(), "customer_id": str(BENEDIKT)},
    ],
)
async def test_a_question_beyond_its_bounds_is_refused(shared_world: World, body: dict[str, Any]) -> None:
    assert_problem(await asked(shared_world, body), 400, "invalid_request")


async def test_the_largest_question_there_is_is_answered(shared_world: World) -> None:
    most = SHIRT | {"quantity": 100_000, "price": aud("999999999999.99")}
    body = await quoted(shared_world, {"cart": cart(*[most] * 250, codes=[f"{n}É" * 100 for n in range(10)])})
    assert body["maximum"] == aud("25.00")


@pytest.mark.parametrize(
    ("code", "changes", "combines"),
    [
        ("FRIENDLY", {}, True),
        ("ALONE", {"combinesWith": {"orderDiscounts": False, "productDiscounts": True}}, False),
        ("OVER", {"combinesWith": {}, "endsAt": "2020-02-01T00:00:00Z"}, True),
        ("LATER", {"combinesWith": {}, "startsAt": "2090-01-01T00:00:00Z"}, True),
    ],
)
async def test_a_code_on_the_cart_may_leave_no_room_for_ours(
    shared_world: World, code: str, changes: dict[str, Any], combines: bool
) -> None:
    coded(shared_world, code, **changes)
    verdict = await on_amount(shared_world, {"cart": cart(codes=[code.lower(), "NOBODYS"])})
    assert verdict == ((None, {}) if combines else ("not_combinable", {"codes": [code.lower()]}))


async def test_what_the_shop_does_not_combine_with_is_refused_although_the_code_would(
    databases: Databases, tmp_path: Path
) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), combines_with_order=False) as world:
        coded(world, "WHOLE")
        coded(world, "SOCKS", customerGets=_on(seed.WOOL_SOCKS.product_id))
        assert await on_amount(world, {"cart": cart(codes=["SOCKS"])}) == (None, {})
        refused = await on_amount(world, {"cart": cart(codes=["SOCKS", "WHOLE"])})
        assert refused == ("not_combinable", {"codes": ["WHOLE"]})
        redemption = await world.redeemed("5.00")
        outcomes = world.shopify.checkout.set_codes(world.cart(), ["WHOLE", redemption["code"]]).codes
        assert [o.reason for o in outcomes] == [None, "not_combinable"]


async def test_a_cart_with_five_codes_has_no_room_for_another(sqlite_world: World) -> None:
    codes = [f"CODE-{n}" for n in range(5)]
    for code in codes:
        coded(sqlite_world, code)
    assert await on_amount(sqlite_world, {"cart": cart(codes=codes[:4])}) == (None, {})
    # The same code in another case is the same code.
    assert await on_amount(sqlite_world, {"cart": cart(codes=[*codes[:4], codes[0].lower()])}) == (None, {})
    assert await on_amount(sqlite_world, {"cart": cart(codes=codes)}) == (
        "not_combinable",
        {"codes": codes, "most": 5},
    )


async def test_codes_are_read_once_in_a_while_however_often_is_asked(sqlite_world: World) -> None:
    coded(sqlite_world, "FRIENDLY")
    body = {"cart": cart(codes=["FRIENDLY", "friendly", "NOBODYS"])}
    await asyncio.gather(*(quoted(sqlite_world, body) for _ in range(20)))
    assert sqlite_world.shopify.calls["graphql Combination"] == 2


@pytest.mark.parametrize("surface", ["checkout", "pos"])
async def test_while_omneo_is_down_the_last_known_balance_is_told_with_its_age(
    sqlite_world: World, surface: str
) -> None:
    read = await sqlite_world.rewards()
    sqlite_world.clock.advance(60)
    sqlite_world.omneo.faults.add(Fault("*", "server_error", times=None))
    known = {"available": aud("25.00"), "as_of": read["as_of"].partition(".")[0] + "Z"}
    for answer in (await asked(sqlite_world, {"cart": cart()}, surface=surface), await _redeem(sqlite_world, surface)):
        body = assert_problem(answer, 503, "upstream_unavailable", retryable=True)
        assert body["last_known"] == known
    assert LedgerRows(sqlite_world.settings.database_url).redemptions == {}


async def test_what_is_not_remembered_is_not_told(sqlite_world: World) -> None:
    sqlite_world.omneo.faults.add(Fault("*", "server_error", times=None))
    body = assert_problem(await till(sqlite_world), 503, "upstream_unavailable", retryable=True)
    assert "last_known" not in body


async def test_the_last_known_balance_has_what_is_held_since_taken_off(sqlite_world: World) -> None:
    held = await sqlite_world.redeemed("20.00")
    sqlite_world.clock.advance(60)
    sqlite_world.omneo.faults.add(Fault("*", "server_error", times=None))
    answer = await sqlite_world.redeem("25.00", cart="cart-2")
    assert assert_problem(answer, 503, "upstream_unavailable", retryable=True)["last_known"]["available"] == aud("5.00")
    assert held["code"] not in json.dumps(answer.json())


async def _redeem(world: World, surface: str) -> httpx.Response:
    return await till(world) if surface == "pos" else await world.redeem("5.00")


def _on(product: int) -> dict[str, Any]:
    items = {"products": {"productsToAdd": [f"gid://shopify/Product/{product}"]}}
    return {"value": {"percentage": 0.1}, "items": items}

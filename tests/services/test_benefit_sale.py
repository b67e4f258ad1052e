"""A sale with two benefits and an amount, through the front door and both other sides, worked by hand to the cent."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from proxy.sandbox import seed
from tests.services.test_orders import sales
from tests.world.world import BENEDIKT, World, open_world

pytestmark = pytest.mark.anyio

SOCKS = f"gid://shopify/Product/{seed.WOOL_SOCKS.product_id}"
MAPPING = {
    "birthday": {"handle": "birthday-10", "gives": "percentage", "percent": 10},
    "socks": {"handle": "free-socks", "gives": "free_product", "products": [SOCKS]},
    "coffee": {"handle": "coffee", "gives": "record"},
}
LINES = [
    (seed.LINEN_SHIRT, 1),
    (seed.WOOL_SOCKS, 2),
    (seed.CANVAS_TOTE, 1),
    (seed.LINEN_SHIRT, 1),
    (seed.WOOL_SOCKS, 1),
]


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, benefits=MAPPING) as world:
        yield world


async def wished(world: World, **body: Any) -> httpx.Response:
    headers = world.bearer(BENEDIKT) | {"Idempotency-Key": uuid4().hex}
    return await world.http.post("/v1/redemptions", headers=headers, json={"cart": "cart-1", **body})


async def redeemed(world: World, **body: Any) -> dict[str, Any]:
    answer = await wished(world, **body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def benefits(world: World) -> dict[str, dict[str, Any]]:
    answer = await world.http.get("/v1/benefits", headers=world.bearer(BENEDIKT))
    assert answer.status_code == 200, answer.text
    return {benefit["handle"]: benefit for benefit in answer.json()["benefits"]}


async def use(world: World, handle: str) -> dict[str, Any]:
    return await redeemed(world, benefit={"id": (await benefits(world))[handle]["id"]})


def order_of(world: World, *codes: str, attributes: dict[str, str] | None = None) -> Any:
    cart = world.shopify.open_cart([(variant.variant_id, quantity) for variant, quantity in LINES], BENEDIKT)
    world.shopify.checkout.set_codes(cart, codes)
    if attributes:
        cart.attributes = attributes
    return world.shopify.place_order(cart)


def taken(order: Any) -> dict[str, list[Decimal]]:
    """What each code took off each of the five lines."""
    labels = [application.label for application in order.applications]
    return {
        label: [line.allocations.get(index, Decimal("0.00")) for line in order.lines]
        for index, label in enumerate(labels)
    }


def omneo(world: World) -> list[tuple[str, Decimal, dict[str, int]]]:
    """Each redemption in Omneo: its type, its money, and its uses by handle."""
    state = world.omneo.state
    found = []
    for row in world.omneo_redemptions(BENEDIKT):
        uses = {
            state.entry("benefit_definitions", state.benefits[item.subject_id].definition_id).fields["handle"]: abs(
                item.count or 0
            )
            for item in row.items
            if item.type == "benefit"
        }
        found.append((row.type, row.total, uses))
    return found


async def test_two_benefits_and_7_35_on_five_lines_and_two_of_them_returned(shop: World) -> None:
    """Shirt 79.00, two socks 25.00, tote 35.00, shirt 79.00, socks 12.50: 230.50 in all.

    Free socks, one pair of 12.50, stand on both lines with socks by their price: 12.50 * 25.00 / 37.50 = 8.333 and
    12.50 * 12.50 / 37.50 = 4.167, to the cent 8.33 and 4.17. That leaves 218.00.
    10 % of 218.00 is 21.80, on lines of 79.00, 16.67, 35.00, 79.00 and 8.33: 7.90, 1.67, 3.50, 7.90 and 0.83.
    7.35 goes on what is left, 71.10, 15.00, 31.50, 71.10 and 7.50, 196.20 in all: 7.35 / 196.20 of each is 2.6635,
    0.5619, 1.1800, 2.6635 and 0.2810, which is 7.34 rounded down, and the cent that is over goes to the first line.

    Both lines with socks come back. Nothing of what the free socks took off is left, so their use comes back. What
    the birthday took off stands on three lines more, so its use stays. Of the 7.35 stood 0.56 + 0.28 = 0.84 there.
    """
    birthday, socks = await use(shop, "birthday-10"), await use(shop, "free-socks")
    money = await redeemed(shop, amount={"amount": "7.35", "currencyCode": "AUD"})
    order = order_of(shop, birthday["code"], socks["code"], money["code"])
    assert {code: [str(part) for part in parts] for code, parts in taken(order).items()} == {
        socks["code"]: ["0.00", "8.33", "0.00", "0.00", "4.17"],
        birthday["code"]: ["7.90", "1.67", "3.50", "7.90", "0.83"],
        money["code"]: ["2.67", "0.56", "1.18", "2.66", "0.28"],
    }
    for row in (birthday, socks, money):
        await shop.reaches(row["id"], "recorded", BENEDIKT)
    spent = [("redeem", Decimal("7.35"), {}), ("redeem", Decimal("0.00"), {"birthday-10": 1, "free-socks": 1})]
    assert sorted(omneo(shop), key=lambda row: -row[1]) == spent
    sale = sales(shop)[str(order.id)]
    carried = shop.omneo.state.redemptions[sale.redemption_id]
    assert carried.total == Decimal("7.35"), "the transaction carries the money's redemption, and names both"
    named = {int(number) for number in sale.fields["meta"]["omneo_redemptions"].split(",")}
    assert named == {row.id for row in shop.omneo_redemptions(BENEDIKT)}
    left = await benefits(shop)
    assert "birthday-10" not in left
    assert "free-socks" not in left

    shop.shopify.refund(order.id, [(order.lines[1].id, 2), (order.lines[4].id, 1)])

    returned = await shop.reaches(socks["id"], "returned", BENEDIKT)
    assert (returned["benefit"]["captured"], returned["benefit"]["returned"]) == (1, 1)
    await shop.eventually(lambda: _came_back(shop))
    await shop.reaches(money["id"], "recorded", BENEDIKT)
    await shop.reaches(birthday["id"], "recorded", BENEDIKT)
    back = [row for row in omneo(shop) if row[0] == "return"]
    assert sorted(back, key=lambda row: -row[1]) == [
        ("return", Decimal("0.84"), {}),
        ("return", Decimal("0.00"), {"free-socks": 1}),
    ]
    left = await benefits(shop)
    assert left["free-socks"]["remaining"] == 1
    assert "birthday-10" not in left


async def _came_back(world: World) -> bool:
    return len([row for row in omneo(world) if row[0] == "return"]) == 2


async def test_what_is_handed_over_is_used_by_the_order_whose_cart_names_it(shop: World) -> None:
    coffee = await use(shop, "coffee")
    assert coffee["code"] is None
    attribute = coffee["cart_attribute"]
    order_of(shop, attributes={attribute["key"]: attribute["value"]})
    await shop.reaches(coffee["id"], "recorded", BENEDIKT)
    assert omneo(shop) == [("redeem", Decimal("0.00"), {"coffee": 1})]


async def test_a_use_that_no_order_took_is_free_again_after_its_time(shop: World) -> None:
    birthday = await use(shop, "birthday-10")
    assert (await benefits(shop))["birthday-10"]["reason"] == "in_use"
    await shop.expires(birthday["id"], BENEDIKT)
    await shop.reaches(birthday["id"], "released", BENEDIKT)
    assert (await benefits(shop))["birthday-10"]["applicable"] is True
    assert omneo(shop) == []


async def test_an_unmapped_benefit_is_refused_with_the_reason(shop: World) -> None:
    answer = await wished(shop, benefit={"id": (await benefits(shop))["free-alterations"]["id"]})
    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (
        409,
        "benefit_not_applicable",
        "unmapped",
    )


async def test_a_quote_says_of_each_benefit_what_its_redemption_would_be_told(shop: World) -> None:
    there = await benefits(shop)
    wanted = [{"id": there[handle]["id"]} for handle in ("birthday-10", "free-alterations")]
    twice = {"id": there["free-socks"]["id"], "uses": 2}
    cart = {"token": "cart-2", "lines": [{"quantity": 1, "price": {"amount": "79.00", "currencyCode": "AUD"}}]}
    body = {"cart": cart, "benefits": [*wanted, twice]}

    async def verdicts() -> list[tuple[int | None, str | None]]:
        answer = await shop.http.post("/v1/redemptions/quote", headers=shop.bearer(BENEDIKT), json=body)
        assert answer.status_code == 200, answer.text
        return [(verdict["benefit"], verdict["code"]) for verdict in answer.json()["verdicts"]]

    assert await verdicts() == [
        (None, None),
        (wanted[0]["id"], None),
        (wanted[1]["id"], "benefit_not_applicable"),
        (twice["id"], "benefit_used_up"),
    ]
    await use(shop, "birthday-10")
    assert (await verdicts())[1] == (wanted[0]["id"], "held_elsewhere")


async def test_a_quote_and_a_redemption_refuse_an_amount_beside_a_benefit_in_the_same_words(database_url: str) -> None:
    """The client of this cart did not put the benefit's code into its question."""
    wanted = {"amount": {"amount": "5.00", "currencyCode": "AUD"}}
    cart = {"token": "cart-1", "lines": [{"quantity": 1, "price": {"amount": "79.00", "currencyCode": "AUD"}}]}
    async with open_world(database_url, benefits=MAPPING, combines_with_order=False) as shop:
        birthday = await use(shop, "birthday-10")
        answer = await shop.http.post(
            "/v1/redemptions/quote", headers=shop.bearer(BENEDIKT), json={"cart": cart, **wanted}
        )
        (verdict,) = answer.json()["verdicts"]
        refused = (await wished(shop, **wanted)).json()
    assert (verdict["code"], verdict["facts"]) == ("not_combinable", {"redemption": birthday["id"]})
    assert (refused["code"], refused["redemption"]) == ("not_combinable", birthday["id"])

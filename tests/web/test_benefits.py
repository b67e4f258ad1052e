"""What a customer and a cashier are shown of benefits: what each does here, why not, and what is on offer."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from tests.web.questions import at, aud
from tests.world.databases import Databases
from tests.world.world import ADA, BENEDIKT, CHLOE, World, open_world

pytestmark = pytest.mark.anyio

SOCKS = f"gid://shopify/Product/{seed.WOOL_SOCKS.product_id}"
MAPPING: dict[str, Any] = {
    "ten": {"handle": "test-ten", "gives": "percentage", "percent": "12.50", "products": [SOCKS]},
    "five": {"tag": "test-five", "gives": "amount", "amount": "5.00"},
    "socks": {"meta": "shopify=socks", "gives": "free_product", "products": [SOCKS]},
    "delivery": {"handle": "test-delivery", "gives": "free_shipping", "surfaces": ["checkout", "storefront"]},
    "coupon": {"handle": "test-coupon", "gives": "code"},
    "once": {"handle": "test-once", "gives": "percentage", "percent": 20},
    "coffee": {"handle": "test-coffee", "gives": "record", "surfaces": ["pos"]},
}
DEFINITIONS: dict[str, dict[str, Any]] = {
    "test-ten": {"redeem_instructions_store": "Scan it.", "redeem_instructions_online": "Type it."},
    "test-tagged": {"tags": ["test-five"]},
    "test-meta": {"meta": {"shopify": "socks"}},
    "test-delivery": {},
    "test-coupon": {"redeem_code_online": "ONLINE20"},
    "test-coffee": {"max_global_redemptions": 3, "max_redemptions": 5},
    "test-once": {"max_redemptions": 1},
    "test-unmapped": {},
}
CLAIMABLE = "GET */benefits/claimable"


@pytest.fixture
async def mapped(databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), benefits=MAPPING) as world:
        for handle, fields in DEFINITIONS.items():
            await issue(world, handle, **fields)
        yield world


async def issue(world: World, handle: str, **fields: Any) -> None:
    """Define a benefit in Omneo and give Ada one."""
    defined = {"handle": handle, "name": handle, "period": 30, "is_published": True, **fields}
    definition = (await world.omneo_api("POST", "/benefits/definitions", defined)).json()["data"]
    given = {"profile_id": world.omneo_profile(), "benefit_definition_id": definition["id"], "timezone": "UTC"}
    answer = await world.omneo_api("POST", "/benefits", given)
    assert answer.is_success, answer.text


async def shown(world: World, surface: str = "checkout", customer: int = ADA) -> dict[str, Any]:
    path = f"/v1/pos/customers/{customer}/benefits" if surface == "pos" else "/v1/benefits"
    answer = await world.http.get(path, headers=at(world, None if surface == "pos" else customer, surface))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def by_handle(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["handle"]: each for each in body["benefits"]}


async def test_each_benefit_says_what_it_does_here(mapped: World) -> None:
    found = by_handle(await shown(mapped))
    effects = {handle: each["effect"] for handle, each in found.items() if handle.startswith("test-")}
    assert effects == {
        "test-ten": {"kind": "percentage", "percent": "12.5", "amount": None, "on": "products"},
        "test-tagged": {"kind": "amount", "percent": None, "amount": aud("5.00"), "on": "order"},
        "test-meta": {"kind": "free_product", "percent": None, "amount": aud("12.50"), "on": "products"},
        "test-delivery": {"kind": "free_shipping", "percent": None, "amount": None, "on": "shipping"},
        "test-coupon": {"kind": "code", "percent": None, "amount": None, "on": None},
        "test-once": {"kind": "percentage", "percent": "20", "amount": None, "on": "order"},
        "test-coffee": None,
        "test-unmapped": None,
    }
    assert "ONLINE20" not in str(found)


async def test_what_cannot_be_used_here_is_shown_with_the_reason(mapped: World) -> None:
    online, till = by_handle(await shown(mapped)), by_handle(await shown(mapped, "pos"))
    reasons = {
        handle: (online[handle]["reason"], till[handle]["reason"]) for handle in online if handle.startswith("test-")
    }
    assert reasons == {
        "test-ten": (None, None),
        "test-tagged": (None, None),
        "test-meta": (None, None),
        "test-delivery": (None, "other_surface"),
        "test-coupon": (None, "no_code"),
        "test-once": (None, None),
        "test-coffee": ("other_surface", None),
        "test-unmapped": ("unmapped", "unmapped"),
    }
    for found in (online, till):
        assert all(each["applicable"] is (each["reason"] is None) for each in found.values())
    assert by_handle(await shown(mapped))["birthday-gift"]["reason"] == "unmapped"


async def test_instructions_are_those_of_the_surface(mapped: World) -> None:
    assert by_handle(await shown(mapped))["test-ten"]["instructions"] == "Type it."
    assert by_handle(await shown(mapped, "pos"))["test-ten"]["instructions"] == "Scan it."
    assert by_handle(await shown(mapped))["test-coffee"]["instructions"] is None


async def test_no_more_uses_are_shown_than_everybody_together_has_left(mapped: World) -> None:
    assert by_handle(await shown(mapped))["test-coffee"]["remaining"] == 3


async def test_a_benefit_is_redeemed_as_it_is_shown_and_what_a_cart_holds_is_taken_off(mapped: World) -> None:
    before = by_handle(await shown(mapped))
    assert (before["test-once"]["remaining"], before["test-ten"]["remaining"]) == (1, None)
    headers = at(mapped) | {"Idempotency-Key": "key-1"}
    wish = {"benefit": {"id": before["test-once"]["id"], "uses": 1}, "cart": "cart-1"}
    redeemed = await mapped.http.post("/v1/redemptions", headers=headers, json=wish)
    assert redeemed.status_code == 201, redeemed.text
    (discount,) = mapped.shopify.state.discounts.values()
    assert (discount.code, discount.percentage) == (redeemed.json()["code"], Decimal("0.2"))
    for surface in ("checkout", "pos"):
        held = by_handle(await shown(mapped, surface))["test-once"]
        assert (held["remaining"], held["applicable"], held["reason"]) == (0, False, "in_use")


async def test_a_benefit_and_an_amount_that_are_open_are_both_told_until_they_are_taken_back(mapped: World) -> None:
    async def told() -> tuple[Any, set[str]]:
        own = await mapped.rewards()
        till = await mapped.http.get(f"/v1/pos/customers/{ADA}", headers=at(mapped, None, "pos"))
        assert (own["redemption"], own["redemptions"]) == (till.json()["redemption"], till.json()["redemptions"])
        return own["redemption"], {each["id"] for each in own["redemptions"]}

    assert await told() == (None, set())
    headers = at(mapped) | {"Idempotency-Key": "key-1"}
    wish = {"benefit": {"id": by_handle(await shown(mapped))["test-once"]["id"], "uses": 1}, "cart": "cart-1"}
    benefit = (await mapped.http.post("/v1/redemptions", headers=headers, json=wish)).json()
    assert await told() == (None, {benefit["id"]})
    amount = await mapped.redeemed("5.00")
    assert await told() == (amount, {benefit["id"], amount["id"]})
    await mapped.http.delete(f"/v1/redemptions/{benefit['id']}", headers=at(mapped))
    assert await told() == (amount, {amount["id"]})


async def test_while_shopify_is_down_benefits_are_shown_and_what_needs_a_price_waits(mapped: World) -> None:
    mapped.shopify.faults.add(Fault("*", "server_error", times=None))
    found = by_handle(await shown(mapped))
    assert (found["test-meta"]["applicable"], found["test-meta"]["reason"]) == (False, "unavailable")
    assert found["test-ten"]["applicable"]


async def test_a_price_is_asked_once_for_all_who_are_shown_it(mapped: World) -> None:
    for customer in (ADA, BENEDIKT):
        await shown(mapped, customer=customer)
    await shown(mapped, "pos")
    assert mapped.shopify.calls["graphql ProductPrice"] == 1


async def test_what_may_be_claimed_is_shown_until_it_is_the_customers(mapped: World) -> None:
    body = await shown(mapped)
    assert body["claimable"] == [
        {"handle": "welcome-tote", "name": "Welcome tote", "description": None, "terms": None, "claim_until": None}
    ]
    assert body["missing"] == []


@pytest.mark.parametrize("kind", ["server_error", "drop_before"])
async def test_offers_that_cannot_be_read_are_named_and_benefits_are_shown(mapped: World, kind: str) -> None:
    mapped.omneo.faults.add(Fault(CLAIMABLE, kind, times=None))
    body = await shown(mapped)
    assert (body["claimable"], body["missing"], body["stale"]) == ([], ["claimable"], False)
    assert len(body["benefits"]) == len(DEFINITIONS) + 2


async def test_while_omneo_is_down_the_last_known_benefits_are_shown_as_stale(mapped: World) -> None:
    fresh = await shown(mapped)
    mapped.clock.advance(11)
    mapped.omneo.faults.add(Fault("GET *", "server_error", times=None))
    stale = await shown(mapped)
    assert stale == fresh | {"stale": True}


class Meeting:
    """A port whose calls of these names all have to be under way before any of them goes on."""

    def __init__(self, port: Any, names: tuple[str, ...], barrier: asyncio.Barrier) -> None:
        self._port, self._names, self._barrier = port, names, barrier

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name not in self._names:
            return found

        async def met(*given: Any) -> Any:
            await self._barrier.wait()
            return await found(*given)

        return met


async def test_benefits_and_offers_are_read_at_the_same_time(databases: Databases, tmp_path: Path) -> None:
    """Read one after the other, the first would wait for ever for the second."""
    barrier = asyncio.Barrier(2)

    def around(port: Any) -> Any:
        return Meeting(port, ("benefits", "claimable"), barrier) if "Database" not in type(port).__name__ else port

    async with open_world(databases.sqlite(tmp_path / "proxy.db"), around=around) as world:
        assert len((await shown(world))["benefits"]) == 2


async def test_a_customer_whom_omneo_does_not_know_has_none_yet(mapped: World) -> None:
    body = await shown(mapped, customer=CHLOE)
    assert (body["status"], body["benefits"], body["claimable"]) == ("pending_profile", [], [])

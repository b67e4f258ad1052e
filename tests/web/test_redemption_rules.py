"""What may be redeemed, and what a discount of ours is."""

import asyncio
import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from tests.web.questions import NOBODYS, assert_problem, at, aud, till, till_wish, wish
from tests.world.databases import Databases
from tests.world.world import ADA, BENEDIKT, CHLOE, DEV, World, open_world

pytestmark = pytest.mark.anyio


async def _post(world: World, body: object, *, path: str = "/v1/redemptions", surface: str = "checkout") -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    customer = None if surface == "pos" else ADA
    return await world.http.post(
        path, headers=at(world, customer, surface) | {"Idempotency-Key": uuid4().hex}, content=content
    )


async def _get(world: World, redemption: str, customer: int = ADA) -> httpx.Response:
    return await world.http.get(f"/v1/redemptions/{redemption}", headers=at(world, customer))


async def _delete(world: World, redemption: str, customer: int = ADA) -> httpx.Response:
    return await world.http.delete(f"/v1/redemptions/{redemption}", headers=at(world, customer))


def _discount(world: World, code: str) -> Any:
    return world.shopify.state.discount_by_code(code)


@pytest.mark.parametrize("amount", ["1.0", "12.34", "25.00"])
async def test_any_amount_from_the_minimum_to_the_balance_is_redeemed_to_the_cent(
    sqlite_world: World, amount: str
) -> None:
    redemption = await sqlite_world.redeemed(amount)
    assert redemption["amount"] == aud(f"{Decimal(amount):.2f}")
    assert _discount(sqlite_world, redemption["code"]).amount == Decimal(amount)
    left = (await sqlite_world.rewards())["balance"]
    assert left["held"] == redemption["amount"]
    assert left["available"] == aud(f"{Decimal(25) - Decimal(amount):.2f}")


@pytest.mark.parametrize("amount", ["0", "0.00", "0.01", "0.99"])
async def test_less_than_the_minimum_is_refused_with_the_minimum(shared_world: World, amount: str) -> None:
    body = assert_problem(await shared_world.redeem(amount), 422, "below_minimum")
    assert body["minimum"] == aud("1.00")


@pytest.mark.parametrize("amount", ["25.01", "26", "999999999999.99"])
async def test_more_than_the_balance_is_refused_with_what_is_available(shared_world: World, amount: str) -> None:
    body = assert_problem(await shared_world.redeem(amount), 409, "insufficient_balance")
    assert body["available"] == aud("25.00")
    assert shared_world.shopify.state.discounts == {}


async def test_what_would_be_enough_if_it_lasted_is_refused_as_expired_and_a_quote_says_so_before(
    sqlite_world: World,
) -> None:
    """Ada's 25.00 without the one of them that ends in ten minutes, when a hold lives for thirty."""
    ending = sqlite_world.omneo.state.rewards_of(sqlite_world.omneo_profile())[0]
    ending.expires_at = sqlite_world.clock.now() + timedelta(minutes=10)
    lost = {"amount": str(ending.value_remaining), "currencyCode": "AUD"}
    left = {"amount": str(Decimal(25) - ending.value_remaining), "currencyCode": "AUD"}
    told = {"available": left, "expiring": lost}
    cart = {"lines": [{"quantity": 1, "price": {"amount": "90.00", "currencyCode": "AUD"}}]}
    body = {"cart": cart, "amount": {"amount": "25.00", "currencyCode": "AUD"}}
    quote = await sqlite_world.http.post("/v1/redemptions/quote", headers=at(sqlite_world), json=body)
    (verdict,) = quote.json()["verdicts"]
    assert (verdict["code"], verdict["facts"]) == ("expired", told)
    body = assert_problem(await sqlite_world.redeem("25.00"), 409, "expired")
    assert {name: body[name] for name in told} == told
    assert assert_problem(await sqlite_world.redeem("25.01"), 409, "insufficient_balance")["available"] == left
    assert (await sqlite_world.redeemed(left["amount"]))["state"] == "issued"


async def test_a_customer_without_rewards_is_refused_with_nothing_available(shared_world: World) -> None:
    body = assert_problem(await shared_world.redeem("1.00", DEV), 409, "insufficient_balance")
    assert body["available"] == aud("0.00")


async def test_a_customer_whom_omneo_does_not_know_yet_may_try_again(shared_world: World) -> None:
    assert_problem(await shared_world.redeem("1.00", CHLOE), 409, "pending_profile", retryable=True)


async def test_another_currency_is_refused(shared_world: World) -> None:
    body = wish() | {"amount": {"amount": "5.00", "currencyCode": "NZD"}}
    assert_problem(await _post(shared_world, body), 409, "currency_mismatch")


NO_AMOUNTS = (
    *("-5.00", "+5", "5.001", "5.", ".5", "", " ", "five", "1e2", "1e999999", "1E+2", "0x10", "NaN", "Infinity", "1_0"),
    *("5,00", "５", "1" * 13, "5.0000", "5\u0000", 5, 5.0, 0.1, 1e300, True, None, [], ["5"], {"amount": "5"}),
)


@pytest.mark.parametrize("amount", NO_AMOUNTS)
async def test_an_amount_that_is_no_exact_decimal_text_is_refused_by_name(shared_world: World, amount: object) -> None:
    body = assert_problem(await _post(shared_world, wish(amount)), 400, "invalid_request")
    assert "amount" in body["field"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (wish(subtotal="80.00"), "subtotal"),
        (wish(customer_id="1002"), "customer_id"),
        ({"amount": {**aud("5"), "minor": 500}}, "amount.minor"),
        ({"cart": "cart-1"}, "amount"),
        ({"amount": {"amount": "5"}}, "amount.currencyCode"),
        (wish() | {"benefit": {"id": 1}}, "amount"),
        ({"benefit": {"id": "1"}}, "benefit.id"),
        ({"benefit": {"id": 0}}, "benefit.id"),
        ({"benefit": {"id": 1, "uses": 0}}, "benefit.uses"),
        ({"benefit": {"id": 1, "uses": 101}}, "benefit.uses"),
        (wish() | {"amount": {"amount": "5", "currencyCode": "aud"}}, "amount.currencyCode"),
        (wish() | {"amount": {"amount": "5", "currencyCode": "AUDD"}}, "amount.currencyCode"),
        (wish(cart=""), "cart"),
        (wish(cart="café"), "cart"),
        (wish(cart="c" * 129), "cart"),
        (wish(cart="a\nb"), "cart"),
        (wish(cart=5), "cart"),
        (wish(take_over="maybe"), "take_over"),
        ([], "body"),
        (None, "body"),
        ("5.00", "body"),
        (b"", "body"),
        (b"{", "body"),
        (b"amount=5", "body"),
        (b"\xff\xfe{}", "body"),
        (b'{"amount": NaN}', "amount"),
        (b"[" * 100_000, "body"),
    ],
)
async def test_a_body_that_is_not_understood_is_refused_by_field(shared_world: World, body: object, field: str) -> None:
    problem = assert_problem(await _post(shared_world, body), 400, "invalid_request")
    assert problem["field"] == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"customer_id": "0"}, "customer_id"),
        ({"customer_id": "ada@example.com"}, "customer_id"),
        ({"customer_id": "gid://shopify/Order/1001"}, "customer_id"),
        ({"customer_id": None}, "customer_id"),
        ({"location_id": ""}, "location_id"),
        ({"location_id": "8" * 65}, "location_id"),
        ({"staff_id": "7" * 65}, "staff_id"),
        ({"staff": "42"}, "staff"),
    ],
)
async def test_a_till_is_told_which_field_is_wrong(shared_world: World, change: dict[str, Any], field: str) -> None:
    answer = await _post(shared_world, till_wish() | change, path="/v1/pos/redemptions", surface="pos")
    assert assert_problem(answer, 400, "invalid_request")["field"] == field


async def test_a_till_may_name_the_customer_by_number_or_gid(sqlite_world: World) -> None:
    answer = await till(sqlite_world, customer_id="gid://shopify/Customer/1001")
    assert answer.status_code == 201, answer.text
    assert answer.json()["surface"] == "pos"


async def test_a_redemption_is_for_its_customers_eyes_and_hands_only(sqlite_world: World) -> None:
    adas = await sqlite_world.redeemed("5.00")
    for ask in (_get, _delete):
        strangers = assert_problem(await ask(sqlite_world, adas["id"], BENEDIKT), 404, "not_found")
        nobodys = assert_problem(await ask(sqlite_world, NOBODYS, BENEDIKT), 404, "not_found")
        assert strangers == nobodys
    assert (await _get(sqlite_world, adas["id"])).json()["state"] == "issued"


async def test_a_till_reaches_redemptions_of_tills_only(sqlite_world: World) -> None:
    adas = await sqlite_world.redeemed("5.00")
    headers = at(sqlite_world, None, "pos")
    for method in ("GET", "DELETE"):
        answer = await sqlite_world.http.request(method, f"/v1/pos/redemptions/{adas['id']}", headers=headers)
        assert_problem(answer, 404, "not_found")
    at_till = (await till(sqlite_world, "5.00", customer=BENEDIKT)).json()
    shown = await sqlite_world.http.get(f"/v1/pos/redemptions/{at_till['id']}", headers=headers)
    assert shown.json()["code"] == at_till["code"]
    released = await sqlite_world.http.delete(f"/v1/pos/redemptions/{at_till['id']}", headers=headers)
    assert released.json()["state"] == "releasing"


@pytest.mark.parametrize(
    "malformed", ["x", "rdm_", "rdm_" + "g" * 32, "RDM_" + "0" * 32, "1", "rdm_" + "0" * 33, "%00"]
)
async def test_an_id_that_we_never_made_is_refused(shared_world: World, malformed: str) -> None:
    for method in ("GET", "DELETE"):
        path = f"/v1/redemptions/{malformed}"
        answer = await shared_world.http.request(method, path, headers=at(shared_world))
        assert_problem(answer, 400, "invalid_request")


@pytest.mark.parametrize("malformed", ["0", "-1", "abc", "1" * 21, "1001.0", "%20", "1001%00"])
async def test_a_customer_id_that_is_none_is_refused_at_the_till(shared_world: World, malformed: str) -> None:
    for view in ("", "/benefits", "/history"):
        answer = await shared_world.http.get(
            f"/v1/pos/customers/{malformed}{view}", headers=at(shared_world, None, "pos")
        )
        assert_problem(answer, 400, "invalid_request")


async def test_the_discount_has_exactly_the_properties_that_keep_the_value_safe(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("12.50")
    (discount,) = sqlite_world.shopify.state.discounts.values()
    assert discount.code == redemption["code"]
    assert discount.code.startswith("RW")
    assert len(discount.code) == 18
    assert discount.amount == Decimal("12.50")
    assert discount.percentage is None
    assert discount.each_item is False
    assert discount.customers == {ADA}
    assert discount.usage_limit == 1
    assert discount.once_per_customer is False
    assert discount.minimum_subtotal is None
    assert discount.minimum_quantity is None
    assert discount.combines_with == {"ORDER", "PRODUCT", "SHIPPING"}
    assert discount.all_items
    now = sqlite_world.clock.now()
    assert discount.starts_at <= now
    assert discount.ends_at == datetime.fromisoformat(redemption["expires_at"])
    assert timedelta(minutes=29) < discount.ends_at - now <= timedelta(minutes=30)
    assert str(ADA) not in discount.title
    assert "Ada" not in discount.title


async def test_the_shops_settings_shape_the_discount(databases: Databases, tmp_path: Any) -> None:
    collection = "gid://shopify/Collection/60101"
    async with open_world(
        databases.sqlite(tmp_path / "proxy.db"),
        minimum_spend="40.00",
        eligible_collection=collection,
        combines_with_order=False,
        combines_with_product=False,
        combines_with_shipping=False,
        code_prefix="VIP",
        hold_checkout_s=600,
    ) as world:
        redemption = await world.redeemed("5.00")
        (discount,) = world.shopify.state.discounts.values()
        assert discount.minimum_subtotal == Decimal("40.00")
        assert discount.collections == {60101}
        assert discount.combines_with == frozenset()
        assert discount.code.startswith("VIP")
        assert redemption["code"] == discount.code
        assert discount.ends_at - world.clock.now() <= timedelta(seconds=600)
        policy = (await world.rewards())["policy"]
        assert policy == {"minimum": aud("1.00"), "minimum_spend": aud("40.00")}


async def test_a_code_is_shown_only_while_it_can_be_used(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("5.00")
    assert (await _get(sqlite_world, redemption["id"])).json()["code"] == redemption["code"]
    assert (await sqlite_world.rewards())["redemption"]["code"] == redemption["code"]
    released = await _delete(sqlite_world, redemption["id"])
    assert released.status_code == 200, released.text
    assert (released.json()["state"], released.json()["code"]) == ("releasing", None)
    assert (await _get(sqlite_world, redemption["id"])).json()["code"] is None
    assert redemption["code"] not in json.dumps(await sqlite_world.rewards())


async def test_a_code_is_not_shown_once_an_order_has_used_it(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("5.00")
    sqlite_world.buy(redemption["code"])
    done = await sqlite_world.reaches(redemption["id"], "recorded")
    assert done["code"] is None
    replayed = await sqlite_world.redeem("5.00")
    assert replayed.json()["id"] != redemption["id"]


async def test_taking_it_back_twice_changes_nothing_the_second_time(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("5.00")
    first = await _delete(sqlite_world, redemption["id"])
    again = await _delete(sqlite_world, redemption["id"])
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert sqlite_world.shopify.calls["graphql CodeDeactivate"] == 1
    history = (await _get(sqlite_world, redemption["id"])).json()["history"]
    assert len([step for step in history if step["note"] == "removed"]) <= 1
    assert _discount(sqlite_world, redemption["code"]).status(sqlite_world.clock.now()) == "EXPIRED"
    assert (await sqlite_world.rewards())["balance"]["held"] == aud("5.00")


async def test_what_cannot_be_taken_back_now_is_taken_back_by_asking_again(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("5.00")
    sqlite_world.shopify.faults.add(Fault("graphql CodeDeactivate", "drop_before", times=None))
    assert_problem(await _delete(sqlite_world, redemption["id"]), 503, "upstream_unavailable", retryable=True)
    shown = (await _get(sqlite_world, redemption["id"])).json()
    assert (shown["state"], shown["code"]) == ("releasing", None)
    assert (await sqlite_world.rewards())["balance"]["held"] == aud("5.00")
    sqlite_world.shopify.faults.clear()
    again = await _delete(sqlite_world, redemption["id"])
    assert (again.status_code, again.json()["state"]) == (200, "releasing")
    assert _discount(sqlite_world, redemption["code"]).status(sqlite_world.clock.now()) == "EXPIRED"


async def test_what_was_never_known_to_be_issued_can_be_taken_back(sqlite_world: World) -> None:
    sqlite_world.shopify.faults.add(Fault("graphql CodeCreate", "drop_after", times=None))
    wished = await sqlite_world.redeem("5.00", key="key-1")
    assert_problem(wished, 503, "outcome_pending", retryable=True)
    pending = (await sqlite_world.rewards())["redemption"]
    assert (pending["state"], pending["code"]) == ("held", None)
    answer = await _delete(sqlite_world, pending["id"])
    assert (answer.status_code, answer.json()["state"]) == (200, "releasing")
    (discount,) = sqlite_world.shopify.state.discounts.values()
    assert discount.status(sqlite_world.clock.now()) == "EXPIRED"
    sqlite_world.shopify.faults.clear()
    replay = await sqlite_world.redeem("5.00", key="key-1")
    assert (replay.json()["id"], replay.json()["state"], replay.json()["code"]) == (pending["id"], "releasing", None)


async def test_carts_that_race_for_one_balance_make_one_redemption(sqlite_world: World) -> None:
    answers = await asyncio.gather(*(sqlite_world.redeem("25.00", cart=f"cart-{n}") for n in range(10)))
    assert sorted(a.status_code for a in answers) == [201] + [409] * 9
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] in ("held_elsewhere", "insufficient_balance")
    assert len(sqlite_world.shopify.state.discounts) == 1


async def test_taking_back_what_an_order_has_spent_changes_nothing(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("5.00")
    sqlite_world.buy(redemption["code"])
    await sqlite_world.reaches(redemption["id"], "recorded")
    answer = await _delete(sqlite_world, redemption["id"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "recorded"
    assert answer.json()["captured"] == aud("5.00")


async def test_another_cart_is_told_where_the_value_is_and_until_when(sqlite_world: World) -> None:
    first = await sqlite_world.redeemed("5.00", cart="cart-1")
    for cart in ("cart-2", None):
        body = assert_problem(await sqlite_world.redeem("5.00", cart=cart), 409, "held_elsewhere")
        assert body["surface"] == "checkout"
        assert body["until"] == first["expires_at"]
        assert first["code"] not in json.dumps(body)
    body = assert_problem(await till(sqlite_world), 409, "held_elsewhere")
    assert body["surface"] == "checkout"


async def test_another_cart_may_take_over(sqlite_world: World) -> None:
    first = await sqlite_world.redeemed("20.00", cart="cart-1")
    second = await sqlite_world.redeemed("25.00", cart="cart-2", take_over=True)
    assert _discount(sqlite_world, first["code"]).status(sqlite_world.clock.now()) == "EXPIRED"
    assert (await _get(sqlite_world, first["id"])).json()["state"] == "releasing"
    balance = (await sqlite_world.rewards())["balance"]
    assert (balance["held"], balance["available"]) == (aud("25.00"), aud("0.00"))
    assert second["state"] == "issued"


async def test_on_the_same_cart_a_new_amount_replaces_the_old_and_the_larger_is_held(sqlite_world: World) -> None:
    first = await sqlite_world.redeemed("20.00")
    smaller = await sqlite_world.redeemed("15.00")
    assert _discount(sqlite_world, first["code"]).status(sqlite_world.clock.now()) == "EXPIRED"
    assert (await sqlite_world.rewards())["balance"]["held"] == aud("20.00")
    larger = await sqlite_world.redeemed("25.00")
    assert (await sqlite_world.rewards())["balance"]["held"] == aud("25.00")
    assert (await sqlite_world.rewards())["redemption"]["id"] == larger["id"]
    live = [
        d.code for d in sqlite_world.shopify.state.discounts.values() if d.status(sqlite_world.clock.now()) == "ACTIVE"
    ]
    assert live == [larger["code"]]
    assert smaller["code"] not in live
    sqlite_world.buy(larger["code"])
    done = await sqlite_world.reaches(larger["id"], "recorded")
    assert done["captured"] == aud("25.00")


async def test_a_new_amount_that_is_refused_leaves_the_old_one_usable(sqlite_world: World) -> None:
    first = await sqlite_world.redeemed("20.00")
    body = assert_problem(await sqlite_world.redeem("25.01"), 409, "insufficient_balance")
    # The cart's own 20.00 would pass over, so it is not taken off what this cart could have.
    assert body["available"] == aud("25.00")
    assert (await _get(sqlite_world, first["id"])).json()["code"] == first["code"]
    assert _discount(sqlite_world, first["code"]).status(sqlite_world.clock.now()) == "ACTIVE"


async def test_whoever_holds_all_of_it_elsewhere_is_named_rather_than_called_short(sqlite_world: World) -> None:
    await sqlite_world.redeemed("25.00", cart="cart-1")
    assert_problem(await sqlite_world.redeem("5.00", cart="cart-2"), 409, "held_elsewhere")
    assert_problem(await till(sqlite_world, "5.00"), 409, "held_elsewhere")


async def test_a_released_wish_leaves_its_value_to_the_next_after_the_grace(sqlite_world: World) -> None:
    first = await sqlite_world.redeemed("25.00", cart="cart-1")
    await _delete(sqlite_world, first["id"])
    body = assert_problem(await sqlite_world.redeem("25.00", cart="cart-2"), 409, "insufficient_balance")
    assert body["available"] == aud("0.00")
    sqlite_world.clock.advance(130)

    async def released() -> bool:
        return bool((await _get(sqlite_world, first["id"])).json()["state"] == "released")

    await sqlite_world.eventually(released)
    headers = at(sqlite_world) | {"Idempotency-Key": uuid4().hex}
    again = await sqlite_world.http.post("/v1/redemptions", headers=headers, json=wish("25.00", cart="cart-2"))
    assert again.status_code == 201, again.text
    assert _discount(sqlite_world, first["code"]) is None


async def test_a_till_keeps_what_it_declared_and_the_hold_is_shorter(sqlite_world: World) -> None:
    answer = await till(sqlite_world, location_id=str(seed.LOCATION.id), staff_id="77")
    assert answer.status_code == 201, answer.text
    ends = datetime.fromisoformat(answer.json()["expires_at"])
    assert timedelta(minutes=14) < ends - sqlite_world.clock.now() <= timedelta(minutes=15)

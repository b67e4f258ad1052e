"""Discount mutations and reads answer as recorded from a real shop."""

import pytest
from shopify_documents import ACTIVATE, BY_CODE, CREATE, DEACTIVATE, DELETE, code_input

pytestmark = pytest.mark.anyio


async def created(shop, **changed):
    answer = (await shop.data(CREATE, d=code_input(**changed)))["discountCodeBasicCreate"]
    assert answer["userErrors"] == []
    return answer["codeDiscountNode"]


async def test_a_created_code_reads_back_at_once_whatever_its_case(shop):
    node = await created(shop)
    found = (await shop.data(BY_CODE, code="reward-1"))["codeDiscountNodeByCode"]
    assert found["id"] == node["id"]
    assert found["codeDiscount"]["customerGets"]["value"]["amount"] == {"amount": "12.5", "currencyCode": "AUD"}
    assert found["codeDiscount"]["context"]["customers"] == [{"id": "gid://shopify/Customer/1001"}]
    assert node["codeDiscount"]["discountClasses"] == ["ORDER"]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"code": ""}, ["basicCodeDiscount", "code"], "TOO_SHORT"),
        ({"code": None}, ["basicCodeDiscount", "code"], "BLANK"),
        ({"code": "a\nb"}, ["basicCodeDiscount", "code"], "INVALID"),
        ({"code": "x" * 256}, ["basicCodeDiscount", "code"], "TOO_LONG"),
        ({"title": ""}, ["basicCodeDiscount", "title"], "BLANK"),
        ({"startsAt": None}, ["basicCodeDiscount", "startsAt"], "BLANK"),
        ({"endsAt": "2025-01-01T00:00:00Z"}, ["basicCodeDiscount", "endsAt"], "INVALID"),
        ({"usageLimit": 0}, ["basicCodeDiscount", "usageLimit"], "GREATER_THAN"),
        ({"customerSelection": {"all": True}}, ["basicCodeDiscount", "context"], "INVALID"),
    ],
)
async def test_a_bad_input_is_a_user_error(shop, changed, field, code):
    given = {k: v for k, v in code_input(**changed).items() if v is not None}
    answer = (await shop.data(CREATE, d=given))["discountCodeBasicCreate"]
    assert answer["codeDiscountNode"] is None
    assert [(e["field"], e["code"]) for e in answer["userErrors"]] == [(field, code)]


async def test_a_percentage_beyond_one_is_outside_the_range(shop):
    gets = {"value": {"percentage": 1.5}, "items": {"all": True}}
    answer = (await shop.data(CREATE, d=code_input(customerGets=gets)))["discountCodeBasicCreate"]
    assert answer["userErrors"][0]["code"] == "VALUE_OUTSIDE_RANGE"


async def test_the_same_code_in_other_case_is_taken_even_when_expired(shop):
    node = await created(shop)
    await shop.data(DEACTIVATE, id=node["id"])
    answer = (await shop.data(CREATE, d=code_input("reward-1")))["discountCodeBasicCreate"]
    assert answer["userErrors"] == [
        {
            "field": ["basicCodeDiscount", "code"],
            "message": "Code must be unique. Please try a different code.",
            "code": "TAKEN",
            "extraInfo": None,
        }
    ]


async def test_deactivating_ends_the_code_now_and_again_changes_nothing(shop):
    node = await created(shop, endsAt="2099-01-01T00:00:00Z")
    first = (await shop.data(DEACTIVATE, id=node["id"]))["discountCodeDeactivate"]
    shop.sandbox.clock.advance(60)
    second = (await shop.data(DEACTIVATE, id=node["id"]))["discountCodeDeactivate"]
    assert first["codeDiscountNode"]["codeDiscount"]["status"] == "EXPIRED"
    assert first["codeDiscountNode"]["codeDiscount"]["endsAt"] != "2099-01-01T00:00:00Z"
    assert second == first
    assert second["userErrors"] == []


async def test_activating_makes_a_limited_code_endless(shop):
    node = await created(shop, endsAt="2099-01-01T00:00:00Z")
    await shop.data(DEACTIVATE, id=node["id"])
    again = (await shop.data(ACTIVATE, id=node["id"]))["discountCodeActivate"]["codeDiscountNode"]["codeDiscount"]
    assert (again["status"], again["endsAt"]) == ("ACTIVE", None)


async def test_a_deleted_code_is_gone_and_may_be_made_again(shop):
    node = await created(shop)
    answer = (await shop.data(DELETE, id=node["id"]))["discountCodeDelete"]
    assert answer == {"deletedCodeDiscountId": node["id"], "userErrors": []}
    assert (await shop.data(BY_CODE, code="REWARD-1"))["codeDiscountNodeByCode"] is None
    unknown = (await shop.data(DELETE, id=node["id"]))["discountCodeDelete"]["userErrors"]
    assert unknown == [{"field": ["id"], "message": "Code discount does not exist.", "code": "INVALID"}]
    await created(shop)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"d": None},
        {"d": code_input(startsAt="yesterday")},
        {"d": code_input(amount="abc")},
        {"d": {**code_input(), "unknown": 1}},
    ],
)
async def test_a_variable_of_the_wrong_form_is_a_top_level_error(shop, variables):
    answer = await shop.graphql(CREATE, variables)
    body = answer.json()
    assert answer.status_code == 200
    assert "data" not in body
    assert body["errors"][0]["extensions"]["code"] == "INVALID_VARIABLE"
    assert body["errors"][0]["extensions"]["problems"]


async def test_the_usage_count_lags_behind_the_order(shop):
    await created(shop)
    cart = shop.sandbox.open_cart([(50101, 1)], 1001)
    shop.sandbox.checkout.set_codes(cart, ["REWARD-1"])
    shop.sandbox.place_order(cart)

    async def count():
        found = await shop.data(BY_CODE, code="REWARD-1")
        return found["codeDiscountNodeByCode"]["codeDiscount"]["asyncUsageCount"]

    assert await count() == 0
    shop.sandbox.clock.advance(10)
    assert await count() == 1

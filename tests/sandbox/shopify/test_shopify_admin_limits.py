"""Tokens, scopes, costs, throttling and faults at the Admin API."""

import httpx
import pytest
from shopify_documents import BY_CODE, CREATE, ORDERS_BY_CODE, SCOPES, SETTLEMENT, SWEEP, code_input

from proxy.sandbox.faults import Fault

pytestmark = pytest.mark.anyio


async def test_a_wrong_token_is_a_401(shop):
    answer = await shop.graphql(SCOPES, token="nobody")
    assert answer.status_code == 401
    assert answer.json()["errors"].startswith("[API] Invalid API key or access token")


async def test_the_granted_scopes_are_listed_with_the_reading_that_writing_implies(shop):
    handles = {s["handle"] for s in (await shop.data(SCOPES))["currentAppInstallation"]["accessScopes"]}
    assert {"read_orders", "write_discounts", "read_discounts", "write_app_proxy"} <= handles


@pytest.mark.parametrize(
    ("scopes", "query", "variables", "field"),
    [
        (("read_discounts",), CREATE, {"d": code_input()}, "discountCodeBasicCreate"),
        (("read_discounts",), SWEEP, {"q": ""}, "orders"),
        (("read_orders",), BY_CODE, {"code": "X"}, "codeDiscountNodeByCode"),
    ],
)
async def test_a_missing_scope_is_access_denied(open_shop, scopes, query, variables, field):
    shop = await open_shop(scopes=scopes)
    error = (await shop.graphql(query, variables)).json()["errors"][0]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["path"] == [field]
    assert error["message"].startswith(f"Access denied for {field} field. Required access: ")


async def test_an_order_without_read_customers_is_partial_data(open_shop):
    shop = await open_shop(scopes=("read_orders", "read_locations"))
    order = shop.sandbox.place_order(shop.sandbox.open_cart([(50101, 1)], 1001))
    body = (await shop.graphql(SETTLEMENT, {"id": f"gid://shopify/Order/{order.id}"})).json()
    assert body["data"]["order"]["customer"] is None
    assert body["errors"][0]["path"] == ["order", "customer"]


async def test_costs_follow_the_documented_arithmetic(shop):
    create = (await shop.graphql(CREATE, {"d": code_input()})).json()["extensions"]["cost"]
    read = (await shop.graphql(SETTLEMENT, {"id": "gid://shopify/Order/1"})).json()["extensions"]["cost"]
    assert 10 <= create["requestedQueryCost"] <= 20
    assert read["requestedQueryCost"] == 278
    assert read["actualQueryCost"] < read["requestedQueryCost"]
    assert create["throttleStatus"]["currentlyAvailable"] < create["throttleStatus"]["maximumAvailable"] == 2000


async def test_a_query_beyond_a_thousand_points_is_refused_unrun(shop):
    error = (await shop.graphql(ORDERS_BY_CODE, {"q": "", "first": 5})).json()["errors"][0]
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert error["extensions"]["cost"] > error["extensions"]["maxCost"] == 1000


async def test_an_empty_bucket_is_a_200_without_data_and_fills_again(open_shop):
    shop = await open_shop(bucket_size=300, restore_rate=1)
    answers = [await shop.graphql(CREATE, {"d": code_input(f"C{n}")}) for n in range(31)]
    body = answers[-1].json()
    assert {a.status_code for a in answers} == {200}
    assert "data" not in body
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    cost = body["extensions"]["cost"]
    assert cost["requestedQueryCost"] > cost["throttleStatus"]["currentlyAvailable"]
    shop.sandbox.clock.advance(30)
    assert "data" in (await shop.graphql(CREATE, {"d": code_input("C30")})).json()


async def test_an_old_version_falls_forward_and_says_so(shop):
    assert (await shop.graphql(SCOPES, version="2025-01")).headers["X-Shopify-API-Version"] == "2026-01"
    answer = await shop.graphql(SCOPES)
    assert answer.headers["X-Shopify-API-Version"] == "2026-10"
    assert answer.headers["X-Request-Id"]
    assert (await shop.graphql(SCOPES, version="banana")).status_code == 404


async def test_an_unknown_field_is_named_in_shopifys_words(shop):
    error = (await shop.graphql("query Q { shop { nope } }")).json()["errors"][0]
    assert error["message"] == "Field 'nope' doesn't exist on type 'Shop'"
    assert error["extensions"]["code"] == "undefinedField"


async def test_a_throttled_call_was_not_executed(shop):
    shop.sandbox.faults.add(Fault(route="graphql CodeCreate", kind="throttled"))
    first = (await shop.graphql(CREATE, {"d": code_input()})).json()
    assert first["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert shop.sandbox.state.discounts == {}
    shop.sandbox.clock.advance(1)
    assert (await shop.data(CREATE, d=code_input()))["discountCodeBasicCreate"]["userErrors"] == []


async def test_an_answer_lost_after_the_commit_leaves_the_code_taken(shop):
    shop.sandbox.faults.add(Fault(route="graphql CodeCreate", kind="server_error_after", status=502))
    assert (await shop.graphql(CREATE, {"d": code_input()})).status_code == 502
    again = (await shop.data(CREATE, d=code_input()))["discountCodeBasicCreate"]
    assert again["userErrors"][0]["code"] == "TAKEN"
    assert shop.sandbox.calls["graphql CodeCreate"] == 2


async def test_a_connection_cut_after_the_commit_leaves_the_code_made(open_shop):
    shop = await open_shop(served=True)
    await shop.post("/faults", {"route": "graphql CodeCreate", "kind": "drop_after"})
    with pytest.raises(httpx.TransportError):
        await shop.graphql(CREATE, {"d": code_input()})
    assert (await shop.data(BY_CODE, code="REWARD-1"))["codeDiscountNodeByCode"] is not None


async def test_delayed_visibility_hides_a_fresh_order_from_one_search(shop):
    shop.sandbox.place_order(shop.sandbox.open_cart([(50101, 1)], 1001))
    shop.sandbox.faults.add(Fault(route="graphql OrdersSweep", kind="delayed_visibility", visible_after_s=60))
    assert (await shop.data(SWEEP, q=""))["orders"]["nodes"] == []
    assert len((await shop.data(SWEEP, q=""))["orders"]["nodes"]) == 1

"""The Shopify client against answers that the simulated shop does not give."""

from datetime import UTC, datetime
from typing import Any

import pytest
from byte_server import HOLD, ByteServer, answer
from upstreams_rig import Wired

from proxy.domain.discount import DiscountSpec
from proxy.domain.effect import Effect, EffectKind
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import Code, CustomerId, DiscountId, OrderId
from proxy.domain.money import Money
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.upstreams.http import Timeouts
from proxy.upstreams.shopify import ShopifyClient
from proxy.upstreams.shopify_bucket import Bucket

pytestmark = pytest.mark.anyio

GID = DiscountId("gid://shopify/DiscountCodeNode/1")
AT = datetime(2026, 11, 21, tzinfo=UTC)
FIVE = Effect(EffectKind.AMOUNT, Money.parse("5", "AUD"))
SPEC = DiscountSpec(Code("RW-X"), "Reward", FIVE, CustomerId("1"), AT, AT)


def error(code: str | None, **rest: Any) -> dict[str, Any]:
    return {"errors": [{"message": "x", "extensions": {"code": code} if code else {}}], **rest}


def user_error(code: str | None, message: str = "x") -> dict[str, Any]:
    return {"data": {"discountCodeBasicCreate": {"userErrors": [{"field": [], "message": message, "code": code}]}}}


async def created(client: ShopifyClient) -> Outcome[DiscountId]:
    return await client.create_discount(SPEC)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (answer(user_error("TAKEN")), Refused("TAKEN")),
        (answer(user_error("INTERNAL_ERROR")), Unknown("internal_error")),
        (answer(user_error(None)), Refused("USER_ERROR")),
        (answer(user_error("INVALID", "Code discount does not exist.")), Refused("INVALID")),
        (answer(error("ACCESS_DENIED", data=None)), Refused("access_denied")),
        (answer(error("INVALID_VARIABLE")), Refused("invalid_variable")),
        (answer(error("SHOP_INACTIVE")), Refused("shop_inactive")),
        (answer(error("INTERNAL_SERVER_ERROR")), Unknown("internal_server_error")),
        (answer(error(None)), Unknown("error_without_code")),
        (answer({"errors": "Not Found"}), Refused("request_refused")),
        (answer({"data": None}), Unknown("unreadable")),
        (answer({"data": {"discountCodeBasicCreate": {"codeDiscountNode": None}}}), Unknown("unreadable")),
        (answer(b"<html>"), Unknown("unreadable")),
        (answer(None, 500), Unknown("status_500")),
        (answer(None, 302), Unknown("status_302")),
        (answer(None, 402), Refused("shop_frozen")),
        (answer(None, 403), Refused("forbidden")),
        (answer(None, 404), Refused("status_404")),
        (answer(None, 423), Refused("shop_locked")),
    ],
)
async def test_each_answer_to_a_mutation_has_its_outcome_and_is_asked_once(
    server: ByteServer, wired: Wired, reply: bytes, outcome: object
) -> None:
    server.script = [reply]
    assert await created(await wired.shopify(server.url)) == outcome
    assert len(server.requests) == 1


async def test_a_shop_that_is_shut_is_unavailable_to_reads(server: ByteServer, wired: Wired) -> None:
    server.script = [answer(None, 423)]
    client = await wired.shopify(server.url)
    with pytest.raises(UpstreamUnavailable) as shut:
        await client.access()
    assert shut.value.details == {"reason": "shop_locked", "upstream": "shopify", "operation": "Access"}
    assert len(server.requests) == 1


async def test_a_mutation_slow_beyond_the_deadline_is_unknown(server: ByteServer, wired: Wired) -> None:
    server.script = [HOLD]
    client = await wired.shopify(server.url, timeouts=Timeouts(total_s=0.05))
    assert await client.delete(GID) == Unknown("deadline")
    assert len(server.requests) == 1


async def test_a_mutation_that_never_connected_is_refused(unused_url: str, wired: Wired) -> None:
    client = await wired.shopify(unused_url)
    assert await client.deactivate(GID) == Refused("not_connected", transient=True)


async def test_a_static_token_that_is_refused_is_named_and_not_tried_again(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"errors": "[API] Invalid API key"}, 401)]
    client = await wired.shopify(server.url)
    assert await created(client) == Refused("app_not_installed", transient=True)
    server.script = [answer({"errors": "[API] Invalid API key"}, 401)]
    with pytest.raises(UpstreamUnavailable):
        await client.access()


async def test_throttling_without_figures_is_still_waited_out(server: ByteServer, wired: Wired) -> None:
    done = answer({"data": {"discountCodeDelete": {"deletedCodeDiscountId": GID, "userErrors": []}}})
    server.script = [answer(error("THROTTLED")), answer(None, 429, retry_after="0"), done]
    client = await wired.shopify(server.url)
    assert await client.delete(GID) == Answered(None)


async def test_another_version_than_asked_is_told_once(server: ByteServer, wired: Wired) -> None:
    body = {"data": {"codeDiscountNodeByCode": None}}
    server.script = [answer(body, x_shopify_api_version="2027-01", x_shopify_api_deprecated_reason="old")]
    client = await wired.shopify(server.url)
    for _ in range(2):
        assert await client.discount(Code("X")) is None
    assert [(happening, fields.get("served")) for happening, fields in wired.told] == [
        ("shopify.version_fell_forward", "2027-01"),
        ("shopify.api_deprecated", None),
    ]


@pytest.mark.parametrize("kind", ["DiscountCodeApp", "DiscountCodeBxgy"])
async def test_a_discount_of_another_kind_is_never_ours(server: ByteServer, wired: Wired, kind: str) -> None:
    node = {"id": GID, "codeDiscount": {"__typename": kind}}
    server.script = [answer({"data": {"codeDiscountNodeByCode": node}})]
    found = await (await wired.shopify(server.url)).discount(Code("RW-X"))
    assert found is not None
    assert not found.is_ours(SPEC)


def bag(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "AUD"}}


def order_page(updated: str, line: int, after: str | None) -> bytes:
    row = {
        "id": f"gid://shopify/LineItem/{line}",
        "name": "Café cup",
        "sku": "",
        "quantity": 1,
        "currentQuantity": 1,
        "variant": None,
        "originalUnitPriceSet": bag("10.0"),
        "taxLines": [{"priceSet": bag("0.455")}, {"priceSet": bag("0.45")}],
        "discountAllocations": [],
    }
    head = {
        "id": "gid://shopify/Order/9",
        "name": "#9",
        "test": True,
        "createdAt": "2026-11-21T00:00:00Z",
        "processedAt": "2026-11-21T00:00:00Z",
        "updatedAt": updated,
        "cancelledAt": None,
        "sourceName": None,
        "displayFinancialStatus": None,
        "currencyCode": "AUD",
        "discountCodes": [],
        "customer": None,
        "retailLocation": None,
        "totalPriceSet": bag("20.0"),
        "totalDiscountsSet": None,
        "customAttributes": [{"key": "gift", "value": None}],
        "shippingLines": {"nodes": [{"discountAllocations": []}]},
        "lineItems": {"pageInfo": {"hasNextPage": after is not None, "endCursor": after}, "nodes": [row]},
    }
    return answer({"data": {"order": head}})


async def test_an_order_that_changes_between_two_pages_is_read_anew(server: ByteServer, wired: Wired) -> None:
    old, new = "2026-11-21T01:00:00Z", "2026-11-21T02:00:00Z"
    server.script = [
        order_page(old, 1, "a"),
        order_page(new, 2, None),
        order_page(new, 1, "a"),
        order_page(new, 2, None),
    ]
    order = await (await wired.shopify(server.url)).order(OrderId("9"))
    assert order is not None
    assert [line.id for line in order.lines] == ["1", "2"]
    assert (order.updated_at.hour, order.financial_status, order.paid, order.test) == (2, "", False, True)
    assert order.lines[0].name == "Café cup"
    assert order.lines[0].tax == Money.parse("0.91", "AUD")
    assert [request.json["variables"]["after"] for request in server.requests] == [None, "a", None, "a"]


async def test_an_unreadable_order_is_unavailable_and_not_absent(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"data": {"order": {"id": "gid://shopify/Order/9", "updatedAt": "x"}}})]
    client = await wired.shopify(server.url)
    with pytest.raises(UpstreamUnavailable) as unreadable:
        await client.order(OrderId("9"))
    assert unreadable.value.details["reason"] == "unreadable"


def test_a_burst_is_paced_by_what_the_bucket_had_left() -> None:
    now = [0.0]
    bucket = Bucket(lambda: now[0])
    with bucket.reserved("CodeCreate") as pause_s:
        assert pause_s == 0.0
    status = {"maximumAvailable": 2000, "currentlyAvailable": 30, "restoreRate": 100}
    assert bucket.learn("CodeCreate", {"cost": {"requestedQueryCost": 20, "throttleStatus": status}}) == 0.0
    with bucket.reserved("CodeCreate") as first, bucket.reserved("CodeCreate") as second:
        assert (first, second) == (0.0, pytest.approx(0.1))
        now[0] += 0.1
        with bucket.reserved("CodeCreate") as third:
            assert third == pytest.approx(0.2)
    with bucket.reserved("CodeCreate") as later:
        assert later == 0.0


def test_figures_that_make_no_sense_are_ignored() -> None:
    bucket = Bucket(lambda: 0.0)
    for cost in (None, {}, {"requestedQueryCost": "many", "throttleStatus": {}}):
        assert bucket.learn("CodeCreate", {"cost": cost}) is None
    with bucket.reserved("CodeCreate") as pause_s:
        assert pause_s == 0.0

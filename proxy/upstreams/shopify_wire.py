"""Shopify's answers and inputs: discounts and orders between GraphQL and the domain, amounts in shop money."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from proxy.domain.discount import Access, Discount, DiscountSpec
from proxy.domain.effect import DiscountClass
from proxy.domain.ids import DiscountId, gid, parse_customer, parse_location, parse_order
from proxy.domain.money import Money, exponent
from proxy.domain.order import Allocation, Order, OrderLine, OrderSighting


def discount_input(spec: DiscountSpec) -> dict[str, Any]:
    """Form the input of a discount that one customer may use once.

    Without appliesOncePerCustomer: it is keyed on the order's e-mail and phone, so a second reward of the same
    customer might be refused. Amounts are strings, as the Decimal scalar wants them.
    Source: https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/discountCodeBasicCreate
    """
    effect = spec.effect
    assert effect.amount is not None, "only amounts are asked for"
    collections = [_gid("Collection", collection) for collection in effect.collections]
    items = {"collections": {"add": collections}} if collections else {"all": True}
    amount = {"amount": str(effect.amount.decimal), "appliesOnEachItem": False}
    discount: dict[str, Any] = {
        "title": spec.title,
        "code": spec.code,
        "startsAt": _iso(spec.starts_at),
        "endsAt": _iso(spec.ends_at),
        "usageLimit": 1,
        "context": {"customers": {"add": [gid("Customer", spec.customer)]}},
        "customerGets": {
            "value": {"discountAmount": amount},
            "items": items,
            "appliesOnOneTimePurchase": True,
            "appliesOnSubscription": False,
        },
        "combinesWith": {
            "orderDiscounts": DiscountClass.ORDER in effect.combines_with,
            "productDiscounts": DiscountClass.PRODUCT in effect.combines_with,
            "shippingDiscounts": DiscountClass.SHIPPING in effect.combines_with,
        },
    }
    if effect.minimum_spend is not None:
        least = {"greaterThanOrEqualToSubtotal": str(effect.minimum_spend.decimal)}
        discount["minimumRequirement"] = {"subtotal": least}
    return discount


def discount(node: dict[str, Any]) -> Discount:
    """Read a discount by code; one of another kind than ours has no amount, so it is never taken for ours."""
    basic = node["codeDiscount"]
    if basic["__typename"] != "DiscountCodeBasic":
        return Discount(DiscountId(node["id"]), basic["__typename"], None, (), None, None, 0)
    value, context = basic["customerGets"]["value"], basic["context"]
    fixed = value["__typename"] == "DiscountAmount"
    customers = context["customers"] if context["__typename"] == "DiscountCustomers" else []
    return Discount(
        id=DiscountId(node["id"]),
        status=basic["status"],
        amount=_money(value["amount"]) if fixed else None,
        customers=tuple(parse_customer(customer["id"]) for customer in customers),
        ends_at=_time_or_none(basic["endsAt"]),
        usage_limit=basic["usageLimit"],
        used=basic["asyncUsageCount"] or 0,
    )


def order(node: dict[str, Any], lines: list[dict[str, Any]]) -> Order:
    """Put an order together from its head and the lines of all its pages."""
    total = _shop_money(node["totalPriceSet"])
    taken_off = node["totalDiscountsSet"]
    customer, location = node["customer"], node["retailLocation"]
    return Order(
        id=parse_order(node["id"]),
        name=node["name"],
        test=node["test"],
        created_at=_time(node["createdAt"]),
        processed_at=_time(node["processedAt"]),
        updated_at=_time(node["updatedAt"]),
        cancelled=node["cancelledAt"] is not None,
        source_name=node["sourceName"],
        financial_status=node["displayFinancialStatus"] or "",
        currency=node["currencyCode"],
        customer=parse_customer(customer["id"]) if customer else None,
        location=parse_location(location["id"]) if location else None,
        codes=tuple(node["discountCodes"]),
        lines=tuple(_line(line) for line in lines),
        total=total,
        total_original=total + _shop_money(taken_off) if taken_off else total,
    )


def _line(node: dict[str, Any]) -> OrderLine:
    unit_price = _shop_money(node["originalUnitPriceSet"])
    taxes = (_shop_money(tax["priceSet"]) for tax in node["taxLines"])
    variant = node["variant"]
    return OrderLine(
        id=_number(node["id"]),
        name=node["name"],
        sku=node["sku"] or None,
        variant=_number(variant["id"]) if variant else None,
        quantity=node["quantity"],
        current_quantity=node["currentQuantity"],
        unit_price=unit_price,
        tax=sum(taxes, Money.zero(unit_price.currency)),
        allocations=tuple(_allocation(allocation) for allocation in node["discountAllocations"]),
    )


def _allocation(node: dict[str, Any]) -> Allocation:
    application = node["discountApplication"]
    return Allocation(application.get("code"), application.get("title"), _shop_money(node["allocatedAmountSet"]))


def sighting(node: dict[str, Any]) -> OrderSighting:
    """Read one order of a sweep."""
    return OrderSighting(
        id=parse_order(node["id"]),
        codes=tuple(node["discountCodes"]),
        created_at=_time(node["createdAt"]),
        updated_at=_time(node["updatedAt"]),
        test=node["test"],
        cancelled=node["cancelledAt"] is not None,
        financial_status=node["displayFinancialStatus"] or "",
    )


def access(data: dict[str, Any]) -> Access:
    """Read scopes and shop."""
    shop = data["shop"]
    return Access(
        scopes=frozenset(scope["handle"] for scope in data["currentAppInstallation"]["accessScopes"]),
        domain=shop["myshopifyDomain"],
        currency=shop["currencyCode"],
        taxes_included=shop["taxesIncluded"],
    )


def search_time(at: datetime) -> str:
    """Write a time for a search query, rounded down to the second so that nothing is left out."""
    return f"'{_iso(at)}'"


def _shop_money(bag: dict[str, Any]) -> Money:
    return _money(bag["shopMoney"])


def _money(node: dict[str, Any]) -> Money:
    """Read MoneyV2, whose decimals vary ("5.0"); what is finer than a minor unit is rounded."""
    currency = node["currencyCode"]
    step = Decimal(1).scaleb(-exponent(currency))
    return Money.parse(Decimal(node["amount"]).quantize(step, ROUND_HALF_EVEN), currency)


def _number(global_id: str) -> str:
    return global_id.rsplit("/", 1)[-1].split("?", 1)[0]


def _gid(kind: str, given: str) -> str:
    return given if given.startswith("gid://") else gid(kind, given)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _time_or_none(text: str | None) -> datetime | None:
    return _time(text) if text else None

"""Shopify's answers and inputs: discounts and orders between GraphQL and the domain, amounts in shop money."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from proxy.domain.discount import Access, Combination, Discount, DiscountSpec
from proxy.domain.effect import DiscountClass, Effect
from proxy.domain.ids import DiscountId, gid, parse_customer, parse_location, parse_order
from proxy.domain.money import Money, exponent
from proxy.domain.order import Allocation, Order, OrderLine, OrderSighting


def discount_input(spec: DiscountSpec) -> dict[str, Any]:
    """Form the input of an amount or a percentage off.

    Source: https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/discountCodeBasicCreate
    """
    return {
        **_code_input(spec),
        "customerGets": {
            "value": _value(spec.effect),
            "items": _items(spec.effect),
            "appliesOnOneTimePurchase": True,
            "appliesOnSubscription": False,
        },
    }


def free_shipping_input(spec: DiscountSpec) -> dict[str, Any]:
    """Form the input of free shipping to anywhere.

    Two shipping discounts never combine, and to allow it is refused.
    Source: https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/discountCodeFreeShippingCreate
    """
    common = _code_input(spec)
    return {
        **common,
        "combinesWith": common["combinesWith"] | {"shippingDiscounts": False},
        "destination": {"all": True},
        "appliesOnOneTimePurchase": True,
        "appliesOnSubscription": False,
    }


def _code_input(spec: DiscountSpec) -> dict[str, Any]:
    """Form what codes of all kinds have, for one customer who may use it once.

    Without appliesOncePerCustomer: it is keyed on the order's e-mail and phone, so a second reward of the same
    customer might be refused. Amounts are strings, as the Decimal scalar wants them.
    """
    effect = spec.effect
    discount: dict[str, Any] = {
        "title": spec.title,
        "code": spec.code,
        "startsAt": _iso(spec.starts_at),
        "endsAt": _iso(spec.ends_at),
        "usageLimit": 1,
        "context": {"customers": {"add": [gid("Customer", spec.customer)]}},
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


def _value(effect: Effect) -> dict[str, Any]:
    if effect.percent is not None:
        return {"percentage": effect.percent / 100}
    assert effect.amount is not None, "what is neither a percentage nor an amount is not asked for"
    # Once, however many there are: a free product is one of them.
    return {"discountAmount": {"amount": str(effect.amount.decimal), "appliesOnEachItem": False}}


def _items(effect: Effect) -> dict[str, Any]:
    if effect.products:
        return {"products": {"productsToAdd": [_gid("Product", product) for product in effect.products]}}
    if effect.collections:
        return {"collections": {"add": [_gid("Collection", collection) for collection in effect.collections]}}
    return {"all": True}


def discount(node: dict[str, Any]) -> Discount:
    """Read a discount by code; one of a kind that we never make has no class, so it is never taken for ours."""
    found = node["codeDiscount"]
    kind = found["__typename"]
    if kind not in ("DiscountCodeBasic", "DiscountCodeFreeShipping"):
        return Discount(DiscountId(node["id"]), kind, None, (), None, None, 0, discount_class=None)
    context, classes = found["context"], found["discountClasses"]
    value: dict[str, Any] = found["customerGets"]["value"] if kind == "DiscountCodeBasic" else {"__typename": ""}
    customers = context["customers"] if context["__typename"] == "DiscountCustomers" else []
    return Discount(
        id=DiscountId(node["id"]),
        status=found["status"],
        amount=_money(value["amount"]) if value["__typename"] == "DiscountAmount" else None,
        customers=tuple(parse_customer(customer["id"]) for customer in customers),
        ends_at=_time_or_none(found["endsAt"]),
        usage_limit=found["usageLimit"],
        used=found["asyncUsageCount"] or 0,
        percent=_percent(value["percentage"]) if value["__typename"] == "DiscountPercentage" else None,
        discount_class=DiscountClass(classes[0]) if len(classes) == 1 else None,
    )


def price(node: dict[str, Any]) -> Money:
    """Read what one unit of a product costs, of its variants the cheapest."""
    return _money(node["priceRangeV2"]["minVariantPrice"])


def combination(node: dict[str, Any]) -> Combination | None:
    """Read the classes of a code of any kind and those that it allows beside itself; None unless it works now."""
    if node["status"] != "ACTIVE":
        return None
    allowed = node["combinesWith"]
    return Combination(
        classes=frozenset(DiscountClass(name) for name in node["discountClasses"]),
        combines_with=frozenset(of for of in DiscountClass if allowed[f"{of.lower()}Discounts"]),
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
        shipping_discounts=tuple(
            _allocation(allocation)
            for line in node["shippingLines"]["nodes"]
            for allocation in line["discountAllocations"]
        ),
        attributes=tuple((each["key"], each["value"] or "") for each in node["customAttributes"]),
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


def _percent(fraction: Decimal | int) -> Decimal:
    """Read a Float of 0 to 1 as the percentage that was meant: settings know two decimals, a Float many more."""
    return (Decimal(fraction) * 100).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


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

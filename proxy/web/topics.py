"""What each topic's body has to be: the topic is an unsigned header, and so is the shop."""

import re
from collections.abc import Mapping
from typing import Any

from proxy.domain.errors import InvalidRequest, Unauthenticated
from proxy.domain.ids import Merge, OrderId, ShopDomain, StaffId, gid, parse_customer, parse_order
from proxy.domain.privacy import Asked, RequestKind

# A URL takes the topics of its group only.
TOPICS = {
    "orders": {"orders/create", "orders/paid", "orders/updated", "orders/cancelled", "orders/edited"},
    "refunds": {"refunds/create"},
    "customers": {"customers/create", "customers/update", "customers/merge", "customers/delete"},
    "app": {"app/uninstalled", "app/scopes_update"},
    "compliance": {"customers/data_request", "customers/redact", "shop/redact"},
}

Body = Mapping[str, Any]

_USER = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)


def check(topic: str, body: Body, shop: ShopDomain) -> None:
    """Refuse a body of another kind than its topic, or about another shop than the header says.

    Shops that share an app share its secret, so a body that names no shop proves none: what it is about is read again.
    """
    if not _is_about(topic, str(body.get("admin_graphql_api_id", "")), body):
        raise InvalidRequest("The body is of another kind than its topic says.")
    match topic.split("/"):
        case ["app", "uninstalled"]:
            # `domain` is the address that the merchant chose, where there is one.
            named = body.get("myshopify_domain") or body.get("domain")
        case [_, "data_request" | "redact"]:
            named = body["shop_domain"]
        case _:
            return
    if named != shop:
        raise Unauthenticated("webhook_shop_foreign")


def order_of(topic: str, body: Body) -> OrderId | None:
    """Give the order that a checked body is about."""
    match topic.split("/"):
        case ["orders", "edited"]:
            return parse_order(str(body["order_edit"].get("order_id")))
        case ["orders", _]:
            return parse_order(str(body.get("id")))
        case ["refunds", _]:
            return parse_order(str(body.get("order_id")))
    return None


def login_of(topic: str, body: Body) -> StaffId | None:
    """Give who rang up the order that a checked body is, where it was sold at a till.

    Source: https://shopify.dev/docs/api/admin-rest/latest/resources/order (`user_id`)
    """
    user = body.get("user_id")
    if not topic.startswith("orders/") or body.get("source_name") != "pos" or isinstance(user, bool):
        return None
    return StaffId(str(user)) if _USER.fullmatch(str(user)) else None


def merge_of(topic: str, body: Body) -> Merge | None:
    """Give who is gone and who was kept; a merge that failed changed nobody.

    Source: https://shopify.dev/docs/api/webhooks (the sample of `customers/merge` has `"status": "failed"`).
    """
    if topic != "customers/merge" or body.get("status") != "completed":
        return None
    gone, kept = (parse_customer(str(body.get(f"admin_graphql_api_customer_{w}_id"))) for w in ("deleted", "kept"))
    if gone == kept:
        raise InvalidRequest("A customer cannot be merged into itself.")
    return Merge(gone, kept)


def asked_of(topic: str, body: Body) -> Asked | None:
    """Give what a checked body asks about personal data; ids alone are taken, e-mail and phone stand beside them."""
    if topic not in TOPICS["compliance"]:
        return None
    kind = RequestKind(topic)
    if kind is RequestKind.SHOP:
        return Asked(kind)
    who, request = body.get("customer"), body.get("data_request")
    customer = parse_customer(str(who.get("id") if isinstance(who, dict) else who))
    reference = request.get("id") if isinstance(request, dict) else None
    return Asked(kind, customer, str(reference)[:64] if reference is not None else None)


def _is_about(topic: str, kind: str, body: Body) -> bool:
    """Look for what a body of this topic has and none of another topic."""
    match topic:
        case "orders/edited":
            return isinstance(body.get("order_edit"), dict)
        case "orders/create" | "orders/paid" | "orders/updated" | "orders/cancelled":
            return kind == gid("Order", str(body.get("id")))
        case "refunds/create":
            return kind.startswith("gid://shopify/Refund/") and "order_id" in body
        case "customers/create" | "customers/update" | "customers/delete":
            # Of a deleted customer there may be no more than the id.
            return kind == gid("Customer", str(body.get("id"))) or (topic == "customers/delete" and set(body) == {"id"})
        case "customers/merge":
            return "admin_graphql_api_customer_kept_id" in body
        case "app/uninstalled":
            return "domain" in body or "myshopify_domain" in body
        case "app/scopes_update":
            return "current" in body
        case "customers/data_request":
            return {"shop_domain", "customer"} <= set(body) and "orders_to_redact" not in body
        case "customers/redact":
            # Whoever asked to be told must not be forgotten by it.
            return {"shop_domain", "customer"} <= set(body) and not {"data_request", "orders_requested"} & set(body)
        case "shop/redact":
            return "shop_domain" in body and "customer" not in body
        case _:
            return False

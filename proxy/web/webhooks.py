"""Routes that receive Shopify's webhooks: proven, stored, answered; the work comes after."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from proxy.auth.shops import by_header
from proxy.domain.errors import InvalidRequest, NotFound
from proxy.domain.happening import Happening
from proxy.domain.ids import Merge, OrderId, ShopDomain, parse_customer, parse_order
from proxy.domain.privacy import Asked, RequestKind
from proxy.ports import Telemetry
from proxy.web.state import ProxyRequest, services

# The topic is an unsigned header, so a URL takes the topics of its group only and the body has to look like one.
_TOPICS = {
    "orders": {"orders/create", "orders/paid", "orders/updated", "orders/cancelled", "orders/edited"},
    "refunds": {"refunds/create"},
    "customers": {"customers/create", "customers/update", "customers/merge", "customers/delete"},
    "app": {"app/uninstalled", "app/scopes_update"},
    "compliance": {"customers/data_request", "customers/redact", "shop/redact"},
}
_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Inbox:
    """The webhook routes, with the telemetry that they tell what came."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    async def receive(self, request: ProxyRequest) -> Response:
        """`POST /webhooks/shopify/{group}`: 200 once it is stored, also for a duplicate."""
        group = request.path_params["group"]
        if group not in _TOPICS:
            raise NotFound()
        body = await request.body()
        found = services(request)
        domain = request.headers.get("x-shopify-shop-domain")
        site = by_header(domain.encode("latin-1") if domain else None, found.shops)
        shop = site.shop
        signature = request.headers.get("x-shopify-hmac-sha256")
        site.webhooks.verify(body, signature.encode("latin-1") if signature else None)
        topic = request.headers.get("x-shopify-topic", "")
        if topic not in _TOPICS[group]:
            # Answered 200 all the same: a refusal would be repeated for hours and change nothing.
            self._telemetry.tell(Happening.EVENT_IGNORED, shop=shop.domain, topic=topic[:64], why="topic")
            return Response(status_code=200)
        read = parsed(body)
        order, merge, asked = _order(topic, read), _merge(topic, read), _asked(shop.domain, topic, read)
        webhook_id = _webhook_id(request.headers.get("x-shopify-webhook-id"), body)
        fresh = await found.events.receive(shop.domain, topic, webhook_id, order, merge, asked)
        for customer in merge or ():
            site.customers.forget(shop, customer)
            site.display.changed(shop.domain, customer)
        self._telemetry.tell(
            Happening.EVENT_RECEIVED if fresh else Happening.EVENT_DUPLICATE,
            shop=shop.domain,
            topic=topic,
            webhook=webhook_id,
            order=order,
        )
        if fresh and (order is not None or group in ("app", "compliance")):
            site.wake()
        return Response(status_code=200)


def parsed(body: bytes) -> Mapping[str, Any]:
    """Read a JSON object; anything else is refused."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidRequest("The body is not JSON.") from None
    if not isinstance(parsed, dict):
        raise InvalidRequest("The body is not an object.")
    return parsed


def _order(topic: str, body: Mapping[str, Any]) -> OrderId | None:
    """Give the order that it is about; a body of another kind under this topic is refused."""
    kind = str(body.get("admin_graphql_api_id", ""))
    match topic.split("/"):
        case ["orders", "edited"] if isinstance(body.get("order_edit"), dict):
            return parse_order(str(body["order_edit"].get("order_id")))
        case ["orders", _] if kind.startswith("gid://shopify/Order/"):
            return parse_order(str(body.get("id")))
        case ["refunds", _]:
            return parse_order(str(body.get("order_id")))
    if not _is_about(topic, kind, body):
        raise InvalidRequest("The body is of another kind than its topic says.")
    return None


def _merge(topic: str, body: Mapping[str, Any]) -> Merge | None:
    """Give who is gone and who was kept; a merge that failed changed nobody.

    Source: https://shopify.dev/docs/api/webhooks (the sample of `customers/merge` has `"status": "failed"`).
    """
    if topic != "customers/merge" or body.get("status") != "completed":
        return None
    gone, kept = (body.get(f"admin_graphql_api_customer_{which}_id") for which in ("deleted", "kept"))
    return Merge(parse_customer(str(gone)), parse_customer(str(kept)))


def _asked(shop: ShopDomain, topic: str, body: Mapping[str, Any]) -> Asked | None:
    """Give what is asked about personal data; ids alone are taken, e-mail and phone stand beside them."""
    if topic not in _TOPICS["compliance"]:
        return None
    # The header that chose the shop is not signed, the body is.
    if body.get("shop_domain") != shop:
        raise InvalidRequest("The body is of another shop than its header says.")
    kind = RequestKind(topic)
    if kind is RequestKind.SHOP:
        return Asked(kind)
    who, request = body.get("customer"), body.get("data_request")
    customer = parse_customer(str(who.get("id") if isinstance(who, dict) else who))
    reference = request.get("id") if isinstance(request, dict) else None
    return Asked(kind, customer, str(reference)[:64] if reference is not None else None)


def _is_about(topic: str, kind: str, body: Mapping[str, Any]) -> bool:
    """Look for what a body of this topic has and none of another topic."""
    match topic:
        case "customers/create" | "customers/update" | "customers/delete":
            # Of a deleted customer there may be no more than the id.
            return "id" in body and (not kind or kind.startswith("gid://shopify/Customer/"))
        case "customers/merge":
            return "admin_graphql_api_customer_kept_id" in body
        case "app/uninstalled":
            return "domain" in body
        case "app/scopes_update":
            return "current" in body
        case "customers/data_request" | "customers/redact" | "shop/redact":
            return "shop_domain" in body
        case _:
            return False


def _webhook_id(header: str | None, body: bytes) -> str:
    # Never X-Shopify-Event-Id: one merchant action shares it across topics, which would then cancel each other.
    if header is not None and _ID.fullmatch(header):
        return header
    return hashlib.sha256(body).hexdigest()

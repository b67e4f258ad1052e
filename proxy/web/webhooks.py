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
from proxy.ports import Telemetry
from proxy.web.headers import proof
from proxy.web.state import ProxyRequest, services
from proxy.web.topics import TOPICS, asked_of, check, login_of, merge_of, order_of

_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Inbox:
    """The webhook routes, with the telemetry that they tell what came."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    async def receive(self, request: ProxyRequest) -> Response:
        """`POST /webhooks/shopify/{group}`: 200 once it is stored, also for a duplicate."""
        group = request.path_params["group"]
        if group not in TOPICS:
            raise NotFound()
        body = await request.body()
        found = services(request)
        site = by_header(proof(request, b"x-shopify-shop-domain", "shop"), found.shops)
        shop = site.shop
        site.webhooks.verify(body, proof(request, b"x-shopify-hmac-sha256", "webhook_signature"))
        topic = request.headers.get("x-shopify-topic", "")
        if topic not in TOPICS[group]:
            # Answered 200 all the same: a refusal would be repeated for hours and change nothing.
            self._telemetry.tell(Happening.EVENT_IGNORED, shop=shop.domain, topic=topic[:64], why="topic")
            return Response(status_code=200)
        read = parsed(body)
        check(topic, read, shop.domain)
        order, merge, asked = order_of(topic, read), merge_of(topic, read), asked_of(topic, read)
        webhook_id = _webhook_id(request.headers.get("x-shopify-webhook-id"), body)
        login = login_of(topic, read)
        fresh = await found.events.receive(shop.domain, topic, webhook_id, order, merge, asked, login)
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


def _webhook_id(header: str | None, body: bytes) -> str:
    # Never X-Shopify-Event-Id: one merchant action shares it across topics, which would then cancel each other.
    if header is not None and _ID.fullmatch(header):
        return header
    return hashlib.sha256(body).hexdigest()

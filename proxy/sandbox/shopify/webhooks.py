"""Webhooks out: which URL a topic goes to, its headers and its signature, frozen when triggered."""

import base64
import hashlib
import hmac
import json
import uuid
from typing import Any

from proxy.sandbox.delivery import Deliveries, Delivery
from proxy.sandbox.faults import Fault, Faults
from proxy.sandbox.shopify.model import Customer, Refund
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.payload import order_payload
from proxy.sandbox.shopify.payload_customer import customer_payload
from proxy.sandbox.shopify.payload_refund import refund_payload
from proxy.sandbox.shopify.store import Store

API_VERSION = "2026-10"
COMPLIANCE = ("customers/data_request", "customers/redact", "shop/redact")


class Webhooks:
    """Trigger webhooks for what has happened in the shop."""

    def __init__(self, store: Store, deliveries: Deliveries, faults: Faults, proxy_url: str | None) -> None:
        self._store = store
        self._deliveries = deliveries
        self._faults = faults
        self.proxy_url = proxy_url

    def order(self, order: Order, *topics: str) -> None:
        """Send the order under each topic; they share one event id, as one action of a merchant does."""
        body = order_payload(self._store, order)
        event = str(uuid.uuid4())
        for topic in topics:
            self.send(topic, body, event)

    def refund(self, order: Order, refund: Refund) -> None:
        self.send("refunds/create", refund_payload(self._store, order, refund))

    def customer(self, customer: Customer, topic: str) -> None:
        self.send(topic, customer_payload(self._store, customer))

    def send(self, topic: str, payload: dict[str, Any], event_id: str | None = None) -> None:
        """Queue one webhook; nothing is sent for a topic without subscription, or after the uninstall."""
        store = self._store
        silenced = not store.installed and topic not in ("app/uninstalled", *COMPLIANCE)
        if self.proxy_url is None or topic not in store.config.topics or silenced:
            return
        for fault in self._faults.take(f"webhook {topic}"):
            payload = _spoiled(payload, fault)
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": self._signature(body),
            "X-Shopify-Shop-Domain": store.config.shop,
            "X-Shopify-API-Version": API_VERSION,
            "X-Shopify-Webhook-Id": str(uuid.uuid4()),
            "X-Shopify-Event-Id": event_id or str(uuid.uuid4()),
            "X-Shopify-Triggered-At": store.clock.now().isoformat().replace("+00:00", "Z"),
            "X-Shopify-Name": topic.replace("/", "-"),
        }
        self._deliveries.send(Delivery(self.proxy_url.rstrip("/") + _path(topic), headers, body, topic))

    def _signature(self, body: bytes) -> str:
        config = self._store.config
        secret = config.client_secret
        if config.sign_webhooks_with_old_secret and config.old_client_secret:
            secret = config.old_client_secret
        return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def _spoiled(payload: dict[str, Any], fault: Fault) -> dict[str, Any]:
    """Leave the named fields out (`omit`), or write them as strings (`stringly`)."""
    if fault.kind == "omit":
        return {name: value for name, value in payload.items() if name not in fault.fields}
    if fault.kind == "stringly":
        return payload | {name: str(payload[name]) for name in fault.fields if payload.get(name) is not None}
    return payload


def _path(topic: str) -> str:
    group = "compliance" if topic in COMPLIANCE else topic.partition("/")[0]
    return f"/webhooks/shopify/{group}"

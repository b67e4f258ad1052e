"""Omneo's own Shopify app, played: it writes the orders that it is told of as transactions, late and in its own way."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from proxy.sandbox.omneo import events
from proxy.sandbox.omneo.call import Call
from proxy.sandbox.omneo.config import AppConfig
from proxy.sandbox.omneo.endpoints import transactions
from proxy.sandbox.omneo.routing import Tenant
from proxy.sandbox.omneo.times import stamp

LOOK_S = 0.05
_NEEDED = ("id", "name", "order_number", "total_price", "processed_at")


@dataclass(frozen=True, slots=True)
class _Told:
    """An order as Shopify's webhook carries it, and when it is to be written; never by itself where that is None."""

    order: Mapping[str, Any]
    config: AppConfig
    due_at: datetime | None


class ShopifyApp:
    """Writes each order once; `config` may be replaced at any time and holds for what is told from then on."""

    def __init__(self, tenant: Tenant, config: AppConfig) -> None:
        self.config = config
        self._tenant = tenant
        self._pending: dict[int, _Told] = {}
        self._written: set[int] = set()
        self._told = asyncio.Event()

    @property
    def pending(self) -> list[int]:
        """List the orders still to be written."""
        return list(self._pending)

    def tell(self, order: Mapping[str, Any], **changes: Any) -> None:
        """Hear of an order, in the shape of Shopify's webhook; `changes` of the config hold for this one.

        Raises ValueError and its like for something that is no order, TypeError for a setting that there is none of.
        """
        if missing := [name for name in _NEEDED if not order.get(name)]:
            raise ValueError(f"an order has {', '.join(missing)}")
        config = replace(self.config, **changes)
        # Formed once already, so that what cannot be written is refused now and not when nobody looks.
        Decimal(self._body(order, config)["total"])
        order_id = int(order["id"])
        if order_id in self._written:
            return
        due_at = self._tenant.clock.now() + timedelta(seconds=config.delay_s) if config.delay_s is not None else None
        self._pending[order_id] = _Told(order, config, due_at)
        self._told.set()

    def write(self) -> None:
        """Write everything that is pending, whether or not it is due."""
        for order_id in self.pending:
            self._write(order_id, self._pending.pop(order_id))

    def reset(self) -> None:
        """Forget every order."""
        self._pending.clear()
        self._written.clear()

    async def run(self) -> None:
        """Write what comes due by the sandbox's clock, until cancelled."""
        while True:
            await self._told.wait()
            now = self._tenant.clock.now()
            for order_id in [i for i, told in self._pending.items() if told.due_at is not None and told.due_at <= now]:
                self._write(order_id, self._pending.pop(order_id))
            if not self._pending:
                self._told.clear()
            await asyncio.sleep(LOOK_S)

    def routes(self) -> list[Route]:
        """Return the control routes: tell of an order, see what is pending, have it written."""
        return [
            Route("/app/orders", self._see),
            Route("/app/orders", self._hear, methods=["POST"]),
            Route("/app/write", self._write_now, methods=["POST"]),
        ]

    async def _see(self, _: Request) -> JSONResponse:
        return JSONResponse({"pending": self.pending, "written": sorted(self._written)})

    async def _hear(self, request: Request) -> JSONResponse:
        """Take `{"order": {…}, "delay_s": 30, "external_id": "{order_name}"}`, or an order as a webhook has it."""
        try:
            body = await request.json()
            told = body if "order" in body else {"order": body}
            self.tell(told["order"], **{name: value for name, value in told.items() if name != "order"})
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            raise HTTPException(422, f"send an order of Shopify: {error}") from error
        return await self._see(request)

    async def _write_now(self, request: Request) -> JSONResponse:
        self.write()
        return await self._see(request)

    def _write(self, order_id: int, told: _Told) -> None:
        tenant = self._tenant
        call = Call(
            state=tenant.state(),
            config=tenant.config,
            now=tenant.clock.now(),
            url="",
            path={},
            query=[],
            body=self._body(told.order, told.config),
            namespace=told.config.namespace,
        )
        transactions.update_create(call)
        self._written.add(order_id)
        events.send_webhooks(call, tenant.config.webhook_secret, tenant.deliveries)

    def _body(self, order: Mapping[str, Any], config: AppConfig) -> dict[str, Any]:
        at = datetime.fromisoformat(str(order["processed_at"])).astimezone(UTC)
        named = {
            "external_id": _filled(config.external_id, order),
            "order_number": _filled(config.order_number, order),
            "receipt_ref": _filled(config.receipt_ref, order),
            "profile_id": self._profile(order, config),
            "location_id": str(order["location_id"]) if order.get("location_id") else None,
        }
        return {name: value for name, value in named.items() if value} | {
            "total": str(order["total_price"]),
            "transacted_at": stamp(at),
            "timezone": "UTC",
            "systems": ["shopify"],
            "items": [_item(line) for line in order.get("line_items", ())],
        }

    def _profile(self, order: Mapping[str, Any], config: AppConfig) -> str | None:
        customer = order.get("customer")
        if not customer:
            return None
        found = self._tenant.state().find_profile(config.identity_handle, str(customer["id"]))
        return found.id if found else None


def _filled(template: str, order: Mapping[str, Any]) -> str:
    return template.format(
        order_id=order["id"],
        order_gid=f"gid://shopify/Order/{order['id']}",
        order_name=order["name"],
        order_number=order["order_number"],
    )


def _item(line: Mapping[str, Any]) -> dict[str, Any]:
    price = str(line.get("price") or "0.00")
    return {
        "name": line.get("name") or line.get("title") or "item",
        "quantity": line.get("quantity") or 1,
        "price_current": price,
        "price_sell": price,
        "sku": line.get("sku"),
        "external_id": str(line.get("id") or ""),
    }

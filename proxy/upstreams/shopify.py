"""One shop's Admin API behind the port `Shopify`."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import DecimalException
from typing import Any, ParamSpec, TypeVar

from proxy.domain.discount import Access, Combination, Discount, DiscountSpec
from proxy.domain.effect import EffectKind
from proxy.domain.errors import ProxyError, UpstreamUnavailable
from proxy.domain.ids import Code, CustomerId, DiscountId, OrderId, gid
from proxy.domain.money import Money
from proxy.domain.order import Order, OrderSighting
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.upstreams import shopify_documents as documents
from proxy.upstreams import shopify_wire as wire
from proxy.upstreams.http import Upstream
from proxy.upstreams.retry import Retry
from proxy.upstreams.shopify_call import Document, ShopifyCalls
from proxy.upstreams.shopify_tokens import Tokens

T = TypeVar("T")
P = ParamSpec("P")

MAX_LINE_PAGES = 40
MAX_SWEEP_PAGES = 100
_ORDER_READS = 3
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, DecimalException, ProxyError)


class ShopifyClient:
    """One shop; `upstream` points at `https://x.myshopify.com`."""

    def __init__(
        self, upstream: Upstream, tokens: Tokens, *, version: str = documents.VERSION, retry: Retry | None = None
    ) -> None:
        self._calls = ShopifyCalls(upstream, tokens, version, retry or Retry(attempts=4))

    async def create_discount(self, spec: DiscountSpec) -> Outcome[DiscountId]:
        """Ask for the discount; `Refused("TAKEN")` means that the code exists and may be ours."""
        if spec.effect.kind is EffectKind.FREE_SHIPPING:
            given = {"discount": wire.free_shipping_input(spec)}
            document = Document("FreeShippingCreate", documents.FREE_SHIPPING_CREATE, given)
            outcome = await self._change(document, "discountCodeFreeShippingCreate")
        else:
            document = Document("CodeCreate", documents.CODE_CREATE, {"discount": wire.discount_input(spec)})
            outcome = await self._change(document, "discountCodeBasicCreate")
        return _made(outcome, lambda payload: DiscountId(payload["codeDiscountNode"]["id"]))

    async def discount(self, code: Code) -> Discount | None:
        """Read a discount by its code, upper or lower case."""
        data = await self._calls.read(Document("CodeByCode", documents.CODE_BY_CODE, {"code": code}))
        node = data.get("codeDiscountNodeByCode")
        return _parsed(wire.discount, node) if node else None

    async def combination(self, code: str) -> Combination | None:
        """Tell with what a code combines; None for one that does not exist, has not begun or is over."""
        data = await self._calls.read(Document("Combination", documents.COMBINATION, {"code": code}))
        node = data.get("codeDiscountNodeByCode")
        return _parsed(wire.combination, node["codeDiscount"]) if node else None

    async def deactivate(self, discount: DiscountId) -> Outcome[int]:
        """End the discount; answers how often it was used as far as Shopify knows. One that is gone is Answered(0)."""
        document = Document("CodeDeactivate", documents.CODE_DEACTIVATE, {"id": discount})
        outcome = await self._change(document, "discountCodeDeactivate", gone=None)

        def used(payload: Any) -> int:
            return int(payload["codeDiscountNode"]["codeDiscount"].get("asyncUsageCount") or 0) if payload else 0

        return _made(outcome, used)

    async def delete(self, discount: DiscountId) -> Outcome[None]:
        """Delete the discount; one that is gone is Answered."""
        document = Document("CodeDelete", documents.CODE_DELETE, {"id": discount})
        return _made(await self._change(document, "discountCodeDelete", gone=None), lambda _: None)

    async def order(self, order: OrderId) -> Order | None:
        """Read the order with all its lines; one that changes between two pages is read anew."""
        for _ in range(_ORDER_READS):
            head, lines, whole = await self._order_pages(order)
            if head is None:
                return None
            if whole:
                return _parsed(wire.order, head, lines)
        raise UpstreamUnavailable(upstream="shopify", reason="order_keeps_changing", operation="OrderForSettlement")

    async def _order_pages(self, order: OrderId) -> tuple[dict[str, Any] | None, list[dict[str, Any]], bool]:
        head: dict[str, Any] | None = None
        lines: list[dict[str, Any]] = []
        after: str | None = None
        for _ in range(MAX_LINE_PAGES):
            variables = {"id": gid("Order", order), "after": after}
            data = await self._calls.read(Document("OrderForSettlement", documents.ORDER_FOR_SETTLEMENT, variables))
            node = data.get("order")
            if node is None:
                return None, [], True
            if head is not None and node.get("updatedAt") != head.get("updatedAt"):
                return head, [], False
            head = node
            rows, after = _parsed(_page, node, "lineItems")
            lines += rows
            if after is None:
                return head, lines, True
        raise UpstreamUnavailable(upstream="shopify", reason="too_many_lines", operation="OrderForSettlement")

    async def sightings(self, since: datetime, customer: CustomerId | None = None) -> Sequence[OrderSighting]:
        """List orders updated since, all pages, oldest first; the search index lags behind by seconds to minutes."""
        found: dict[str, OrderSighting] = {}
        after: str | None = None
        for _ in range(MAX_SWEEP_PAGES):
            page, after = await self.sighting_page(since, after, customer)
            found.update((seen.id, seen) for seen in page)
            if after is None:
                return sorted(found.values(), key=lambda seen: seen.updated_at)
        raise UpstreamUnavailable(upstream="shopify", reason="too_many_orders", operation="OrdersSweep")

    async def sighting_page(
        self, since: datetime, after: str | None, customer: CustomerId | None = None
    ) -> tuple[tuple[OrderSighting, ...], str | None]:
        """List one page of the same, oldest first, with the cursor of the next; an order may stand on two pages."""
        query = f"updated_at:>={wire.search_time(since)}" + (f" customer_id:{customer}" if customer else "")
        variables = {"query": query, "after": after}
        data = await self._calls.read(Document("OrdersSweep", documents.ORDERS_SWEEP, variables))
        rows, following = _parsed(_page, data, "orders")
        return tuple(_parsed(wire.sighting, row) for row in rows), following

    async def price(self, product: str) -> Money | None:
        """Read what one unit costs; None for a product that there is none of."""
        data = await self._calls.read(Document("ProductPrice", documents.PRODUCT_PRICE, {"id": product}))
        node = data.get("product")
        return _parsed(wire.price, node) if node else None

    async def existing(self, ids: Sequence[str]) -> frozenset[str]:
        """Tell which of these products and collections there are."""
        data = await self._calls.read(Document("Existing", documents.EXISTING, {"ids": list(ids)}))
        return _parsed(lambda: frozenset(node["id"] for node in data["nodes"] if node))

    async def access(self) -> Access:
        """Read what our token may do, and what the shop says of itself."""
        data = await self._calls.read(Document("Access", documents.ACCESS, {}))
        return _parsed(wire.access, data)

    async def _change(self, document: Document, field: str, gone: Any = ...) -> Outcome[Any]:
        """Send a mutation and look at its userErrors; with `gone` given, a discount that does not exist answers it."""
        outcome = await self._calls.write(document)
        if not isinstance(outcome, Answered):
            return outcome
        payload = outcome.value.get(field)
        if not isinstance(payload, dict):
            return Unknown("unreadable")
        errors = payload.get("userErrors") or []
        if not errors:
            return Answered(payload)
        if gone is not ... and any("does not exist" in str(error.get("message")) for error in errors):
            return Answered(gone)
        codes = [str(error.get("code") or "USER_ERROR") for error in errors]
        if "INTERNAL_ERROR" in codes:
            # Called retryable, but nothing says that it was not executed.
            return Unknown("internal_error")
        return Refused("TAKEN" if "TAKEN" in codes else codes[0])


def _page(parent: dict[str, Any], name: str) -> tuple[list[dict[str, Any]], str | None]:
    connection = parent[name]
    info = connection["pageInfo"]
    return connection["nodes"], info["endCursor"] if info["hasNextPage"] else None


def _parsed(read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return read(*args, **kwargs)
    except _UNREADABLE as error:
        raise UpstreamUnavailable(upstream="shopify", reason="unreadable", kind=type(error).__name__) from None


def _made(outcome: Outcome[Any], read: Callable[[Any], T]) -> Outcome[T]:
    """Read a change's answer. It happened, so one that cannot be read is Unknown and will be looked for."""
    if not isinstance(outcome, Answered):
        return outcome
    try:
        return Answered(read(outcome.value))
    except _UNREADABLE:
        return Unknown("unreadable")

"""The root fields of the Admin API: what a query may read and a mutation may change."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo

from proxy.sandbox.shopify.admin import shop_view
from proxy.sandbox.shopify.admin.discount_changes import DiscountChanges
from proxy.sandbox.shopify.admin.discount_view import discount_node
from proxy.sandbox.shopify.admin.order_view import order_view
from proxy.sandbox.shopify.admin.paging import Page, connection
from proxy.sandbox.shopify.admin.people_view import customer_view, location_view
from proxy.sandbox.shopify.admin.product_view import collection_view, product_view, variant_view
from proxy.sandbox.shopify.admin.search import indexed_at, matches, terms
from proxy.sandbox.shopify.discount_input import numeric_id
from proxy.sandbox.shopify.model import Discount
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.store import Store

_BY_UPDATE = "UPDATED_AT"
_BY_CREATION = ("CREATED_AT", "PROCESSED_AT")


@dataclass(frozen=True, slots=True)
class Caller:
    """What a request may see: the token's scopes, and how far the search index lags for it."""

    scopes: frozenset[str]
    search_lag_s: float


class Roots:
    """Resolve root fields against the store; `cancel` also tells the webhooks."""

    def __init__(self, store: Store, cancel: Callable[[Order, str, bool], object]) -> None:
        self._store = store
        self._cancel = cancel
        self._changes = DiscountChanges(store)

    def fields(self) -> dict[str, Any]:
        """Return the root value that graphql-core starts from."""
        return {
            "shop": lambda _: shop_view.shop(self._store),
            "currentAppInstallation": lambda info: shop_view.installation(self._store, info.context.scopes),
            "order": self.order,
            "orders": self.orders,
            "customer": self.customer,
            "customers": self.customers,
            "location": self.location,
            "locations": self.locations,
            "product": self.product,
            "productVariant": self.product_variant,
            "node": self.node,
            "nodes": lambda info, ids: [self.node(info, id) for id in ids],
            "codeDiscountNode": lambda _, id: discount_node(self._store, self._changes.find(id)),
            "codeDiscountNodeByCode": lambda _, code: discount_node(self._store, self._store.discount_by_code(code)),
            "codeDiscountNodes": self.discounts,
            "discountNodes": self.discounts,
            "discountCodeBasicCreate": self._changes.create,
            "discountCodeFreeShippingCreate": self._changes.create_free_shipping,
            "discountCodeBasicUpdate": self._changes.update,
            "discountCodeActivate": self._changes.activate,
            "discountCodeDeactivate": self._changes.deactivate,
            "discountCodeDelete": self._changes.delete,
            "orderCancel": self.cancel,
        }

    def order(self, info: GraphQLResolveInfo, id: str) -> dict[str, Any] | None:
        order = self._store.orders.get(numeric_id(id))
        if order is None or not self._store.readable(order, info.context.scopes):
            return None
        return order_view(self._store, order)

    def orders(
        self,
        info: GraphQLResolveInfo,
        query: str | None = None,
        sortKey: str = "PROCESSED_AT",
        savedSearchId: str | None = None,  # noqa: ARG002
        **page: Any,
    ) -> dict[str, Any]:
        """Search the index as it is: late by the lag, and never older than the token may read."""
        caller: Caller = info.context
        now, alternatives = self._store.clock.now(), terms(query or "")
        found = []
        for order in self._store.orders.values():
            seen = indexed_at(order, now, caller.search_lag_s)
            if seen is None or not self._store.readable(order, caller.scopes):
                continue
            if not query or matches(order, seen, alternatives):
                found.append((order, seen))

        def key(pair: tuple[Order, Any]) -> tuple[Any, int]:
            order, seen = pair
            if sortKey == _BY_UPDATE:
                return seen.isoformat(), order.id
            return order.created_at.isoformat() if sortKey in _BY_CREATION else "", order.id

        return connection(found, key, lambda pair: order_view(self._store, pair[0]), Page(**page))

    def customer(self, _: GraphQLResolveInfo, id: str) -> dict[str, Any] | None:
        customer = self._store.customers.get(numeric_id(id))
        return customer_view(self._store, customer) if customer else None

    def customers(self, _: GraphQLResolveInfo, **given: Any) -> dict[str, Any]:
        people = self._store.customers.values()
        return connection(people, lambda c: ("", c.id), lambda c: customer_view(self._store, c), _page(given))

    def location(self, _: GraphQLResolveInfo, id: str | None = None) -> dict[str, Any] | None:
        wanted = numeric_id(id) if id is not None else next(iter(self._store.locations))
        location = self._store.locations.get(wanted)
        return location_view(location) if location else None

    def locations(self, _: GraphQLResolveInfo, **given: Any) -> dict[str, Any]:
        places = self._store.locations.values()
        return connection(places, lambda place: (place.name, place.id), location_view, _page(given))

    def product(self, _: GraphQLResolveInfo, id: str) -> dict[str, Any] | None:
        wanted = numeric_id(id)
        found = next((v for v in self._store.variants.values() if v.product_id == wanted), None)
        return product_view(self._store, found) if found else None

    def product_variant(self, _: GraphQLResolveInfo, id: str) -> dict[str, Any] | None:
        found = self._store.variants.get(numeric_id(id))
        return variant_view(self._store, found) if found else None

    def collection(self, _: GraphQLResolveInfo, id: str) -> dict[str, Any] | None:
        wanted = numeric_id(id)
        return collection_view(self._store, wanted) if wanted in self._store.collections else None

    def node(self, info: GraphQLResolveInfo, id: str) -> dict[str, Any] | None:
        kind = id.removeprefix("gid://shopify/").partition("/")[0]
        readers: dict[str, Callable[..., dict[str, Any] | None]] = {
            "Order": self.order,
            "Customer": self.customer,
            "Location": self.location,
            "Product": self.product,
            "ProductVariant": self.product_variant,
            "Collection": self.collection,
        }
        if kind == "DiscountCodeNode":
            return discount_node(self._store, self._changes.find(id))
        return readers[kind](info, id) if kind in readers else None

    def discounts(self, info: GraphQLResolveInfo, query: str | None = None, **given: Any) -> dict[str, Any]:
        """List discounts; the index lags, and a `code:` filter finds nothing, as recorded."""
        now, lag_s = self._store.clock.now(), info.context.search_lag_s
        wanted = {t.field: t.value.upper() for t in terms(query or "")[0]}
        shown = [
            d
            for d in self._store.discounts.values()
            if (now - d.created_at).total_seconds() >= lag_s
            and wanted.get("status", d.status(now)) == d.status(now)
            and "code" not in wanted
        ]

        def view(discount: Discount) -> dict[str, Any]:
            return discount_node(self._store, discount) or {}

        return connection(shown, lambda d: ("", d.id), view, _page(given))

    def cancel(
        self, _: GraphQLResolveInfo, orderId: str, reason: str, refund: bool | None = None, **__: Any
    ) -> dict[str, Any]:
        order = self._store.orders.get(numeric_id(orderId))
        errors = []
        if order is None:
            errors = [{"field": ["orderId"], "message": "Order does not exist", "code": "NOT_FOUND"}]
        elif order.cancelled_at:
            message = "Order has already been cancelled"
            errors = [{"field": ["orderId"], "message": message, "code": "INVALID"}]
        else:
            self._cancel(order, reason.lower(), bool(refund))
        job = None if errors else {"id": f"gid://shopify/Job/{uuid.uuid4()}", "done": False}
        return {"job": job, "orderCancelUserErrors": errors, "userErrors": errors}


def _page(given: dict[str, Any]) -> Page:
    return Page(**{k: v for k, v in given.items() if k in Page.__dataclass_fields__})

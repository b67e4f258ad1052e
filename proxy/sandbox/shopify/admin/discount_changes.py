"""The discount mutations. Source: recorded behaviour (airhorns/shopify-draft-proxy captures)."""

from dataclasses import replace
from typing import Any

from graphql import GraphQLResolveInfo

from proxy.sandbox.shopify.admin.discount_view import discount_node
from proxy.sandbox.shopify.discount_input import UserError, build, numeric_id, refusals
from proxy.sandbox.shopify.free_shipping_input import build_free_shipping, free_shipping_refusals
from proxy.sandbox.shopify.model import Discount
from proxy.sandbox.shopify.rest_shape import gid
from proxy.sandbox.shopify.store import Store

UNKNOWN = UserError(("id",), "Code discount does not exist.", "INVALID")


class DiscountChanges:
    """Create, change, end and delete code discounts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, identity: str) -> Discount | None:
        return self._store.discounts.get(numeric_id(identity))

    def create(self, _: GraphQLResolveInfo, basicCodeDiscount: dict[str, Any]) -> dict[str, Any]:
        errors = refusals(self._store, basicCodeDiscount, None)
        if errors:
            return self._answer(None, *errors)
        return self._keep(build(self._store, basicCodeDiscount, None))

    def create_free_shipping(self, _: GraphQLResolveInfo, freeShippingCodeDiscount: dict[str, Any]) -> dict[str, Any]:
        errors = free_shipping_refusals(self._store, freeShippingCodeDiscount)
        if errors:
            return self._answer(None, *errors)
        return self._keep(build_free_shipping(self._store, freeShippingCodeDiscount))

    def update(self, _: GraphQLResolveInfo, id: str, basicCodeDiscount: dict[str, Any]) -> dict[str, Any]:
        existing = self.find(id)
        if existing is None:
            return self._answer(None, UserError(("id",), "Discount does not exist", "INVALID"))
        errors = refusals(self._store, basicCodeDiscount, existing)
        if errors:
            return self._answer(None, *errors)
        return self._keep(build(self._store, basicCodeDiscount, existing))

    def deactivate(self, _: GraphQLResolveInfo, id: str) -> dict[str, Any]:
        """End the discount now; one that has ended is left as it is, without an error."""
        discount, now = self.find(id), self._store.now()
        if discount is None:
            return self._answer(None, UNKNOWN)
        if discount.status(now) == "EXPIRED":
            return self._answer(discount)
        return self._keep(replace(discount, ends_at=now, updated_at=now))

    def activate(self, _: GraphQLResolveInfo, id: str) -> dict[str, Any]:
        """Start the discount now, without an end; one that is active is left as it is."""
        discount, now = self.find(id), self._store.now()
        if discount is None:
            return self._answer(None, UNKNOWN)
        if discount.status(now) == "ACTIVE":
            return self._answer(discount)
        starts = min(discount.starts_at, now)
        return self._keep(replace(discount, starts_at=starts, ends_at=None, updated_at=now))

    def delete(self, _: GraphQLResolveInfo, id: str) -> dict[str, Any]:
        discount = self.find(id)
        if discount is None:
            return {"deletedCodeDiscountId": None, "userErrors": [_written(UNKNOWN)]}
        del self._store.discounts[discount.id]
        return {"deletedCodeDiscountId": gid("DiscountCodeNode", discount.id), "userErrors": []}

    def _keep(self, discount: Discount) -> dict[str, Any]:
        self._store.discounts[discount.id] = discount
        return self._answer(discount)

    def _answer(self, discount: Discount | None, *errors: UserError) -> dict[str, Any]:
        node = discount_node(self._store, discount)
        return {"codeDiscountNode": node, "userErrors": [_written(e) for e in errors]}


def _written(error: UserError) -> dict[str, Any]:
    return {"field": list(error.field), "message": error.message, "code": error.code, "extraInfo": None}

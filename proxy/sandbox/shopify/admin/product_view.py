"""Products and variants as the Admin API shows them."""

from typing import Any

from proxy.sandbox.shopify.admin.money_view import money
from proxy.sandbox.shopify.admin.paging import listed
from proxy.sandbox.shopify.model import Variant
from proxy.sandbox.shopify.rest_shape import gid
from proxy.sandbox.shopify.store import Store


def product_view(store: Store, variant: Variant) -> dict[str, Any]:
    """Write the product of an only variant."""
    since = store.customers and min(c.created_at for c in store.customers.values())
    return {
        "__typename": "Product",
        "id": gid("Product", variant.product_id),
        "legacyResourceId": variant.product_id,
        "title": variant.title,
        "handle": variant.title.lower().replace(" ", "-"),
        "isGiftCard": variant.gift_card,
        "productType": "Gift card" if variant.gift_card else "",
        "status": "ACTIVE",
        "tags": [],
        "vendor": store.config.shop.removesuffix(".myshopify.com"),
        "createdAt": since,
        "updatedAt": since,
        "variants": listed([variant_view(store, variant)]),
        "priceRangeV2": dict.fromkeys(
            ("minVariantPrice", "maxVariantPrice"), money(variant.price, store.config.currency)
        ),
    }


def collection_view(store: Store, collection: int) -> dict[str, Any]:
    since = store.customers and min(c.created_at for c in store.customers.values())
    title = store.collections[collection]
    return {
        "__typename": "Collection",
        "id": gid("Collection", collection),
        "legacyResourceId": collection,
        "title": title,
        "handle": title.lower().replace(" ", "-"),
        "updatedAt": since,
    }


def variant_view(store: Store, variant: Variant) -> dict[str, Any]:
    since = store.customers and min(c.created_at for c in store.customers.values())
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", variant.id),
        "legacyResourceId": variant.id,
        "title": "Default Title",
        "displayName": f"{variant.title} - Default Title",
        "price": variant.price,
        "sku": variant.sku,
        "taxable": not variant.gift_card,
        "availableForSale": True,
        "createdAt": since,
        "updatedAt": since,
        "product": lambda _: product_view(store, variant),
    }

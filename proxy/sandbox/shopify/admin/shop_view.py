"""The shop and the app's installation as the Admin API shows them."""

from typing import Any

from proxy.sandbox.shopify.rest_shape import gid
from proxy.sandbox.shopify.store import Store


def shop(store: Store) -> dict[str, Any]:
    config = store.config
    name = config.shop.removesuffix(".myshopify.com")
    since = min(place.created_at for place in store.locations.values())
    hours, minutes = divmod(config.utc_offset_minutes, 60)
    plan = "Shopify Plus" if config.plus else "Basic"
    return {
        "id": gid("Shop", config.shop_id),
        "name": name,
        "myshopifyDomain": config.shop,
        "primaryDomain": {"id": gid("Domain", config.shop_id), "host": config.shop, "url": f"https://{config.shop}"},
        "url": f"https://{config.shop}",
        "email": "owner@example.com",
        "contactEmail": "owner@example.com",
        "shopOwnerName": "Sandbox Owner",
        "currencyCode": config.currency,
        "enabledPresentmentCurrencies": sorted({config.currency, config.presentment_currency or config.currency}),
        "taxesIncluded": config.taxes_included,
        "taxShipping": False,
        "ianaTimezone": "Australia/Brisbane",
        "timezoneOffset": f"{hours:+03d}{minutes:02d}",
        "createdAt": since,
        "updatedAt": since,
        "plan": {
            "displayName": plan,
            "publicDisplayName": plan,
            "shopifyPlus": config.plus,
            "partnerDevelopment": False,
        },
    }


def installation(store: Store, scopes: frozenset[str]) -> dict[str, Any]:
    """Write the installation; a write scope is listed with the reading that it implies."""
    return {
        "id": gid("AppInstallation", store.config.shop_id),
        "launchUrl": f"https://{store.config.shop}/admin/apps/rewards",
        "accessScopes": [{"handle": s, "description": s.replace("_", " ").capitalize()} for s in sorted(scopes)],
        "app": {
            "id": gid("App", store.config.shop_id),
            "apiKey": store.config.client_id,
            "title": "Rewards",
            "handle": "rewards",
            "embedded": True,
        },
    }

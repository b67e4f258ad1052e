"""What a simulated shop is: its names, secrets, plan, grants and the manners that can be switched."""

from dataclasses import dataclass
from decimal import Decimal

from proxy.sandbox import seed

DEFAULT_SCOPES = (
    "read_orders",
    "write_discounts",
    "read_customers",
    "write_app_proxy",
    "read_locations",
    "read_products",
)


TOPICS = (
    "orders/create",
    "orders/paid",
    "orders/updated",
    "orders/cancelled",
    "refunds/create",
    "customers/create",
    "customers/update",
    "customers/merge",
    "app/uninstalled",
    "app/scopes_update",
    "customers/data_request",
    "customers/redact",
    "shop/redact",
)


@dataclass(frozen=True, slots=True)
class ShopifyConfig:
    """One shop with one installed app; `proxy_url` is where app-proxy calls and webhooks go."""

    shop: str = seed.SHOP_DOMAIN
    shop_id: int = 880042
    currency: str = seed.CURRENCY
    client_id: str = seed.CLIENT_ID
    client_secret: str = seed.CLIENT_SECRET
    # Accepted by the token endpoint beside the current one, as during a rotation.
    old_client_secret: str | None = None
    # Webhooks may be signed with the old secret for up to an hour after a rotation.
    sign_webhooks_with_old_secret: bool = False
    proxy_url: str | None = None
    # The topics that the app has subscribed to; nothing else is sent.
    topics: tuple[str, ...] = TOPICS
    app_proxy_prefix: str = "/apps/rewards"
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    static_token: str | None = "sandbox-admin-token"  # noqa: S105 - opens nothing but the simulator
    plus: bool = False
    restore_rate: int = 100
    bucket_size: int = 2000
    test_orders: bool = False
    taxes_included: bool = True
    tax_rate: Decimal = Decimal("0.10")
    shipping_price: Decimal = Decimal("0.00")
    utc_offset_minutes: int = 600
    presentment_currency: str | None = None
    presentment_rate: Decimal = Decimal("1")
    first_order_id: int = 6_024_113_000_001
    # How long the order search lags behind, and the count of a code's uses; both on the sandbox clock.
    search_lag_s: float = 0
    usage_count_lag_s: float = 5
    token_lifetime_s: int = 86399
    offline_token_lifetime_s: int = 3600
    refresh_token_lifetime_s: int = 90 * 86400

"""The settings of the Omneo simulator; the defaults are what the reference says or, where silent, assumes."""

from dataclasses import dataclass, field
from decimal import Decimal

from proxy.sandbox import seed

ALL_SCOPES = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A server token; events that it causes are not delivered to webhooks of its own `namespace`."""

    value: str
    name: str
    namespace: str | None = None
    scopes: frozenset[str] = ALL_SCOPES


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Webhooks that exist from the start and after each reset, one for every trigger."""

    url: str
    triggers: tuple[str, ...]
    namespace: str | None = seed.OMNEO_NAMESPACE


@dataclass(frozen=True, slots=True)
class AppConfig:
    """How Omneo's own Shopify app writes the orders that it is told of.

    Forms may use {order_id}, {order_gid}, {order_name} and {order_number}; an empty one leaves its field out. Which
    ones the app really uses is undocumented. `delay_s` is by the sandbox's clock; None writes only when asked to.
    """

    external_id: str = "{order_id}"
    order_number: str = "{order_number}"
    receipt_ref: str = "{order_name}"
    identity_handle: str = seed.IDENTITY_HANDLE
    delay_s: float | None = 0
    namespace: str = f"shopify-{seed.OMNEO_TENANT}"


def _tokens() -> tuple[ApiToken, ...]:
    return (
        ApiToken(seed.OMNEO_TOKEN, "proxy", seed.OMNEO_NAMESPACE),
        ApiToken(seed.OMNEO_OTHER_TOKEN, "other", seed.OMNEO_OTHER_NAMESPACE),
    )


@dataclass(frozen=True, slots=True)
class OmneoConfig:
    """How this tenant behaves.

    `guide_paths` also answers the paths that only Omneo's prose guides use; `strict_supported=False`
    makes `strict` mean nothing, and `sort_supported=False` makes `sort` so; `partial_redemption=False`
    refuses every short redemption.
    """

    tenant: str = seed.OMNEO_TENANT
    currency: str = seed.CURRENCY
    tokens: tuple[ApiToken, ...] = field(default_factory=_tokens)
    webhook_secret: str = seed.OMNEO_WEBHOOK_SECRET
    id_secret: str = seed.OMNEO_ID_SECRET
    id_token_lifetime_s: int = 3600
    webhooks: tuple[WebhookTarget, ...] = ()
    app: AppConfig = field(default_factory=AppConfig)
    guide_paths: bool = False
    strict_supported: bool = True
    sort_supported: bool = True
    partial_redemption: bool = True
    default_strategies: tuple[str, ...] = ("rewards", "points")
    # Source: https://docs.omneo.io/api-reference/return-strategy/add-redemption-reversal
    reversal_window_s: int = 600
    return_expiry_days: int = 90
    point_value: Decimal = Decimal("0.01")
    page_size: int = 15

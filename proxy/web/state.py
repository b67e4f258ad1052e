"""What a request finds in the lifespan state; this is all the dependency injection there is."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict

from starlette.requests import Request

from proxy.auth.app_proxy import AppProxyVerifier
from proxy.auth.session_token import SessionTokenVerifier
from proxy.auth.signed_customer import SignedCustomers
from proxy.auth.transient import TransientTokens
from proxy.auth.webhook import OmneoWebhookVerifier, ShopifyWebhookVerifier
from proxy.domain.ids import ShopDomain, TenantName
from proxy.domain.shop import Shop
from proxy.ports import Events, Redemptions, Successions
from proxy.services.approve import Approve
from proxy.services.benefits import Benefits
from proxy.services.claim_benefit import ClaimBenefit
from proxy.services.customers import Customers
from proxy.services.display import Display
from proxy.services.forget import ForgetProfile
from proxy.services.gateway import Gateway
from proxy.services.id_tokens import IdTokens
from proxy.services.last_known import LastKnown
from proxy.services.limits import Limits
from proxy.services.look_up import LookUp
from proxy.services.overview import Overviews
from proxy.services.quote import Quotes
from proxy.services.redeem import Redeem
from proxy.services.release import Release
from proxy.services.rewards import Rewards


@dataclass(frozen=True, slots=True)
class TillServices:
    """Quotes, for customers too, approvals, and what is told while a side is down."""

    quote: Quotes
    approve: Approve
    last_known: LastKnown


@dataclass(frozen=True, slots=True)
class ShopServices:
    """Everything that routes call for one shop, the proof of its callers included."""

    shop: Shop
    sessions: SessionTokenVerifier
    transients: TransientTokens
    app_proxy: AppProxyVerifier
    webhooks: ShopifyWebhookVerifier
    customers: Customers
    rewards: Rewards
    overviews: Overviews
    look_up: LookUp
    benefits: Benefits
    claim_benefit: ClaimBenefit
    gateway: Gateway
    id_tokens: IdTokens | None
    redeem: Redeem
    tills: TillServices
    release: Release
    display: Display
    forget: ForgetProfile
    wake: Callable[[], None]


@dataclass(frozen=True, slots=True)
class TenantServices:
    """The shops of a tenant whose webhooks can be proven."""

    webhooks: OmneoWebhookVerifier
    shops: tuple[ShopServices, ...]


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that routes call. Which shop a request is for is decided by the proof of its caller alone."""

    shops: Mapping[ShopDomain, ShopServices]
    tenants: Mapping[TenantName, TenantServices]
    signed_customers: SignedCustomers
    redemptions: Redemptions
    events: Events
    limits: Limits
    successions: Successions
    ready: Callable[[], Awaitable[dict[str, str]]]
    metrics: Callable[[], Awaitable[bytes]]


class State(TypedDict):
    """The lifespan state."""

    services: Services


ProxyRequest = Request[State]


def services(request: ProxyRequest) -> Services:
    """Give the services of this process."""
    found: Services = request.scope["state"]["services"]
    return found

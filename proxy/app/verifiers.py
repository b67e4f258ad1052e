"""Build the proof of callers; the clock is the world's."""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from pydantic import SecretStr

from proxy.app.surroundings import World
from proxy.auth.app_proxy import AppProxyVerifier
from proxy.auth.session_token import SessionTokenVerifier
from proxy.auth.signed_customer import SignedCustomers
from proxy.auth.transient import TransientKey, TransientTokens
from proxy.auth.webhook import OmneoWebhookVerifier, ShopifyWebhookVerifier
from proxy.domain.ids import parse_shop
from proxy.domain.shop import Shop
from proxy.settings import Settings, ShopSettings


def sessions(shop: Shop, world: World) -> SessionTokenVerifier:
    return SessionTokenVerifier(shop, _now_s(world))


def app_proxy(shop: Shop, world: World) -> AppProxyVerifier:
    return AppProxyVerifier(shop, _now_s(world))


def webhooks(shop: Shop) -> ShopifyWebhookVerifier:
    return ShopifyWebhookVerifier(shop)


def transients(settings: Settings, shop: Shop, world: World) -> TransientTokens:
    """Build the shop's tokens: shops share keys, and each token names the shop that it is for."""
    keys = [_key(secret) for secret in settings.transient_keys]
    return TransientTokens(shop.domain, keys, _now_s(world), world.ids.token, settings.transient_lifetime_s)


def signed_customers(shops: Iterable[ShopSettings]) -> SignedCustomers:
    """Build what proves signed customers, of the shops that have a secret for it."""
    secrets = {parse_shop(s.shop_domain): s.omneo_id_secret.get_secret_value() for s in shops if s.omneo_id_secret}
    return SignedCustomers(secrets)


def tenant_verifier(shops: Sequence[ShopSettings]) -> OmneoWebhookVerifier | None:
    """Build what proves a tenant's webhooks; None without a secret."""
    secrets = [shop.omneo_webhook_secret.get_secret_value() for shop in shops if shop.omneo_webhook_secret]
    return OmneoWebhookVerifier(list(dict.fromkeys(secrets))) if secrets else None


def _key(secret: SecretStr) -> TransientKey:
    value = secret.get_secret_value()
    return TransientKey(hashlib.sha256(value.encode()).hexdigest()[:8], value)


def _now_s(world: World) -> Callable[[], float]:
    return lambda: world.clock.now().timestamp()

"""Build the proof of callers, per shop."""

import hashlib

from pydantic import SecretStr

from proxy.app.surroundings import World
from proxy.auth.app_proxy import AppProxyVerifier
from proxy.auth.session_token import SessionTokenVerifier
from proxy.auth.transient import TransientKey, TransientTokens
from proxy.auth.webhook import OmneoWebhookVerifier, ShopifyWebhookVerifier
from proxy.domain.shop import Shop
from proxy.settings import Settings
from proxy.web.state import Verifiers


def verifiers(settings: Settings, shop: Shop, world: World) -> Verifiers:
    """Build every verifier of a shop; the clock is the world's."""

    def now_s() -> float:
        return world.clock.now().timestamp()

    secret = settings.omneo_webhook_secret
    keys = [_key(secret) for secret in settings.transient_keys]
    transient = TransientTokens(shop.domain, keys, now_s, world.ids.token, settings.transient_lifetime_s)
    return Verifiers(
        sessions={shop.domain: SessionTokenVerifier(shop, now_s)},
        transients={shop.domain: transient},
        app_proxies={shop.domain: AppProxyVerifier(shop, now_s)},
        webhooks={shop.domain: ShopifyWebhookVerifier(shop)},
        tenants={shop.tenant: OmneoWebhookVerifier([secret.get_secret_value()])} if secret else {},
    )


def _key(secret: SecretStr) -> TransientKey:
    value = secret.get_secret_value()
    return TransientKey(hashlib.sha256(value.encode()).hexdigest()[:8], value)

"""Proof that a webhook's body came from Shopify or from Omneo; headers are never proven."""

import re
from base64 import b64decode
from collections.abc import Sequence

from proxy.auth.mac import Mac
from proxy.domain.errors import Unauthenticated
from proxy.domain.shop import Shop

# 32 bytes in base64 are 44 characters; the last one before the padding carries four bits, so its low two are zero.
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")
_HEX = re.compile(rb"[0-9A-Fa-f]{64}")


class ShopifyWebhookVerifier:
    """Verifies `X-Shopify-Hmac-Sha256` for one shop.

    Shop, topic and ids travel in unsigned headers: a genuine body may come back under another topic.
    Source: https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
    """

    def __init__(self, shop: Shop) -> None:
        self._mac = Mac(shop.client_secrets)

    def verify(self, body: bytes, signature: bytes | None) -> None:
        """Prove the raw body, before anything parsed it; `signature` is the header's value, `None` when absent."""
        if not signature:
            raise Unauthenticated("webhook_signature_missing")
        if not _BASE64.fullmatch(signature):
            raise Unauthenticated("webhook_signature_malformed")
        if not self._mac.proves(body, b64decode(signature)):
            raise Unauthenticated("webhook_signature_wrong")


class OmneoWebhookVerifier:
    """Verifies `X-Omneo-Hmac-SHA256` for one tenant; secrets are newest first.

    Source: assumption from Omneo's published starter app: hex of the raw body's HMAC under the tenant's shared secret.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._mac = Mac(secrets)

    def verify(self, body: bytes, signature: bytes | None) -> None:
        """Prove the raw body; hex in either case."""
        if not signature:
            raise Unauthenticated("webhook_signature_missing")
        if not _HEX.fullmatch(signature):
            raise Unauthenticated("webhook_signature_malformed")
        if not self._mac.proves(body, bytes.fromhex(signature.decode())):
            raise Unauthenticated("webhook_signature_wrong")

"""Proof of a customer by the older signature: Liquid writes it into a page, and it is good until the secret changes."""

import re
from collections.abc import Mapping

from proxy.auth.mac import Mac
from proxy.domain.caller import Caller, Surface
from proxy.domain.errors import Unauthenticated
from proxy.domain.ids import CustomerId, ShopDomain

_CUSTOMER = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)


class SignedCustomers:
    """Verifies `customer.id | hmac_sha256: secret` for the shops that have a secret, each its own.

    The request names no shop: it is the one whose secret made the signature.
    Source: https://docs.omneo.io/dev-guides/extensions/shopify-proxy
    """

    def __init__(self, secrets: Mapping[ShopDomain, str]) -> None:
        if len(set(secrets.values())) != len(secrets):
            raise ValueError("two shops cannot have one secret: a customer's number says nothing about the shop")
        self._macs = {shop: Mac([secret]) for shop, secret in secrets.items()}

    def __bool__(self) -> bool:
        """Tell whether any shop has a secret."""
        return bool(self._macs)

    def verify(self, customer: str, signature: str) -> Caller:
        """Prove the customer. Raises `Unauthenticated` only."""
        if not _CUSTOMER.fullmatch(customer) or not _SIGNATURE.fullmatch(signature):
            raise Unauthenticated("customer_signature_malformed")
        # All are asked, so that the time does not tell which shop it was.
        signed = [s for s, mac in self._macs.items() if mac.proves(customer.encode(), bytes.fromhex(signature))]
        if not signed:
            raise Unauthenticated("customer_signature_wrong")
        return Caller(signed[0], Surface.STOREFRONT, CustomerId(customer))

"""Shopify's own Python verifiers beside ours, asked the same question."""

import time
from dataclasses import dataclass

from genuine import CLIENT_ID, OLD_SECRET, SECRET, shop
from refusals import verdict
from shopify_app import ShopifyApp

from proxy.auth.app_proxy import AppProxyVerifier
from proxy.auth.session_token import SessionTokenVerifier, bearer
from proxy.auth.webhook import ShopifyWebhookVerifier
from proxy.domain.caller import Caller

# Long enough for HS512, so that a token of another algorithm can be made without a warning.
CURRENT, FORMER = SECRET * 2, OLD_SECRET * 2
SHOP = shop(secrets=(CURRENT, FORMER))


@dataclass(frozen=True, slots=True)
class Says:
    accepts: bool
    who: str | None = None


REFUSES = Says(False)
ACCEPTS = Says(True)


class Ours:
    """Our verdicts by the system's clock, since the oracle knows no other."""

    def query(self, query: bytes) -> Says:
        caller = verdict(AppProxyVerifier(SHOP, time.time).verify, query)
        return says(caller, caller and caller.customer)

    def customer(self, header: bytes | None) -> Says:
        tokens = SessionTokenVerifier(SHOP, time.time)
        caller = verdict(lambda: tokens.verify_customer(bearer(header)))
        return says(caller, caller and caller.customer)

    def staff(self, header: bytes | None) -> Says:
        tokens = SessionTokenVerifier(SHOP, time.time)
        caller = verdict(lambda: tokens.verify_staff(bearer(header)))
        return says(caller, caller and caller.staff)

    def webhook(self, delivery: tuple[bytes, bytes | None]) -> Says:
        return Says(verdict(lambda: ShopifyWebhookVerifier(SHOP).verify(*delivery) or True) is True)


class Oracle:
    """The same in Shopify's words."""

    def __init__(self) -> None:
        self._app = ShopifyApp(client_id=CLIENT_ID, client_secret=CURRENT, old_client_secret=FORMER)

    def query(self, query: bytes) -> Says:
        result = self._app.verify_app_proxy_req(request("GET", url=f"https://p.example/x?{query.decode('latin-1')}"))
        return Says(result.ok, (result.logged_in_customer_id or None) if result.ok else None)

    def customer(self, header: bytes | None) -> Says:
        result = self._app.verify_checkout_ui_ext_req(request("POST", authorized(header)))
        subject = result.id_token.claims.get("sub") if result.ok else None
        return Says(result.ok, subject.removeprefix("gid://shopify/Customer/") if subject else None)

    def staff(self, header: bytes | None) -> Says:
        result = self._app.verify_pos_ui_ext_req(request("POST", authorized(header)))
        return Says(result.ok, result.user_id if result.ok else None)

    def webhook(self, delivery: tuple[bytes, bytes | None]) -> Says:
        body, signature = delivery
        headers = {"X-Shopify-Hmac-Sha256": signature.decode("latin-1")} if signature is not None else {}
        return Says(self._app.verify_webhook_req(request("POST", headers, body=body.decode("utf-8", "replace"))).ok)


def request(method: str, headers: dict[str, str] | None = None, url: str = "https://p.example/x", body: str = ""):
    return {"method": method, "headers": headers or {}, "url": url, "body": body}


def authorized(header: bytes | None) -> dict[str, str]:
    return {} if header is None else {"Authorization": header.decode("latin-1")}


def says(caller: Caller | None, who: str | None) -> Says:
    return Says(caller is not None, who or None)

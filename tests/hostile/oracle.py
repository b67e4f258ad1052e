"""The same hostile requests before Shopify's own Python verifiers, and the table that README shows."""

import time
from collections import Counter
from typing import Any

from shopify_app import ShopifyApp

from proxy.sandbox import seed
from tests.hostile.making import Parts, Vector, make, vectors
from tests.hostile.stage import FORMER, facts

KINDS = {
    "app_proxy": "app-proxy queries",
    "session_token": "session tokens",
    "shopify_webhook": "Shopify webhooks",
    "transient_token": "our transient tokens",
    "omneo_webhook": "Omneo webhooks",
    "redemption": "bodies of redemptions",
    "address": "paths, methods, pages, framing",
}
VERDICTS = ("refused", "accepted", "crashed", "n/a")
_SHOPIFYS = ("app_proxy", "session_token", "shopify_webhook")


def verdict(vector: Vector) -> str:
    """Ask the verifier of the route that the request is sent to, where one would have to refuse."""
    if vector.kind not in _SHOPIFYS or vector.code != "unauthenticated":
        return "n/a"
    if vector.kind == "shopify_webhook" and not str(vector.reason).startswith("webhook_signature"):
        return "n/a"  # it proves the body and leaves the shop to its caller
    parts = make(vector.start, vector.change, facts(int(time.time())))
    names = [name.lower() for name, _ in parts["headers"]]
    if len(names) != len(set(names)):
        return "n/a"  # it takes headers as a mapping, so that is for its caller to notice
    try:
        return "accepted" if _ask(parts).ok else "refused"
    except Exception:
        return "crashed"


def _ask(parts: Parts) -> Any:
    app = ShopifyApp(client_id=seed.CLIENT_ID, client_secret=seed.CLIENT_SECRET, old_client_secret=FORMER)
    request = {
        "method": parts["method"],
        "url": f"https://{parts['facts']['host']}{parts['target']}",
        "headers": dict(parts["headers"]),
        "body": (parts["body"] or "").encode("latin-1").decode("utf-8", "replace"),
    }
    match parts["path"].split("/")[1:]:
        case ["storefront", *_]:
            return app.verify_app_proxy_req(request)
        case ["webhooks", *_]:
            return app.verify_webhook_req(request)
        case ["v1", "pos", *_]:
            return app.verify_pos_ui_ext_req(request)
    return app.verify_checkout_ui_ext_req(request)


def table() -> list[str]:
    """Write README's table; that ours are refused is what the requests over HTTP show."""
    counted = {kind: Counter[str]() for kind in KINDS}
    for vector in vectors():
        counted[vector.kind][verdict(vector)] += 1
    rows = [
        "| hostile requests | ours refused | `shopifyapp` 1.0.2 refused | accepted | crashed | n/a |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for kind, name in [*KINDS.items(), (None, "all")]:
        counts = counted[kind] if kind else sum(counted.values(), Counter())
        rows.append(f"| {name} | {counts.total()} | {' | '.join(str(counts[one]) for one in VERDICTS)} |")
    return rows

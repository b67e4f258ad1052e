"""What buyers, cashiers and the platforms do: each act is one call that may be made at the same time as others."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from proxy.domain.drift import Finding, Work
from proxy.domain.errors import ProxyError
from proxy.sandbox import seed
from proxy.sandbox.delivery import Delivery
from proxy.services.compare_captures import CompareCaptures
from proxy.services.compare_orders import CompareOrders
from proxy.services.reconcile import Reconcile
from proxy.stores.audit import Audit
from proxy.stores.captures import Captures
from proxy.stores.redemptions import Redemptions
from proxy.stores.sweeps import Sweeps
from tests.model.colleagues import Colleagues
from tests.model.entitlements import of_handle
from tests.model.stage import Node, Stage

CUSTOMERS = (1001, 1002)
Act = Coroutine[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Entitled:
    """So many uses of one benefit."""

    benefit: int
    uses: int


@dataclass(slots=True)
class Asked:
    """A wish as its client remembers it; what was never answered has no id and no code."""

    shop: str
    surface: str
    customer: int
    key: str
    body: dict[str, Any]
    id: str | None = None
    code: str | None = None
    attribute: dict[str, str] = field(default_factory=dict)

    @property
    def where(self) -> tuple[str, int, str | None]:
        """Whose cart in which shop it is for."""
        return self.shop, self.customer, self.body["cart"]


@dataclass(slots=True)
class People:
    """Everyone outside the proxy, and what they know."""

    stage: Stage
    asked: list[Asked] = field(default_factory=list)
    mail: list[tuple[str, Delivery]] = field(default_factory=list)
    sent: list[tuple[str, Delivery]] = field(default_factory=list)
    repeats: int = 0
    colleagues: Colleagues = field(init=False)

    def __post_init__(self) -> None:
        self.colleagues = Colleagues(self.stage)

    def wish(
        self, node: Node, surface: str, customer: int, wanted: int | Entitled, cart: str | None, *, take_over: bool
    ) -> Asked:
        """Think of a wish for cents, or for uses of a benefit; `ask` makes it."""
        body: dict[str, Any] = {"cart": cart}
        if isinstance(wanted, int):
            body["amount"] = {"amount": f"{wanted / 100:.2f}", "currencyCode": "AUD"}
        else:
            body["benefit"] = {"id": wanted.benefit, "uses": wanted.uses}
        if take_over:
            body["take_over"] = True
        if surface == "pos":
            body |= {
                "customer_id": str(customer),
                "location_id": str(seed.LOCATION.id),
                "device_id": f"till-{customer % 2}",
                **self.colleagues.given_with(node.shop, customer, len(self.asked)),
            }
        asked = Asked(node.shop, surface, customer, f"key-{len(self.asked)}", body)
        self.asked.append(asked)
        return asked

    def entitled(self, customer: int, handle: str, pick: int, uses: int) -> Entitled:
        """Choose one of the benefits of a kind that a customer has by now."""
        mine = of_handle(self.stage.omneo, self.profile_of(customer), handle)
        return Entitled(mine[-1 - pick % len(mine)].id, uses)

    async def ask(self, node: Node, asked: Asked) -> httpx.Response:
        headers = self.stage.token(node, asked.surface, asked.customer) | {"Idempotency-Key": asked.key}
        answer = await node.http.post(self._path(asked.surface), headers=headers, json=asked.body)
        assert answer.status_code != 500, answer.text
        if answer.status_code == 201:
            told = answer.json()
            assert asked.id in (None, told["id"]), "one key answered two redemptions"
            asked.id, asked.code = told["id"], told["code"] or asked.code
            if told["cart_attribute"] is not None:
                asked.attribute = {told["cart_attribute"]["key"]: told["cart_attribute"]["value"]}
        elif answer.is_client_error:
            self.colleagues.heard(asked.shop, asked.body, answer)
        return answer

    async def remove(self, node: Node, asked: Asked) -> httpx.Response:
        headers = self.stage.token(node, asked.surface, asked.customer)
        answer = await node.http.delete(f"{self._path(asked.surface)}/{asked.id}", headers=headers)
        assert answer.status_code != 500, answer.text
        return answer

    async def look(self, node: Node, customer: int, at: str = "/v1/rewards") -> httpx.Response:
        answer = await node.http.get(at, headers=self.stage.token(node, "checkout", customer))
        assert answer.status_code != 500, answer.text
        return answer

    def _path(self, surface: str) -> str:
        return "/v1/pos/redemptions" if surface == "pos" else "/v1/redemptions"

    def collect(self) -> None:
        """Take what the shops and Omneo want delivered."""
        for domain, shop in self.stage.shops.items():
            self.mail += [(domain, delivery) for delivery in shop.deliveries.take_held()]
        # A tenant's webhook has one address: the other shop's processes do not hear of it.
        first = next(iter(self.stage.shops))
        self.mail += [(first, delivery) for delivery in self.stage.omneo.deliveries.take_held()]

    async def deliver(self, node: Node, delivery: Delivery) -> None:
        """Send a webhook; one that is not answered 200 comes again."""
        if (node.shop, delivery) in self.mail:
            self.mail.remove((node.shop, delivery))
        try:
            answer = await node.http.post(delivery.url, headers=delivery.headers, content=delivery.body)
        except httpx.TransportError:
            answer = httpx.Response(503)
        assert answer.status_code != 500, answer.text
        if answer.is_success:
            self.sent.append((node.shop, delivery))
        else:
            self.mail.append((node.shop, delivery))

    async def sweep(self, node: Node) -> None:
        """Have the shop swept now."""
        await Audit(node.database).wish(node.parts.shop.domain, Work("sweep", "orders"))

    async def elsewhere(self, kind: str, profile: str, minor: int, reward: int) -> httpx.Response:
        """Spend, give or end a reward in Omneo as another system of the retailer does."""
        amount = f"{minor / 100:.2f}"
        call: tuple[str, str, dict[str, Any]]
        match kind:
            case "spend":
                call = ("POST", f"/profiles/{profile}/redeem", {"amount": amount, "strategies": ["rewards"]})
            case "give":
                given = {"profile_id": profile, "timezone": "UTC", "value_initial": amount}
                call = ("POST", "/rewards", given | {"reward_definition_handle": "loyalty-reward"})
            case _:
                call = ("PUT", f"/rewards/{reward}", {"expires_at": self.stage.clock.now().isoformat()})
        method, path, body = call
        return await self.stage.elsewhere.request(method, path, json=body)

    def profile_of(self, customer: int) -> str:
        """Who a customer is in Omneo by now."""
        found = self.stage.omneo.state.find_profile("shopify", str(customer))
        assert found is not None
        return found.id

    async def merge(self, gone: str, kept: str | None) -> str:
        """Merge one profile into another, or into one made for it; gives who was kept."""
        if kept is None:
            email = f"kept-{len(self.stage.omneo.state.profiles)}-{gone}@example.com"
            body = {"first_name": "Kept", "last_name": "Person", "email": email}
            kept = str((await self.stage.elsewhere.post("/profiles", json=body)).json()["data"]["id"])
        body = {"source_profile_id": gone, "destination_profile_id": kept}
        answer = await self.stage.elsewhere.post("/profiles/merge", json=body)
        assert answer.is_success, answer.text
        return kept

    async def reconcile(self, node: Node, *, fix: bool) -> tuple[Finding, ...] | None:
        """Compare as `proxy reconcile` does, and mend if told to; None where a side could not be read."""
        reconcile, shop = self._reconcile(node), node.parts.shop
        try:
            report = await reconcile(shop, self.stage.clock.now() - timedelta(days=7), lambda *_: None)
            for finding in report.findings if fix else ():
                await reconcile.mend(shop, finding)
        except ProxyError:
            return None
        return report.findings

    def _reconcile(self, node: Node) -> Reconcile:
        audit = Audit(node.database)
        orders = CompareOrders(
            shopify=node.shopify,
            audit=audit,
            sweeps=Sweeps(node.database),
            redemptions=Redemptions(node.database),
            captures=Captures(node.database),
        )
        return Reconcile(
            orders=orders,
            captures=CompareCaptures(omneo=node.omneo, audit=audit),
            audit=audit,
            omneo=node.omneo,
            clock=self.stage.clock,
            quiet=timedelta(seconds=node.settings.reconcile_quiet_s),
        )

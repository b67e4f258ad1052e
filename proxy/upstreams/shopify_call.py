"""One GraphQL call to a shop: token, pacing, and what each of Shopify's three layers of errors means."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.happening import Happening
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.upstreams import exact_json
from proxy.upstreams.http import HELD_BACK, Call, Reply, Upstream
from proxy.upstreams.retry import Again, Retry, retrying
from proxy.upstreams.shopify_bucket import Bucket
from proxy.upstreams.shopify_tokens import Tokens

# Errors after which Shopify may have done part of it; every other named error is raised before execution.
_INTERNAL = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", ""})
# 402 frozen, 403 denied, 423 locked: asking again changes nothing until a person has acted.
_SHUT = {402: "shop_frozen", 403: "forbidden", 423: "shop_locked"}
_MAYBE_EXECUTED = frozenset({408, 499})
_DENIABLE = frozenset({"variant", "retailLocation"})

Final = Outcome[Any] | Again[Outcome[Any]]


@dataclass(frozen=True, slots=True)
class Document:
    """A named operation with its variables."""

    operation: str
    text: str
    variables: dict[str, Any]


class ShopifyCalls:
    """Send documents for one shop; reads raise, writes end in an Outcome."""

    def __init__(
        self,
        upstream: Upstream,
        tokens: Tokens,
        version: str,
        retry: Retry,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._upstream = upstream
        self._tokens = tokens
        self._version = version
        self._retry = retry
        self._bucket = Bucket(monotonic)
        self._told: set[Happening] = set()

    async def read(self, document: Document) -> dict[str, Any]:
        """Ask until answered or out of tries; gives `data`. Raises UpstreamUnavailable with a `reason`."""

        async def once(left_s: float) -> Final:
            outcome = await self._once(document, left_s)
            return Again(outcome) if isinstance(outcome, Unknown) else outcome

        outcome: Outcome[Any] = await retrying(self._retry, once)
        if not isinstance(outcome, Answered):
            raise UpstreamUnavailable(reason=outcome.reason, upstream=self._upstream.name, operation=document.operation)
        data: dict[str, Any] = outcome.value
        return data

    async def write(self, document: Document) -> Outcome[dict[str, Any]]:
        """Ask for a change; only what Shopify provably did not execute is sent again."""

        async def once(left_s: float) -> Final:
            return await self._once(document, left_s)

        return await retrying(self._retry, once)

    async def _once(self, document: Document, left_s: float) -> Final:
        ends = time.monotonic() + left_s
        with self._bucket.reserved(document.operation) as pause_s:
            if pause_s > left_s:
                return Refused("throttled", transient=True)
            if pause_s:
                await asyncio.sleep(pause_s)
            return await self._with_token(document, ends)

    async def _with_token(self, document: Document, ends: float) -> Final:
        try:
            token = await self._tokens.token()
            outcome = await self._send(document, token, ends - time.monotonic())
            if isinstance(outcome, Answered) and outcome.value.status == 401:
                token = await self._tokens.renew(token)
                outcome = await self._send(document, token, ends - time.monotonic())
        except UpstreamUnavailable as error:
            # Only the token providers raise it, and then nothing was sent.
            return Refused(str(error.details.get("reason", "no_token")), transient=True)
        if isinstance(outcome, Refused):
            return Again(outcome) if outcome.transient and outcome.reason not in HELD_BACK else outcome
        if isinstance(outcome, Unknown):
            return outcome
        return self._status(document, outcome.value)

    async def _send(self, document: Document, token: str, left_s: float) -> Outcome[Reply]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-Shopify-Access-Token": token}
        body = {"query": document.text, "operationName": document.operation, "variables": document.variables}
        path = f"/admin/api/{self._version}/graphql.json"
        call = Call(document.operation, "POST", path, headers=headers, body=exact_json.write(body))
        return await self._upstream.send(call, max(0.0, left_s))

    def _status(self, document: Document, reply: Reply) -> Final:
        self._notice(reply)
        if reply.ok:
            return self._answer(document, reply)
        if reply.status == 429:
            return Again(Refused("throttled", transient=True), reply.retry_after_s)
        if reply.status == 401:
            return Refused("shopify_token_refused", transient=True)
        if reply.status in _SHUT:
            return Refused(_SHUT[reply.status])
        if not 400 <= reply.status < 500 or reply.status in _MAYBE_EXECUTED:
            return Unknown(f"status_{reply.status}")
        return Refused(f"status_{reply.status}")

    def _answer(self, document: Document, reply: Reply) -> Final:
        try:
            answer = exact_json.read(reply.body)
        except ValueError:
            return Unknown("unreadable")
        if not isinstance(answer, dict):
            return Unknown("unreadable")
        extensions = answer.get("extensions")
        wait_s = self._bucket.learn(document.operation, extensions if isinstance(extensions, dict) else {})
        data, errors = answer.get("data"), answer.get("errors")
        if not errors:
            return Answered(data) if isinstance(data, dict) else Unknown("unreadable")
        if not isinstance(errors, list):
            # A refusal of the request as a whole, such as `"errors": "[API] Invalid API key"`.
            return Refused("request_refused")
        codes = [_code(error) for error in errors]
        if "THROTTLED" in codes:
            return Again(Refused("throttled", transient=True), wait_s)
        if isinstance(data, dict) and all(_harmless(error) for error in errors):
            self._once_only(Happening.SHOPIFY_ACCESS_PARTIAL, operation=document.operation)
            return Answered(data)
        unsure = next((code for code in codes if code in _INTERNAL), None)
        if unsure is not None:
            return Unknown(unsure.lower() or "error_without_code")
        return Refused(codes[0].lower())

    def _notice(self, reply: Reply) -> None:
        served = reply.headers.get("x-shopify-api-version")
        if served and served != self._version:
            self._once_only(Happening.SHOPIFY_VERSION_FELL_FORWARD, asked=self._version, served=served)
        reason = reply.headers.get("x-shopify-api-deprecated-reason")
        if reason:
            self._once_only(Happening.SHOPIFY_API_DEPRECATED, reason=reason[:200])

    def _once_only(self, happening: Happening, **facts: str) -> None:
        if happening not in self._told:
            self._told.add(happening)
            self._upstream.tell(happening, **facts)


def _code(error: Any) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code if isinstance(code, str) else ""


def _harmless(error: Any) -> bool:
    """Tell whether only an ornament was denied: a scope for it is not asked of every retailer."""
    path = error.get("path") if isinstance(error, dict) else None
    return _code(error) == "ACCESS_DENIED" and isinstance(path, list) and bool(_DENIABLE & set(map(str, path)))

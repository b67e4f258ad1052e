"""One call to Omneo: who asks, what is retried, and what each status means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from proxy.domain.errors import NotFound, ProxyError, UpstreamUnavailable
from proxy.domain.happening import Happening
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.upstreams import exact_json
from proxy.upstreams.http import HELD_BACK, Call, Reply, Upstream
from proxy.upstreams.retry import Again, Retry, retrying

Token = SecretStr | Callable[[], str]

# The first may be a proxy in front of Omneo that gave up waiting for it.
_MAYBE_EXECUTED = frozenset({408, 499})
_SHORT_WORDS = ("balance", "insufficient", "exceed", "not enough")


@dataclass(frozen=True, slots=True)
class _Got:
    value: Any
    body: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """A request in Omneo's terms; `path` has its ids quoted already."""

    operation: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: dict[str, Any] | None = None


class OmneoCalls:
    """Send requests with the tenant's token and classify what comes back."""

    def __init__(self, upstream: Upstream, token: Token, retry: Retry) -> None:
        self._upstream = upstream
        self._token = token
        self._retry = retry

    async def read(self, ask: Ask) -> Any:
        """Ask until answered or out of tries; gives parsed JSON, None for an empty body.

        Raises NotFound on 404, UpstreamUnavailable with a `reason` otherwise.
        """
        return (await self._read(ask)).value

    async def read_as_sent(self, ask: Ask) -> tuple[bytes, Any]:
        """Ask as `read` does; gives the body as it came, and parsed."""
        got = await self._read(ask)
        return got.body, got.value

    async def _read(self, ask: Ask) -> _Got:
        async def once(left_s: float) -> ProxyError | _Got | Again[ProxyError | _Got]:
            return self._read_outcome(await self._upstream.send(self._call(ask), left_s))

        result: ProxyError | _Got = await retrying(self._retry, once)
        if isinstance(result, ProxyError):
            result.details.update(upstream=self._upstream.name, operation=ask.operation)
            raise result
        return result

    async def write(self, ask: Ask) -> Outcome[Any]:
        """Ask for a change; only what was provably not executed is sent again (not connected, 429)."""

        async def once(left_s: float) -> Outcome[Any] | Again[Outcome[Any]]:
            return self._write_outcome(ask, await self._upstream.send(self._call(ask), left_s))

        return await retrying(self._retry, once)

    def _call(self, ask: Ask) -> Call:
        token = self._token.get_secret_value() if isinstance(self._token, SecretStr) else self._token()
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        body = None
        if ask.method != "GET":
            headers["Content-Type"] = "application/json"
            body = exact_json.write(ask.body) if ask.body is not None else None
        return Call(ask.operation, ask.method, ask.path, ask.query, headers, body)

    def _read_outcome(self, outcome: Outcome[Reply]) -> ProxyError | _Got | Again[ProxyError | _Got]:
        if isinstance(outcome, Refused):
            down = UpstreamUnavailable(reason=outcome.reason)
            return Again(down) if outcome.transient and outcome.reason not in HELD_BACK else down
        if isinstance(outcome, Unknown):
            return Again(UpstreamUnavailable(reason=outcome.reason))
        reply = outcome.value
        if reply.ok:
            try:
                return _Got(_json(reply), reply.body)
            except ValueError:
                return UpstreamUnavailable(reason="unreadable")
        if reply.status == 404:
            return NotFound(reason="not_found")
        down = UpstreamUnavailable(reason=_reason(reply), status=reply.status)
        worth = reply.status in (408, 429) or reply.status >= 500
        return Again(down, reply.retry_after_s) if worth else down

    def _write_outcome(self, ask: Ask, outcome: Outcome[Reply]) -> Outcome[Any] | Again[Outcome[Any]]:
        if isinstance(outcome, Refused):
            return Again(outcome) if outcome.transient and outcome.reason not in HELD_BACK else outcome
        if isinstance(outcome, Unknown):
            return outcome
        reply = outcome.value
        if reply.ok:
            try:
                return Answered(_json(reply))
            except ValueError:
                return Unknown("unreadable")
        if reply.status == 429:
            return Again(Refused("rate_limited", transient=True), reply.retry_after_s)
        if not 400 <= reply.status < 500 or reply.status in _MAYBE_EXECUTED:
            return Unknown(f"status_{reply.status}")
        reason = _reason(reply)
        self._upstream.tell(
            Happening.OMNEO_REFUSED, operation=ask.operation, status=reply.status, reason=reason, fields=_fields(reply)
        )
        return Refused(reason, transient=reply.status == 401)


def _json(reply: Reply) -> Any:
    return exact_json.read(reply.body) if reply.body.strip() else None


def _reason(reply: Reply) -> str:
    """Name a refusal by one short word; which body means a short balance is undocumented, so its words decide."""
    words = {401: "omneo_token_refused", 403: "forbidden", 404: "not_found", 429: "rate_limited"}
    if reply.status != 422:
        return words.get(reply.status, f"status_{reply.status}")
    problem = _problem(reply)
    text = f"{problem.get('message', '')} {problem.get('errors', '')}".casefold()
    return "insufficient" if any(word in text for word in _SHORT_WORDS) else "validation"


def _fields(reply: Reply) -> list[str]:
    errors = _problem(reply).get("errors")
    return sorted(map(str, errors))[:10] if isinstance(errors, dict) else []


def _problem(reply: Reply) -> dict[str, Any]:
    try:
        body = _json(reply)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}

"""The events that changes cause, with their contexts, and the signed webhooks that carry them."""

import hashlib
import hmac
from typing import Any

from proxy.sandbox.delivery import Deliveries, Delivery
from proxy.sandbox.omneo.call import Call
from proxy.sandbox.omneo.encoding import encoded
from proxy.sandbox.omneo.records import Benefit, Profile, Redemption, Reward, Transaction
from proxy.sandbox.omneo.shapes import incentives, profiles, transactions
from proxy.sandbox.omneo.state import OmneoState


def profile_changed(call: Call, event: str, row: Profile) -> None:
    """Emit a profile event.

    Source: https://docs.omneo.io/dev-guides/webhooks/event-contexts
    """
    if _heard(call, event):
        call.emit(event, _profile(call, row))


def reward_changed(call: Call, event: str, row: Reward) -> None:
    if _heard(call, event):
        call.emit(event, incentives.reward(call.state, row, call.now) | _linked(call, row.profile_id))


def benefit_changed(call: Call, event: str, row: Benefit) -> None:
    if _heard(call, event):
        call.emit(event, incentives.benefit(call.state, row, call.now) | _linked(call, row.profile_id))


def transaction_changed(call: Call, event: str, row: Transaction) -> None:
    if _heard(call, event):
        context = transactions.transaction(call.state, row, call.now)
        call.emit(event, context | (_linked(call, row.profile_id) if row.profile_id else {}))


def balance_changed(call: Call, profile_id: str) -> None:
    """Emit `balance.updated`; its context is the profile with its balances (assumption: undocumented)."""
    row = call.state.profiles.get(profile_id)
    if row and _heard(call, "balance.updated"):
        call.emit("balance.updated", _profile(call, row) | {"profile_id": row.id})


def redemption_made(call: Call, row: Redemption) -> None:
    """Emit what a redemption, return or reversal changed: each reward and benefit, then the balance."""
    for item in row.items:
        if item.type == "reward" and item.subject_id in call.state.rewards:
            event = "reward.created" if row.type == "return" else "reward.updated"
            reward_changed(call, event, call.state.rewards[item.subject_id])
        elif item.type == "benefit" and item.subject_id in call.state.benefits:
            benefit_changed(call, "benefit.updated", call.state.benefits[item.subject_id])
    balance_changed(call, row.profile_id)


def send_webhooks(call: Call, secret: str, deliveries: Deliveries) -> None:
    """Queue a signed webhook for every event and active hook, except those of the caller's namespace.

    Source: https://docs.omneo.io/dev-guides/webhooks/webhooks, headers by omneo/omneo-app-starter
    """
    for event, context in call.events:
        body = encoded(context)
        for url in _urls(call.state, event, call.namespace):
            deliveries.send(Delivery(url, _headers(event, body, secret), body, event))


def _heard(call: Call, event: str) -> bool:
    """Say whether a hook waits for the event; a context costs more than the call that caused it."""
    return bool(_urls(call.state, event, call.namespace))


def _urls(state: OmneoState, event: str, namespace: str | None) -> list[str]:
    return [
        str(hook.fields["url"])
        for hook in state.catalogues["webhooks"].values()
        if hook.fields["trigger"] == event
        and hook.fields["is_active"]
        and (namespace is None or hook.fields.get("namespace") != namespace)
    ]


def _headers(event: str, body: bytes, secret: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-Omneo-Event": event,
        "X-Omneo-Hmac-SHA256": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }


def _profile(call: Call, row: Profile) -> dict[str, Any]:
    shaped = profiles.profile(call.state, call.config, row, call.now)
    enriched = {
        "flattened_tags": shaped.get("tags"),
        "flattened_statuses": shaped["statuses"],
        "aggregations": profiles.aggregations(call.state, row, call.now),
    }
    return shaped | enriched


def _linked(call: Call, profile_id: str) -> dict[str, Any]:
    row = call.state.profiles.get(profile_id)
    return {"profile": _profile(call, row)} if row else {}

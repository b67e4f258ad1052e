"""Webhooks out: which leave, what they carry and how they are signed."""

import hashlib
import hmac
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from proxy.sandbox import seed
from proxy.sandbox.omneo import OmneoConfig, OmneoSandbox, WebhookTarget
from proxy.sandbox.serving import serving

pytestmark = pytest.mark.anyio

OTHER = {"Authorization": f"Bearer {seed.OMNEO_OTHER_TOKEN}"}


@asynccontextmanager
async def listener():
    received = []

    async def receive(request):
        received.append((request.headers, await request.body()))
        return Response()

    async with serving(Starlette(routes=[Route("/hook", receive, methods=["POST"])])) as url:
        yield f"{url}/hook", received


async def redeem_as_other(omneo, amount=1):
    path = f"/api/v3/profiles/{omneo.ada}/redeem"
    answer = await omneo.http.post(path, json={"amount": amount}, headers=OTHER)
    await omneo.sandbox.deliveries.idle()
    return answer


async def test_a_webhook_is_signed_over_its_raw_body_and_carries_the_context(served_omneo):
    async with listener() as (url, received):
        hook = {"trigger": "balance.updated", "url": url, "namespace": "proxy"}
        await served_omneo.call("POST", "/webhooks", hook)
        await redeem_as_other(served_omneo, 5)
        headers, body = received[0]
        expected = hmac.new(seed.OMNEO_WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert headers["x-omneo-hmac-sha256"] == expected
        assert headers["x-omneo-event"] == "balance.updated"
        context = httpx.Response(200, content=body).json()
        assert context["id"] == served_omneo.ada
        assert context["reward_balance"] == 20
        assert "data" not in context


async def test_a_namespace_does_not_hear_what_its_own_token_caused(served_omneo):
    async with listener() as (url, received):
        hook = {"trigger": "balance.updated", "url": url, "namespace": "proxy"}
        await served_omneo.call("POST", "/webhooks", hook)
        await served_omneo.redeem(served_omneo.ada, amount=1)
        await served_omneo.sandbox.deliveries.idle()
        assert received == []
        await redeem_as_other(served_omneo)
        assert len(received) == 1


async def test_only_active_hooks_of_the_trigger_are_called(served_omneo):
    async with listener() as (url, received):
        for trigger, active in (("reward.updated", True), ("balance.updated", False), ("tier.updated", True)):
            hook = {"trigger": trigger, "url": url, "is_active": active}
            assert (await served_omneo.call("POST", "/webhooks", hook)).is_success
        await redeem_as_other(served_omneo)
        assert [headers["x-omneo-event"] for headers, _ in received] == ["reward.updated"]


async def test_transactions_and_returns_are_events_too(served_omneo):
    async with listener() as (url, received):
        for trigger in ("transaction.created", "transaction.updated", "reward.created", "profile.updated"):
            await served_omneo.call("POST", "/webhooks", {"trigger": trigger, "url": url})
        redemption = (await redeem_as_other(served_omneo)).json()["data"]["id"]
        await served_omneo.call("POST", f"/redemptions/{redemption}/return")
        sale = {"external_id": "s", "total": 1, "transacted_at": "2026-01-01", "timezone": "UTC", "items": []}
        await served_omneo.call("POST", "/transactions/update-create", sale)
        await served_omneo.call("POST", "/transactions/update-create", sale)
        await served_omneo.sandbox.deliveries.idle()
        names = [headers["x-omneo-event"] for headers, _ in received]
        assert names == ["reward.created", "transaction.created", "transaction.updated"]


async def test_a_refused_call_sends_nothing(served_omneo):
    async with listener() as (url, received):
        await served_omneo.call("POST", "/webhooks", {"trigger": "balance.updated", "url": url})
        await redeem_as_other(served_omneo, -1)
        assert received == []


async def test_trigger_and_url_are_unique_and_a_strange_queue_is_low(omneo):
    hook = {"trigger": "balance.updated", "url": "http://127.0.0.1:9/x", "queue": "fastest"}
    made = await omneo.call("POST", "/webhooks", hook)
    assert made.json()["data"]["queue"] == "low"
    assert (await omneo.call("POST", "/webhooks", hook)).status_code == 422
    assert (await omneo.call("POST", "/webhooks", hook | {"trigger": "reward.updated"})).is_success


def test_configured_webhooks_survive_a_reset():
    target = WebhookTarget("http://127.0.0.1:9/x", ("balance.updated", "reward.updated"))
    sandbox = OmneoSandbox(config=OmneoConfig(webhooks=(target,)))
    for _ in range(2):
        hooks = sandbox.state.catalogues["webhooks"].values()
        assert {h.fields["trigger"] for h in hooks} == {"balance.updated", "reward.updated"}
        sandbox.reset()


async def test_a_merge_is_told_as_the_profile_that_was_kept_and_only_its_identities_say_who_is_gone(served_omneo):
    async with listener() as (url, received):
        for trigger in ("profile.merged", "balance.updated"):
            await served_omneo.call("POST", "/webhooks", {"trigger": trigger, "url": url, "namespace": "proxy"})
        body = {"source_profile_id": served_omneo.ada, "destination_profile_id": served_omneo.benedikt}
        assert (await served_omneo.http.post("/api/v3/profiles/merge", json=body, headers=OTHER)).is_success
        await served_omneo.sandbox.deliveries.idle()
        assert [headers["x-omneo-event"] for headers, _ in received] == ["profile.merged", "balance.updated"]
        context = httpx.Response(200, content=received[0][1]).json()
        assert context["id"] == served_omneo.benedikt
        assert served_omneo.ada in {identity["merged_from"] for identity in context["identities"]}
        assert served_omneo.ada not in {value for value in context.values() if isinstance(value, str)}
        assert (await served_omneo.call("GET", f"/profiles/{served_omneo.ada}")).status_code == 404

"""The webhook sender: order, retries, and the ways it misbehaves on request."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.delivery import Deliveries, Delivery
from proxy.sandbox.serving import serving

pytestmark = pytest.mark.anyio


class Receiver:
    """A listener that answers with the statuses it was given, then with 200."""

    def __init__(self):
        self.bodies = []
        self.statuses = []

    async def receive(self, request):
        self.bodies.append((await request.body()).decode())
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)


@asynccontextmanager
async def sending():
    receiver, deliveries = Receiver(), Deliveries(SandboxClock())
    app = Starlette(routes=[Route("/", receiver.receive, methods=["POST"])])
    async with serving(app) as url:
        task = asyncio.create_task(deliveries.run())

        def send(*bodies):
            for body in bodies:
                deliveries.send(Delivery(url, {"Content-Type": "text/plain"}, body.encode(), "test"))

        try:
            yield deliveries, receiver, send
        finally:
            task.cancel()
            await asyncio.wait([task])


async def test_webhooks_arrive_once_and_in_order():
    async with sending() as (deliveries, receiver, send):
        send("a", "b", "c")
        await deliveries.idle()
        assert receiver.bodies == ["a", "b", "c"]
        assert [(a.attempt, a.status, a.outcome) for a in deliveries.log] == [(1, 200, "delivered")] * 3


async def test_a_refused_webhook_is_tried_again_while_others_go_on():
    async with sending() as (deliveries, receiver, send):
        receiver.statuses = [500]
        send("a", "b")
        await deliveries.idle()
        assert receiver.bodies == ["a", "b", "a"]
        assert [a.outcome for a in deliveries.log] == ["refused", "delivered", "delivered"]


async def test_an_unreachable_receiver_is_tried_again():
    async with sending() as (deliveries, _, _send):
        deliveries.send(Delivery("http://127.0.0.1:9/", {}, b"", "test"))
        async with asyncio.timeout(3):
            while len(deliveries.log) < 2:
                await asyncio.sleep(0.01)
        assert {a.outcome for a in deliveries.log} == {"failed"}
        assert deliveries.pending == 1
        with pytest.raises(TimeoutError):
            await deliveries.idle(0.01)


async def test_duplicates_arrive_twice_and_lost_ones_never():
    async with sending() as (deliveries, receiver, send):
        deliveries.duplicate = True
        send("a")
        deliveries.duplicate, deliveries.lose = False, True
        send("b")
        await deliveries.idle()
        assert receiver.bodies == ["a", "a"]
        assert [a.outcome for a in deliveries.log if a.attempt == 0] == ["lost"]


async def test_held_webhooks_come_late_and_out_of_order():
    async with sending() as (deliveries, receiver, send):
        deliveries.hold = True
        send("a", "b")
        await deliveries.idle()
        assert receiver.bodies == []
        assert deliveries.held == 2
        deliveries.hold = False
        send("c")
        await deliveries.idle()
        deliveries.release(reverse=True)
        await deliveries.idle()
        assert receiver.bodies == ["c", "b", "a"]


async def test_the_modes_are_switched_over_the_control_endpoint(omneo):
    body = {"hold": True, "duplicate": True}
    answer = (await omneo.call("POST", "/_sandbox/deliveries", body)).json()
    assert (answer["hold"], answer["duplicate"], answer["lose"]) == (True, True, False)
    await omneo.call("POST", "/webhooks", {"trigger": "profile.updated", "url": "http://127.0.0.1:9/"})
    await omneo.call("PUT", f"/profiles/{omneo.ada}", {"first_name": "A"})
    state = (await omneo.call("GET", "/_sandbox/deliveries")).json()
    assert state["held"] == 2
    released = (await omneo.call("POST", "/_sandbox/deliveries", {"release": True})).json()
    assert (released["held"], released["pending"]) == (0, 2)

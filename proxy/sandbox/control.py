"""The control endpoint of a simulator: state, reset, clock, faults, calls and deliveries under `/_sandbox`."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from json import JSONDecodeError
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route

from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.delivery import Deliveries
from proxy.sandbox.faults import Fault, Faults


@dataclasses.dataclass(frozen=True, slots=True)
class Controls:
    """What the control endpoint of one simulator may read and move."""

    clock: SandboxClock
    faults: Faults
    calls: Counter[str]
    deliveries: Deliveries
    state: Callable[[], dict[str, Any]]
    reset: Callable[[], None]

    async def read_state(self, _: Request) -> JSONResponse:
        return JSONResponse(self.state())

    async def do_reset(self, _: Request) -> JSONResponse:
        self.reset()
        return JSONResponse({"reset": True})

    async def read_clock(self, _: Request) -> JSONResponse:
        return JSONResponse({"now": self.clock.now().isoformat(), "offset_s": self.clock.offset_s})

    async def move_clock(self, request: Request) -> JSONResponse:
        body = await _object(request)
        try:
            if "advance_s" in body:
                self.clock.advance(float(body["advance_s"]))
            elif "offset_s" in body:
                self.clock.advance(float(body["offset_s"]) - self.clock.offset_s)
            else:
                self.clock.set(datetime.fromisoformat(body["set"]))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise HTTPException(
                422, 'send {"advance_s": seconds}, {"offset_s": seconds} or {"set": aware ISO time}'
            ) from error
        return await self.read_clock(request)

    async def read_faults(self, _: Request) -> JSONResponse:
        return JSONResponse({"faults": [dataclasses.asdict(f) for f in self.faults.active()]})

    async def add_fault(self, request: Request) -> JSONResponse:
        body = await _object(request)
        try:
            self.faults.add(Fault(**{**body, "fields": tuple(body.get("fields", ()))}))
        except (TypeError, ValueError) as error:
            raise HTTPException(422, str(error)) from error
        return await self.read_faults(request)

    async def clear_faults(self, request: Request) -> JSONResponse:
        self.faults.clear()
        return await self.read_faults(request)

    async def read_calls(self, _: Request) -> JSONResponse:
        return JSONResponse({"calls": dict(self.calls)})

    async def zero_calls(self, request: Request) -> JSONResponse:
        self.calls.clear()
        return await self.read_calls(request)

    async def read_deliveries(self, _: Request) -> JSONResponse:
        sender = self.deliveries
        return JSONResponse(
            {
                "duplicate": sender.duplicate,
                "lose": sender.lose,
                "hold": sender.hold,
                "pending": sender.pending,
                "held": sender.held,
                "log": [attempt.as_json() for attempt in sender.log],
            }
        )

    async def set_deliveries(self, request: Request) -> JSONResponse:
        """Switch modes; `{"release": true, "reverse": false}` queues what was held."""
        body = await _object(request)
        for mode in ("duplicate", "lose", "hold"):
            if mode in body:
                setattr(self.deliveries, mode, bool(body[mode]))
        if body.get("release"):
            self.deliveries.release(reverse=bool(body.get("reverse", False)))
        return await self.read_deliveries(request)


def control_routes(controls: Controls, extra: list[Route] | None = None) -> list[BaseRoute]:
    """Return the routes under `/_sandbox`, open to pages of any origin; `extra` joins them."""
    routes = [
        Route("/state", controls.read_state),
        Route("/reset", controls.do_reset, methods=["POST"]),
        Route("/clock", controls.read_clock),
        Route("/clock", controls.move_clock, methods=["POST"]),
        Route("/faults", controls.read_faults),
        Route("/faults", controls.add_fault, methods=["POST"]),
        Route("/faults", controls.clear_faults, methods=["DELETE"]),
        Route("/calls", controls.read_calls),
        Route("/calls", controls.zero_calls, methods=["DELETE"]),
        Route("/deliveries", controls.read_deliveries),
        Route("/deliveries", controls.set_deliveries, methods=["POST"]),
        *(extra or []),
    ]
    cors = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
    app = Starlette(routes=routes, middleware=[cors], exception_handlers={HTTPException: _refused})
    return [Mount("/_sandbox", app=app)]


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return JSONResponse({"message": error.detail}, status_code=error.status_code)


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise HTTPException(422, "send a JSON object") from error
    if not isinstance(body, dict):
        raise HTTPException(422, "send a JSON object")
    return body

"""Ports that note each durable step and, at one of them, kill the process that is taking it."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from inspect import isfunction
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from proxy.domain.outcome import Unknown
from proxy.ports import Omneo, OmneoBenefits, Shopify
from proxy.stores.database import Database, PostgresDatabase, SqliteDatabase, Unit
from proxy.upstreams.omneo import OmneoClient
from proxy.upstreams.omneo_benefits import BenefitClient
from proxy.upstreams.shopify import ShopifyClient
from tests.failure.steps import When

T = TypeVar("T")
_NAMES = {OmneoClient: "Omneo", BenefitClient: "OmneoBenefits", ShopifyClient: "Shopify"}


@dataclass(frozen=True, slots=True)
class Instant:
    """Where a process dies: at the nth time that it gets before or after a step."""

    step: str
    when: When
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.when} {self.step} {self.nth}"


class Dying:
    """Stands around every port of a process, writes each step into a file, and dies at the instant."""

    def __init__(self, instant: Instant | None, trace: Path) -> None:
        self.changes = changes()
        self._instant = instant
        self._passed: Counter[tuple[str, str]] = Counter()
        # Unbuffered: what was written before a SIGKILL stays.
        self._trace = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def __call__(self, port: Any, /) -> Any:
        """Give the port with its durable steps watched."""
        if isinstance(port, SqliteDatabase | PostgresDatabase):
            return _Ledger(port, self)
        return _Upstream(port, _NAMES[type(port)], self)

    async def through(self, step: str, call: Callable[[], Awaitable[T]]) -> T:
        """Take a step: dead before it nothing of it happened, dead after it all of it did and nobody was told."""
        self._pass(step, "before")
        answer = await call()
        # A lease of nothing changes nothing: the one that counts is the one that took work.
        if answer or step != "Tasks.lease":
            self._pass(step, "after")
        return answer

    def _pass(self, step: str, when: When) -> None:
        self._passed[step, when] += 1
        nth = self._passed[step, when]
        reached = Instant(step, when, nth)
        os.write(self._trace, f"{reached}\n".encode())
        if reached == self._instant:
            os.write(self._trace, f"killed {reached}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)


class _Ledger:
    """A database whose every unit that writes is a step, named by the method that asked for it."""

    def __init__(self, database: Database, dying: Dying) -> None:
        self._database = database
        self._dying = dying

    def write(self, work: Callable[[Unit], T]) -> Awaitable[T]:
        step = sys._getframe(1).f_code.co_qualname
        return self._dying.through(step, partial(self._database.write, work))

    async def read(self, work: Callable[[Unit], T]) -> T:
        return await self._database.read(work)

    def close(self) -> None:
        self._database.close()


class _Upstream:
    """An upstream whose every change is a step."""

    def __init__(self, port: Any, name: str, dying: Dying) -> None:
        self._port = port
        self._name = name
        self._dying = dying

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        step = f"{self._name}.{method}"
        if step not in self._dying.changes:
            return found

        async def stepping(*given: Any, **named: Any) -> Any:
            return await self._dying.through(step, partial(found, *given, **named))

        return stepping


def changes() -> frozenset[str]:
    """Name the methods of the upstreams that change something there: by the ports' rule they end in an Outcome."""
    return frozenset(
        f"{port.__name__}.{name}"
        for port in (Omneo, OmneoBenefits, Shopify)
        for name, method in vars(port).items()
        if isfunction(method) and Unknown in get_args(get_type_hints(method).get("return"))
    )

"""Lease due work and do it; a worker that dies is replaced when its lease runs out."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

from proxy.domain.errors import ProxyError
from proxy.domain.happening import Happening
from proxy.domain.work import Again, Finished, Park, Task, Verdict
from proxy.ports import Ids, Tasks, Telemetry

Handler = Callable[[Task], Awaitable[Verdict]]

_RENEWALS = 4  # in the time of one lease, so that some may fail before it is lost
_DEADLINE_S = 60.0
_HOUSEKEEPING_S = 3600.0
_MAX_BACK_OFF_S = 300.0
_MAX_FAULTS = 10  # faults of our own code; an upstream that is down is waited for without end


class Worker:
    """Works until told to stop, then finishes what it has begun."""

    def __init__(
        self,
        *,
        tasks: Tasks,
        handlers: Mapping[str, Handler],
        ids: Ids,
        telemetry: Telemetry,
        concurrency: int,
        poll_s: float,
        lease_s: float,
        housekeeping: Callable[[], Awaitable[None]],
    ) -> None:
        self._tasks = tasks
        self._handlers = handlers
        self._ids = ids
        self._telemetry = telemetry
        self._concurrency = concurrency
        self._poll_s = poll_s
        self._lease_s = lease_s
        self._housekeeping = housekeeping
        self._wanted = asyncio.Event()
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Look for work now instead of at the next poll."""
        self._wanted.set()

    def stop(self) -> None:
        """Lease nothing more; `run` returns when what was begun is finished."""
        self._stopping.set()
        self._wanted.set()

    async def run(self) -> None:
        """Work until stopped."""
        running: dict[asyncio.Task[None], Task] = {}
        beside = [asyncio.create_task(self._renew(running)), asyncio.create_task(self._keep_house())]
        try:
            await self._work(running)
            if running:
                await asyncio.wait(list(running))
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _work(self, running: dict[asyncio.Task[None], Task]) -> None:
        while not self._stopping.is_set():
            self._wanted.clear()
            free = self._concurrency - len(running)
            leased = await self._lease(free) if free else []
            for task in leased:
                work = asyncio.create_task(self._do(task))
                running[work] = task
                work.add_done_callback(lambda done: self._done(running, done))
            if not leased:
                await self._rest()

    def _done(self, running: dict[asyncio.Task[None], Task], work: asyncio.Task[None]) -> None:
        del running[work]
        self._wanted.set()

    async def _renew(self, running: dict[asyncio.Task[None], Task]) -> None:
        while True:
            await asyncio.sleep(self._lease_s / _RENEWALS)
            try:
                await self._tasks.renew(list(running.values()), int(self._lease_s * 1000))
            except Exception as error:  # as above
                self._telemetry.tell(Happening.TASK_RETRIED, kind="renew", reason=_reason(error))

    async def _keep_house(self) -> None:
        while True:
            try:
                await self._housekeeping()
            except Exception as error:  # as above
                self._telemetry.tell(Happening.TASK_RETRIED, kind="housekeeping", reason=_reason(error))
            await asyncio.sleep(_HOUSEKEEPING_S)

    async def _lease(self, limit: int) -> list[Task]:
        try:
            return await self._tasks.lease(self._ids.token(), int(self._lease_s * 1000), limit, self._handlers)
        except Exception as error:  # whatever it is: a worker that ends stops everything, and nobody sees it
            self._telemetry.tell(Happening.TASK_RETRIED, kind="lease", reason=_reason(error))
            await asyncio.sleep(self._poll_s)
            return []

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wanted.wait(), self._poll_s)

    async def _do(self, task: Task) -> None:
        verdict = await self._verdict(task)
        try:
            await self._keep(task, verdict)
        except Exception as error:
            # The lease runs out by itself, and the work is done again: every step may run twice.
            self._telemetry.tell(Happening.TASK_RETRIED, kind=task.kind, subject=task.subject, reason=_reason(error))

    async def _verdict(self, task: Task) -> Verdict:
        try:
            async with asyncio.timeout(_DEADLINE_S):
                return await self._handlers[task.kind](task)
        except TimeoutError:
            return Again(_back_off_s(task), "deadline")
        except Exception as error:  # a fault must stop this subject alone, never the worker
            waits = isinstance(error, ProxyError) and error.retryable
            if not waits and task.attempts + 1 >= _MAX_FAULTS:
                return Park(_reason(error))
            return Again(_back_off_s(task), _reason(error))

    async def _keep(self, task: Task, verdict: Verdict) -> None:
        match verdict:
            case Finished():
                await self._tasks.finish(task)
            case Again(after_s, error, until_ms):
                if error is not None:
                    self._telemetry.tell(
                        Happening.TASK_RETRIED, kind=task.kind, subject=task.subject, reason=error, after_s=after_s
                    )
                await self._tasks.put_off(task, int(after_s * 1000), error, until_ms)
            case Park(error):
                self._telemetry.tell(Happening.TASK_PARKED, kind=task.kind, subject=task.subject, reason=error)
                await self._tasks.park(task, error)


def _reason(error: Exception) -> str:
    if isinstance(error, ProxyError):
        return str(error.details.get("reason", error.code))
    return f"{type(error).__name__}: {error}"[:500]


def _back_off_s(task: Task) -> float:
    return float(min(_MAX_BACK_OFF_S, 2 ** min(task.attempts, 10)))

"""Units of work: a writer thread with group commit on SQLite, a small pool of threads on PostgreSQL."""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.pool import QueuePool

from proxy.domain.errors import UpstreamUnavailable

T = TypeVar("T")

_GROUP = 64  # units in one commit: beyond this the fsync is no longer what costs
_SERIALIZATION_FAILURES = {"40001", "40P01"}
_TRIES = 3
# A session that hangs with a row locked must not take the pool's threads with it.
_DEADLINES = "-c lock_timeout=5000 -c statement_timeout=10000 -c idle_in_transaction_session_timeout=30000"


@dataclass(slots=True)
class Unit:
    """One unit of work: a connection inside a transaction, and the time that it decides by."""

    conn: sa.Connection
    now_ms: int

    def run(self, statement: sa.Executable) -> "sa.CursorResult[Any]":
        """Execute a statement in this unit."""
        result = self.conn.execute(statement)
        assert isinstance(result, sa.CursorResult)
        return result

    def insert_new(self, table: sa.Table, values: dict[str, object]) -> bool:
        """Insert unless a unique key is taken; tells whether this call inserted."""
        insert = postgresql.insert if self.conn.dialect.name == "postgresql" else sqlite.insert
        inserted = insert(table).values(values).on_conflict_do_nothing().returning(sa.literal(1))
        return self.run(inserted).first() is not None


class Database(Protocol):
    """Where units of work run, off the event loop."""

    async def write(self, work: Callable[[Unit], T]) -> T:
        """Run one unit of work; on return it is durable. `work` may run again after a conflict."""
        ...

    async def read(self, work: Callable[[Unit], T]) -> T:
        """Run a read-only unit."""
        ...

    def close(self) -> None:
        """Finish what was begun and let go of every connection."""
        ...


class SqliteDatabase:
    """WAL, synchronous=FULL, one writer thread that commits waiting units in groups."""

    def __init__(self, url: str, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._engine = sa.create_engine(url, poolclass=QueuePool, pool_size=5, max_overflow=0, hide_parameters=True)
        sa.event.listen(self._engine, "connect", _prepare_sqlite)
        sa.event.listen(self._engine, "begin", _begin_sqlite)
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="ledger-read")
        self._queue: queue.SimpleQueue[tuple[Callable[[Unit], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_loop, name="ledger-write", daemon=True)
        self._writer.start()

    async def write(self, work: Callable[[Unit], T]) -> T:
        """Run one unit of work; on return it is durable."""
        future: Future[T] = Future()
        self._queue.put((work, future))
        return await _outcome(future)

    async def read(self, work: Callable[[Unit], T]) -> T:
        """Run a read-only unit."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def close(self) -> None:
        """Commit what waits, then stop."""
        self._queue.put(None)
        self._writer.join()
        self._readers.shutdown()
        self._engine.dispose()

    def _read(self, work: Callable[[Unit], T]) -> T:
        try:
            with self._engine.connect().execution_options(read_only=True) as conn, conn.begin():
                return work(Unit(conn, self._now_ms()))
        except DBAPIError as error:
            raise _told(error) from error

    def _write_loop(self) -> None:
        while True:
            group = self._next_group()
            if group is None:
                return
            self._commit(group)

    def _next_group(self) -> list[tuple[Callable[[Unit], Any], Future[Any]]] | None:
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        while len(group) < _GROUP and not self._queue.empty():
            item = self._queue.get()
            if item is None:
                self._queue.put(None)
                break
            group.append(item)
        return group

    def _commit(self, group: list[tuple[Callable[[Unit], Any], Future[Any]]]) -> None:
        answers: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.begin() as conn:
                for work, future in group:
                    # A unit that fails takes back only its own statements, not those of its neighbours.
                    savepoint = conn.begin_nested()
                    try:
                        answers.append((future, work(Unit(conn, self._now_ms())), None))
                        savepoint.commit()
                    except BaseException as error:
                        savepoint.rollback()
                        answers.append((future, None, _told(error)))
        except Exception as error:
            # The commit failed, so nothing of the group happened, whatever its units answered.
            answers = [(future, None, _told(error)) for _, future in group]
        for future, value, failure in answers:
            if failure is None:
                future.set_result(value)
            else:
                future.set_exception(failure)


class PostgresDatabase:
    """READ COMMITTED units on a bounded pool; times come from the server's clock."""

    def __init__(self, url: str, *, size: int = 8, shift_ms: Callable[[], int] = lambda: 0) -> None:
        self._shift_ms = shift_ms
        self._engine = sa.create_engine(
            url,
            pool_size=size,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": 5, "options": _DEADLINES},
        )
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="ledger")

    async def write(self, work: Callable[[Unit], T]) -> T:
        """Run one unit of work; on return it is durable."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, work)

    async def read(self, work: Callable[[Unit], T]) -> T:
        """Run a read-only unit."""
        return await self.write(work)

    def close(self) -> None:
        """Finish what was begun and close the pool."""
        self._threads.shutdown()
        self._engine.dispose()

    def _run(self, work: Callable[[Unit], T]) -> T:
        for attempt in range(_TRIES):
            try:
                with self._engine.begin() as conn:
                    now = conn.scalar(sa.text("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"))
                    return work(Unit(conn, int(now or 0) + self._shift_ms()))
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state not in _SERIALIZATION_FAILURES or attempt == _TRIES - 1:
                    raise _told(error) from error
        raise AssertionError("unreachable")


def open_database(
    url: str, now_ms: Callable[[], int], *, size: int = 8, shift_ms: Callable[[], int] = lambda: 0
) -> Database:
    """Open the engine that the URL names; `shift_ms` moves PostgreSQL's clock, for tests that wait for a deadline."""
    if url.startswith("sqlite"):
        return SqliteDatabase(url, now_ms)
    return PostgresDatabase(sqlalchemy_url(url), size=size, shift_ms=shift_ms)


def sqlalchemy_url(url: str) -> str:
    """Name the driver: operators write `postgresql://`, as everyone does."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


async def _outcome(future: "Future[T]") -> T:
    # Shielded: a caller who goes away does not stop a unit that may already be committing.
    return await asyncio.shield(asyncio.wrap_future(future))


def _told(error: BaseException) -> BaseException:
    """Tell a database that does not work (gone, read-only, locked, full) from a statement of ours that is wrong."""
    if not isinstance(error, DBAPIError) or isinstance(error, IntegrityError | ProgrammingError | DataError):
        return error
    return UpstreamUnavailable(upstream="database", reason=type(error.orig).__name__)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event says BEGIN, not the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(conn: sa.Connection) -> None:
    # IMMEDIATE takes the write lock at once: a read that later turns into a write could fail half-way.
    conn.exec_driver_sql("BEGIN" if conn.get_execution_options().get("read_only") else "BEGIN IMMEDIATE")

"""A process that runs chunks, with databases and a fork server of its own."""

import os
import queue
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.failure.forks import Forks, forking
from tests.prove.chunks import Chunk
from tests.prove.kept import Result
from tests.prove.kills import FailedError, Killer
from tests.prove.tally import Tally
from tests.world.databases import Databases, PostgresServer

_LOOK_S = 2.0


def work(jobs: Any, results: Any) -> None:
    """Run what is in `jobs` until it says None or nobody is left who wants the results."""
    asker = os.getppid()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="prove-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        bench = Bench(folder, stack)
        while os.getppid() == asker:
            try:
                chunk = jobs.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            if chunk is None:
                return
            results.put(bench.run(chunk))


class Bench:
    """Everything that chunks run on; a database lives as long as its chunk."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        (folder / "postgres").mkdir()
        self._databases = Databases(folder)
        self._postgres = stack.enter_context(PostgresServer.started(folder / "postgres"))
        self._forks: Forks = stack.enter_context(forking(folder))
        self._made: list[str] = []
        self._killers = {
            engine: Killer(self._forks, self._url_for(engine), folder) for engine in ("sqlite", "postgresql")
        }

    def run(self, chunk: Chunk) -> Result:
        """Run one chunk; what goes wrong in it is a part of the result."""
        begun = time.monotonic()
        tally, failed = Tally(), None
        try:
            tally = self._run(chunk)
        except FailedError as error:
            tally, failed = error.tally, str(error)
        except Exception as error:  # whatever it is, the others go on and the end tells it
            failed = f"{type(error).__name__}: {error}"
        finally:
            self._drop()
        return Result(chunk, tally, time.monotonic() - begun, failed)

    def _run(self, chunk: Chunk) -> Tally:
        if chunk.kind == "kills":
            return self._killers[chunk.engine].run_chunk(chunk.seed, chunk.size)
        # Imported here: the machine is heavy, and a replayed kill does not need it.
        from tests.model.prove import run_chunk

        return run_chunk(chunk.engine, chunk.seed, chunk.size, self._url_for(chunk.engine))

    def _url_for(self, engine: str) -> Callable[[], str]:
        def make() -> str:
            if engine == "sqlite":
                folder = Path(tempfile.mkdtemp(dir=self._folder))
                url = self._databases.sqlite(folder / "proxy.db")
            else:
                url = self._databases.postgres(self._postgres)
            self._made.append(url)
            return url

        return make

    def _drop(self) -> None:
        for url in self._made:
            name = url.rpartition("/")[2]
            if url.startswith("sqlite"):
                shutil.rmtree(Path(url.removeprefix("sqlite:///")).parent)
            else:
                self._postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")
        self._made.clear()

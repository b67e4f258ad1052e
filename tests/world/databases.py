"""Fresh databases, quickly: each is a copy of one that was migrated once."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from proxy.stores.migrate import migrate
from tests.world.ports import steady_port

_START_S = 30


def database_kinds() -> list[str]:
    return ["sqlite", "postgres"]


@dataclass(slots=True, eq=False)
class PostgresServer:
    """A running server; databases are made in it by copying a template."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    def url(self, database: str) -> str:
        return f"postgresql://proxy@127.0.0.1:{self.port}/{database}"

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Iterator["PostgresServer"]:
        user = _unprivileged()
        data = folder / "data"
        data.mkdir()
        for path in (folder, data, *folder.parents):
            if path == Path(os.environ.get("TMPDIR", "/tmp")) or not path.is_relative_to("/tmp"):
                break
            path.chmod(0o755)
        if user:
            shutil.chown(data, user)
        with (folder / "log").open("wb") as log:
            _run(
                [_binaries() / "initdb", "-D", data, "-U", "proxy", "--auth=trust", "-N", "-E", "UTF8", "--locale=C"],
                user,
                log,
            )
        server = cls(steady_port(), folder)
        try:
            server.start()
            yield server
        finally:
            server.stop(signal.SIGTERM)

    def start(self) -> None:
        # Durability is SQLite's and PostgreSQL's own affair: here nothing has to survive a power cut.
        options = ["-c", "fsync=off", "-c", "max_connections=200", "-c", "listen_addresses=127.0.0.1"]
        command = [_binaries() / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-k", "", *options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, user=_unprivileged(), stdout=log, stderr=log)
        self._wait()

    def stop(self, number: signal.Signals) -> None:
        """End it; SIGQUIT is PostgreSQL's immediate mode: every session is cut, and the next start recovers."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(20)

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_S
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


class Databases:
    """Makes copies of a migrated database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self._has_template: set[int] = set()

    def sqlite(self, path: Path) -> str:
        template = self._folder / "template.db"
        if not template.exists():
            migrate(f"sqlite:///{template}")
        shutil.copy(template, path)
        return f"sqlite:///{path}"

    def postgres(self, server: PostgresServer) -> str:
        if server.port not in self._has_template:
            server.execute("CREATE DATABASE template_proxy")
            migrate(server.url("template_proxy"))
            self._has_template.add(server.port)
        name = f"proxy_{next(self._numbers)}"
        server.execute(f"CREATE DATABASE {name} TEMPLATE template_proxy")
        return server.url(name)


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres")) or (
        [Path(path)] if (path := shutil.which("postgres")) else []
    )
    if not found:
        raise RuntimeError("PostgreSQL is missing: install the package postgresql")
    return found[-1].parent


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _run(command: list[object], user: str | None, log: object) -> None:
    subprocess.run([str(part) for part in command], user=user, check=True, stdout=log, stderr=log)  # type: ignore[call-overload]

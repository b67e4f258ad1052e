"""Asks the fork server, from the side of a test."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.world.process import ROOT


@dataclass(frozen=True, slots=True)
class Forks:
    """Starts and watches proxies that cost a fork each."""

    server: "subprocess.Popen[str]"

    def ask(self, do: str, **asked: Any) -> Any:
        """Send one request and wait for its answer: the server does nothing that takes long."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.server.stdin.write(json.dumps({"do": do, **asked}) + "\n")
        self.server.stdin.flush()
        return json.loads(self.server.stdout.readline())


@contextmanager
def forking(folder: Path) -> Iterator[Forks]:
    """Run a fork server; its processes end with it."""
    with (folder / "fork-server.log").open("ab") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.failure.forked"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield Forks(server)
    finally:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.close()
        server.wait(20)
        server.stdout.close()

"""The demo as a newcomer starts it: one command, whose printed address is read."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
START_S = 60.0
PATIENCE_S = 25.0
_ADDRESS = re.compile(r"^\s*Open\s+(http://127\.0\.0\.1:\d+)$", re.MULTILINE)
_PROXY = re.compile(r"^\s*Proxy\s+(http://127\.0\.0\.1:\d+)", re.MULTILINE)
_SIMULATOR = re.compile(r"^\s*(Omneo|Shopify) simulator\s+(http://127\.0\.0\.1:\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that runs; `omneo` and `shopify` are the simulators' addresses, `proxy` is the proxy's own."""

    process: subprocess.Popen[bytes]
    output: Path
    page: str
    omneo: str
    shopify: str
    proxy: str
    http: httpx.Client

    def status(self) -> dict[str, Any]:
        return dict(self.http.get(f"{self.page}/demo/status").json())

    def start_over(self) -> None:
        assert self.http.post(f"{self.page}/demo/reset").status_code == 200

    def state(self, url: str) -> dict[str, Any]:
        return dict(self.http.get(f"{url}/_sandbox/state").json())

    def profile(self, customer: int = 1001) -> dict[str, Any]:
        """Return what Omneo knows of a customer."""
        profiles = self.state(self.omneo)["profiles"]
        return next(dict(p) for p in profiles if p["identities"].get("shopify") == str(customer))

    def deliveries(self, **modes: bool) -> None:
        """Switch how Shopify sends its webhooks."""
        assert self.http.post(f"{self.shopify}/_sandbox/deliveries", json=modes).status_code == 200

    def deliveries_now(self) -> dict[str, Any]:
        return dict(self.http.get(f"{self.shopify}/_sandbox/deliveries").json())

    def break_omneo(self, **fault: Any) -> None:
        assert self.http.post(f"{self.omneo}/_sandbox/faults", json=fault).status_code == 200

    def redeems(self) -> int:
        """Count how often Omneo was asked to redeem."""
        calls = self.http.get(f"{self.omneo}/_sandbox/calls").json()["calls"]
        return int(calls.get("POST /api/v3/profiles/{id}/redeem", 0))

    def faults(self, url: str) -> list[Any]:
        return list(self.http.get(f"{url}/_sandbox/faults").json()["faults"])

    def kill_proxy(self) -> int:
        """End the proxy as a crash would, and return its pid."""
        pid = int(self.status()["pid"])
        os.kill(pid, signal.SIGKILL)
        return pid

    def recovers_from(self, dead: int) -> None:
        """Wait until another proxy process serves."""
        eventually(lambda: self.status()["ready"] and self.status()["pid"] != dead, self.said)

    def said(self) -> str:
        return self.output.read_text(errors="replace")


def eventually(holds: Callable[[], bool], say: Callable[[], str], patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, f"did not come true within {patience_s:g} s:\n{say()}"
        time.sleep(0.05)


@contextmanager
def started_demo(directory: Path) -> Iterator[Demo]:
    """Run `python -m proxy demo` until the block ends, and check that it ends tidily."""
    output = directory / "demo.txt"
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "proxy", "demo", "--port", str(free_port())],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if not k.startswith("PROXY_")} | {"TMPDIR": str(directory)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        page = _address(process, output)
        sides = dict(_SIMULATOR.findall(output.read_text()))
        (proxy,) = _PROXY.findall(output.read_text())
        with httpx.Client(timeout=60, trust_env=False) as http:
            yield Demo(process, output, page, sides["Omneo"], sides["Shopify"], proxy, http)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert process.returncode == 0, output.read_text()
    assert [p.name for p in directory.iterdir()] == [output.name], "the demo left something behind"


def _address(process: subprocess.Popen[bytes], output: Path) -> str:
    def said() -> str:
        return output.read_text(errors="replace")

    eventually(lambda: _ADDRESS.search(said()) is not None or process.poll() is not None, said, START_S)
    found = _ADDRESS.search(said())
    assert found is not None, f"the demo did not start:\n{said()}"
    return found.group(1)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])

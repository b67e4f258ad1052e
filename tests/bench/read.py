"""Print what a warm read and a redemption cost, each as a ratio measured side by side in this run.

    python tests/bench/read.py            # about a minute, loopback only, bounded

The read: warm signed `GET /v1/rewards` with all production middleware, to a bare Starlette JSON route on the same
server (uvicorn as it comes, without its access log); one core serves, the other loads. Goal: 0.55 or more.
The redemption: `POST /v1/redemptions` of a customer whose balance was just read, to one upstream call, with upstreams
that take 100 ms. Goal: 1.2 or less.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import jwt

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SECRET = "a-client-secret-for-the-bench-only"
SHOP = "sandbox-shop.myshopify.com"
ROUNDS, SECONDS, REDEMPTIONS = 5, 3.0, 40
SERVER_CORE, LOAD_CORE = 0, 1


def main() -> None:
    with ExitStack() as stack:
        upstream = stack.enter_context(_uvicorn("stubs:upstreams", LOAD_CORE))
        bare = stack.enter_context(_uvicorn("stubs:bare", SERVER_CORE))
        proxy = stack.enter_context(_proxy(upstream))
        _print_read(bare, proxy)
        _print_redemption(upstream, proxy)


def _print_read(bare: tuple[int, int], proxy: tuple[int, int]) -> None:
    request = _request("/v1/rewards", {"Authorization": f"Bearer {_token(1001)}"})
    ratios, ours, theirs, cpu = [], [], [], []
    for number in range(ROUNDS):
        reference, reference_cpu = _load(bare, _request("/v1/rewards", {}))
        measured, measured_cpu = _load(proxy, request)
        ratios.append(measured / reference)
        ours.append(measured)
        theirs.append(reference)
        cpu.append((reference_cpu, measured_cpu))
        print(f"  round {number + 1} of {ROUNDS}: bare {reference:,.0f} r/s, ours {measured:,.0f} r/s", file=sys.stderr)
    bare_us, our_us = (statistics.median(values) for values in zip(*cpu, strict=True))
    print(f"warm GET /v1/rewards : {statistics.median(ratios):.2f} of bare Starlette (goal 0.55 or more)")
    print(f"                       median {statistics.median(ours):,.0f} r/s to {statistics.median(theirs):,.0f} r/s,")
    print(f"                       CPU {our_us:.0f} us to {bare_us:.0f} us a request, {bare_us / our_us:.2f} by CPU")


def _print_redemption(upstream: tuple[int, int], proxy: tuple[int, int]) -> None:
    calls, redemptions = [], []
    with httpx.Client(trust_env=False) as client:
        for number in range(REDEMPTIONS):
            calls.append(_timed(client, upstream[0], "GET", f"/api/v3/profiles/p-{number}/rewards"))
            headers = {"Authorization": f"Bearer {_token(5000 + number)}", "Idempotency-Key": f"bench-{number}-key"}
            _timed(client, proxy[0], "GET", "/v1/rewards", headers=headers)
            body = {"amount": {"amount": "12.50", "currencyCode": "AUD"}, "cart": "c"}
            redemptions.append(_timed(client, proxy[0], "POST", "/v1/redemptions", headers=headers, json=body))
    ratio = statistics.median(redemptions) / statistics.median(calls)
    print(f"POST /v1/redemptions : {ratio:.2f} of one upstream call (goal 1.2 or less)")
    print(f"                       median {_ms(redemptions)} ms to {_ms(calls)} ms, {REDEMPTIONS} customers")


def _timed(client: httpx.Client, port: int, method: str, path: str, **more: object) -> float:
    began = time.perf_counter()
    answer = client.request(method, f"http://127.0.0.1:{port}{path}", **more)  # type: ignore[arg-type]
    if not answer.is_success:
        raise SystemExit(f"{method} {path} answered {answer.status_code}: {answer.text[:200]}")
    return time.perf_counter() - began


def _ms(values: list[float]) -> str:
    return f"{statistics.median(values) * 1000:.1f}"


def _load(server: tuple[int, int], request: bytes) -> tuple[float, float]:
    """Give requests a second, and CPU microseconds of the server's process for each."""
    port, pid = server
    before = _cpu_s(pid)
    command = [sys.executable, str(HERE / "load.py"), str(port), "--seconds", str(SECONDS)]
    done = subprocess.run(_on(LOAD_CORE, command), input=request, capture_output=True, check=True, timeout=60)
    result = json.loads(done.stdout)
    cpu_s = _cpu_s(pid) - before
    return result["requests"] / result["seconds"], cpu_s / result["requests"] * 1e6


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _request(path: str, headers: dict[str, str]) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _token(customer: int) -> str:
    now = int(time.time())
    claims = {"dest": SHOP, "aud": "bench", "sub": f"gid://shopify/Customer/{customer}", "jti": "1"}
    return jwt.encode({**claims, "exp": now + 300, "nbf": now, "iat": now}, SECRET, algorithm="HS256")


@contextmanager
def _uvicorn(app: str, core: int) -> Iterator[tuple[int, int]]:
    port = _free_port()
    flags = ["--no-access-log", "--log-level", "warning"]
    command = [sys.executable, "-m", "uvicorn", app, "--app-dir", str(HERE), "--port", str(port), *flags]
    with _process(_on(core, command), dict(os.environ), port, "/v1/rewards" if "bare" in app else "/admin/x") as pid:
        yield port, pid


@contextmanager
def _proxy(upstream: tuple[int, int]) -> Iterator[tuple[int, int]]:
    port = _free_port()
    base = f"http://127.0.0.1:{upstream[0]}"
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "SHOP_DOMAIN": SHOP,
            "SHOP_CURRENCY": "AUD",
            "SHOPIFY_CLIENT_ID": "bench",
            "SHOPIFY_CLIENT_SECRET": SECRET,
            "SHOPIFY_BASE_URL": base,
            "OMNEO_TENANT": "bench",
            "OMNEO_TOKEN": "bench",
            "OMNEO_BASE_URL": f"{base}/api/v3",
            "TRANSACTION_MODE": "none",
            "TRANSIENT_KEYS": "a-key-for-the-bench-of-32-characters",
            "DATABASE_URL": f"sqlite:///{folder}/bench.db",
            "PORT": str(port),
            "CACHE_TTL_S": "60",
            "LIMIT_CALLER_PER_MIN": "10000000",
            "LIMIT_SHOP_PER_MIN": "10000000",
            "LOG_LEVEL": "warning",
        }
        environment = {**os.environ, **{f"PROXY_{name}": value for name, value in settings.items()}}
        command = [sys.executable, "-m", "proxy"]
        subprocess.run([*command, "migrate"], env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        with _process(_on(SERVER_CORE, [*command, "serve"]), environment, port, "/readyz") as pid:
            yield port, pid


@contextmanager
def _process(command: list[str], environment: dict[str, str], port: int, path: str) -> Iterator[int]:
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False)
                break
            except httpx.TransportError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise SystemExit(f"{' '.join(command[:4])} did not start") from None
                time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _on(core: int, command: list[str]) -> list[str]:
    return ["taskset", "-c", str(core), *command] if (os.cpu_count() or 1) > 1 else command


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()

"""`proxy sandbox`: the simulators alone, for whoever tests an integration against them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx

from tests.e2e.demo import ROOT, eventually, free_port

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PROXY_")}
COMMAND = (sys.executable, "-m", "proxy", "sandbox")


def test_the_printed_environment_is_one_that_the_proxy_starts_with(tmp_path: Path) -> None:
    printed = subprocess.run((*COMMAND, "--print-env"), cwd=ROOT, env=CLEAN, capture_output=True, text=True, check=True)
    settings = dict(re.findall(r"^export (PROXY_\w+)='(.*)'$", printed.stdout, re.MULTILINE))

    ledger = {"PROXY_DATABASE_URL": f"sqlite:///{tmp_path / 'ledger.db'}"}
    migrate = (sys.executable, "-m", "proxy", "migrate")
    subprocess.run(migrate, cwd=ROOT, env=CLEAN | settings | ledger, capture_output=True, check=True)

    assert settings["PROXY_OMNEO_BASE_URL"] == "http://127.0.0.1:8401/api/v3"
    assert settings["PROXY_SHOPIFY_BASE_URL"] == "http://127.0.0.1:8402"


def test_both_simulators_answer_and_end_at_a_signal(tmp_path: Path) -> None:
    omneo, shopify, output = free_port(), free_port(), tmp_path / "sandbox.txt"
    ports = ("--omneo-port", str(omneo), "--shopify-port", str(shopify))
    with output.open("wb") as out, subprocess.Popen((*COMMAND, *ports), cwd=ROOT, env=CLEAN, stdout=out) as process:
        try:
            eventually(lambda: "Ctrl-C ends both" in output.read_text(), output.read_text)
            for port in (omneo, shopify):
                assert httpx.get(f"http://127.0.0.1:{port}/_sandbox/state", trust_env=False).status_code == 200
        finally:
            process.terminate()
    assert process.returncode == 0

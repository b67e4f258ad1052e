"""The proof in short: it runs, goes on where it was stopped, and does not pass when something is wrong."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.prove.chunks import ENGINES, Chunk, planned
from tests.prove.kept import Kept, Result
from tests.prove.table import counted, spotless
from tests.prove.tally import Tally
from tests.world.process import ROOT

KILLS = Chunk("kills", "sqlite", 0, 10)


def prove(folder: Path, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.prove", "--json", "--folder", str(folder), *options]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def test_a_short_proof_finds_nothing_lost_doubled_or_stuck_and_is_not_run_twice(tmp_path: Path) -> None:
    first = prove(tmp_path, "--steps", "100", "--kills", "4")
    for engine in ENGINES:
        assert first["sums"][engine]["steps"] >= 50
        assert first["sums"][engine]["kills"] >= 2
    lines = (tmp_path / "runs.jsonl").read_text().splitlines()
    assert prove(tmp_path, "--steps", "100", "--kills", "4") == first
    assert (tmp_path / "runs.jsonl").read_text().splitlines() == lines


def test_the_plan_covers_what_was_asked_for_on_both_engines() -> None:
    chunks = planned(100_000, 1000)
    assert len(set(chunks)) == len(chunks)
    for kind, wanted in (("steps", 50_000), ("kills", 500)):
        for engine in ENGINES:
            assert sum(c.size for c in chunks if (c.kind, c.engine) == (kind, engine)) == wanted


def test_results_of_other_sources_do_not_count(tmp_path: Path) -> None:
    Kept(tmp_path / "runs.jsonl", "old").add(Result(KILLS, Tally(kills=10), 1.0))
    assert Kept(tmp_path / "runs.jsonl", "new").done() == {}
    assert list(Kept(tmp_path / "runs.jsonl", "old").done()) == [KILLS]


def test_what_failed_and_what_was_cut_off_is_run_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "runs.jsonl", "now")
    kept.add(Result(KILLS, Tally(kills=3), 1.0, failed="it did not end well"))
    with (tmp_path / "runs.jsonl").open("a") as file:
        file.write('{"version": "now", "chu')
    assert kept.done() == {}


@pytest.mark.parametrize("wrong", ["lost_minor", "doubled_minor", "stuck"])
def test_what_is_lost_doubled_or_stuck_anywhere_spoils_the_proof(wrong: str) -> None:
    well, ill = Result(KILLS, Tally(kills=10), 1.0), Result(KILLS, Tally(kills=10), 1.0)
    assert spotless(counted([well, ill]))
    setattr(ill.tally, wrong, 1)
    assert not spotless(counted([well, ill]))

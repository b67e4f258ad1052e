"""What a proof is made of: parts that are small enough to be repeated, each known by its kind, engine and seed."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.world.process import ROOT

ENGINES: Final = ("sqlite", "postgresql")
_STEPS: Final = 2500
_KILLS: Final = 10
_PROVEN: Final = ("proxy", "tests/model", "tests/failure", "tests/prove", "tests/world")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One part; `kind` is `steps` of the state machine or `kills` of processes, `size` how many at least."""

    kind: str
    engine: str
    seed: int
    size: int

    @property
    def command(self) -> str:
        """Say how to run it again, alone."""
        return f".venv/bin/python -m tests.prove --replay {self.kind}:{self.engine}:{self.seed}:{self.size}"


def planned(steps: int, kills: int) -> list[Chunk]:
    """Divide the whole into chunks, evenly over both engines, the kinds in turn."""
    kinds = [list(_of("steps", steps, _STEPS)), list(_of("kills", kills, _KILLS))]
    return sorted((chunk for chunks in kinds for chunk in chunks), key=lambda chunk: (chunk.seed, chunk.kind))


def _of(kind: str, wanted: int, size: int) -> Iterator[Chunk]:
    each = -(-wanted // len(ENGINES))
    for engine in ENGINES:
        for seed, begun in enumerate(range(0, each, size)):
            yield Chunk(kind, engine, seed, min(size, each - begun))


def version() -> str:
    """Name what is proven: results of other sources are not mixed in."""
    digest = hashlib.sha256()
    for folder in _PROVEN:
        for file in sorted((ROOT / folder).rglob("*.py")):
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]

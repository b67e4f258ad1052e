"""Results on disk, a line of JSON each: what is there is not run again."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.prove.chunks import Chunk
from tests.prove.tally import Tally


@dataclass(frozen=True, slots=True)
class Result:
    """What a chunk counted, for how long it ran, and what went wrong in it."""

    chunk: Chunk
    tally: Tally
    seconds: float
    failed: str | None = None


class Kept:
    """The results of one version of the sources."""

    def __init__(self, file: Path, version: str) -> None:
        self._file = file
        self._version = version
        file.parent.mkdir(parents=True, exist_ok=True)

    def forget(self) -> None:
        """Begin anew."""
        self._file.unlink(missing_ok=True)

    def add(self, result: Result) -> None:
        """Keep a result; a failed one is kept to be read, and run again."""
        line = {
            "version": self._version,
            "chunk": asdict(result.chunk),
            "tally": result.tally.to_json(),
            "seconds": round(result.seconds, 1),
            "failed": result.failed,
        }
        with self._file.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def done(self) -> dict[Chunk, Result]:
        """Give what ran well."""
        return {result.chunk: result for result in self._read() if result.failed is None}

    def _read(self) -> Iterator[Result]:
        if not self._file.exists():
            return
        for text in self._file.read_text().splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue  # cut off by whatever ended that run
            if line["version"] == self._version:
                tally = Tally.from_json(line["tally"])
                yield Result(Chunk(**line["chunk"]), tally, line["seconds"], line["failed"])

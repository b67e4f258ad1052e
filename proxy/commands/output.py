"""Where a command writes what it was asked for."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

STDOUT: Final = "-"


@contextmanager
def opened(name: str) -> Iterator[TextIO]:
    """Open standard output, or a file that appears under its name only when it is whole."""
    if name == STDOUT:
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        yield sys.stdout
        sys.stdout.flush()
        return
    wanted = Path(name)
    handle, part = tempfile.mkstemp(dir=wanted.parent, prefix=f".{wanted.name}.", suffix=".part")
    try:
        with open(handle, "w", encoding="utf-8", newline="") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, wanted)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise

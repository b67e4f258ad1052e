"""Change the product a little, thousands of times, and see which change no test notices; `make mutate` runs it.

Works in a copy under var/ and remembers there what was noticed: functions that have changed since, and mutants that
survived, are tried anew. `make clean` forgets all of it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files

_ROOT = Path(__file__).parents[2]
_ARGUED = Path(__file__).with_name("argued.txt")
_COPY = _ROOT / "var" / "mutation"
# A mutant that hangs or breaks the interpreter was noticed.
_NOTICED = {"killed", "timeout", "segfault", "caught by type check"}


@dataclass(frozen=True, slots=True)
class Argument:
    """Why a mutant may survive: `fragment` stands in the line as the mutant has it."""

    function: str
    fragment: str
    reason: str

    def covers(self, function: str, changed: str) -> bool:
        return function == self.function and self.fragment in changed


def arguments() -> list[Argument]:
    """Read one argument from each line: function | fragment | reason."""
    lines = [line for line in _ARGUED.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return [Argument(*(part.strip() for part in line.split(" | ", 2))) for line in lines]


def copy() -> None:
    """Bring the copy up to date; what mutmut keeps there stays."""
    _COPY.mkdir(parents=True, exist_ok=True)
    for name in ("proxy", "tests"):
        shutil.rmtree(_COPY / name, ignore_errors=True)
        shutil.copytree(_ROOT / name, _COPY / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy2(_ROOT / name, _COPY / name)


def forget_survivors() -> None:
    """Have what nobody noticed tried again: the tests may be better by now."""
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        known = data.exit_code_by_key.items()
        data.exit_code_by_key = {m: code if status_by_exit_code[code] in _NOTICED else None for m, code in known}
        if known:
            data.save()


def readable(mutant: str) -> str:
    """Name the function that a mutant is of: `proxy.domain.money.Money.parse`."""
    module, _, key = mutant.partition(".x")
    function = key.rsplit("__mutmut_", 1)[0]
    return f"{module}.{function.strip('ǁ').replace('ǁ', '.') if function.startswith('ǁ') else function[1:]}"


def changed(mutant: str, path: Path) -> str:
    """Give the lines as the mutant has them."""
    diff = get_diff_for_mutant(mutant, path=path).splitlines()[2:]
    added = [line[1:].strip() for line in diff if line.startswith("+")]
    # A mutant that only drops something is known by what it drops.
    return "\n".join(added or [line[1:].strip() for line in diff if line.startswith("-")])


def report() -> int:
    """Print the table and what is open; gives how many mutants are."""
    argued, used = arguments(), set[Argument]()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for mutant, exit_code in data.exit_code_by_key.items():
            status = status_by_exit_code[exit_code]
            module = ".".join(Path(path).with_suffix("").parts)
            counts[module]["mutants"] += 1
            if status in _NOTICED:
                counts[module]["killed"] += 1
                continue
            function, lines = readable(mutant), changed(mutant, path)
            excuses = [argument for argument in argued if argument.covers(function, lines)]
            used.update(excuses)
            counts[module]["argued" if excuses else "open"] += 1
            if not excuses:
                print(f"{status}: {function} | {lines}")
    table(counts)
    for argument in sorted(set(argued) - used, key=lambda each: each.function):
        print(f"argues nothing: {argument.function} | {argument.fragment}")
    return sum(count["open"] for count in counts.values()) + len(set(argued) - used)


def table(counts: dict[str, Counter[str]]) -> None:
    """Print what became of each module's mutants, and of all."""
    columns = ("mutants", "killed", "argued", "open")
    print(f"\n{'module':<34}" + "".join(f"{column:>9}" for column in columns) + "    score")
    for module, count in [*sorted(counts.items()), ("all", sum(counts.values(), Counter[str]()))]:
        score = 100 * count["killed"] / max(1, count["mutants"])
        print(f"{module:<34}" + "".join(f"{count[column]:>9}" for column in columns) + f"{score:>8.1f}%")


def main() -> int:
    """Run what has to be run anew, and report."""
    copy()
    os.chdir(_COPY)
    forget_survivors()
    children = str(os.cpu_count() or 1)
    # Pytest keeps the folders of its last three sessions, and these are thousands: beside a run of the tests, whose
    # PostgreSQL lives in such a folder, they need a place of their own.
    with tempfile.TemporaryDirectory() as folder:
        command = [Path(sys.executable).with_name("mutmut"), "run", "--max-children", children]
        ran = subprocess.run(command, check=False, env={**os.environ, "TMPDIR": folder})
    return ran.returncode or min(1, report())


if __name__ == "__main__":
    sys.exit(main())

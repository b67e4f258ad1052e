"""The threat model names tests that exist, and what it says of the lock files is so."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "proxy" / "decisions" / "0018-threat-model.md").read_text()
TABLES = PAGE[PAGE.index("\n## ") :]
ABUSES = [
    line for line in TABLES.splitlines() if line.startswith("| ") and line[2:].split(" |")[0] not in ("tried", "---")
]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize(("file", "test"), NAMED, ids=lambda part: part)
def test_every_test_that_the_page_names_exists(file: str, test: str) -> None:
    assert (ROOT / file).is_file()
    assert not test or test in functions(ROOT / file)


@pytest.mark.parametrize("row", ABUSES, ids=lambda row: row[2:50])
def test_every_abuse_has_a_guard_and_a_test(row: str) -> None:
    _, guard, test = (cell.strip() for cell in row.strip("|").split("|"))
    assert guard
    assert "`tests/" in test


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_hashes(name: str) -> None:
    packages = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / name).read_text().strip())
    assert len(packages) > 20
    for package in packages:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==", package), package[:80]
        assert "--hash=sha256:" in package, package[:80]

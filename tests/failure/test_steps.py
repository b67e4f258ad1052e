"""The list of durable steps is the code's own, so that no step can be added without being died at."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.failure.dying import changes
from tests.failure.steps import COMMANDS, STEPS
from tests.failure.stories import STORIES
from tests.world.process import ROOT

_STORES = ROOT / "proxy" / "stores"


def test_every_write_of_the_ledger_and_every_change_of_an_upstream_is_listed() -> None:
    assert writes(_STORES) | changes() == set(STEPS) | COMMANDS
    assert not set(STEPS) & COMMANDS


def test_every_step_has_a_story() -> None:
    assert {name for names in STEPS.values() for name in names} <= set(STORIES)
    assert all(STEPS.values())


def test_a_write_that_hides_in_any_way_is_found(tmp_path: Path) -> None:
    """A control of the search itself: called at once, kept for later, in a function of its own, in a closure."""
    (tmp_path / "hidden.py").write_text(
        "class Store:\n"
        "    async def plain(self): return await self._database.write(1)\n"
        "    def kept(self): later = self._database.write; return later\n"
        "    async def within(self):\n"
        "        def inside(): return self._database.write(2)\n"
        "        return await inside()\n"
        "    async def read(self): return await self._database.read(3)\n"
        "async def outside(ledger): await ledger.write(4)\n"
    )
    assert writes(tmp_path) == {"Store.plain", "Store.kept", "Store.within", "outside"}


def writes(folder: Path) -> set[str]:
    """Name whatever takes hold of a database's `write`, by its class and method."""
    # The database itself is where writing is made, not asked for.
    modules = [module for module in folder.rglob("*.py") if module.name != "database.py"]
    return {name for module in modules for name in _writes(ast.parse(module.read_text()), ())}


def _writes(node: ast.AST, inside: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        inside = (*inside, node.name)
    if isinstance(node, ast.Attribute) and node.attr == "write":
        yield ".".join(inside[:2])
    for child in ast.iter_child_nodes(node):
        yield from _writes(child, inside)

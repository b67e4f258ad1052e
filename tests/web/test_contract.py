"""The contract that clients are built from is what the app says and does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from proxy.__main__ import cli
from proxy.web.openapi import document
from tests.web.contract import headers_of, play, vectors
from tests.world.databases import Databases
from tests.world.world import open_world

COMMITTED = Path(__file__).parents[2] / "extensions" / "shared" / "openapi.json"
ALL = dict(vectors())


def test_the_committed_document_is_the_apps() -> None:
    """Written with `npm run contract` in extensions/."""
    written = CliRunner().invoke(cli, ["openapi"])
    assert written.exit_code == 0
    assert COMMITTED.read_text() == written.output


def test_every_operation_is_played_by_some_vector() -> None:
    templates = {
        (method.upper(), path): re.compile(re.sub(r"\{[a-z]+\}", "[^/]+", path))
        for path, item in document()["paths"].items()
        for method in item
    }
    asked = [(v["request"]["method"], v["request"]["path"].partition("?")[0]) for v in ALL.values()]
    unplayed = [
        f"{method} {path}"
        for (method, path), form in templates.items()
        if not any(method == by and form.fullmatch(at) for by, at in asked)
    ]
    assert unplayed == []


def test_no_two_vectors_claim_the_same() -> None:
    assert len(ALL) == len(list(vectors()))


@pytest.mark.anyio
@pytest.mark.parametrize("vector", ALL.values(), ids=ALL.keys())
async def test_the_app_answers_as_the_vector_says(databases: Databases, tmp_path: Path, vector: dict[str, Any]) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with open_world(url, **vector.get("settings", {})) as world:
        answer, bound = await play(world, vector)
    stated = vector["answer"]
    assert answer.status_code == stated["status"], answer.text
    assert bound.matches(stated["headers"], headers_of(answer)), answer.headers
    assert bound.matches(stated["body"], answer.json()), json.dumps(answer.json(), indent=2)

"""A process is killed before and after every durable step that there is; the next one brings everything to its end.

Every instant is died at on SQLite, in each story that the list names for it, and each third on PostgreSQL too, so that
both sides of a step get their turn; `make prove` dies on both, in all stories, again and again. The processes are real:
each is forked from one that has imported everything and opened nothing, serves as `proxy serve` does, and dies by
SIGKILL.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.failure.dying import Instant
from tests.failure.forks import Forks, forking
from tests.failure.stage import open_stage
from tests.failure.steps import STEPS, WHEN
from tests.failure.stories import STORIES
from tests.failure.truth import agrees
from tests.world.databases import Databases, PostgresServer

DEATHS = [(Instant(step, when), told) for step, names in STEPS.items() for told in names for when in WHEN]


def _id(value: object) -> str:
    return str(value).replace(" ", "-")


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with forking(tmp_path_factory.mktemp("forks")) as server:
        yield server


@pytest.mark.anyio
@pytest.mark.parametrize(("instant", "name"), DEATHS, ids=_id)
async def test_killed_at_an_instant_on_sqlite(
    forks: Forks, databases: Databases, tmp_path: Path, instant: Instant, name: str
) -> None:
    await dies_and_ends_well(forks, databases.sqlite(tmp_path / "proxy.db"), tmp_path, instant, name)


@pytest.mark.anyio
@pytest.mark.parametrize(("instant", "name"), DEATHS[::3], ids=_id)
async def test_killed_at_an_instant_on_postgresql(
    forks: Forks, databases: Databases, postgres: PostgresServer, tmp_path: Path, instant: Instant, name: str
) -> None:
    await dies_and_ends_well(forks, databases.postgres(postgres), tmp_path, instant, name)


@pytest.mark.anyio
@pytest.mark.parametrize("name", STORIES)
async def test_a_story_ends_as_well_without_a_death(
    forks: Forks, databases: Databases, tmp_path: Path, name: str
) -> None:
    """A control: what the stories tell, and what the comparison expects, is not owed to the restart."""
    told = STORIES[name]
    url = databases.sqlite(tmp_path / "proxy.db")
    async with open_stage(forks, url, tmp_path, [], **told.settings) as shop:
        await told.tell(shop)
        await agrees(shop, told.reviews)
        assert not shop.proxy.deaths


async def dies_and_ends_well(forks: Forks, url: str, folder: Path, instant: Instant, name: str) -> None:
    told = STORIES[name]
    async with open_stage(forks, url, folder, [instant], **told.settings) as shop:
        await told.tell(shop)
        await agrees(shop, told.reviews)
        assert shop.proxy.kills() == [str(instant)]
        assert shop.proxy.deaths == [-9]
        assert shop.proxy.steps() <= set(STEPS), "a step is taken that the list does not have"

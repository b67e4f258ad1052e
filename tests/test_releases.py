"""Several machines are not updated at once: a release starts on its own schema and on no other."""

import pytest
import sqlalchemy as sa

from proxy.stores.database import sqlalchemy_url
from proxy.stores.schema import HEAD
from tests.test_commands import environment, run

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.parametrize("found", ["0001", "9999"], ids=["older", "newer"])
async def test_a_schema_of_another_release_stops_the_start(database_url: str, found: str, command: str) -> None:
    """`serve` and `worker` of the release before end when they are started anew, and those of the next do not begin."""
    engine = sa.create_engine(sqlalchemy_url(database_url), poolclass=sa.pool.NullPool)
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :found"), {"found": found})
    result = await run(environment(database_url), command)
    assert result.status == 1
    (line,) = result.err.strip().splitlines()
    assert found in line
    assert HEAD in line


async def test_an_older_release_does_not_migrate_what_a_newer_one_has(database_url: str) -> None:
    engine = sa.create_engine(sqlalchemy_url(database_url), poolclass=sa.pool.NullPool)
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    result = await run(environment(database_url), "migrate")
    assert result.status == 1
    assert "newer release" in result.err
    assert "Traceback" not in result.err

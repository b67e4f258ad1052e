"""Whatever path is written: Omneo is asked for what is listed, of the caller's own profile, or not at all."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.sandbox import seed
from tests.web.questions import transient
from tests.world.databases import Databases
from tests.world.world import BENEDIKT, PATIENCE_S, World, open_world

ME = "/id/api/v1/profiles/me"
OTHERS = [c for c in seed.CUSTOMERS if c.id != BENEDIKT]
_LISTS = "rewards|benefits|transactions|redemptions|ledgers"
MAY_BE_ASKED = re.compile(
    rf"GET /api/v3/profiles/{seed.BENEDIKT.profile_id}"
    rf"(/(balances|tiers|aggregations|({_LISTS})(/[1-9][0-9]*)?|identities(/(id/[0-9]+|[\w-]+))?))?(\?.*)?"
    r"|POST /api/v3/profiles/search-id"
)

_OTHER = seed.ADA.profile_id or ""
_NAMES = ["rewards", "benefits", "balances", "redeem", "resync", "purge", "credits", "lists", "1", "2", "shopify", "id"]
_TRICKS = [
    "..",
    ".",
    "",
    "%2e%2e",
    "%2E%2e",
    "%252e%252e",
    "..%2f",
    "%2f",
    "%5c",
    "\\",
    ";",
    "..;",
    "%00",
    "%0d%0a",
    "*",
]
_WORDS = ["me", "ME", "m%65", _OTHER, "connection", "api", "v1", "v3", "id", "profiles", "auth", "token", "search-id"]
_SEGMENT = st.sampled_from([*_NAMES, *_TRICKS, *_WORDS]) | st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="?#"), max_size=8
)
_QUERY = st.sampled_from(
    [
        "",
        "?include=profile",
        f"?filter[profile_id]={_OTHER}",
        f"?profile={_OTHER}",
        "?page[size]=2",
        "?_method=POST",
        "?#",
        f"?filter[id]=1%26profile_id={_OTHER}",
        "?page[size]=1%23",
        "?sort=id%0d%0aX-A:b",
    ]
)
TARGETS = st.tuples(
    st.sampled_from([ME, ME, ME, "/id/api/v1/profiles", "/id/api/v1", "/id/api/v3", "/id", "/id/..", "//id", "/ID"]),
    st.lists(_SEGMENT, max_size=5).map(lambda parts: "".join(f"/{part}" for part in parts)),
    _QUERY,
).map("".join)


@contextmanager
def _opened(databases: Databases, directory: Path) -> Iterator[tuple[BlockingPortal, World, str]]:
    with start_blocking_portal() as portal:
        opening = open_world(databases.sqlite(directory / "proxy.db"))
        with portal.wrap_async_context_manager(opening) as world:
            yield portal, world, portal.call(transient, world, BENEDIKT)


async def _ask(world: World, method: str, target: str, token: str) -> bytes:
    """Send a request line as it is; a client's library would tidy it up."""
    address = urlsplit(world.urls["proxy"])
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = f"{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    writer.write(f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode("latin-1"))
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await reader.read()
    finally:
        writer.close()


SPELLINGS = [
    ME.replace("profiles", "profile%73"),
    ME.replace("/id/", "/id%2f"),
    ME.replace("me", "m%65"),
    ME.replace("me", "ME"),
    f"{ME}%2frewards",
    f"{ME}/%72ewards",
    f"{ME}/rewards%2f1",
    f"{ME}/rewards%3Fpage[size]=1",
    f"{ME}/x/../rewards",
    f"{ME}/x%2f..%2frewards",
    f"{ME}/x%252f..%252frewards",
    f"{ME}/./rewards",
    f"{ME}//rewards",
    f"{ME}/rewards/",
    f"{ME}/rewards%00",
    f"{ME};x=y/rewards",
]


def test_a_listed_path_that_is_spelt_otherwise_is_not_there(databases: Databases, tmp_path: Path) -> None:
    with _opened(databases, tmp_path) as (portal, world, token):
        assert b" 200 " in portal.call(_ask, world, "GET", f"{ME}/rewards", token)
        world.omneo.requests.clear()
        for target in SPELLINGS:
            assert b"HTTP/1.1 404 " in portal.call(_ask, world, "GET", target, token), target
        assert not world.omneo.requests


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_path_reaches_another_profile_or_what_is_not_listed(
    databases: Databases, tmp_path: Path, method: str
) -> None:
    with _opened(databases, tmp_path) as (portal, world, token):
        reached = 0

        @settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(TARGETS)
        def asked(target: str) -> None:
            nonlocal reached
            world.omneo.requests.clear()
            answer = portal.call(_ask, world, method, target, token).decode()
            assert re.match(r"HTTP/1\.1 [234]\d\d ", answer), answer
            for request in world.omneo.requests:
                assert MAY_BE_ASKED.fullmatch(request), (target, request)
                reached += method == "GET"
            assert method == "GET" or not world.omneo.requests
            for other in OTHERS:
                assert other.email not in answer
                assert other.profile_id is None or other.profile_id not in answer.partition("\r\n\r\n")[2]

        asked()
        assert not world.omneo_redemptions(BENEDIKT)
        assert method == "POST" or reached, "nothing was let through, so nothing was tested"

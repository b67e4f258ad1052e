"""What the gateway reads and mints, against answers that no sandbox gives."""

import time
from typing import Any

import jwt
import pytest
from byte_server import ByteServer, answer
from pydantic import SecretStr
from upstreams_rig import FAST, Wired

from proxy.domain.errors import InvalidRequest, NotFound, UpstreamUnavailable
from proxy.domain.gateway import ProfileRead
from proxy.domain.ids import ProfileId
from proxy.domain.loyalty import IdToken
from proxy.upstreams.http import Limits
from proxy.upstreams.omneo_gateway import OmneoProfiles
from proxy.upstreams.omneo_id import OmneoId

pytestmark = pytest.mark.anyio

ME = ProfileId("p-1")
REWARDS = ProfileRead("rewards", "/rewards")
REWARD = ProfileRead("rewards", "/rewards/5", single=True)
SOON = int(time.time()) + 3600


async def _profiles(server: ByteServer, wired: Wired, **settings: Any) -> OmneoProfiles:
    return OmneoProfiles(await wired.upstream(server.url, **settings), SecretStr("server-token"), FAST)


async def _id(server: ByteServer, wired: Wired) -> OmneoId:
    return OmneoId(await wired.upstream(server.url), SecretStr("server-token"), FAST)


def _token(**claims: object) -> str:
    return jwt.encode(claims, "a-key-of-omneos-own-that-is-long-enough", algorithm="HS256")


async def test_an_answer_stays_as_it_was_to_the_byte(server: ByteServer, wired: Wired) -> None:
    body = (
        '{ "data":[ {"id":1,"value": 10.00, "value":1E1,\n "big":12345678901234567890.10, "né\\u00e9":"é€"} ],"x":null}'
    )
    server.script = [answer(body.encode(), content_type="application/json")]
    query = (("page[size]", "5"), ("filter[search]", "a&b=é"))
    assert await (await _profiles(server, wired)).read(ME, REWARDS, query) == body.encode()
    (sent,) = server.requests
    assert (sent.method, sent.body) == ("GET", b"")
    assert sent.target == "/profiles/p-1/rewards?page%5Bsize%5D=5&filter%5Bsearch%5D=a%26b%3D%C3%A9"
    assert sent.headers["authorization"] == "Bearer server-token"
    assert wired.observed == [("omneo", "gateway_rewards", "2xx")]


@pytest.mark.parametrize("body", [b"", b"null", b"<html>", b"{", b'{"data": NaN}', b"\xff", b"[" * 100_000])
async def test_what_is_not_json_is_no_answer(server: ByteServer, wired: Wired, body: bytes) -> None:
    server.script = [answer(body)]
    with pytest.raises(UpstreamUnavailable):
        await (await _profiles(server, wired)).read(ME, REWARDS, ())


async def test_an_answer_of_another_profile_is_not_given(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"data": {"id": 5, "profile_id": "p-2"}})]
    with pytest.raises(NotFound) as caught:
        await (await _profiles(server, wired)).read(ME, REWARD, ())
    assert caught.value.details["reason"] == "of_another_profile"


async def test_an_answer_beyond_the_limit_is_not_read_to_its_end(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"data": ["x" * 5000]})]
    with pytest.raises(UpstreamUnavailable):
        await (await _profiles(server, wired, limits=Limits(body_bytes=4096))).read(ME, REWARDS, ())


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (400, InvalidRequest),
        (422, InvalidRequest),
        (404, NotFound),
        (401, UpstreamUnavailable),
        (403, UpstreamUnavailable),
        (302, UpstreamUnavailable),
        (500, UpstreamUnavailable),
    ],
)
async def test_a_refusal_is_told_in_our_words_and_not_in_omneos(
    server: ByteServer, wired: Wired, status: int, raised: type[Exception]
) -> None:
    server.script = [answer({"message": "SQLSTATE of the inside"}, status, location="http://elsewhere.example")]
    with pytest.raises(raised) as caught:
        await (await _profiles(server, wired)).read(ME, REWARDS, ())
    assert "SQLSTATE" not in str(vars(caught.value))


async def test_a_minted_token_ends_when_the_sooner_of_both_says(server: ByteServer, wired: Wired) -> None:
    token = _token(pid="p-1", exp=SOON)
    server.script = [answer({"data": {"token": token, "exp": SOON - 5}}), answer({"data": {"token": token}})]
    api = await _id(server, wired)
    assert await api.mint(ME) == IdToken(token, SOON - 5)
    assert await api.mint(ME) == IdToken(token, SOON)
    assert [(sent.method, sent.target, sent.json) for sent in server.requests] == [
        ("POST", "/auth/token", {"id": "p-1"})
    ] * 2
    assert token not in repr(await api.mint(ME))


async def test_an_anonymous_token_is_asked_for_without_an_id(server: ByteServer, wired: Wired) -> None:
    token = _token(pid="null", exp=SOON)
    server.script = [answer({"data": {"token": token, "exp": SOON}}, 201)]
    assert (await (await _id(server, wired)).mint(None)).token == token
    assert server.requests[0].json == {}


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"token": 5, "exp": SOON},
        {"token": "", "exp": SOON},
        {"token": "not.a.token", "exp": SOON},
        {"token": "x" * 9000, "exp": SOON},
        {"token": _token(pid="p-2", exp=SOON), "exp": SOON},
        {"token": _token(pid="null", exp=SOON), "exp": SOON},
        {"token": _token(exp=SOON), "exp": SOON},
        {"token": _token(pid="p-1")},
        {"token": _token(pid="p-1"), "exp": True},
        {"token": _token(pid="p-1"), "exp": "soon"},
    ],
)
async def test_a_token_that_is_not_this_profiles_or_has_no_end_is_refused(
    server: ByteServer, wired: Wired, data: object
) -> None:
    server.script = [answer({"data": data})]
    with pytest.raises(UpstreamUnavailable):
        await (await _id(server, wired)).mint(ME)

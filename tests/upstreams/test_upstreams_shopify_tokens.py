"""Admin tokens: fetched once for all who wait, renewed once when refused, and never lost."""

import asyncio
from typing import Any

import pytest
from byte_server import CUT, ByteServer, answer
from pydantic import SecretStr
from upstreams_rig import FAST, OpenShopify, Wired

from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import Code
from proxy.domain.outcome import Refused
from proxy.sandbox import seed
from proxy.upstreams.shopify_tokens import ClientCredentials, RefreshPair

pytestmark = pytest.mark.anyio

SECRET = SecretStr(seed.CLIENT_SECRET)


class Time:
    """A clock that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def issued(token: str, expires_in: int = 86399, **rest: Any) -> bytes:
    return answer({"access_token": token, "scope": "x", "expires_in": expires_in, **rest})


async def credentials(wired: Wired, url: str, at: Time | None = None) -> ClientCredentials:
    upstream = await wired.upstream(url, name="shopify")
    return ClientCredentials(upstream, seed.CLIENT_ID, SECRET, retry=FAST, monotonic=at or Time())


async def test_one_fetch_serves_all_who_wait(server: ByteServer, wired: Wired) -> None:
    server.script = [issued("t1")]
    tokens = await credentials(wired, server.url)
    assert set(await asyncio.gather(*(tokens.token() for _ in range(50)))) == {"t1"}
    assert len(server.requests) == 1
    sent = server.requests[0].json
    assert (sent["grant_type"], sent["client_id"]) == ("client_credentials", seed.CLIENT_ID)
    assert wired.observed == [("shopify", "token", "2xx")]


async def test_a_token_is_kept_until_shortly_before_it_expires(server: ByteServer, wired: Wired) -> None:
    at = Time()
    server.script = [issued("t1", 1000), issued("t2", 1000)]
    tokens = await credentials(wired, server.url, at)
    assert await tokens.token() == "t1"
    at.now = 699.0
    assert await tokens.token() == "t1"
    at.now = 701.0
    assert await tokens.token() == "t2"


async def test_all_who_were_refused_share_one_renewal(server: ByteServer, wired: Wired) -> None:
    server.script = [issued("t1"), issued("t2")]
    tokens = await credentials(wired, server.url)
    old = await tokens.token()
    assert set(await asyncio.gather(*(tokens.renew(old) for _ in range(20)))) == {"t2"}
    assert await tokens.renew(old) == "t2"
    assert len(server.requests) == 2


async def test_a_caller_who_leaves_takes_no_one_along(server: ByteServer, wired: Wired) -> None:
    server.script = [issued("t1")]
    tokens = await credentials(wired, server.url)
    first, second = asyncio.create_task(tokens.token()), asyncio.create_task(tokens.token())
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "t1"
    assert len(server.requests) == 1


async def test_a_lost_answer_is_asked_for_again(server: ByteServer, wired: Wired) -> None:
    server.script = [CUT, answer(None, 502), issued("t1")]
    assert await (await credentials(wired, server.url)).token() == "t1"


async def test_a_refusal_is_told_once_and_the_next_caller_asks_anew(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"error": "app_not_installed"}, 400), answer(b"<html>"), issued("t1")]
    tokens = await credentials(wired, server.url)
    reasons = []
    for _ in range(2):
        with pytest.raises(UpstreamUnavailable) as refused:
            await tokens.token()
        reasons.append(refused.value.details["reason"])
    assert reasons == ["app_not_installed", "shopify_token_unreadable"]
    assert await tokens.token() == "t1"


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"error": "app_not_installed"}, "app_not_installed"),
        (400, {"error": "shop_not_permitted"}, "app_not_installed"),
        (401, {"error": "invalid_client"}, "shopify_token_refused"),
        (400, {"error": ["app_not_installed"]}, "shopify_token_refused"),
        (400, b"app_not_installed", "shopify_token_refused"),
        (503, {"error": "app_not_installed"}, "shopify_token_refused"),
    ],
)
async def test_only_what_says_so_means_that_the_app_is_gone(
    server: ByteServer, wired: Wired, status: int, body: Any, reason: str
) -> None:
    server.script = [answer(body, status)] * 8
    with pytest.raises(UpstreamUnavailable) as refused:
        await (await credentials(wired, server.url)).token()
    assert refused.value.details["reason"] == reason


async def test_a_mutation_without_a_token_was_not_sent(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"error": "shop_not_permitted"}, 400)]
    client = await wired.shopify(server.url, await credentials(wired, server.url))
    assert await client.delete("gid://shopify/DiscountCodeNode/1") == Refused("app_not_installed", transient=True)
    assert [request.target for request in server.requests] == ["/admin/oauth/access_token"]


async def test_a_token_that_died_early_is_renewed_once(open_shopify: OpenShopify, wired: Wired) -> None:
    shop = await open_shopify()
    client = await wired.shopify(shop.url, await credentials(wired, shop.url))
    assert await client.discount(Code("NOBODY")) is None
    shop.sandbox.grants.revoke_all()
    shop.sandbox.calls.clear()
    assert await client.discount(Code("NOBODY")) is None
    assert shop.sandbox.calls["graphql CodeByCode"] == 2
    assert shop.sandbox.calls["POST /admin/oauth/access_token"] == 1


class Saved:
    """Keeps each pair, and can be made to fail."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.newest = "r0"
        self.fails = False

    async def read(self) -> SecretStr:
        return SecretStr(self.newest)

    async def __call__(self, access: SecretStr, refresh: SecretStr) -> None:
        if self.fails:
            raise OSError("disk full")
        self.newest = refresh.get_secret_value()
        self.pairs.append((access.get_secret_value(), self.newest))


async def refreshing(wired: Wired, url: str, saved: Saved, at: Time) -> RefreshPair:
    upstream = await wired.upstream(url, name="shopify")
    return RefreshPair(upstream, seed.CLIENT_ID, SECRET, saved.read, saved, retry=FAST, monotonic=at)


async def test_each_new_pair_is_saved_before_it_is_used(server: ByteServer, wired: Wired) -> None:
    at, saved = Time(), Saved()
    server.script = [issued("t1", 3600, refresh_token="r1"), issued("t2", 3600, refresh_token="r2")]
    tokens = await refreshing(wired, server.url, saved, at)
    assert await asyncio.gather(*(tokens.token() for _ in range(5))) == ["t1"] * 5
    at.now = 3600.0
    assert await tokens.token() == "t2"
    assert saved.pairs == [("t1", "r1"), ("t2", "r2")]
    assert [request.json["refresh_token"] for request in server.requests] == ["r0", "r1"]


async def test_a_refresh_token_that_another_process_has_rotated_is_not_used_again(
    server: ByteServer, wired: Wired
) -> None:
    """Shopify would refuse it as it refuses an app that was removed, and the shop would be closed for all."""
    at, saved = Time(), Saved()
    server.script = [issued("t1", 3600, refresh_token="r1"), issued("t3", 3600, refresh_token="r3")]
    tokens = await refreshing(wired, server.url, saved, at)
    assert await tokens.token() == "t1"
    saved.newest = "r2"
    at.now = 3600.0
    assert await tokens.token() == "t3"
    assert [request.json["refresh_token"] for request in server.requests] == ["r0", "r2"]


async def test_a_pair_that_could_not_be_saved_is_not_used(server: ByteServer, wired: Wired) -> None:
    saved = Saved()
    saved.fails = True
    server.script = [issued("t1", 3600, refresh_token="r1")]
    tokens = await refreshing(wired, server.url, saved, Time())
    with pytest.raises(UpstreamUnavailable) as unsaved:
        await tokens.token()
    assert unsaved.value.details["reason"] == "shopify_token_not_saved"
    saved.fails = False
    assert await tokens.token() == "t1"
    assert [request.json["refresh_token"] for request in server.requests] == ["r0", "r0"]


async def test_a_rotated_pair_is_saved_even_if_the_caller_leaves(server: ByteServer, wired: Wired) -> None:
    saved = Saved()
    server.script = [issued("t1", 3600, refresh_token="r1")]
    tokens = await refreshing(wired, server.url, saved, Time())
    caller = asyncio.create_task(tokens.token())
    await server.requested.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert await tokens.token() == "t1"
    assert saved.pairs == [("t1", "r1")]
    assert len(server.requests) == 1


def test_secrets_are_not_printed() -> None:
    from proxy.upstreams.http import Call, Reply

    call = Call("token", "POST", "/x", headers={"Authorization": "Bearer s3cret"}, body=b"s3cret")
    reply = Reply(200, {"x": "s3cret"}, b"s3cret")
    assert "s3cret" not in f"{call!r} {reply!r} {SECRET!r}"

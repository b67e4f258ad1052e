"""The token endpoint: client credentials, token exchange and rotating refresh tokens."""

import pytest
from shopify_documents import SCOPES

pytestmark = pytest.mark.anyio
CLIENT = {"client_id": "sandbox-client-id", "client_secret": "sandbox-client-secret-for-local-use"}
EXCHANGE = {
    **CLIENT,
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
    "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
    "expiring": "1",
}


async def asked(shop, form=True, **fields):
    kind = {"data": fields} if form else {"json": fields}
    return await shop.http.post("/admin/oauth/access_token", **kind)


@pytest.mark.parametrize("form", [True, False])
async def test_client_credentials_give_a_day_long_token(shop, form):
    given = (await asked(shop, form, **CLIENT, grant_type="client_credentials")).json()
    assert set(given) == {"access_token", "scope", "expires_in"}
    assert given["expires_in"] == 86399
    assert (await shop.graphql(SCOPES, token=given["access_token"])).status_code == 200
    shop.sandbox.clock.advance(86400)
    assert (await shop.graphql(SCOPES, token=given["access_token"])).status_code == 401


async def test_a_wrong_secret_is_an_oauth_error(shop):
    answer = await asked(shop, **{**CLIENT, "client_secret": "x"}, grant_type="client_credentials")
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


async def test_a_pos_token_can_be_exchanged_and_a_checkout_token_cannot(shop):
    pos, checkout = shop.sandbox.id_token("pos"), shop.sandbox.id_token("checkout", customer_id=1001)
    given = (await asked(shop, **EXCHANGE, subject_token=pos)).json()
    assert {"access_token", "refresh_token", "expires_in", "refresh_token_expires_in", "scope"} == set(given)
    refused = await asked(shop, **EXCHANGE, subject_token=checkout)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_subject_token")


async def test_the_previous_refresh_token_works_until_its_successor_is_used(shop):
    first = (await asked(shop, **EXCHANGE, subject_token=shop.sandbox.id_token("pos"))).json()["refresh_token"]

    async def refresh(token):
        return await asked(shop, **CLIENT, grant_type="refresh_token", refresh_token=token)

    lost = await refresh(first)
    second = (await refresh(first)).json()["refresh_token"]
    assert lost.status_code == 200
    assert (await refresh(second)).status_code == 200
    gone = await refresh(first)
    assert (gone.status_code, gone.json()["error"]) == (400, "invalid_grant")


async def test_an_uninstall_kills_every_token(shop):
    shop.sandbox.uninstall()
    assert (await shop.graphql(SCOPES)).status_code == 401
    assert (await asked(shop, **CLIENT, grant_type="client_credentials")).json()["error"] == "app_not_installed"

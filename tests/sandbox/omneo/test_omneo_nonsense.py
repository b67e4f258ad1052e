"""No body and no query, however odd, makes the simulator fail."""

import pytest

from proxy.sandbox.omneo import OmneoConfig
from proxy.sandbox.omneo.tenant import endpoints

pytestmark = pytest.mark.anyio

ODD = [None, "", "x", [], ["x"], {}, {"id": []}, -1, 1.5, True, "1e999", "NaN", "9" * 40, "2026-13-45"]
FIELDS = [
    *("amount", "strategies", "benefits", "currency", "meta", "location_id", "total", "items", "timezone"),
    *("profile_id", "profile_id_handle", "redemption_id", "external_id", "transacted_at", "type", "id"),
    *("count", "definition", "handle", "identifier", "identities", "email", "name", "value", "period"),
    *("max_redemptions", "ids", "extend_days", "extend_date", "issued_at", "expires_at", "tier", "trigger"),
    *("benefit_definition_id", "reward_definition_id", "value_initial", "attributes", "profiles", "url"),
    *("match_criteria", "scopes", "first_name", "last_name", "mobile_phone", "value_min", "queue", "tags"),
]
VALID = {
    "amount": 1,
    "total": 1,
    "transacted_at": "2026-01-01",
    "timezone": "UTC",
    "items": [],
    "name": "n",
    "handle": "h",
    "identifier": "i",
    "type": "spend",
    "value": 1,
    "period": 1,
    "first_name": "f",
    "last_name": "l",
    "email": "e",
    "reward_definition_id": 1,
    "benefit_definition_id": "1",
    "definition": "welcome-tote",
    "ids": [1],
    "tier": "gold",
    "trigger": "t",
    "url": "u",
    "value_min": 1,
    "match_criteria": "email",
    "profiles": [{}],
}


@pytest.mark.parametrize("odd", ODD, ids=repr)
async def test_odd_values_are_answered_below_500(omneo, odd):
    ids = {"profile": omneo.ada, "entry": "1", "benefit": "1", "reward": "1", "transaction": "1"}
    ids |= {"redemption": "1", "identity": "1", "handle": "shopify", "external:path": "earlier-1"}
    for endpoint in endpoints(OmneoConfig(guide_paths=True)):
        if endpoint.method not in ("POST", "PUT") or "merge" in endpoint.path:
            continue
        path = endpoint.path
        for name, value in ids.items():
            path = path.replace(f"{{{name}}}", value)
        for body in (odd, dict.fromkeys(FIELDS, odd), VALID | {"profile_id": omneo.ada}):
            answer = await omneo.call(endpoint.method, path, body)
            assert answer.status_code < 500, (path, answer.text)


@pytest.mark.parametrize("field", FIELDS)
async def test_one_odd_field_among_good_ones_is_answered_below_500(omneo, field):
    paths = ("/transactions/update-create", "/rewards", "/benefits", "/profiles", f"/profiles/{omneo.ada}/redeem")
    for odd in ODD:
        for path in paths:
            answer = await omneo.call("POST", path, VALID | {"profile_id": omneo.ada, field: odd})
            assert answer.status_code < 500, (path, odd, answer.text)


@pytest.mark.parametrize("value", ["NaN", "", "1e999", "'", "2026-01-01", "9" * 5000, "\u0661"])
async def test_odd_queries_are_answered(omneo, value):
    for key in ("filter[total][gt]", "filter[items][name]", "filter[]", "filter[a][b][c]", "page[size]", "sort"):
        answer = await omneo.http.get("/api/v3/transactions", params={key: value})
        assert answer.status_code == 200


async def test_ids_beyond_all_numbers_name_nothing(omneo):
    assert (await omneo.call("GET", "/redemptions/" + "9" * 5000)).status_code == 404
    assert (await omneo.redeem(omneo.ada, amount=1, location_id="9" * 5000)).status_code == 422


async def test_half_a_surrogate_pair_comes_back_as_it_went(omneo):
    answer = await omneo.http.post(
        f"/api/v3/profiles/{omneo.ada}/redeem", content=b'{"amount": 1, "meta": {"x": "\\ud800"}}'
    )
    assert answer.status_code == 201
    assert b"ud800" in answer.content

"""Profiles, identities, balances, tiers and aggregations."""

import pytest

pytestmark = pytest.mark.anyio

NEW = {"first_name": "Nia", "last_name": "Obi", "email": "nia@example.com"}


async def test_a_customer_is_resolved_by_the_shopify_identity(omneo):
    answer = await omneo.call("POST", "/profiles/search-id", {"type": "shopify", "id": "1001"})
    profile = answer.json()["data"]
    assert profile["id"] == omneo.ada
    assert profile["full_name"] == "Ada Marsh"
    assert profile["profile_type"] == "active"
    assert profile["tier_handle"] == "gold"
    assert [i["identifier"] for i in profile["identities"]] == ["1001", "M-1001"]
    same = await omneo.call("POST", "/profiles/search-id", {"type": "profile_id", "id": omneo.ada})
    assert same.json()["data"]["id"] == omneo.ada
    exists = await omneo.call("POST", "/profiles/exists", {"type": "shopify", "id": "1001"})
    assert exists.json() == {"data": {"id": omneo.ada}}


async def test_a_customer_whom_omneo_does_not_know_is_not_found(omneo):
    for path in ("search-id", "exists"):
        answer = await omneo.call("POST", f"/profiles/{path}", {"type": "shopify", "id": "1003"})
        assert answer.status_code == 404
    assert (await omneo.call("POST", "/profiles/search-id", {"type": "shopify"})).status_code == 422


async def test_balances_are_numbers(omneo):
    body = await omneo.get(f"/profiles/{omneo.ada}/balances")
    assert body["reward_balance"] == 25
    assert body["point_balance"] == 1500
    assert body["point_balance_dollars"] == 15
    assert body["combined_balance_dollars"] == 40
    assert body["benefit_balance"] == 2
    assert body["credit_balance"] == 0
    assert body["currency"]["to"] == "AUD"


async def test_a_profile_is_created_changed_and_deleted(omneo):
    identity = {"handle": "shopify", "identifier": "1003"}
    made = await omneo.call("POST", "/profiles", NEW | {"identities": [identity]})
    assert made.status_code == 201
    path = f"/profiles/{made.json()['data']['id']}"
    assert made.json()["data"]["identities"][0]["identifier"] == "1003"
    changed = await omneo.call("PUT", path, {"first_name": "Nina"})
    assert changed.json()["data"]["full_name"] == "Nina Obi"
    deleted = await omneo.call("DELETE", path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await omneo.call("GET", path)).status_code == 404
    gone = await omneo.call("POST", "/profiles/search-id", {"type": "shopify", "id": "1003"})
    assert gone.status_code == 404


async def test_a_profile_needs_names_and_an_email_that_is_free(omneo):
    missing = await omneo.call("POST", "/profiles", {"first_name": "Nia"})
    assert set(missing.json()["errors"]) == {"last_name", "email"}
    taken = await omneo.call("POST", "/profiles", NEW | {"email": "Ada@example.com"})
    assert "email" in taken.json()["errors"]
    phone = await omneo.call("POST", "/profiles", NEW | {"mobile_phone": "+61400001001"})
    assert phone.json()["errors"]["mobile_phone"] == ["The phone number exists"]


async def test_profiles_are_found_by_email(omneo):
    found = await omneo.get("/profiles", **{"filter[email]": "ada@example.com"})
    assert [p["id"] for p in found] == [omneo.ada]


async def test_availability_names_the_profile_that_stands_in_the_way(omneo):
    body = {"email": "ada@example.com", "mobile_phone": "+61999"}
    data = (await omneo.call("POST", "/profiles/availability", body)).json()["data"]
    assert data["email"] == {"available": False, "profile": {"id": omneo.ada}}
    assert data["mobile_phone"] == {"available": True, "profile": None}


async def test_identities_are_read_changed_and_deleted_by_handle_and_id(omneo):
    path = f"/profiles/{omneo.dev}/identities"
    made = await omneo.call("POST", path, {"handle": "card", "identifier": "77"})
    assert made.status_code == 201
    row = made.json()["data"]
    assert isinstance(row["id"], int)
    assert row["profile_id"] == omneo.dev
    again = await omneo.call("POST", path, {"handle": "card", "identifier": "77"})
    assert again.status_code == 422
    await omneo.call("PUT", f"{path}/id/{row['id']}", {"identifier": "78"})
    assert (await omneo.get(f"{path}/card"))["identifier"] == "78"
    filters = {"filter[handle]": "card", "filter[identifier]": "78", "include": "profile"}
    listed = await omneo.get("/identities", **filters)
    assert listed[0]["profile"]["id"] == omneo.dev
    assert [p["id"] for p in await omneo.get("/identities/search-profile/78")] == [omneo.dev]
    assert (await omneo.call("DELETE", f"{path}/card")).status_code == 204
    assert (await omneo.call("GET", f"{path}/card")).status_code == 404


async def test_a_merge_moves_everything_and_the_source_is_gone(omneo):
    body = {"source_profile_id": omneo.ada, "destination_profile_id": omneo.dev}
    merged = (await omneo.call("POST", "/profiles/merge", body)).json()["data"]
    assert merged["reward_balance"] == 25
    assert (await omneo.call("GET", f"/profiles/{omneo.ada}")).status_code == 404
    found = await omneo.call("POST", "/profiles/search-id", {"type": "shopify", "id": "1001"})
    assert found.json()["data"]["id"] == omneo.dev


async def test_tiers_answer_one_object(omneo):
    tiers = await omneo.get(f"/profiles/{omneo.ada}/tiers")
    assert tiers["profile_id"] == omneo.ada
    assert tiers["current_tier"]["handle"] == "gold"
    assert tiers["next_tier"] is None
    assert tiers["prev_tier"]["handle"] == "silver"
    assigned = await omneo.call("POST", f"/profiles/{omneo.dev}/tiers/assign", {"tier": "bronze"})
    assert assigned.json()["data"]["next_tier"]["handle"] == "silver"


async def test_aggregations_sum_the_sales(omneo):
    sums = await omneo.get(f"/profiles/{omneo.ada}/aggregations")
    assert sums["shop_count"] == 3
    assert sums["spend_all"] == 126.5
    assert sums["channel"] == "CO"
    assert sums["profile_id"] == omneo.ada


async def test_comms_are_kept(omneo):
    path = f"/profiles/{omneo.ada}/attributes/comms"
    await omneo.call("PUT", path, {"email_promo": False})
    assert (await omneo.get(path))["email_promo"] is False
    assert (await omneo.get(f"/profiles/{omneo.ada}"))["attributes"]["comms"]["email_promo"] is False


async def test_a_batch_updates_by_email_and_creates_the_rest(omneo):
    known = NEW | {"email": "ada@example.com", "first_name": "Adah"}
    body = {"match_criteria": "email", "profiles": [known, NEW, {"first_name": "nobody"}]}
    answer = await omneo.call("POST", "/profiles/batch", body)
    assert set(answer.json()["data"]) == {"message", "batch_id"}
    assert (await omneo.get(f"/profiles/{omneo.ada}"))["first_name"] == "Adah"
    assert len(await omneo.get("/profiles", **{"filter[email]": "nia@example.com"})) == 1
    assert len(omneo.sandbox.state.profiles) == 4


async def test_browsers_of_any_origin_may_call_the_id_proxy(omneo):
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}
    asked |= {"Access-Control-Request-Headers": "authorization"}
    answer = await omneo.http.options("/id/api/v1/profiles/me", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"

"""The envelope, pages, filters and order of lists."""

import pytest

pytestmark = pytest.mark.anyio


async def envelope(omneo, path, **params):
    return (await omneo.http.get("/api/v3" + path, params=params)).json()


@pytest.fixture
async def many(omneo):
    for cents in range(1, 21):
        await omneo.redeem(omneo.benedikt, amount=cents / 100, strategies=["rewards"])
    return omneo


async def test_a_page_holds_fifteen_unless_asked_otherwise(many):
    body = await envelope(many, "/redemptions")
    assert len(body["data"]) == 15
    meta = body["meta"]
    assert (meta["current_page"], meta["from"], meta["to"]) == (1, 1, 15)
    assert (meta["last_page"], meta["per_page"], meta["total"]) == (2, 15, 20)
    assert body["links"]["prev"] is None
    assert meta["path"] == "http://omneo/api/v3/redemptions"


async def test_the_next_link_leads_on_until_the_end(many):
    body = await envelope(many, "/redemptions", **{"page[size]": 8})
    seen = [r["id"] for r in body["data"]]
    while body["links"]["next"]:
        body = (await many.http.get(body["links"]["next"])).json()
        seen += [r["id"] for r in body["data"]]
    assert len(seen) == len(set(seen)) == 20


async def test_a_page_beyond_the_end_is_empty(many):
    body = await envelope(many, "/redemptions", **{"page[number]": 9})
    assert body["data"] == []
    assert body["meta"]["from"] is None
    assert body["meta"]["to"] is None


async def test_nonsense_pages_fall_back_to_the_defaults(many):
    body = await envelope(many, "/redemptions", **{"page[number]": "-1", "page[size]": "0"})
    assert (body["meta"]["current_page"], body["meta"]["per_page"]) == (1, 15)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"filter[total]": "0.05"}, 1),
        ({"filter[total]": "0.050"}, 1),
        ({"filter[total][eq]": "0.05"}, 1),
        ({"filter[total][ne]": "0.05"}, 19),
        ({"filter[total][gt]": "0.10"}, 10),
        ({"filter[total][gte]": "0.10"}, 11),
        ({"filter[total][lt]": "0.03"}, 2),
        ({"filter[total][lte]": "0.03"}, 3),
        ({"filter[total][in]": "0.01,0.02,9"}, 2),
        ({"filter[transaction_id][nullable]": "1"}, 20),
        ({"filter[transaction_id][nullable]": "0"}, 0),
        ({"filter[has_reward]": "true"}, 20),
        ({"has_benefit": "true"}, 0),
        ({"filter[profile][email]": "benedikt@example.com"}, 20),
        ({"filter[no_such_field]": "1"}, 20),
        ({"filter[type]": "redeem", "filter[total][gt]": "0.15"}, 5),
        ({"filter[created_at][gte]": "2020-01-01 00:00:00"}, 20),
        ({"filter[created_at][lt]": "2020-01-01 00:00:00"}, 0),
    ],
)
async def test_filters_narrow_a_list_and_unknown_ones_do_not(many, query, count):
    assert (await envelope(many, "/redemptions", **query))["meta"]["total"] == count


async def test_sort_orders_a_list(many):
    up = await many.get("/redemptions", sort="total")
    down = await many.get("/redemptions", sort="-total")
    assert up[0]["total"] == 0.01
    assert down[0]["total"] == 0.2


async def test_an_unknown_route_and_method_answer_as_laravel_does(omneo):
    assert set((await omneo.call("GET", "/nowhere")).json()) == {"message"}
    assert (await omneo.call("GET", "/nowhere")).status_code == 404
    assert (await omneo.call("DELETE", "/profiles/search-id")).status_code in (404, 405)

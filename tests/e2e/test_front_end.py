"""Omneo's own client, in a browser, pointed at us: it reads what Omneo says, and redeems nothing."""

import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from playwright.sync_api import Browser

from proxy.sandbox import seed
from tests.e2e.demo import Demo
from tests.e2e.front_end_page import FrontEnd, omneos_client

LISTED = ["profile", "balances", "rewards", "benefits", "transactions", "redemptions", "ledgers", "tiers"]
LISTED += ["aggregations", "identities"]


@pytest.fixture(scope="module")
def script() -> str:
    return omneos_client()


@pytest.fixture
def front_end(demo: Demo, browser: Browser, script: str) -> Iterator[FrontEnd]:
    context = browser.new_context()
    opened = FrontEnd(context.new_page(), demo, script)
    yield opened
    context.close()
    assert opened.faults == []


def truth(demo: Demo, path: str, customer: seed.SeedCustomer = seed.ADA) -> Any:
    """What Omneo answers to a system of the retailer's own; `path` is written as its client writes it."""
    rest = path.replace(".", "/").removeprefix("profile")
    url = f"{demo.omneo}/api/v3/profiles/{customer.profile_id}/{rest}".rstrip("/")
    return demo.http.get(url, headers={"Authorization": f"Bearer {seed.OMNEO_OTHER_TOKEN}"}).json()


@pytest.mark.parametrize("path", LISTED)
def test_it_reads_exactly_what_omneo_says(front_end: FrontEnd, demo: Demo, path: str) -> None:
    front_end.sign_in(seed.ADA.id)
    answer = front_end.call("get", path)
    assert answer["status"] == 200
    assert answer["body"] == truth(demo, path)


def test_it_shows_the_customers_own_rewards_benefits_and_sales(front_end: FrontEnd, demo: Demo) -> None:
    front_end.sign_in(seed.ADA.id)
    assert front_end.call("get", "balances")["body"]["data"]["reward_balance"] == 25
    rewards = front_end.call("get", "rewards")["body"]["data"]
    assert sorted(reward["value_remaining"] for reward in rewards) == [10, 15]
    assert len(front_end.call("get", "benefits")["body"]["data"]) == len(seed.ADA.benefits)
    page = front_end.call("get", "transactions", {"page[size]": 1, "page[number]": 2, "sort": "total"})
    assert [sale["total"] for sale in page["body"]["data"]] == [35]
    one = f"rewards.{rewards[0]['id']}"
    assert front_end.call("get", one)["body"] == truth(demo, one)


@pytest.mark.parametrize("path", ["balances", "rewards", "transactions"])
def test_its_own_state_fills_from_what_we_answer(front_end: FrontEnd, demo: Demo, path: str) -> None:
    front_end.sign_in(seed.ADA.id)
    state = front_end.hydrated(path)
    data = truth(demo, path)["data"]
    # Lists become objects by id there.
    assert state["data"] == ({str(row["id"]): row for row in data} if isinstance(data, list) else data)
    assert (state["init"], state["error"]) == (True, False)


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("post", "redeem", {"amount": 5}),
        ("post", "benefits.1.redeem", {}),
        ("post", "benefits.claim", {"definition": "birthday-gift"}),
        ("put", "profile", {"first_name": "Eve"}),
        ("delete", "rewards.1", None),
    ],
)
def test_it_is_told_why_it_may_not_write(front_end: FrontEnd, demo: Demo, method: str, path: str, data: Any) -> None:
    front_end.sign_in(seed.ADA.id)
    before = demo.profile()
    answer = front_end.call(method, path, data)
    assert (answer["status"], answer["body"]["code"]) == (403, "read_only")
    assert "/v1/redemptions" in answer["body"]["message"]
    assert demo.profile() == before
    assert demo.redeems() == 0


def test_another_customer_reads_another_profile_and_nothing_of_the_first(front_end: FrontEnd, demo: Demo) -> None:
    number = truth(demo, "rewards")["data"][0]["id"]
    front_end.sign_in(seed.BENEDIKT.id)
    assert front_end.call("get", "profile")["body"]["data"]["id"] == seed.BENEDIKT.profile_id
    assert front_end.call("get", "balances")["body"] == truth(demo, "balances", seed.BENEDIKT)
    assert front_end.call("get", f"rewards.{number}")["status"] == 404


def test_a_visitor_who_is_not_signed_in_has_no_profile(front_end: FrontEnd) -> None:
    for path in LISTED:
        answer = front_end.call("get", path)
        assert (answer["status"], answer["body"]["code"]) == (404, "not_found")
        assert answer["body"]["message"]


def test_a_token_that_is_over_or_not_ours_is_of_no_use(front_end: FrontEnd) -> None:
    front_end.sign_in(seed.ADA.id)
    claims = jwt.decode(front_end.token(), options={"verify_signature": False})

    def signed(**changes: object) -> str:
        return jwt.encode(claims | changes, "a-key-that-is-not-ours-but-is-long-enough", "HS256")

    assert front_end.call("get", "balances", token=signed(exp=int(time.time()) - 60)) == {"unusable": True}
    answer = front_end.call("get", "balances", token=signed(exp=int(time.time()) + 60))
    assert (answer["status"], answer["body"]["code"]) == (401, "unauthenticated")
    assert answer["body"]["message"]

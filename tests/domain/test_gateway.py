"""What may be read through the gateway, to the letter."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proxy.domain.errors import InvalidRequest, NotFound
from proxy.domain.gateway import ProfileRead, is_of, passed_on, profile_read
from proxy.domain.ids import ProfileId

ME = "/id/api/v1/profiles/me"
MINE = ProfileId("1c8f6a52-0d3b-4f0e-9a51-0000000a1001")
LISTED = {
    "": ProfileRead("profile", ""),
    "/balances": ProfileRead("balances", "/balances"),
    "/rewards": ProfileRead("rewards", "/rewards"),
    "/rewards/5": ProfileRead("rewards", "/rewards/5", single=True),
    "/benefits": ProfileRead("benefits", "/benefits"),
    "/benefits/5": ProfileRead("benefits", "/benefits/5", single=True),
    "/transactions": ProfileRead("transactions", "/transactions"),
    "/transactions/5": ProfileRead("transactions", "/transactions/5", single=True),
    "/redemptions": ProfileRead("redemptions", "/redemptions"),
    "/redemptions/5": ProfileRead("redemptions", "/redemptions/5", single=True),
    "/ledgers": ProfileRead("ledgers", "/ledgers"),
    "/ledgers/5": ProfileRead("ledgers", "/ledgers/5", single=True),
    "/tiers": ProfileRead("tiers", "/tiers"),
    "/aggregations": ProfileRead("aggregations", "/aggregations"),
    "/identities": ProfileRead("identities", "/identities"),
    "/identities/shopify": ProfileRead("identities", "/identities/shopify", single=True),
    "/identities/id/5": ProfileRead("identities", "/identities/id/5", single=True),
}
UNLISTED = [
    "/",
    "/rewards/",
    "//rewards",
    "/Rewards",
    "/rewards/0",
    "/rewards/-1",
    "/rewards/5/",
    "/rewards/1234567890123456789",
    "/rewards/me",
    "/rewards\n",
    "/rewards;x",
    "/rewards/٥",
    "/redeem",
    "/resync",
    "/purge",
    "/lists",
    "/points",
    "/credits",
    "/orders",
    "/addresses",
    "/attributes/comms",
    "/tiers/calculate",
    "/aggregations/calculate",
    "/benefits/claimable",
    "/balances/5",
    "/identities/..",
    "/identities/.",
    "/identities/id/0",
    "/identities/id/5/x",
    "/identities/é",
    "/..",
    "/../me",
    "/..%2fme",
    "/%2e%2e/me",
    "%2frewards",
    "/%72ewards",
    "/rewards%00",
    "/rewards%2f5",
    "/rewards/5%2f..",
]


@pytest.mark.parametrize("rest", LISTED)
def test_what_omneos_clients_read_is_listed(rest: str) -> None:
    assert profile_read((ME + rest).encode()) == LISTED[rest]


@pytest.mark.parametrize("rest", UNLISTED)
def test_what_is_not_listed_or_spelt_otherwise_is_not_there(rest: str) -> None:
    with pytest.raises(NotFound):
        profile_read((ME + rest).encode())


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/id",
        "/id/api/v1",
        "/ID/api/v1/profiles/me",
        "/id/api/v1/profiles",
        "/id/api/v1/profiles/connection/5",
        "/id//api/v1/profiles/me",
        "/id%2fapi/v1/profiles/me",
        "/id/api/v1/profiles/" + MINE,
        ME + "x",
        ME.upper(),
    ],
)
def test_nothing_but_the_callers_own_profile_is_there(path: str) -> None:
    with pytest.raises(NotFound):
        profile_read(path.encode())


_PIECES = st.sampled_from(
    [*LISTED, *UNLISTED, "/", "..", ".", "%2f", "%2e", "%252e", "me", "rewards", "5", "?", "#", "\\", "é", "\r\n", ME]
)


@given(st.lists(_PIECES, max_size=6).map("".join) | st.text(max_size=40))
@example("/rewards/5")
@settings(max_examples=500, deadline=None)
def test_what_is_accepted_is_one_name_or_a_name_and_an_id_and_no_dots_or_escapes(rest: str) -> None:
    try:
        read = profile_read((ME + rest).encode())
    except NotFound:
        return
    assert read.rest == rest
    assert re.fullmatch(r"(/[a-z]+(/(id/)?[A-Za-z0-9_-]+)?)?", rest, re.ASCII)
    assert read.name in {known.name for known in LISTED.values()}


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("page[size]", "50"), ("page[number]", "2")],
        [("filter[expires_at][gte]", "2026-01-01 00:00:00"), ("sort", "-issued_at,id")],
        [("filter[definition.type]", "reward"), ("tags[]", "a"), ("tags[]", "b")],
        [("filter[search]", "Åström & söhne")],
        [("currency", "AUD"), ("has_benefit", "true")],
    ],
)
def test_what_lists_are_cut_with_is_passed_on_in_order(pairs: list[tuple[str, str]]) -> None:
    assert passed_on(pairs) == tuple(pairs)


@pytest.mark.parametrize(
    "pair",
    [
        ("include", "profile"),
        ("profile", "x"),
        ("filter[profile_id]", "x"),
        ("filter[profile.email]", "x"),
        ("filter[profile_id][ne]", "x"),
        ("sort", "profile_id"),
        ("sort", "id,profile.email"),
        ("filter[]", "x"),
        ("filter[a][b]", "x"),
        ("filter[a][eq][eq]", "x"),
        ("filter", "x"),
        ("page", "1"),
        ("page[size]", "0"),
        ("page[size]", "99999"),
        ("page[size]", "1e3"),
        ("page[cursor]", "x"),
        ("filter[a]", "x\ny"),
        ("filter[a]", "x" * 201),
        ("_method", "DELETE"),
        ("token", "x"),
        ("", ""),
    ],
)
def test_no_other_parameter_is(pair: tuple[str, str]) -> None:
    with pytest.raises(InvalidRequest):
        passed_on([pair])


def test_a_parameter_counts_once_and_not_for_ever() -> None:
    for pairs in ([("page[size]", "1"), ("page[size]", "2")], [("tags[]", str(n)) for n in range(17)]):
        with pytest.raises(InvalidRequest):
            passed_on(pairs)


READS = {rest: read for rest, read in LISTED.items() if rest in ("", "/rewards", "/rewards/5", "/ledgers/5")}


@pytest.mark.parametrize(
    ("rest", "answer", "mine"),
    [
        ("", {"data": {"id": MINE}}, True),
        ("", {"data": {"id": "another"}}, False),
        ("", {"data": {}}, False),
        ("", {"data": [{"id": MINE}, {"id": "another"}]}, False),
        ("", [], False),
        ("/rewards", {"data": []}, True),
        ("/rewards", {"data": [{"profile_id": MINE}, {}]}, True),
        ("/rewards", {"data": [{"profile_id": MINE}, {"profile_id": "another"}]}, False),
        ("/rewards", [{"profile_id": "another"}], False),
        ("/rewards", {"data": {"reward_balance": 1}}, True),
        ("/rewards/5", {"data": {"id": 5, "profile_id": MINE}}, True),
        ("/rewards/5", {"data": {"id": 5, "profile_id": "another"}}, False),
        ("/rewards/5", {"data": {"id": 5}}, False),
        ("/rewards/5", {"data": []}, False),
        ("/rewards/5", {"data": None}, False),
        ("/ledgers/5", {"data": {"id": 5, "profile": {"id": MINE}}}, True),
        ("/ledgers/5", {"data": {"id": 5, "profile": {"id": "another"}}}, False),
        ("/ledgers/5", {"data": {"id": 5, "profile": None}}, False),
    ],
)
def test_an_answer_about_another_is_told_from_the_callers_own(rest: str, answer: object, mine: bool) -> None:
    assert is_of(answer, MINE, READS[rest]) is mine

"""Whom an event is about, in whatever shape its body comes."""

from typing import Any

import pytest

from proxy.domain.profile_event import SUCCESSIONS, changes_profile, whom

SHOPIFY = {"handle": "shopify", "identifier": "1001"}

SHAPES: dict[str, tuple[str, dict[str, Any], set[str]]] = {
    "ids of both": ("profile.merged", {"source_profile_id": "a", "destination_profile_id": "b"}, {"a", "b"}),
    "objects of both": ("profile.merged", {"source": {"id": "a"}, "destination": {"id": "b"}}, {"a", "b"}),
    "texts of both": ("profile.merged", {"source": "a", "destination": "b"}, {"a", "b"}),
    "the survivor and whom it came from": ("profile.merged", {"id": "b", "merged_from": "a"}, {"a", "b"}),
    "the survivor's identities": (
        "profile.merged",
        {"id": "b", "identities": [{**SHOPIFY, "merged_from": "a"}, {"merged_from": None}]},
        {"a", "b"},
    ),
    "the profile itself": ("profile.updated", {"id": "a"}, {"a"}),
    "a balance": ("balance.updated", {"id": "a", "profile_id": "a"}, {"a"}),
    "a reward of a profile": ("reward.updated", {"id": 7, "profile_id": "a"}, {"a"}),
    "a benefit with its profile": ("benefit.created", {"id": 7, "profile": {"id": "a"}}, {"a"}),
    "nobody": ("reward.updated", {"id": 7}, set()),
    "nonsense": (
        "profile.merged",
        {"id": ["a"], "profile": None, "source": True, "identities": "x", "merged_from": "x" * 65},
        set(),
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_body_names_whom_it_is_about(name: str) -> None:
    event, body, named = SHAPES[name]
    assert set(whom(event, body).profiles) == named


@pytest.mark.parametrize("body", [{"identities": [SHOPIFY, {"handle": "shopify"}, 5]}, {"profile": SHOPIFY}, SHOPIFY])
def test_identities_are_read_wherever_they_stand(body: dict[str, Any]) -> None:
    assert whom("identity.created", body).identities == (("shopify", "1001"),)


def test_a_balance_leaves_the_profile_itself_as_it_was() -> None:
    events = ("balance.updated", "reward.created", "benefit.updated", "tier.updated", "identity.created", *SUCCESSIONS)
    assert [whom(event, {}).itself for event in events] == [False, False, False, True, True, True, True]


def test_no_body_names_more_than_anybody_could_look_after() -> None:
    listed = [{"handle": "shopify", "identifier": str(n), "merged_from": f"p-{n}"} for n in range(10_000)]
    about = whom("profile.merged", {"identities": listed})
    assert (len(about.profiles), len(about.identities)) == (20, 20)


def test_which_events_change_what_is_shown() -> None:
    changing = ("balance.updated", "reward.issued", "reward.redeemed", "benefit.redeemed", "points.awarded")
    assert all(changes_profile(event) for event in (*changing, "tier.updated", *SUCCESSIONS))
    others = ("reward-definition.updated", "benefit-definition.created", "product.updated", "", "rewards")
    assert not any(changes_profile(event) for event in others)

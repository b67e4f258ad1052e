"""Which entry of a shop's mapping is for which benefit, and where."""

from dataclasses import replace

import pytest

from proxy.domain.caller import Surface
from proxy.domain.effect import Effect, EffectKind
from proxy.domain.loyalty import Benefit
from proxy.domain.mapping import BenefitRule, Inapplicable, rule_for

EVERYWHERE = frozenset(Surface)
BENEFIT = Benefit(
    id=7,
    handle="birthday-10",
    name="Birthday",
    type=None,
    description=None,
    terms=None,
    expires_at=None,
    remaining=1,
    redeemable=True,
    tags=("vip", "gold"),
    meta=(("shopify", "ten"), ("empty", "")),
)
RECORD = Effect(EffectKind.RECORD)


def rule(name: str = "entry", surfaces: frozenset[Surface] = EVERYWHERE, **known: object) -> BenefitRule:
    return BenefitRule(name, RECORD, surfaces, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "fits"),
    [
        ({"handle": "birthday-10"}, True),
        ({"handle": "Birthday-10"}, False),
        ({"handle": "birthday"}, False),
        ({"tag": "gold"}, True),
        ({"tag": "vip"}, True),
        ({"tag": "birthday-10"}, False),
        ({"meta": ("shopify", "ten")}, True),
        ({"meta": ("shopify", "eleven")}, False),
        ({"meta": ("shopify", None)}, True),
        ({"meta": ("shopify", "")}, False),
        ({"meta": ("empty", "")}, True),
        ({"meta": ("absent", None)}, False),
        ({"meta": ("empty", "ten")}, False),
    ],
)
def test_an_entry_knows_its_benefits_exactly_as_written(known: dict[str, object], fits: bool) -> None:
    assert rule(**known).is_of(BENEFIT) is fits


def test_the_first_entry_that_fits_is_the_one() -> None:
    first, second = rule("first", tag="gold"), rule("second", handle="birthday-10")
    assert rule_for([rule("other", handle="other"), first, second], BENEFIT, Surface.POS) is first
    assert rule_for([second, first], BENEFIT, Surface.POS) is second


def test_an_entry_for_other_surfaces_leaves_the_benefit_to_the_next() -> None:
    at_tills = rule("tills", frozenset({Surface.POS}), handle="birthday-10")
    online = rule("online", frozenset({Surface.CHECKOUT}), tag="gold")
    assert rule_for([at_tills, online], BENEFIT, Surface.CHECKOUT) is online
    assert rule_for([at_tills, online], BENEFIT, Surface.POS) is at_tills
    assert rule_for([at_tills, online], BENEFIT, Surface.STOREFRONT) == Inapplicable.OTHER_SURFACE


def test_a_benefit_that_no_entry_is_for_is_unmapped() -> None:
    for rules in ([], [rule(handle="other")]):
        assert rule_for(rules, BENEFIT, Surface.POS) == Inapplicable.UNMAPPED
    bare = replace(BENEFIT, handle="", tags=(), meta=())
    assert rule_for([rule(tag="vip"), rule(meta=("shopify", None))], bare, Surface.POS) == Inapplicable.UNMAPPED

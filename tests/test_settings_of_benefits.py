"""The mapping of benefits: what an entry says, and what stops the start because it says nothing sensible."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from proxy.domain.caller import Surface
from proxy.domain.effect import ANY_CLASS, DiscountClass, EffectKind
from proxy.domain.mapping import BenefitRule
from proxy.domain.money import Money
from proxy.settings import ALONE, BadSettingsError, load_settings
from tests.test_settings import GOOD

SOCKS = "gid://shopify/Product/40102"
SUMMER = "gid://shopify/Collection/60101"
README = Path(__file__).resolve().parents[1] / "README.md"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in GOOD.items():
        monkeypatch.setenv(f"PROXY_{name}", value)
    return monkeypatch


def rules(environment: pytest.MonkeyPatch, given: dict[str, Any], shop: str = ALONE) -> tuple[BenefitRule, ...]:
    environment.setenv("PROXY_BENEFITS", json.dumps(given))
    return load_settings().shops[shop].shop().benefits


def refusal(environment: pytest.MonkeyPatch, given: str) -> str:
    environment.setenv("PROXY_BENEFITS", given)
    with pytest.raises(BadSettingsError) as caught:
        load_settings()
    return str(caught.value)


def test_without_entries_nothing_is_mapped() -> None:
    assert load_settings().shops[ALONE].shop().benefits == ()


def test_entries_keep_the_order_in_which_they_are_written(environment: pytest.MonkeyPatch) -> None:
    names = ["zebra", "apple", "10-off", "m_1"]
    found = rules(environment, {name: {"handle": name, "gives": "record"} for name in names})
    assert [rule.name for rule in found] == names


def test_an_entry_may_be_used_everywhere_and_combines_with_everything_unless_it_says_otherwise(
    environment: pytest.MonkeyPatch,
) -> None:
    (rule,) = rules(environment, {"ten": {"tag": "vip", "gives": "percentage", "percent": 12.5}})
    assert rule.surfaces == {Surface.CHECKOUT, Surface.STOREFRONT, Surface.POS}
    assert rule.effect.combines_with == ANY_CLASS
    assert (rule.tag, rule.handle, rule.meta) == ("vip", None, None)
    assert (rule.effect.kind, rule.effect.percent) == (EffectKind.PERCENTAGE, Decimal("12.5"))


def test_an_entry_says_amount_items_minimum_surfaces_and_what_it_combines_with(environment: pytest.MonkeyPatch) -> None:
    entry = {
        "meta": "shopify=ten=10",
        "gives": "amount",
        "amount": "10.00",
        "collections": [SUMMER],
        "minimum_spend": "50",
        "combines_with": ["shipping"],
        "surfaces": ["pos"],
    }
    (rule,) = rules(environment, {"ten": entry})
    assert rule.meta == ("shopify", "ten=10")
    assert rule.surfaces == {Surface.POS}
    effect = rule.effect
    assert (effect.amount, effect.minimum_spend) == (Money(1000, "AUD"), Money(5000, "AUD"))
    assert (effect.products, effect.collections) == ((), (SUMMER,))
    assert effect.combines_with == {DiscountClass.SHIPPING}


@pytest.mark.parametrize(("meta", "known"), [("key", ("key", None)), ("key=", ("key", "")), ("k=v", ("k", "v"))])
def test_a_key_of_meta_may_stand_alone(environment: pytest.MonkeyPatch, meta: str, known: tuple[str, Any]) -> None:
    (rule,) = rules(environment, {"ten": {"meta": meta, "gives": "record"}})
    assert rule.meta == known


def test_free_shipping_never_claims_to_combine_with_itself(environment: pytest.MonkeyPatch) -> None:
    (rule,) = rules(environment, {"ship": {"handle": "ship", "gives": "free_shipping"}})
    assert rule.effect.combines_with == {DiscountClass.ORDER, DiscountClass.PRODUCT}


RECORD = {"handle": "x", "gives": "record"}
BAD: dict[str, tuple[Any, str]] = {
    "nothing to know it by": ({"gives": "record"}, "PROXY_BENEFITS: x: exactly one of"),
    "two things to know it by": (RECORD | {"tag": "y"}, "PROXY_BENEFITS: x: exactly one of"),
    "an empty handle": (RECORD | {"handle": ""}, "PROXY_BENEFITS: x.handle: "),
    "a meta without a key": ({"meta": "=v", "gives": "record"}, "PROXY_BENEFITS: x.meta: "),
    "no kind": ({"handle": "x"}, "PROXY_BENEFITS: x.gives: "),
    "an unknown kind": (RECORD | {"gives": "bogof"}, "PROXY_BENEFITS: x.gives: "),
    "an unknown name": (RECORD | {"colour": "red"}, "PROXY_BENEFITS: x.colour: "),
    "a percentage without one": ({"handle": "x", "gives": "percentage"}, "PROXY_BENEFITS: x: gives 'percentage', "),
    "a percentage of nothing": (RECORD | {"gives": "percentage", "percent": 0}, "PROXY_BENEFITS: x.percent: "),
    "more than everything": (RECORD | {"gives": "percentage", "percent": 100.5}, "PROXY_BENEFITS: x.percent: "),
    "a percentage too fine": (RECORD | {"gives": "percentage", "percent": "1.234"}, "PROXY_BENEFITS: x.percent: "),
    "an amount without one": ({"handle": "x", "gives": "amount"}, "PROXY_BENEFITS: x: gives 'amount', which needs"),
    "an amount too fine": (RECORD | {"gives": "amount", "amount": "1.234"}, "PROXY_BENEFITS: x: AUD amounts have"),
    "a minimum too fine": (
        RECORD | {"gives": "free_shipping", "minimum_spend": "1.234"},
        "PROXY_BENEFITS: x: AUD amounts have",
    ),
    "an amount below nothing": (RECORD | {"gives": "amount", "amount": -1}, "PROXY_BENEFITS: x.amount: "),
    "a kind with another's part": (RECORD | {"percent": 5}, "PROXY_BENEFITS: x: gives 'record', which has no percent"),
    "a code with a minimum": (RECORD | {"gives": "code", "minimum_spend": 5}, "PROXY_BENEFITS: x: gives 'code', "),
    "free shipping of products": (
        RECORD | {"gives": "free_shipping", "products": [SOCKS]},
        "PROXY_BENEFITS: x: gives 'free_shipping', which has no products",
    ),
    "no free product": (RECORD | {"gives": "free_product"}, "PROXY_BENEFITS: x: gives 'free_product', which needs"),
    "two free products": (
        RECORD | {"gives": "free_product", "products": [SOCKS, SOCKS]},
        "PROXY_BENEFITS: x: gives one product",
    ),
    "products and collections": (
        RECORD | {"gives": "percentage", "percent": 5, "products": [SOCKS], "collections": [SUMMER]},
        "PROXY_BENEFITS: x: is for products or for collections",
    ),
    "a product that is none": (
        RECORD | {"gives": "free_product", "products": ["40102"]},
        "PROXY_BENEFITS: x.products.0: ",
    ),
    "a class that is none": (
        RECORD | {"gives": "free_shipping", "combines_with": ["gift"]},
        "PROXY_BENEFITS: x.combines_with.0: ",
    ),
    "no surface": (RECORD | {"surfaces": []}, "PROXY_BENEFITS: x: surfaces must name one"),
    "an unknown surface": (RECORD | {"surfaces": ["kiosk"]}, "PROXY_BENEFITS: x.surfaces.0: "),
    "a code of spaces": (RECORD | {"gives": "code", "code": " "}, "PROXY_BENEFITS: x.code: "),
    "no table": (3, "PROXY_BENEFITS: x: "),
}


@pytest.mark.parametrize("why", BAD)
def test_a_bad_entry_stops_the_start_and_is_named(environment: pytest.MonkeyPatch, why: str) -> None:
    entry, said = BAD[why]
    message = refusal(environment, json.dumps({"fine": RECORD, "x": entry}))
    assert message.startswith(said)
    assert "fine" not in message


@pytest.mark.parametrize("given", ["not JSON", "[1]", '{"Bad Name": {"handle": "x", "gives": "record"}}'])
def test_what_is_no_table_of_entries_stops_the_start(environment: pytest.MonkeyPatch, given: str) -> None:
    message = refusal(environment, given)
    assert message.startswith("PROXY_BENEFITS: ")
    assert len(message.splitlines()) == 1


def test_each_shop_may_map_on_its_own(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "proxy.toml"
    file.write_text(
        '[benefits.ten]\nhandle = "ten"\ngives = "record"\n'
        '[shops.au]\nshop_domain = "au.myshopify.com"\n'
        '[shops.au.benefits.ten]\nhandle = "ten"\ngives = "amount"\namount = "10.00"\n'
        '[shops.outlet]\nshop_domain = "outlet.myshopify.com"\n'
    )
    environment.setenv("PROXY_CONFIG", str(file))
    environment.delenv("PROXY_SHOP_DOMAIN")
    shops = load_settings().shops
    kinds = {name: shop.shop().benefits[0].effect.kind for name, shop in shops.items()}
    assert kinds == {"au": EffectKind.AMOUNT, "outlet": EffectKind.RECORD}


def test_readmes_examples_are_of_every_kind_and_all_good(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    section = README.read_text().split("\n### Benefits\n", 1)[1].split("\n## ", 1)[0]
    file = tmp_path / "proxy.toml"
    file.write_text(section.split("```toml\n", 1)[1].split("```", 1)[0])
    environment.setenv("PROXY_CONFIG", str(file))
    found = load_settings().shops[ALONE].shop().benefits
    assert {rule.effect.kind for rule in found} == set(EffectKind)
    assert {bool(rule.handle) for rule in found} == {True, False}

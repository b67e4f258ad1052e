"""What README lists is what there is."""

import re
from pathlib import Path

import pytest

from proxy.domain.drift import EXPLAINED
from proxy.domain.happening import Happening
from proxy.domain.redemption import State
from proxy.domain.refusals import RuleRefusal
from proxy.settings import Settings, ShopSettings
from proxy.telemetry import LogAndMetrics

# Shops are written as tables of a file; what may stand in one is listed beside the rest.
FIELDS = ShopSettings.model_fields | {name: f for name, f in Settings.model_fields.items() if name != "shops"}
README = (Path(__file__).resolve().parents[1] / "README.md").read_text()


def first_cells(heading: str) -> list[str]:
    """Give the names in the first column of every table of a section."""
    section = README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`{]+)", section, re.MULTILINE)


def test_every_setting_is_listed_once_and_no_other() -> None:
    expected = {f"PROXY_{name.upper()}" for name in FIELDS}
    listed = first_cells("Settings")
    assert len(listed) == len(set(listed))
    assert set(listed) == expected


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_the_listed_default_is_the_default(name: str) -> None:
    row = re.search(rf"^\| `PROXY_{name.upper()}` \| ([^|]+) \|", README, re.MULTILINE)
    assert row is not None
    field = FIELDS[name]
    listed = row[1].strip()
    if field.is_required():
        assert listed == "required"
    elif field.default in (None, (), {}):
        assert listed == "none" or "{" in listed  # an address that is made of another setting
    else:
        default = field.default
        text = ",".join(default) if isinstance(default, tuple) else str(default)
        assert listed.strip("`") == {"True": "true", "False": "false"}.get(text, text)


def test_every_event_is_listed_with_what_to_do() -> None:
    listed = [name for name in first_cells("What it says, and what to do about it") if "." in name]
    assert sorted(listed) == sorted(happening.value for happening in Happening)


def test_every_metric_is_listed() -> None:
    families = {family.name for family in LogAndMetrics().registry.collect()}
    listed = {name.removesuffix("_total") for name in first_cells("What it says, and what to do about it")}
    assert families <= listed


def test_every_kind_of_drift_is_listed_in_its_own_words() -> None:
    section = README.split("\n## When sides differ\n", 1)[1].split("\n## ", 1)[0]
    assert dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|", section, re.MULTILINE)) == EXPLAINED


def test_every_state_that_can_be_reached_now_is_explained() -> None:
    explained = set(first_cells("How a redemption goes"))
    assert explained == set(State)


def test_every_refusal_by_a_rule_is_listed_with_its_numbers() -> None:
    listed = set(first_cells("What may be redeemed"))
    assert {kind.code for kind in RuleRefusal.__subclasses__()} <= listed

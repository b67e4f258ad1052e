"""What the machine's making found, as its shortest steps."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.sandbox.faults import Fault
from tests.model.ledger_view import LedgerView, read_ledger
from tests.model.machine import ServiceMachine
from tests.model.weather import RETURN
from tests.world.databases import Databases
from tests.world.world import ADA

_SHARED = {"at": 0, "who": ADA, "handle": "free-alterations", "picks": (0, 1), "over": False, "omen": 0}
_ONE_PIECE = {"pick": 0, "line": 1, "pieces": 1, "who": ADA, "omen": 0}


class Steps(ServiceMachine):
    """The machine, moved by hand."""

    url = ""

    def fresh_url(self) -> str:
        return self.url

    def ledger(self) -> LedgerView:
        return self.stage.engine.do(read_ledger)

    def compare(self) -> None:
        """Find the three sides in agreement."""
        self._compare()

    def settle(self) -> None:
        """Deliver what is held, and work until every try has had its time."""
        self._all_webhooks_come(0, 0)
        for _ in range(60):
            self.stage.wait(20)
            self.stage.go(self.stage.work(self.stage.nodes[0], 8))


@pytest.fixture
def steps(databases: Databases, tmp_path: Path) -> Iterator[Steps]:
    Steps.url = databases.sqlite(tmp_path / "proxy.db")
    made = Steps()
    yield made
    made.stage.close()


def test_a_share_that_was_given_up_is_not_given_back_by_the_next_event(steps: Steps) -> None:
    steps.sell(at=0, who=ADA, amount=1250, handles=[], lines=0, kind="paid", omen=0)
    steps.settle()
    steps.stage.omneo.faults.add(Fault(RETURN, "drop_before", times=4))
    steps.an_order_changes(kind="refund", **_ONE_PIECE)
    steps.settle()
    [[given_up]] = steps.ledger().give_backs.values()
    assert given_up.state == "review"

    steps.an_order_changes(kind="hand_over", **_ONE_PIECE)  # changes nothing, but is told
    steps.settle()

    [rows] = steps.ledger().give_backs.values()
    assert [row.id for row in rows] == [given_up.id], "what a person was asked about was sent again meanwhile"


def test_an_order_with_a_retailers_code_spends_one_of_the_holds_that_it_stands_for(steps: Steps) -> None:
    steps.use(uses=1, **_SHARED)
    steps.stage.wait(1)
    steps.use(uses=1, **_SHARED)
    steps.buy(pick=0, lines=0, kind="paid", together=False)
    steps.settle()
    steps.compare()
    assert sorted(row.state for row in steps.ledger().redemptions.values()) == ["recorded", "released"]


def test_an_order_with_a_retailers_code_spends_nothing_that_was_held_since(steps: Steps) -> None:
    steps.use(uses=1, **_SHARED)
    steps.buy(pick=0, lines=0, kind="paid", together=False)
    steps.settle()
    steps.use(uses=1, **_SHARED)
    steps.an_order_changes(kind="hand_over", **_ONE_PIECE)  # changes nothing, but is told
    steps.settle()
    steps.compare()
    assert sorted(row.state for row in steps.ledger().redemptions.values()) == ["recorded", "released"]


def test_uses_of_a_profile_that_was_merged_untold_are_not_missed_by_a_comparison(steps: Steps) -> None:
    steps.use(uses=1, **_SHARED)
    steps.buy(pick=0, lines=0, kind="paid", together=False)
    steps.settle()
    steps.omneo_merges_profiles(who=ADA, into="a new one", told=False)
    steps.compare()


def test_a_retailers_code_that_stands_for_two_benefits_uses_one_of_them(steps: Steps) -> None:
    steps.with_benefits_behind_our_back(who=ADA, kind="give", handle="free-alterations", pick=0)
    steps.use(uses=1, **{**_SHARED, "picks": (1, 0)})
    steps.stage.wait(1)
    steps.use(uses=1, **_SHARED)
    assert len({row.benefit_id for row in steps.ledger().redemptions.values()}) == 2
    steps.buy(pick=0, lines=0, kind="paid", together=False)
    steps.settle()
    steps.compare()
    assert sorted(row.state for row in steps.ledger().redemptions.values()) == ["recorded", "released"]

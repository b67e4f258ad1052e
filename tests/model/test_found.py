"""What the machine's making found, as its shortest steps."""

from pathlib import Path

from proxy.sandbox.faults import Fault
from tests.model.ledger_view import LedgerView, read_ledger
from tests.model.machine import ServiceMachine
from tests.model.weather import RETURN
from tests.world.databases import Databases
from tests.world.world import ADA

_ONE_PIECE = {"pick": 0, "line": 1, "pieces": 1, "who": ADA, "omen": 0}


class Steps(ServiceMachine):
    """The machine, moved by hand."""

    url = ""

    def fresh_url(self) -> str:
        return self.url

    def ledger(self) -> LedgerView:
        return self.stage.engine.do(read_ledger)

    def settle(self) -> None:
        """Deliver what is held, and work until every try has had its time."""
        self._all_webhooks_come(0, 0)
        for _ in range(60):
            self.stage.wait(20)
            self.stage.go(self.stage.work(self.stage.nodes[0], 8))


def test_a_share_that_was_given_up_is_not_given_back_by_the_next_event(databases: Databases, tmp_path: Path) -> None:
    Steps.url = databases.sqlite(tmp_path / "proxy.db")
    steps = Steps()
    try:
        steps.sell(at=0, who=ADA, amount=1250, till=False, lines=0, paid=True, omen=0)
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
    finally:
        steps.stage.close()

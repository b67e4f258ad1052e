"""Let everything come to rest: faults end, webhooks arrive, time passes, and work is done until none is due."""

from collections.abc import Mapping, Set
from typing import Any

from tests.model.ledger_view import LedgerView, read_journal, read_ledger
from tests.model.people import People
from tests.model.settlement import Finding, Settlement
from tests.model.stage import SHOPS, Stage
from tests.model.truth import read_omneo

_ROUNDS = 400
_QUIET_S = 301  # what moved less than five minutes ago is left out of comparisons
_HELD_UP_S = 120  # longer than anything that is slow, stalled or late may still take


def come_to_rest(stage: Stage, people: People) -> None:
    """Do all work that webhooks and sweeps ask for, however far in the future it is due."""
    stage.wait(_HELD_UP_S)
    for _ in range(3):
        people.collect()
        while people.mail:
            domain, delivery = people.mail[0]
            stage.go(people.deliver(_node(stage, domain), delivery))
        _drain(stage)
        # What no webhook told of is found by the sweep.
        stage.go(*(people.sweep(_node(stage, domain)) for domain in stage.shops))
        _drain(stage)
    stage.wait(_QUIET_S)


def _node(stage: Stage, domain: str) -> Any:
    return next(node for node in stage.nodes if node.shop == domain)


def _drain(stage: Stage) -> None:
    for _ in range(_ROUNDS):
        for domain in stage.shops:
            while any(stage.go(stage.work(_node(stage, domain), 8), patience_s=60)):
                pass
        left = [row for row in stage.engine.do(read_ledger).tasks if row.kind != "sweep" and not row.parked]
        if not left:
            return
        due_ms = min(max(row.due_ms, row.lease_until_ms) for row in left)
        stage.wait(max(0.0, (due_ms - stage.clock.now_ms) / 1000) + 0.01)


def findings(
    stage: Stage, people: People, given_minor: Mapping[str, int], handed_over: Set[tuple[str, int]]
) -> tuple[list[Finding], LedgerView]:
    """Compare the three sides; the product's own comparison has to find as little."""
    view = stage.engine.do(read_ledger)
    settlement = Settlement(
        view=view,
        truth=read_omneo(stage.omneo),
        orders={domain: shop.state.orders for domain, shop in stage.shops.items()},
        own_transactions=frozenset(domain for domain, values in SHOPS.items() if values["transaction_mode"] == "own"),
        given_minor=given_minor,
        handed_over=handed_over,
    )
    found = settlement.findings(stage.omneo, stage.engine.do(read_journal))
    for domain in stage.shops:
        [drift] = stage.go(people.reconcile(_node(stage, domain), fix=False), patience_s=60)
        found += [Finding("wrong", 0, f"reconcile at rest: {drift}")] if drift != () else []
    return found, view

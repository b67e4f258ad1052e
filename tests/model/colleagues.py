"""What a till remembers of colleagues: which approvals it was told to ask for, and who granted which."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import httpx

from tests.model.ledger_view import LedgerView
from tests.model.promises import keep
from tests.model.stage import APPROVALS, Node, Stage
from tests.model.truth import minor

ASKS, GRANTS = 42, 43  # the login that wishes at every till, and a colleague's
_PATH: Final = "/v1/pos/approvals"
_ALONE_MINOR: Final = minor(Decimal(APPROVALS["staff_approval_above"]))
_REASON_MINOR: Final = minor(Decimal(APPROVALS["staff_reason_above"]))
_OPEN: Final = {"held", "issued"}


@dataclass(slots=True)
class Permit:
    """One approval as it was told on the wire; `granted_ms` is when a colleague first tried to grant it."""

    shop: str
    customer: str
    minor: int
    expires_ms: int
    granted_ms: int | None = None


@dataclass(slots=True)
class Colleagues:
    """A till gives the newest approval that it knows with every wish, whatever for, until that is refused.

    A colleague is asked for it anew, even if it was used, until it was refused because its time is over.
    """

    stage: Stage
    permits: dict[str, Permit] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    _newest: dict[tuple[str, str], str] = field(default_factory=dict)

    def given_with(self, shop: str, customer: int, number: int) -> dict[str, str]:
        """Give what a cashier adds to a wish; of six, one forgets to say why."""
        if not self.stage.asks_colleagues:
            return {}
        said = {} if number % 6 == 5 else {"reason": "a torn seam"}
        approval = self.known(shop, customer)
        return said if approval is None else said | {"approval": approval}

    def heard(self, shop: str, body: dict[str, Any], answer: httpx.Response) -> None:
        """Remember what an answer to a wish says of approvals."""
        told, customer = answer.json(), str(body.get("customer_id"))
        if told.get("code") == "approval_required":
            expires_ms = int(datetime.fromisoformat(told["expires_at"]).timestamp() * 1000) + 999
            permit = Permit(shop, customer, minor(Decimal(body["amount"]["amount"])), expires_ms)
            if self.permits.setdefault(told["approval"], permit) is permit:
                self.waiting.append(told["approval"])
            self._newest[shop, customer] = told["approval"]
        elif told.get("code") == "approval_invalid":
            self._refused(shop, customer, body["approval"])

    def _refused(self, shop: str, customer: str, approval: str) -> None:
        if self._newest.get((shop, customer)) == approval:
            del self._newest[shop, customer]
        if self.permits[approval].expires_ms < self.stage.clock.now_ms and approval in self.waiting:
            self.waiting.remove(approval)

    def known(self, shop: str, customer: int) -> str | None:
        """Give the newest approval for this customer here that was not refused."""
        return self._newest.get((shop, str(customer)))

    def chosen(self, pick: int) -> tuple[str, Permit]:
        """Choose an approval that a colleague may still be asked for, the newest first."""
        approval = self.waiting[-1 - pick % len(self.waiting)]
        return approval, self.permits[approval]

    async def grant(self, node: Node, approval: str, login: int = GRANTS) -> None:
        """Grant it, or try to grant one's own; the till goes on with it."""
        permit = self.permits[approval]
        self._newest[permit.shop, permit.customer] = approval
        if login != ASKS and permit.granted_ms is None:
            permit.granted_ms = self.stage.clock.now_ms
        headers = self.stage.token(node, "pos", int(permit.customer), login)
        answer = await node.http.post(f"{_PATH}/{approval}", headers=headers)
        assert answer.status_code != 500, answer.text
        keep(login != ASKS or not answer.is_success, "somebody granted what they asked for themselves", answer.text)

    def check(self, view: LedgerView) -> None:
        """Fail where a till went beyond what it may do alone, or an approval beyond what it is for."""
        used: dict[str, str] = {}
        if not self.stage.asks_colleagues:
            return
        for row, said in _at_tills(view):
            if row.amount_minor > _REASON_MINOR:
                keep("staff_reason" in said, "a till gave no reason", row)
            if row.amount_minor <= _ALONE_MINOR:
                continue
            approval = str(said.get("approval"))
            self._permits(approval, row)
            # What was let go before there was a discount has used nothing.
            if row.discount_id is not None or row.state in _OPEN:
                keep(used.setdefault(approval, row.id) == row.id, "an approval was used twice", approval, row)

    def _permits(self, approval: str, row: Any) -> None:
        permit = self.permits.get(approval)
        if permit is None or permit.granted_ms is None:
            keep(False, "a till redeemed above its limit, and nobody granted it", approval, row)
            return
        keep((permit.shop, permit.customer) == (row.shop, row.customer_id), "an approval of somebody else", permit, row)
        keep(row.amount_minor <= permit.minor, "an approval was used for more than it says", permit, row)
        keep(permit.granted_ms <= row.created_ms <= permit.expires_ms, "an approval was used out of time", permit, row)


def _at_tills(view: LedgerView) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Give each amount that was redeemed at a till, with what the journal says of its hold."""
    for row in view.redemptions.values():
        if row.surface == "pos" and row.benefit_id == 0 and row.parent_id is None:
            yield row, view.holds[row.id]

"""The state machine of shops whose tills have to ask a colleague."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.colleagues import ASKS, GRANTS
from tests.model.machine import NODE, NUMBER, ServiceMachine


class TillMachine(ServiceMachine):
    """Nobody redeems more than a till may do alone, but for what a colleague agreed to, once."""

    @precondition(lambda self: self.people.colleagues.waiting)
    @rule(at=st.tuples(NODE, NODE), pick=NUMBER, carts=st.tuples(NUMBER, NUMBER), login=st.sampled_from([ASKS, GRANTS]))
    def a_colleague_comes(self, at: tuple[int, int], pick: int, carts: tuple[int, int], login: int) -> None:
        """Grants what was asked for, or whoever asked tries to; then a till wishes, or two of them at once."""
        tills = 1 + (carts[0] != carts[1] and login == GRANTS)
        both = zip(at[:tills], carts, strict=False)
        self.stage.go(*(self.acts.approve_and_wish(each, pick, cart, login) for each, cart in both))

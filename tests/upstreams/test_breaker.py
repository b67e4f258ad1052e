"""The breaker against a plain account of what it should do, for any order of calls, answers and time."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from proxy.upstreams.breaker import Admission, Breaker

FAILURES, COOL_DOWN_S = 3, 10.0


class Calls(RuleBasedStateMachine):
    """Calls that overlap in any way; each admitted one ends once, when it likes."""

    under_way = Bundle("under_way")

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.breaker = Breaker(FAILURES, COOL_DOWN_S, lambda: self.now)
        self.in_a_row = 0
        self.opened_at: float | None = None
        self.probe: Admission | None = None

    @rule(target=under_way)
    def call(self) -> Admission | None:
        refused = self.opened_at is not None and (self.probe is not None or self.now < self.opened_at + COOL_DOWN_S)
        assert self.breaker.refuses is refused
        admission = self.breaker.admit()
        assert (admission is None) is refused
        if self.opened_at is not None and admission is not None:
            self.probe = admission
        return admission

    @rule(call=consumes(under_way))
    def answered(self, call: Admission | None) -> None:
        if call is not None:
            call.succeeded()
            self.in_a_row, self.opened_at, self.probe = 0, None, None

    @rule(call=consumes(under_way))
    def failed(self, call: Admission | None) -> None:
        if call is None:
            return
        call.failed()
        if self.opened_at is None:
            self.in_a_row += 1
            self.opened_at = self.now if self.in_a_row == FAILURES else None
        elif call is self.probe:
            self.opened_at, self.probe = self.now, None

    @rule(call=consumes(under_way))
    def went_away(self, call: Admission | None) -> None:
        if call is None:
            return
        call.forgotten()
        if call is self.probe:
            self.probe = None

    @rule(seconds=st.sampled_from([0.5, COOL_DOWN_S - 0.5, COOL_DOWN_S, 3 * COOL_DOWN_S]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def it_is_open_exactly_after_failures_in_a_row_without_an_answer_since(self) -> None:
        assert self.breaker.open is (self.opened_at is not None)


TestCalls = Calls.TestCase
TestCalls.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)

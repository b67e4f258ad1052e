"""What goes wrong around the proxy: its processes die or stall, and the other sides fail or do not listen."""

from collections import Counter

from tests.model.stage import Stage
from tests.model.weather import Climate, Weather
from tests.prove.tally import Tally

KINDS = ("die", "stall", "restart", "omneo", "shopify", "none")
_STALL_S = 30.0


class Troubles:
    """Begins and ends them, and counts those that struck."""

    def __init__(self, stage: Stage, climate: Climate, tally: Tally) -> None:
        self._stage = stage
        self._climate = climate
        self._tally = tally
        self._weather = {"omneo": Weather(stage.omneo.faults)}
        self._weather |= {domain: Weather(shop.faults) for domain, shop in stage.shops.items()}

    def foretell(self, omen: int, routes: tuple[str, ...]) -> None:
        """Have something go wrong on the other side during what comes next; small numbers mean nothing."""
        for one in self._climate.omen(omen, routes):
            shopify = one.route.startswith(("graphql", "POST /admin"))
            for side in self._stage.shops if shopify else ["omneo"]:
                self._weather[side].add(one)

    def befall(self, at: int, kind: str, after: int) -> None:
        """Have a process die at a step to come or now, stall, or find nobody listening; or let all of it end."""
        process = self._stage.nodes[at].process
        if kind in self._stage.down:
            self._stage.down[kind] += after % 4
        elif kind == "stall":
            process.stalls_after, process.stall_s = after // 2 + 1, _STALL_S
        elif kind == "die":
            process.dies_after = after
        elif kind == "none":
            self.end()
        else:
            process.die()
            self._stage.wait(0)
        self._tally.kills += kind in ("die", "restart")
        self._tally.faults[kind] += kind in ("stall", "omneo", "shopify")

    def end(self) -> None:
        """Let everybody work again."""
        for each in self._weather.values():
            each.clear()
        self._stage.calm()

    def struck(self) -> Counter[str]:
        """Count the faults that have struck to their end, by kind."""
        return sum((each.struck for each in self._weather.values()), Counter())

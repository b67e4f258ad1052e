"""Token buckets that several processes draw from."""

from proxy.domain.rate import Drained, Draw
from proxy.stores.buckets import LocalBuckets
from proxy.stores.valkey import Valkey

# One round trip, by the server's clock alone. What cannot be counts as full: that clock may have been set back, or
# another release may fill more slowly.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local after, lacks, worst = {}, 0, 0
for i, key in ipairs(KEYS) do
  local burst, every = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local full = tonumber(redis.call('GET', key) or now)
  if full > now + burst * every then full = now end
  after[i] = math.max(full, now) + every
  local lack = after[i] - now - burst * every
  if lack > lacks then lacks, worst = lack, i end
end
if worst == 0 then
  for i, key in ipairs(KEYS) do
    redis.call('SET', key, after[i], 'PX', math.ceil((after[i] - now) / 1000))
  end
end
return {worst, lacks}
"""


class SharedBuckets:
    """Buckets in Valkey; while that is slow or gone, this process's own decide."""

    def __init__(self, valkey: Valkey, local: LocalBuckets) -> None:
        self._valkey = valkey
        self._local = local

    async def take(self, *draws: Draw) -> Drained | None:
        """Take one token from each, or none from any; gives the bucket that makes the caller wait longest."""
        keys = tuple(self._valkey.key("bucket", "", key) for _, key, _ in draws)
        rates = [str(number) for _, _, rate in draws for number in (rate.burst, rate.every_us)]
        match await self._valkey.run(_TAKE, keys, *rates):
            case [0, _]:
                return None
            case [int(worst), int(lacks_us)]:
                return Drained(draws[worst - 1][0], lacks_us / 1_000_000)
        return self._local.take_here(*draws)

    def take_here(self, *draws: Draw) -> Drained | None:
        """Do the same with this process's own buckets, without waiting for anything."""
        return self._local.take_here(*draws)

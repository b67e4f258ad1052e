import type {Reward} from '../../shared/src/client';
import {money} from '../../shared/src/money';
import type {Words} from '../../shared/src/words';

/** What there is, open to read; what was used and what has expired, folded away. */
export function RewardLists({rewards, words}: {rewards: readonly Reward[]; words: Words}) {
  const of = (state: Reward['state']) => rewards.filter((each) => each.state === state);
  const active = of('active');
  return (
    <s-stack gap="base">
      {active.length > 0 && (
        <s-stack gap="base">
          <s-heading>{words.t('account.active')}</s-heading>
          <Rows rewards={active} words={words} />
        </s-stack>
      )}
      <Folded title="account.used" rewards={of('used')} words={words} />
      <Folded title="account.expired" rewards={of('expired')} words={words} />
    </s-stack>
  );
}

type Title = 'account.used' | 'account.expired';

function Folded({title, rewards, words}: {title: Title; rewards: readonly Reward[]; words: Words}) {
  if (rewards.length === 0) return null;
  return (
    <s-details>
      <s-summary>{words.t(title, {number: rewards.length})}</s-summary>
      <s-box paddingBlockStart="base">
        <Rows rewards={rewards} words={words} />
      </s-box>
    </s-details>
  );
}

function Rows({rewards, words}: {rewards: readonly Reward[]; words: Words}) {
  return (
    <s-unordered-list>
      {rewards.map((reward) => (
        <s-list-item key={reward.id}>
          <s-stack gap="small-500">
            <s-text>{`${reward.name} · ${amountOf(reward, words)}`}</s-text>
            {reward.expires_at !== null && reward.state !== 'used' && (
              <s-text color="subdued">{words.t(dateOf(reward), {date: words.date(reward.expires_at)})}</s-text>
            )}
          </s-stack>
        </s-list-item>
      ))}
    </s-unordered-list>
  );
}

function dateOf({state}: Reward): string {
  return state === 'expired' ? 'account.expired_on' : 'reward.expires';
}

/** What is left of it; of what was used, what it was. */
function amountOf({state, initial, remaining}: Reward, words: Words): string {
  const whole = words.wire(initial);
  if (state === 'used' || money(remaining).minor === money(initial).minor) return whole;
  return words.t('account.part', {remaining: words.wire(remaining), initial: whole});
}

import {useEffect, useErrorBoundary, useState} from 'preact/hooks';
import type {CustomerClient, Rewards, Standing} from '../../shared/src/client';
import {money} from '../../shared/src/money';
import type {Words} from '../../shared/src/words';
import {RewardLists} from './RewardLists';
import {Tier} from './Tier';

type Read =
  | {readonly at: 'loading' | 'away' | 'pending'}
  /** `standing` is null where it could not be read. */
  | {readonly at: 'shown'; readonly rewards: Rewards; readonly standing: Standing | null};

export type Reader = Pick<CustomerClient, 'rewards' | 'tier'>;

/** Balance, tier and rewards of the customer who is signed in. */
export function Overview({client, heading, words}: {client: Reader; heading: string; words: Words}) {
  const [answer, setRead] = useState<Read>({at: 'loading'});
  const [tries, setTries] = useState(0);
  // An answer that cannot be shown is none.
  const [broken, mend] = useErrorBoundary();
  const read: Read = broken ? {at: 'away'} : answer;
  useEffect(() => {
    let over = false;
    void reading(client).then((now) => {
      if (!over) setRead(now);
    });
    return () => {
      over = true;
    };
  }, [tries]);
  const again = () => {
    mend();
    setRead({at: 'loading'});
    setTries(tries + 1);
  };
  return (
    <s-section heading={heading}>
      {read.at === 'loading' && <s-skeleton-paragraph content={words.t('reward.loading')} />}
      {read.at === 'pending' && <s-text>{words.t('reward.pending')}</s-text>}
      {read.at === 'away' && (
        <s-banner tone="warning">
          <s-stack gap="base">
            <s-text>{words.t('account.away')}</s-text>
            <s-button variant="secondary" onClick={again}>
              {words.t('reward.again')}
            </s-button>
          </s-stack>
        </s-banner>
      )}
      {read.at === 'shown' && (
        <s-stack gap="large">
          <Balance rewards={read.rewards} words={words} />
          {read.standing?.tier && <Tier tier={read.standing.tier} words={words} />}
          <RewardLists rewards={read.rewards.rewards} words={words} />
        </s-stack>
      )}
    </s-section>
  );
}

async function reading(client: Reader): Promise<Read> {
  const [rewards, tier] = await Promise.all([client.rewards(), client.tier()]);
  if (!rewards.ok) return {at: 'away'};
  if (rewards.value.status === 'pending_profile') return {at: 'pending'};
  return {at: 'shown', rewards: rewards.value, standing: tier.ok ? tier.value : null};
}

function Balance({rewards, words}: {rewards: Rewards; words: Words}) {
  const {balance, expiring_next: expiring, stale, as_of: asOf} = rewards;
  if (balance === null) return null;
  const there = money(balance.available).minor > 0;
  return (
    <s-stack gap="small-300">
      <s-text type="strong">
        {there ? words.t('reward.available', {amount: words.wire(balance.available)}) : words.t('reward.none')}
      </s-text>
      {money(balance.held).minor > 0 && <s-text>{words.t('reward.held', {amount: words.wire(balance.held)})}</s-text>}
      {expiring !== null && expiring.expires_at !== null && (
        <s-text color="subdued">
          {words.t('reward.expiring', {amount: words.wire(expiring.amount), date: words.date(expiring.expires_at)})}
        </s-text>
      )}
      {stale && asOf !== null && (
        <s-text color="subdued">{words.t('reward.as_of', {time: words.time(new Date(asOf))})}</s-text>
      )}
    </s-stack>
  );
}

import {money} from '../../shared/src/money';
import type {Words} from '../../shared/src/words';
import {Amount} from './Amount';
import {Benefits} from './Benefits';
import {fits} from './cart';
import {AMOUNT, type Desk} from './desk';
import {mayChange} from './host';
import type {Platform} from './platform';
import type {Shown} from './session';

interface Given {
  readonly shown: Shown;
  readonly desk: Desk;
  readonly platform: Platform;
  readonly words: Words;
}

/** What there is, and what may be done with it. */
export function Panel({shown, desk, platform, words}: Given) {
  const {rewards, benefits, room} = shown;
  const {expiring_next: expiring, as_of: asOf, policy} = rewards;
  const ours = fits(platform, policy.minimum);
  const open = mayChange(platform, 'code');
  const there = room.available.minor > 0 || room.suggested.minor > 0;
  const applied = desk.doing.value.get(AMOUNT.of)?.stage.at === 'applied';
  return (
    <s-stack gap="base">
      <s-stack gap="small-300">
        <s-text type="strong">{balanceOf(shown, applied, words)}</s-text>
        {expiring !== null && expiring.expires_at !== null && (
          <s-text color="subdued">
            {words.t('reward.expiring', {amount: words.wire(expiring.amount), date: words.date(expiring.expires_at)})}
          </s-text>
        )}
        {rewards.stale && asOf !== null && (
          <s-text color="subdued">{words.t('reward.as_of', {time: words.time(new Date(asOf))})}</s-text>
        )}
      </s-stack>
      {!open && <s-text>{words.t('checkout.closed')}</s-text>}
      {open && !ours && there && <s-text>{words.t('refusal.currency_mismatch')}</s-text>}
      {open && ours && there && !applied && (
        <Amount room={room} policy={policy} desk={desk} words={words} />
      )}
      {benefits !== null && benefits.benefits.length > 0 && (
        <Benefits
          benefits={benefits.benefits}
          redemptions={rewards.redemptions}
          desk={desk}
          platform={platform}
          words={words}
        />
      )}
    </s-stack>
  );
}

function balanceOf({rewards, room}: Shown, applied: boolean, words: Words): string {
  // What is applied here is in the room that this cart has, but no longer in the customer's pocket.
  const available = applied && rewards.balance !== null ? money(rewards.balance.available) : room.available;
  if (available.minor > 0) return words.t('reward.available', {amount: words.money(available)});
  const held = rewards.balance === null ? null : money(rewards.balance.held);
  return held !== null && held.minor > 0 ? words.t('reward.held', {amount: words.money(held)}) : words.t('reward.none');
}

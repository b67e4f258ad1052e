import type {Rewards} from '../../shared/src/client';
import {money, wire} from '../../shared/src/money';
import {told} from '../../shared/src/refusals';
import type {Words} from '../../shared/src/words';
import {AMOUNT, type Desk} from './desk';
import {Part} from './Part';
import {because, type Room} from './room';

interface Given {
  readonly room: Room;
  readonly policy: Rewards['policy'];
  readonly desk: Desk;
  readonly words: Words;
}

/** Use all that this cart takes at one tap, or a part of it; or the reason why it takes nothing. */
export function Amount({room, policy, desk, words}: Given) {
  const {available, suggested} = room;
  const reason = reasonOf(room, policy);
  if (reason !== null) {
    const {text, values, may} = told(reason, words);
    return (
      <s-stack gap="base">
        <s-text>{words.t(text, values)}</s-text>
        {may === 'take_over' && suggested.minor > 0 && (
          <s-button
            disabled={desk.busy}
            onClick={() => void desk.redeem(AMOUNT, {amount: wire(suggested), take_over: true})}
          >
            {words.t('reward.take_over')}
          </s-button>
        )}
      </s-stack>
    );
  }
  const use = suggested.minor === available.minor ? 'reward.use_all' : 'reward.apply_amount';
  return (
    <s-stack gap="base">
      {suggested.minor > 0 && (
        <s-button
          variant="primary"
          inlineSize="fill"
          disabled={desk.busy}
          onClick={() => void desk.redeem(AMOUNT, {amount: wire(suggested)})}
        >
          {words.t(use, {amount: words.money(suggested)})}
        </s-button>
      )}
      <Part available={available} minimum={money(policy.minimum)} desk={desk} words={words} />
    </s-stack>
  );
}

function reasonOf({available, suggested, blocked}: Room, {minimum}: Rewards['policy']): Room['blocked'] {
  if (blocked?.code === 'held_elsewhere') return blocked;
  if (available.minor < money(minimum).minor) return because('below_minimum', {minimum});
  return suggested.minor === 0 ? blocked : null;
}

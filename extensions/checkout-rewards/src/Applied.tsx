import type {Words} from '../../shared/src/words';
import type {Doing, Desk} from './desk';
import {mayChange, off} from './host';
import type {Platform} from './platform';

/** What stands on this checkout, each with its way off again. */
export function Applied({desk, platform, words}: {desk: Desk; platform: Platform; words: Words}) {
  const applied = [...desk.doing.value.values()].filter(({stage}) => stage.at === 'applied');
  if (applied.length === 0) return null;
  return (
    <s-stack gap="base">
      {applied.map((one) => (
        <Row key={one.thing.of} one={one} desk={desk} platform={platform} words={words} />
      ))}
    </s-stack>
  );
}

function Row({one: {thing, stage}, desk, platform, words}: {one: Doing; desk: Desk; platform: Platform; words: Words}) {
  if (stage.at !== 'applied') return null;
  // Not what came off when it was applied: that changes with the cart.
  const amount = off(platform, stage.redemption);
  const text = thing.name ?? words.t('checkout.used');
  return (
    <s-stack direction="inline" gap="base" justifyContent="space-between" alignItems="center">
      <s-stack gap="small-300">
        <s-text>{text}</s-text>
        {amount !== null && amount.minor > 0 && (
          <s-text type="strong">{words.t('checkout.off', {amount: words.money(amount)})}</s-text>
        )}
      </s-stack>
      {mayChange(platform, thing.by) && (
        <s-button
          variant="secondary"
          disabled={desk.busy}
          accessibilityLabel={words.t('checkout.remove_one', {name: text})}
          onClick={() => void desk.remove(thing)}
        >
          {words.t('reward.remove')}
        </s-button>
      )}
    </s-stack>
  );
}

import type {Benefit, Redemption} from '../../shared/src/client';
import type {Words} from '../../shared/src/words';
import {benefitOf, type Desk} from './desk';
import {mayChange} from './host';
import type {Platform} from './platform';

interface Given {
  readonly benefits: readonly Benefit[];
  readonly redemptions: readonly Redemption[];
  readonly desk: Desk;
  readonly platform: Platform;
  readonly words: Words;
}

/** Those that can be used here with a button, the others with the reason why not; each one that is applied is above. */
export function Benefits({benefits, redemptions, desk, platform, words}: Given) {
  const applied = [...desk.doing.value.values()].filter(({stage}) => stage.at === 'applied').map(({thing}) => thing.of);
  const shown = benefits.filter(({id, name}) => !applied.includes(benefitOf(id, name, 'code').of));
  if (shown.length === 0) return null;
  return (
    <s-details>
      <s-summary>{words.t('checkout.benefits', {count: shown.length})}</s-summary>
      <s-stack gap="base" paddingBlockStart="base">
        {shown.map((benefit) => (
          <Row key={benefit.id} {...{benefit, redemptions, desk, platform, words}} />
        ))}
      </s-stack>
    </s-details>
  );
}

function Row({benefit, redemptions, desk, platform, words}: Omit<Given, 'benefits'> & {benefit: Benefit}) {
  const {id, name, effect, expires_at: expires} = benefit;
  const held = heldOf(benefit, redemptions);
  const by = effect?.kind === 'record' || held?.code === null ? 'attribute' : 'code';
  const usable = (benefit.applicable || held !== undefined) && mayChange(platform, by);
  const wish = {benefit: {id, uses: 1}, ...(held === undefined ? {} : {take_over: true})};
  const use = words.t(held === undefined ? 'reward.apply' : 'reward.take_over');
  return (
    <s-stack direction="inline" gap="base" justifyContent="space-between" alignItems="center">
      <s-stack gap="small-300">
        <s-text type="strong">{name}</s-text>
        {effect !== null && <s-text>{effectOf(effect, words)}</s-text>}
        {expires !== null && <s-text color="subdued">{words.t('reward.expires', {date: words.date(expires)})}</s-text>}
        {!benefit.applicable && <s-text color="subdued">{reasonOf(benefit.reason, words)}</s-text>}
      </s-stack>
      {usable && (
        <s-button
          disabled={desk.busy}
          accessibilityLabel={held === undefined ? words.t('checkout.apply_benefit', {name}) : `${use}: ${name}`}
          onClick={() => void desk.redeem(benefitOf(id, name, by), wish)}
        >
          {use}
        </s-button>
      )}
    </s-stack>
  );
}

/** What holds its last use: another cart, or this one before a reload. A till's stays at the till. */
function heldOf({id, reason}: Benefit, redemptions: readonly Redemption[]): Redemption | undefined {
  if (reason !== 'in_use') return undefined;
  return redemptions.find(({benefit, surface}) => benefit?.id === id && surface !== 'pos');
}

function effectOf({kind, amount, percent}: NonNullable<Benefit['effect']>, words: Words): string {
  return words.t(`reward.effect.${kind}`, {
    ...(amount === null ? {} : {amount: words.wire(amount)}),
    ...(percent === null ? {} : {percent}),
  });
}

// Those that the texts know; a newer proxy may have more.
const REASONS: readonly string[] = ['unmapped', 'other_surface', 'no_code', 'no_price', 'in_use', 'unavailable'];

function reasonOf(reason: string | null, words: Words): string {
  const known = reason !== null && REASONS.includes(reason);
  return words.t(known ? `reward.reason.${reason}` : 'refusal.benefit_not_applicable');
}

/** One benefit: what it does, how it is used, and a tap that puts it on the cart. */
import type {Benefit} from '../../shared/src/client';
import type {Desk} from './desk';
import {FlowView} from './flow_view';
import type {Member} from './member';
import type {Words} from './words';

interface Props {
  readonly benefit: Benefit;
  readonly desk: Desk;
  readonly member: Member;
  /** Whether anything can be put on this cart now. */
  readonly can: boolean;
  /** Whether to say all there is, or what is needed in a short list. */
  readonly full?: boolean;
}

export function BenefitRow({benefit, desk, member, can, full = false}: Props) {
  const {say} = member;
  const subject = `benefit:${benefit.id}` as const;
  const at = desk.stage(subject).value.at;
  const taps = can && benefit.applicable && (at === 'idle' || at === 'released');
  return (
    <s-section heading={benefit.name}>
      <s-stack gap="small">
        <s-text>{effectOf(benefit, say)}</s-text>
        {full && benefit.description ? <s-text>{benefit.description}</s-text> : null}
        {benefit.instructions ? <s-text type="strong">{benefit.instructions}</s-text> : null}
        {benefit.remaining === null ? null : <s-text>{say.t('reward.uses', {count: benefit.remaining})}</s-text>}
        {benefit.expires_at ? (
          <s-text color="subdued">{say.t('reward.expires', {date: say.day(benefit.expires_at)})}</s-text>
        ) : null}
        {full && benefit.terms ? (
          <s-text color="subdued" type="small">
            {benefit.terms}
          </s-text>
        ) : null}
        {benefit.applicable || at === 'applied' ? null : <s-badge tone="neutral">{reasonOf(benefit, say)}</s-badge>}
        {taps ? (
          <s-button
            disabled={desk.working.value}
            onClick={() => void desk.redeem(subject, {benefit: {id: benefit.id, uses: 1}})}
          >
            {say.t('reward.apply')}
          </s-button>
        ) : null}
        <FlowView desk={desk} subject={subject} member={member} name={benefit.name} />
      </s-stack>
    </s-section>
  );
}

function effectOf({effect, description}: Benefit, say: Words): string {
  if (effect === null) return description ?? '';
  return say.t(`reward.effect.${effect.kind}`, {
    ...(effect.amount === null ? {} : {amount: say.money(effect.amount)}),
    ...(effect.percent === null ? {} : {percent: effect.percent}),
  });
}

const REASONS = ['unmapped', 'other_surface', 'no_code', 'no_price', 'in_use'];

/** A reason that this release does not know is told as one that may pass. */
function reasonOf({reason}: Benefit, say: Words): string {
  return say.t(`reward.reason.${reason !== null && REASONS.includes(reason) ? reason : 'unavailable'}`);
}

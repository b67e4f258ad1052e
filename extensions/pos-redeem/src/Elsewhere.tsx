/** What is set aside for this customer and not on this cart: an earlier cart's, or another till's. */
import {subjectOf, type Desk} from '../../pos-shared/src/desk';
import type {Member} from '../../pos-shared/src/member';
import type {Redemption} from '../../shared/src/client';

interface Props {
  readonly redemptions: readonly Redemption[];
  readonly desk: Desk;
  readonly member: Member;
  /** Whether anything can be put on this cart now. */
  readonly can: boolean;
}

export function Elsewhere({redemptions, desk, member: {say}, can}: Props) {
  // What is tapped is told where its like is: beside the amount, or beside its benefit.
  const idle = redemptions.filter((each) => desk.stage(subjectOf(each)).value.at === 'idle');
  if (idle.length === 0) return null;
  const working = desk.working.value;
  return (
    <s-section heading={say.t('pos.elsewhere.heading')}>
      <s-stack gap="base">
        {idle.map((each) => (
          <s-stack key={each.id} gap="small">
            <s-text>
              {say.t('pos.elsewhere.until', {
                what: each.amount === null ? (each.benefit?.handle ?? '') : say.money(each.amount),
                time: say.time(each.expires_at),
              })}
            </s-text>
            {can && each.surface === 'pos' ? (
              <s-button disabled={working} onClick={() => void desk.resume(each)}>
                {say.t('reward.take_over')}
              </s-button>
            ) : null}
            <s-button disabled={working} onClick={() => void desk.release(each)}>
              {say.t('pos.elsewhere.release')}
            </s-button>
          </s-stack>
        ))}
      </s-stack>
    </s-section>
  );
}

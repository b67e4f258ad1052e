/** What is set aside for this customer and not on this cart: an earlier cart's, or another till's. */
import {useState} from 'preact/hooks';
import {subjectOf, type Desk} from '../../pos-shared/src/desk';
import {Note, type Member} from '../../pos-shared/src/member';
import type {Redemption} from '../../shared/src/client';

interface Props {
  readonly redemptions: readonly Redemption[];
  readonly desk: Desk;
  readonly member: Member;
  /** Whether anything can be put on this cart now. */
  readonly can: boolean;
}

export function Elsewhere({redemptions, ...props}: Props) {
  const {say} = props.member;
  if (redemptions.length === 0) return null;
  return (
    <s-section heading={say.t('pos.elsewhere.heading')}>
      <s-stack gap="base">
        {redemptions.map((each) => <Open key={each.id} redemption={each} {...props} />)}
      </s-stack>
    </s-section>
  );
}

function Open({redemption, desk, member, can}: Omit<Props, 'redemptions'> & {redemption: Redemption}) {
  const {say, again} = member;
  const [at, setAt] = useState<'idle' | 'releasing' | 'failed'>('idle');
  const free = async () => {
    if (at === 'releasing') return;
    setAt('releasing');
    const done = await desk.release(redemption);
    setAt(done ? 'idle' : 'failed');
    if (done) again();
  };
  const what = redemption.amount === null ? (redemption.benefit?.handle ?? '') : say.money(redemption.amount);
  return (
    <s-stack gap="small">
      <s-text>{say.t('pos.elsewhere.until', {what, time: say.time(redemption.expires_at)})}</s-text>
      {can && redemption.surface === 'pos' && desk.stage(subjectOf(redemption)).value.at === 'idle' ? (
        <s-button disabled={desk.working.value} onClick={() => void desk.resume(redemption)}>{say.t('reward.take_over')}</s-button>
      ) : null}
      {at === 'failed' ? <Note tone="critical" text={say.t('refusal.unreadable')} /> : null}
      <s-button loading={at === 'releasing'} disabled={at === 'releasing'} onClick={() => void free()}>
        {say.t('pos.elsewhere.release')}
      </s-button>
    </s-stack>
  );
}

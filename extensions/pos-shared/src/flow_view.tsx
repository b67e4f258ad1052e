/** Where a redemption is, in words, and what may be done about it. */
import type {Redemption, StaffClient} from '../../shared/src/client';
import type {Stage} from '../../shared/src/redeem';
import {Approval} from './approval';
import {named} from './cart';
import type {Desk, Subject, TillWish} from './desk';
import {Note} from './member';
import type {Till} from './till';
import type {Words} from './words';

interface Props {
  readonly desk: Desk;
  readonly subject: Subject;
  readonly till: Till;
  readonly client: StaffClient;
  readonly say: Words;
  /** How the benefit is called, where it is about one. */
  readonly name?: string;
}

export function FlowView(props: Props) {
  const {desk, subject, say} = props;
  const stage = desk.stage(subject).value;
  switch (stage.at) {
    case 'idle':
      return null;
    case 'applied':
      return <Applied {...props} stage={stage} />;
    case 'refused':
      return <Refused {...props} stage={stage} />;
    case 'released':
    case 'expired':
      return <Ended {...props} stage={stage} />;
    default:
      return <s-text>{say.t(`reward.at.${stage.at}`)}</s-text>;
  }
}

function Applied({desk, subject, say, name, stage: {redemption, off}}: Props & {stage: Stage & {at: 'applied'}}) {
  const amount = off ?? redemption.amount;
  const text = name === undefined && amount !== null
    ? say.t('reward.at.applied', {amount: say.money(amount)})
    : say.t('reward.at.benefit_applied', {name: name ?? redemption.benefit?.handle ?? ''});
  return (
    <s-stack gap="small">
      <Note tone="success" text={text} />
      <s-button tone="critical" disabled={desk.working.value} onClick={() => void desk.remove(subject)}>
        {say.t('reward.remove')}
      </s-button>
    </s-stack>
  );
}

function Refused({desk, subject, client, say, stage: {refusal, wish}}: Props & {stage: Stage & {at: 'refused'}}) {
  const {text, may} = say.refusal(refusal);
  const again = (changed: Partial<TillWish> = {}) => void desk.redeem(subject, {...(wish as TillWish), ...changed});
  const approval = refusal.facts['approval'];
  return (
    <s-stack gap="small">
      <Note tone={may === 'colleague' || may === 'reason' ? 'warning' : 'critical'} text={text} />
      {may === 'again' || may === 'wait' ? <s-button onClick={() => again()}>{say.t('reward.again')}</s-button> : null}
      {may === 'take_over' ? (
        <s-button onClick={() => again({take_over: true})}>{say.t('reward.take_over')}</s-button>
      ) : null}
      {may === 'colleague' && typeof approval === 'string' ? (
        <Approval id={approval} client={client} say={say} granted={() => again({approval})} />
      ) : null}
    </s-stack>
  );
}

function Ended({desk, subject, till, say, stage}: Props & {stage: Stage & {at: 'released' | 'expired'}}) {
  const {redemption} = stage;
  const wish = stage.at === 'expired' ? wishOf(redemption) : null;
  return (
    <s-stack gap="small">
      <Note tone="info" text={say.t(stage.at === 'expired' ? 'reward.at.expired' : `reward.released.${stage.because}`)} />
      {stage.at === 'released' && !stage.freed ? (
        <s-text>{say.t('reward.released.later', {time: say.time(redemption.expires_at)})}</s-text>
      ) : null}
      <Left till={till} say={say} redemption={redemption} />
      {wish === null ? null : <s-button onClick={() => void desk.redeem(subject, wish)}>{say.t('reward.again')}</s-button>}
    </s-stack>
  );
}

/** A till that cannot take one code off says so: the cashier can, and it takes nothing off any more. */
function Left({till, say, redemption}: {till: Till; say: Words; redemption: Redemption}) {
  if (redemption.code === null || !named(till.cart.current.value, redemption)) return null;
  return <Note tone="warning" text={say.t('pos.left_on_cart', {code: redemption.code})} />;
}

function wishOf({amount, benefit}: Redemption): TillWish | null {
  if (benefit !== null) return {benefit: {id: benefit.id, uses: benefit.uses}};
  return amount === null ? null : {amount};
}

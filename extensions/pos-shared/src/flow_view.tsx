/** Where a redemption is, in words, and what may be done about it. */
import type {Redemption} from '../../shared/src/client';
import type {Stage} from '../../shared/src/redeem';
import {Approval} from './approval';
import {named} from './cart';
import type {Desk, Subject, TillWish} from './desk';
import {Note, type Member} from './member';

interface Props {
  readonly desk: Desk;
  readonly subject: Subject;
  readonly member: Member;
  /** How the benefit is called, where it is about one. */
  readonly name?: string;
}

interface At<A extends Stage['at']> {
  readonly of: Props;
  readonly stage: Extract<Stage, {at: A}>;
}

export function FlowView(props: Props) {
  const stage = props.desk.stage(props.subject).value;
  switch (stage.at) {
    case 'idle':
      return null;
    case 'applied':
      return <Applied of={props} stage={stage} />;
    case 'refused':
      return <Refused of={props} stage={stage} />;
    case 'released':
    case 'expired':
      return <Ended of={props} stage={stage} />;
    default:
      return <s-text>{props.member.say.t(`reward.at.${stage.at}`)}</s-text>;
  }
}

function Applied({
  of: {
    desk,
    subject,
    member: {say},
    name,
  },
  stage: {redemption, off},
}: At<'applied'>) {
  const amount = off ?? redemption.amount;
  const text =
    name === undefined && amount !== null
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

function Refused({
  of: {
    desk,
    subject,
    member: {client, say},
  },
  stage: {refusal, wish},
}: At<'refused'>) {
  const {text, may} = say.refusal(refusal);
  const again = (changed: Partial<TillWish> = {}) => void desk.redeem(subject, {...(wish as TillWish), ...changed});
  const {approval} = refusal.facts;
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

function Ended({
  of: {
    desk,
    subject,
    member: {till, say},
  },
  stage,
}: At<'released' | 'expired'>) {
  const {redemption} = stage;
  const {code} = redemption;
  const wish = stage.at === 'expired' ? wishOf(redemption) : null;
  return (
    <s-stack gap="small">
      <Note
        tone="info"
        text={say.t(stage.at === 'expired' ? 'reward.at.expired' : `reward.released.${stage.because}`)}
      />
      {stage.at === 'released' && !stage.freed ? (
        <s-text>{say.t('reward.released.later', {time: say.time(redemption.expires_at)})}</s-text>
      ) : null}
      {/* A till that cannot take one code off says so: the cashier can, and it takes nothing off any more. */}
      {code !== null && named(till.cart.current.value, redemption) ? (
        <Note tone="warning" text={say.t('pos.left_on_cart', {code})} />
      ) : null}
      {wish === null ? null : (
        <s-button onClick={() => void desk.redeem(subject, wish)}>{say.t('reward.again')}</s-button>
      )}
    </s-stack>
  );
}

function wishOf({amount, benefit}: Redemption): TillWish | null {
  if (benefit !== null) return {benefit: {id: benefit.id, uses: benefit.uses}};
  return amount === null ? null : {amount};
}

/** What the customer has, to put on the cart or to hand over, and what they may claim. */
import {BenefitRow} from '../../pos-shared/src/benefit_row';
import {NotRead, Note, type Member} from '../../pos-shared/src/member';
import {useRead} from '../../pos-shared/src/read';
import {editable} from '../../pos-shared/src/till';
import {useDesk} from '../../pos-shared/src/use_desk';
import type {Benefits as All} from '../../shared/src/client';
import {Claimable} from './Claimable';

export function Benefits({member}: {readonly member: Member}) {
  const {client, customer, say} = member;
  const [reading, again] = useRead(customer, () => client.benefits(customer));
  if (reading.at === 'reading') return <s-spinner accessibilityLabel={say.t('reward.loading')} />;
  if (reading.at === 'refused') return <NotRead say={say} again={again} refusal={reading.refusal} />;
  return <Shown member={member} benefits={reading.value} again={again} />;
}

function Shown({
  member,
  benefits: {benefits, claimable, missing, stale},
  again,
}: {
  member: Member;
  benefits: All;
  again: () => void;
}) {
  const {till, say, overview} = member;
  const both = () => {
    member.again();
    again();
  };
  const {desk} = useDesk({...member, again: both});
  const cart = till.cart.current.value;
  const can = editable(cart) && overview.status === 'active';
  if (benefits.length + claimable.length === 0 && missing.length === 0) {
    return <s-empty-state heading={say.t('pos.benefits.none')} />;
  }
  return (
    <s-stack gap="base">
      {stale || missing.length > 0 ? <Note tone="info" text={say.t('pos.missing')} /> : null}
      {editable(cart) ? null : <Note tone="warning" text={say.t('refusal.not_editable')} />}
      {benefits.map((each) => (
        <BenefitRow key={each.id} benefit={each} desk={desk} member={member} can={can} full />
      ))}
      {claimable.length === 0 ? null : <s-heading>{say.t('pos.benefits.claimable')}</s-heading>}
      {claimable.map((each) => (
        <Claimable key={each.handle} offer={each} member={member} claimed={both} />
      ))}
    </s-stack>
  );
}

/** Everything that can be taken off this cart for its customer. */
import {BenefitRow} from '../../pos-shared/src/benefit_row';
import {editable} from '../../pos-shared/src/till';
import {Note, type Member} from '../../pos-shared/src/member';
import {useRead} from '../../pos-shared/src/read';
import {Standing} from '../../pos-shared/src/standing';
import {useDesk} from '../../pos-shared/src/use_desk';
import {Amount} from './Amount';
import {Elsewhere} from './Elsewhere';

export function Redeem({member}: {readonly member: Member}) {
  const {till, client, say, customer, overview} = member;
  const {desk, elsewhere} = useDesk(member);
  const [benefits] = useRead(customer, () => client.benefits(customer));
  const cart = till.cart.current.value;
  const can = editable(cart) && cart.lineItems.length > 0 && overview.status === 'active';
  const usable = benefits.at === 'read' ? benefits.value.benefits.filter(({applicable}) => applicable) : [];
  return (
    <s-stack gap="base">
      <Standing overview={overview} say={say} />
      {editable(cart) ? null : <Note tone="warning" text={say.t('refusal.not_editable')} />}
      {cart.lineItems.length === 0 ? <Note tone="info" text={say.t('pos.redeem.empty')} /> : null}
      <Amount member={member} desk={desk} can={can} />
      {can && usable.length > 0 ? (
        <s-stack gap="base">
          <s-heading>{say.t('reward.benefits')}</s-heading>
          {usable.map((benefit) => (
            <BenefitRow key={benefit.id} benefit={benefit} desk={desk} member={member} can={can} />
          ))}
        </s-stack>
      ) : null}
      <Elsewhere redemptions={elsewhere} desk={desk} member={member} can={can} />
    </s-stack>
  );
}

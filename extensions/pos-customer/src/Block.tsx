/** In a customer's details: what they have, and the way to the rest. A block has no spinner, banner or field. */
import type {ComponentChildren} from 'preact';
import {useMemo} from 'preact/hooks';
import {Safe} from '../../pos-shared/src/safe';
import {useRead} from '../../pos-shared/src/read';
import {present, redeemed, type TileTill} from '../../pos-shared/src/tile';
import {client} from '../../pos-shared/src/till';
import {words, type Words} from '../../pos-shared/src/words';
import type {Overview} from '../../shared/src/client';

interface Props {
  readonly till: TileTill;
  readonly customer: string;
}

export function Block(props: Props) {
  const say = useMemo(() => words(props.till), [props.till]);
  const otherwise = (
    <s-pos-block heading={say.t('reward.heading')}>
      <s-text>{say.t('refusal.unreadable')}</s-text>
    </s-pos-block>
  );
  return (
    <Safe otherwise={otherwise}>
      <Live {...props} say={say} />
    </Safe>
  );
}

function Live({till, customer, say}: Props & {say: Words}) {
  const api = useMemo(() => client(till), [till]);
  const [reading, again] = useRead(customer, () => api.overview(customer), 0, redeemed(till.cart.current.value));
  const content = (children: ComponentChildren) => (
    <s-pos-block heading={say.t('reward.heading')}>
      <s-stack gap="small">{children}</s-stack>
    </s-pos-block>
  );
  if (reading.at === 'reading') return content(<s-text color="subdued">{say.t('reward.loading')}</s-text>);
  if (reading.at === 'refused') {
    const {text, may} = say.refusal(reading.refusal);
    return content([
      <s-text key="why">{text}</s-text>,
      may === 'nothing' ? null : (
        <s-button key="again" onClick={again}>
          {say.t('reward.again')}
        </s-button>
      ),
    ]);
  }
  return content([
    ...lines(reading.value, say).map((line) => <s-text key={line}>{line}</s-text>),
    <s-button key="open" onClick={() => present(till)}>
      {say.t('pos.customer.show')}
    </s-button>,
  ]);
}

function lines({status, tier, balance, benefits, expiring_next: next}: Overview, say: Words): string[] {
  if (status === 'pending_profile') return [say.t('reward.pending')];
  if (status === 'profile_deleted') return [say.t('pos.deleted')];
  return [
    status === 'profile_inactive' ? say.t('refusal.profile_inactive') : '',
    balance ? say.t('reward.available', {amount: say.money(balance.available)}) : say.t('pos.missing'),
    next?.expires_at ? say.t('reward.expiring', {amount: say.money(next.amount), date: say.day(next.expires_at)}) : '',
    tier?.current ? say.t('pos.customer.tier', {tier: tier.current}) : '',
    benefits === null ? '' : say.t('pos.customer.benefits', {count: benefits}),
  ].filter((line) => line !== '');
}

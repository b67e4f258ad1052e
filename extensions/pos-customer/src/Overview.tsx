/** A customer at a glance. */
import {useState} from 'preact/hooks';
import {Note, type Member} from '../../pos-shared/src/member';
import {open} from '../../pos-shared/src/open';
import {quietly} from '../../pos-shared/src/quietly';
import {Standing} from '../../pos-shared/src/standing';
import {customerOn, editable} from '../../pos-shared/src/till';

export function Overview({member}: {readonly member: Member}) {
  const {overview, say} = member;
  const set = open(overview);
  return (
    <s-stack gap="base">
      <Standing overview={overview} say={say} />
      <Tier overview={overview} say={say} />
      {overview.benefits === null ? null : (
        <s-section heading={say.t('reward.benefits')}>
          <s-text>{say.t('pos.customer.benefits', {count: overview.benefits})}</s-text>
        </s-section>
      )}
      {set.length === 0 ? null : (
        <s-section heading={say.t('pos.customer.open')}>
          <s-stack gap="small">
            {set.map(({id, amount, benefit, expires_at}) => (
              <s-text key={id}>
                {say.t('pos.elsewhere.until', {
                  what: amount === null ? (benefit?.handle ?? '') : say.money(amount),
                  time: say.time(expires_at),
                })}
              </s-text>
            ))}
          </s-stack>
        </s-section>
      )}
      {overview.missing.length > 0 ? <Note tone="info" text={say.t('pos.missing')} /> : null}
      <OnCart member={member} />
    </s-stack>
  );
}

function Tier({overview: {tier, profile}, say}: Pick<Member, 'overview' | 'say'>) {
  const current = tier?.current ?? profile?.tier ?? null;
  if (current === null) return null;
  return (
    <s-section heading={say.t('pos.customer.tier', {tier: current})}>
      <s-stack gap="small">
        {tier?.next && tier.remaining !== null ? (
          <s-text>{say.t('pos.customer.to_next', {remaining: tier.remaining, tier: tier.next})}</s-text>
        ) : null}
        {profile?.joined_at ? (
          <s-text color="subdued">{say.t('pos.customer.since', {date: say.day(profile.joined_at)})}</s-text>
        ) : null}
      </s-stack>
    </s-section>
  );
}

/** From somebody's details to their sale; from a sale to nobody, so that the next one can be found. */
function OnCart({member: {till, customer, say}}: {member: Member}) {
  const [failed, setFailed] = useState(false);
  const cart = till.cart.current.value;
  const here = customerOn(cart) === customer;
  if (!editable(cart)) return null;
  const change = async () => {
    const work = () => (here ? till.cart.removeCustomer() : till.cart.setCustomer({id: Number(customer)}));
    setFailed(await quietly(() => work().then(() => false), true));
  };
  return (
    <s-stack gap="small">
      {failed ? <Note tone="critical" text={say.t('pos.lookup.not_set')} /> : null}
      <s-button onClick={() => void change()}>
        {here ? say.t('pos.customer.other') : say.t('pos.customer.put')}
      </s-button>
    </s-stack>
  );
}

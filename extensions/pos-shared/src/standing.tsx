/** Who it is and what they have, in a few lines. */
import type {Member} from './member';

export function Standing({overview, say}: Pick<Member, 'overview' | 'say'>) {
  const {balance, expiring_next: next} = overview;
  return (
    <s-section heading={nameOf(overview) || say.t('reward.heading')}>
      <s-stack gap="small">
        {balance ? (
          <s-text type="strong">{say.t('reward.available', {amount: say.money(balance.available)})}</s-text>
        ) : (
          <s-text>{say.t('pos.missing')}</s-text>
        )}
        {balance && !isNothing(balance.held.amount) ? (
          <s-text color="subdued">{say.t('reward.held', {amount: say.money(balance.held)})}</s-text>
        ) : null}
        {next?.expires_at ? (
          <s-text tone="caution">
            {say.t('reward.expiring', {amount: say.money(next.amount), date: say.day(next.expires_at)})}
          </s-text>
        ) : null}
      </s-stack>
    </s-section>
  );
}

export function nameOf({profile}: Member['overview']): string {
  return profile ? `${profile.first_name} ${profile.last_name}`.trim() : '';
}

export function isNothing(amount: string): boolean {
  return !/[1-9]/.test(amount);
}

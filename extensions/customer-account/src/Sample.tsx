import type {Words} from '../../shared/src/words';

/** What a merchant places in the editor, where no customer is: an example that says that it is one. */
export function Sample({heading, words}: {heading: string; words: Words}) {
  const amount = words.wire({amount: '25.00', currencyCode: 'USD'});
  return (
    <s-section heading={heading}>
      <s-stack gap="base">
        <s-badge>{words.t('account.sample')}</s-badge>
        <s-text type="strong">{words.t('reward.available', {amount})}</s-text>
        <s-heading>{words.t('account.active')}</s-heading>
        <s-text>{amount}</s-text>
      </s-stack>
    </s-section>
  );
}

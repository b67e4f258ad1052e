import {headingOf, wordsOf} from '../../shared/src/words';
import type {Platform} from './platform';

/** What a merchant places in the editor, where no customer is: an example that says that it is one. */
export function Sample({platform}: {platform: Platform}) {
  const words = wordsOf(platform.i18n);
  const amount = words.money({minor: 2500, currency: platform.cost.subtotalAmount.value.currencyCode});
  return (
    <s-section heading={headingOf(platform.settings.value, words)}>
      <s-stack gap="base">
        <s-badge>{words.t('checkout.sample')}</s-badge>
        <s-text type="strong">{words.t('reward.available', {amount})}</s-text>
        <s-button variant="primary" inlineSize="fill">
          {words.t('reward.use_all', {amount})}
        </s-button>
        <s-money-field label={words.t('checkout.part')} />
      </s-stack>
    </s-section>
  );
}

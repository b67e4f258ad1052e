import {useEffect, useState} from 'preact/hooks';
import type {CustomerClient} from '../../shared/src/client';
import {headingOf, wordsOf, type Words} from '../../shared/src/words';
import type {Order} from './platform';
import {known, usedOn, type Known, type Used} from './used';

/** What was used on this order and what is left of it; nothing where nothing was used. */
export function Thanks({platform, client}: {platform: Order; client: Pick<CustomerClient, 'rewards'>}) {
  const words = wordsOf(platform.i18n);
  const [found, setFound] = useState<Known | null>(null);
  useEffect(() => {
    let over = false;
    void known(platform, client).then((all) => {
      if (!over) setFound(all);
    });
    return () => {
      over = true;
    };
  }, []);
  if (platform.extension.editor !== undefined) return <Sample platform={platform} words={words} />;
  const used = usedOn(platform, found?.candidates ?? []);
  if (found === null || used.length === 0) return null;
  return (
    <s-section heading={headingOf(platform.settings.value, words)}>
      <s-stack gap="small-300">
        {used.map((one) => (
          <s-text key={one.id}>{textOf(one, words)}</s-text>
        ))}
        {found.left !== null && (
          <s-text color="subdued">{words.t('thanks.left', {amount: words.money(found.left)})}</s-text>
        )}
      </s-stack>
    </s-section>
  );
}

function textOf({name, amount}: Used, words: Words): string {
  if (name !== null) return words.t('thanks.benefit', {name});
  return amount === null ? '' : words.t('thanks.used', {amount: words.money(amount)});
}

function Sample({platform, words}: {platform: Order; words: Words}) {
  const amount = words.money({minor: 1250, currency: platform.cost.subtotalAmount.value.currencyCode});
  return (
    <s-section heading={headingOf(platform.settings.value, words)}>
      <s-stack gap="small-300">
        <s-badge>{words.t('checkout.sample')}</s-badge>
        <s-text>{words.t('thanks.used', {amount})}</s-text>
        <s-text color="subdued">{words.t('thanks.left', {amount})}</s-text>
      </s-stack>
    </s-section>
  );
}

/** One sale: when, where, how much, what of it was redeemed, and whether it was undone. */
import type {Words} from '../../pos-shared/src/words';
import type {Sale as Sold} from '../../shared/src/client';

interface Props {
  readonly sale: Sold;
  readonly say: Words;
}

export function Sale({sale, say}: Props) {
  const {transacted_at: at, location, channels, items, redemptions, reversed} = sale;
  const where = [location, ...channels].filter((part) => part !== null && part !== '').join(' · ');
  const back = ` (${say.t('pos.history.back')})`;
  return (
    <s-section heading={at === null ? (sale.receipt_ref ?? '') : say.time(at)}>
      <s-stack gap="small">
        <s-stack direction="inline" gap="small">
          <s-text type="strong">{amountOf(sale.total, sale, say)}</s-text>
          {sale.void ? <s-badge tone="critical">{say.t('pos.history.void')}</s-badge> : null}
          {sale.returned ? <s-badge tone="warning">{say.t('pos.history.returned')}</s-badge> : null}
        </s-stack>
        <s-text color="subdued">{[sale.receipt_ref, where].filter(Boolean).join(' · ')}</s-text>
        {sale.linked_receipt_ref === null ? null : (
          <s-text color="subdued">{say.t('pos.history.of', {receipt: sale.linked_receipt_ref})}</s-text>
        )}
        {items.map((item, nth) => (
          <s-text key={nth}>{[`${quantity(item.quantity)} × ${item.name}`, item.returned ? back : ''].join('')}</s-text>
        ))}
        {redemptions.map((spent, nth) => (
          <s-text key={`spent ${nth}`} tone="success">
            {say.t('pos.history.redeemed', {amount: amountOf(spent.amount, sale, say), what: named(spent)})}
          </s-text>
        ))}
        {reversed.map((spent, nth) => (
          <s-text key={`reversed ${nth}`} tone="warning">
            {say.t('pos.history.reversed', {amount: amountOf(spent.amount, sale, say)})}
          </s-text>
        ))}
      </s-stack>
    </s-section>
  );
}

/** Without a currency it is a number and no more; a guess would be wrong abroad. */
function amountOf(amount: string, {currency}: Sold, say: Words): string {
  if (currency === null) return amount;
  try {
    return say.money({amount, currencyCode: currency});
  } catch {
    return amount;
  }
}

function named({used}: Sold['redemptions'][number]): string {
  return used.map(({name, type}) => name ?? type).join(', ');
}

/** Omneo writes quantities as decimals. */
function quantity(text: string): string {
  return text.replace(/\.0+$/, '');
}

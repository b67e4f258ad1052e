import {useState} from 'preact/hooks';
import {decimal, parse, wire, type Money} from '../../shared/src/money';
import type {Words} from '../../shared/src/words';
import {AMOUNT, type Desk} from './desk';

interface Given {
  readonly available: Money;
  readonly minimum: Money;
  readonly desk: Desk;
  readonly words: Words;
}

/** A part of the balance, as the customer types it; the button says the amount that was understood. */
export function Part({available, minimum, desk, words}: Given) {
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const part = read(typed, available.currency);
  const disabled = desk.busy;
  const apply = () => {
    setWrong(part === null);
    if (part !== null) void desk.redeem(AMOUNT, {amount: wire(part)});
  };
  const type = (event: Event) => {
    setTyped(valueOf(event));
    setWrong(false);
  };
  return (
    <s-form onSubmit={apply} disabled={disabled}>
      <s-stack direction="inline" gap="base" alignItems="end">
        <s-money-field
          label={words.t('checkout.part')}
          value={typed}
          min={Number(decimal(minimum))}
          max={Number(decimal(available))}
          disabled={disabled}
          {...(wrong ? {error: words.t('reward.invalid')} : {})}
          onInput={type}
        />
        <s-button type="submit" variant="secondary" disabled={disabled}>
          {part === null ? words.t('reward.apply') : words.t('reward.apply_amount', {amount: words.money(part)})}
        </s-button>
      </s-stack>
    </s-form>
  );
}

function valueOf({currentTarget: field}: Event): string {
  return field !== null && 'value' in field && typeof field.value === 'string' ? field.value : '';
}

/** A comma before one or two last digits is a decimal one; any other may part thousands, and is not guessed. */
function read(typed: string, currency: string): Money | null {
  const amount = parse(typed.replace(/^(\d+),(\d{1,2})$/, '$1.$2'), currency);
  return amount === null || amount.minor <= 0 ? null : amount;
}

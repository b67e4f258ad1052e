import {useState} from 'preact/hooks';
import type {Rewards} from '../../shared/src/client';
import {decimal, money, parse, wire, type Money} from '../../shared/src/money';
import {AMOUNT, type Desk} from './desk';
import type {Room} from './session';
import type {Words} from '../../shared/src/words';

interface Given {
  readonly room: Room;
  readonly policy: Rewards['policy'];
  readonly desk: Desk;
  readonly words: Words;
}

/** Use all that this cart takes at one tap, or a part of it. */
export function Amount({room, policy, desk, words}: Given) {
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const {available, suggested} = room;
  const minimum = money(policy.minimum);
  if (available.minor < minimum.minor) {
    return <s-text>{words.t('refusal.below_minimum', {minimum: words.money(minimum)})}</s-text>;
  }
  const part = read(typed, available.currency);
  const redeem = (amount: Money) => void desk.redeem(AMOUNT, {amount: wire(amount)});
  const apply = () => {
    setWrong(part === null);
    if (part !== null) redeem(part);
  };
  const disabled = desk.busy;
  return (
    <s-stack gap="base">
      {suggested.minor > 0 && (
        <s-button variant="primary" inlineSize="fill" disabled={disabled} onClick={() => redeem(suggested)}>
          {words.t(suggested.minor === available.minor ? 'reward.use_all' : 'reward.apply_amount', {
            amount: words.money(suggested),
          })}
        </s-button>
      )}
      <s-form onSubmit={apply} disabled={disabled}>
        <s-stack direction="inline" gap="base" alignItems="end">
          <s-money-field
            label={words.t('checkout.part')}
            value={typed}
            min={Number(decimal(minimum))}
            max={Number(decimal(available))}
            disabled={disabled}
            {...(wrong ? {error: words.t('reward.invalid')} : {})}
            onInput={(event: Event) => {
              setTyped(valueOf(event));
              setWrong(false);
            }}
          />
          <s-button type="submit" variant="secondary" disabled={disabled}>
            {part === null ? words.t('reward.apply') : words.t('reward.apply_amount', {amount: words.money(part)})}
          </s-button>
        </s-stack>
      </s-form>
    </s-stack>
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

/** Texts, amounts and times in the till's language. */
import type {Refusal} from '../../shared/src/client';
import {decimal, money, type Money, type Wire} from '../../shared/src/money';
import {told, type May} from '../../shared/src/refusals';
import type {Till} from './till';

export interface Words {
  t(key: string, values?: Readonly<Record<string, string | number>>): string;
  money(amount: Money | Wire): string;
  day(at: string): string;
  time(at: string): string;
  /** What the cashier is told of a refusal, and what may be done. */
  refusal(refusal: Refusal): {readonly text: string; readonly may: May};
}

export function words({i18n}: Pick<Till, 'i18n'>): Words {
  const t: Words['t'] = (key, values) => i18n.translate(key, {...values});
  const written = (amount: Money) => i18n.formatCurrency(Number(decimal(amount)), {currency: amount.currency});
  const date = (at: Date, options: Intl.DateTimeFormatOptions) => i18n.formatDate(at, options);
  const time = (at: Date) => date(at, {dateStyle: 'medium', timeStyle: 'short'});
  return {
    t,
    money: (amount) => written('minor' in amount ? amount : money(amount)),
    day: (at) => date(new Date(at), {dateStyle: 'medium'}),
    time: (at) => time(new Date(at)),
    refusal: (refusal) => {
      const said = told(refusal, {money: written, time});
      return {text: t(said.text, said.values), may: said.may};
    },
  };
}

/** The checkout's texts, and amounts and dates as its language writes them. */
import {formatOf, type Written} from '../../shared/src/format';
import {money, type Wire} from '../../shared/src/money';
import type {Platform} from './platform';

type Values = Readonly<Record<string, string | number>>;

export interface Words extends Written {
  t(key: string, values?: Values): string;
  wire(amount: Wire): string;
}

export function wordsOf(i18n: Platform['i18n']): Words {
  const format = formatOf(i18n);
  return {...format, t: (key, values) => i18n.translate(key, values), wire: (amount) => format.money(money(amount))};
}

/** The merchant's name for the programme, else the language's word. */
export function headingOf({settings}: Pick<Platform, 'settings'>, words: Words): string {
  const named = settings.value['heading'];
  return typeof named === 'string' && named.trim() !== '' ? named : words.t('reward.heading');
}

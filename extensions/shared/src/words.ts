/** Shopify's own texts and formatters, as every surface of the web uses them; the language is theirs to know. */
import {decimal, money, type Money, type Wire} from './money';
import type {Format} from './refusals';

type Values = Readonly<Record<string, string | number>>;

export interface I18n {
  translate(key: string, values?: Values): string;
  formatCurrency(amount: number, options: Intl.NumberFormatOptions): string;
  formatDate(date: Date, options: Intl.DateTimeFormatOptions): string;
  formatNumber(number: number): string;
}

export interface Words extends Format {
  t(key: string, values?: Values): string;
  wire(amount: Wire): string;
  date(at: string): string;
  number(number: number): string;
}

export function wordsOf(i18n: I18n): Words {
  // Shopify writes numbers; this is where an exact amount becomes one, and only to be read.
  const written = (amount: Money) => i18n.formatCurrency(Number(decimal(amount)), {currency: amount.currency});
  return {
    t: (key, values) => i18n.translate(key, values),
    money: written,
    wire: (amount) => written(money(amount)),
    time: (at) => i18n.formatDate(at, {timeStyle: 'short'}),
    date: (at) => i18n.formatDate(new Date(at), {dateStyle: 'medium'}),
    number: (number) => i18n.formatNumber(number),
  };
}

/** The merchant's name for the programme, else the language's word. */
export function headingOf(settings: Readonly<Record<string, unknown>>, words: Words): string {
  const named = settings['heading'];
  return typeof named === 'string' && named.trim() !== '' ? named : words.t('reward.heading');
}

/** How Shopify's own formatters write money, dates and times; the language is theirs to know. */
import {decimal, type Money} from './money';
import type {Format} from './refusals';

export interface Formatters {
  formatCurrency(amount: number, options: Intl.NumberFormatOptions): string;
  formatDate(date: Date, options: Intl.DateTimeFormatOptions): string;
}

export interface Written extends Format {
  date(at: Date): string;
}

export function formatOf(i18n: Formatters): Written {
  return {
    // Shopify writes numbers; this is where an exact amount becomes one, and only to be read.
    money: (money: Money) => i18n.formatCurrency(Number(decimal(money)), {currency: money.currency}),
    time: (at) => i18n.formatDate(at, {timeStyle: 'short'}),
    date: (at) => i18n.formatDate(at, {dateStyle: 'medium'}),
  };
}

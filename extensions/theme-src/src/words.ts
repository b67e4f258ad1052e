/** The texts that Liquid wrote into the page, and how amounts and times are written in the shopper's language. */
import {decimal, decimals, parse, type Money} from '../../shared/src/money';
import type {Format} from '../../shared/src/refusals';

export type Texts = Readonly<Record<string, string>>;

/** The page has `{name}` where a value belongs; what has no text is told as a thing that did not work. */
export function say(texts: Texts, key: string, values: Readonly<Record<string, string | number>> = {}): string {
  const text = texts[key] ?? texts['refusal.other'] ?? '';
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

export function format(locale: string): Format & {date(at: string): string} {
  return {
    money: (money) =>
      new Intl.NumberFormat(locale, {style: 'currency', currency: money.currency}).format(Number(decimal(money))),
    time: (at) => at.toLocaleString(locale, {dateStyle: 'medium', timeStyle: 'short'}),
    date: (at) => new Date(at).toLocaleDateString(locale, {dateStyle: 'medium'}),
  };
}

/** Reads what was typed, with a point or a comma; null where it is no amount above zero, or could be another one. */
export function typed(text: string, currency: string): Money | null {
  const places = decimals(currency);
  // A currency may stand before or after it; what is within or negative is not guessed.
  const plain = text.replace(/^[\s\p{L}\p{Sc}]+|[\s\p{L}\p{Sc}]+$/gu, '');
  if (!(places === 0 ? /^\d+$/ : new RegExp(`^\\d+([.,]\\d{1,${places}})?$`)).test(plain)) return null;
  const money = parse(plain.replace(',', '.'), currency);
  return money !== null && money.minor > 0 ? money : null;
}

/** Exact amounts: whole minor units of a currency, never a fraction of one. */

/** Shopify's MoneyV2, as it is on the wire. */
export interface Wire {
  readonly amount: string;
  readonly currencyCode: string;
}

export interface Money {
  readonly minor: number;
  readonly currency: string;
}

const DECIMAL = /^(-?)(\d{1,12})(?:\.(\d{1,6}))?$/;

// ISO 4217, as the proxy has them; every other currency has two. Not asked of Intl: that gives what is usual to show,
// and for a dozen currencies (HUF, IDR, COP) it is fewer than the wire has.
const NO_DECIMALS = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF XXX'.split(' '));
const THREE_DECIMALS = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));

/** How many decimals a currency has. */
export function decimals(currency: string): number {
  if (NO_DECIMALS.has(currency)) return 0;
  return THREE_DECIMALS.has(currency) ? 3 : 2;
}

/** Reads a decimal; null where it is none, or finer than the currency. */
export function parse(amount: string, currency: string): Money | null {
  const found = DECIMAL.exec(amount.trim());
  if (found === null) return null;
  const [, sign, whole = '', fraction = ''] = found;
  const places = decimals(currency);
  if (/[^0]/.test(fraction.slice(places))) return null;
  const minor = Number(whole + fraction.slice(0, places).padEnd(places, '0'));
  return {minor: sign === '-' && minor > 0 ? -minor : minor, currency};
}

/** Reads what the wire says; throws where it says no amount. */
export function money(wire: Wire): Money {
  const read = parse(wire.amount, wire.currencyCode);
  if (read === null) throw new RangeError('no amount');
  return read;
}

export function wire(money: Money): Wire {
  return {amount: decimal(money), currencyCode: money.currency};
}

/** Writes it as a plain decimal, with as many places as the currency has. */
export function decimal({minor, currency}: Money): string {
  const places = decimals(currency);
  const digits = String(Math.abs(minor)).padStart(places + 1, '0');
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return minor < 0 ? `-${text}` : text;
}

export function least(one: Money, other: Money): Money {
  return same(one, other).minor <= other.minor ? one : other;
}

export function plus(one: Money, other: Money): Money {
  return {minor: same(one, other).minor + other.minor, currency: one.currency};
}

function same(one: Money, other: Money): Money {
  if (one.currency !== other.currency) throw new RangeError('two currencies');
  return one;
}

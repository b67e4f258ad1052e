/** Amounts that a cashier takes with one tap. */
import {decimals, parse, type Money} from '../../shared/src/money';

const ROUND = [5, 10, 20, 50];

/** All that may be taken, and round amounts below it. */
export function choices(most: Money): Money[] {
  if (most.minor <= 0) return [];
  const unit = decimals(most.currency) === 0 ? 100 : 10 ** decimals(most.currency);
  const round = ROUND.map((times) => ({minor: times * unit, currency: most.currency}));
  return [most, ...round.filter(({minor}) => minor < most.minor).slice(0, 3)];
}

/** What was typed, with a comma or a point; null for no amount above nothing. */
export function typed(text: string, currency: string): Money | null {
  const amount = parse(text.replace(',', '.'), currency);
  return amount !== null && amount.minor > 0 ? amount : null;
}

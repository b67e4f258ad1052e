/** What a redemption of so much would be told, asked a moment after the cashier has stopped typing. */
import {useRead} from '../../pos-shared/src/read';
import type {Desk} from '../../pos-shared/src/desk';
import type {Quote} from '../../shared/src/client';
import {wire, type Money} from '../../shared/src/money';

const WAIT_MS = 400;

/** `cart` is what changes when the cart does; null asks nothing. */
export function useQuote(desk: Desk, amount: Money | null, reason: string, cart: string | null): Quote | null {
  const about = cart === null ? null : JSON.stringify([amount, reason, cart]);
  const [reading] = useRead<Quote | null>(
    about,
    async () => {
      const asks = desk.asks({reason: reason || undefined});
      if (asks === null) return {ok: true, value: null};
      return asks.redeemer.quote(amount === null ? {} : {amount: wire(amount)}, asks.cart);
    },
    WAIT_MS,
  );
  return reading.at === 'read' ? reading.value : null;
}

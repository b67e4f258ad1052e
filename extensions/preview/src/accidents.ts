/** A network between an extension and the proxy that can be made to fail. */

export type Accident = 'none' | 'down' | 'lost' | 'slow';

export const ACCIDENTS: Readonly<Record<Accident, string>> = {
  none: 'None',
  down: 'The proxy cannot be reached',
  lost: 'The next answer to a redemption is lost',
  slow: 'Every answer takes two seconds',
};

const SLOW_MS = 2_000;

export class Network {
  accident: Accident = 'none';

  readonly fetch: typeof fetch = async (input, init) => {
    if (this.accident === 'down') throw new TypeError('stand-in: nobody answers');
    const answer = await window.fetch(input, init);
    if (this.accident === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    if (
      this.accident === 'lost' &&
      init?.method === 'POST' &&
      new URL(String(input)).pathname.endsWith('/redemptions')
    ) {
      this.accident = 'none';
      // The proxy has done it; whoever asked does not learn so.
      throw new TypeError('stand-in: the answer is lost');
    }
    return answer;
  };
}

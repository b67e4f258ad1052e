/**
 * A stand-in for what Shopify adds to a storefront's page: the routes, the standard actions and their events, on the
 * sandbox's Ajax cart. It is not Shopify's own, and knows only what the blocks use.
 *
 * Source: https://shopify.dev/docs/api/storefront-events-and-actions
 */

interface AjaxCart {
  readonly token: string;
  readonly discount_codes: readonly {readonly code: string; readonly applicable: boolean}[];
}

interface Result {
  readonly cart: {readonly id: string; readonly discountCodes: AjaxCart['discount_codes']} | null;
  readonly userErrors?: readonly {readonly message: string}[];
}

interface Change {
  /** Every code that the cart should end up with. */
  readonly discountCodes?: readonly string[];
}

/** Adds `window.Shopify`; `changed` is the theme's part: it draws its cart anew. */
export function standIn(changed: () => void, root = '/'): void {
  const getCart = async (): Promise<Result> => result(await ask(`${root}cart.js`));
  const updateCart = (change: Change): Promise<Result> => {
    const done = update(root, change.discountCodes ?? []);
    announce('shopify:cart:discount-update', done);
    void done.then(changed, () => undefined);
    return done;
  };
  Object.assign(window, {Shopify: {routes: {root}, designMode: false, actions: {getCart, updateCart}}});
}

/** What a theme says when it has changed lines by itself. */
export function linesChanged(done: Promise<unknown>): void {
  announce('shopify:cart:lines-update', done);
}

async function update(root: string, codes: readonly string[]): Promise<Result> {
  const response = await ask(`${root}cart/update.js`, {discount: codes.join(',')});
  // What the cart does not grant is told, not thrown; only what could not run is.
  return response.status === 422 ? {...(await getQuietly(root)), userErrors: [{message: 'refused'}]} : result(response);
}

async function getQuietly(root: string): Promise<Result> {
  return result(await ask(`${root}cart.js`));
}

async function result(response: Response): Promise<Result> {
  if (!response.ok) throw new Error(`the cart answered ${response.status}`);
  const cart = (await response.json()) as AjaxCart;
  return {cart: {id: `gid://shopify/Cart/${cart.token}`, discountCodes: cart.discount_codes}};
}

function ask(url: string, body?: object): Promise<Response> {
  const json = {'Content-Type': 'application/json'};
  return fetch(url, body === undefined ? {} : {method: 'POST', headers: json, body: JSON.stringify(body)});
}

/** The event comes when the change begins, with a promise of its end. */
function announce(name: string, promise: Promise<unknown>): void {
  document.dispatchEvent(Object.assign(new Event(name, {bubbles: true}), {promise}));
}

/** A checkout: the shop's own part drawn plainly, and the two targets of the checkout extension in it. */
import {ACCIDENTS, Network} from '../accidents';
import {make} from '../elements/stand_in';
import {InOrder} from '../in_order';
import {Sandbox, type Catalog, type PlacedOrder, type ShopCart} from '../sandbox';
import type {CheckoutStage} from '../stage';
import {Watched} from '../watched';
import {choose, frame, keep, kept, shell, shown, tap, tick} from './shell';

const EXTENSION = 'checkout-rewards';
const FIRST = [
  {variant_id: 50101, quantity: 1},
  {variant_id: 50102, quantity: 2},
  {variant_id: 50103, quantity: 1},
];
const GUEST = 'guest';

class Checkout {
  readonly #page = shell('Checkout');
  readonly #network = new Network();
  readonly #order = new InOrder();
  readonly #mayChange = new Watched(true);
  readonly #blocks = make('div', {className: 'blocks'});
  readonly #reductions = make('div', {className: 'reductions'});
  readonly #lines = make('table');
  readonly #tags = make('ul', {className: 'tags', 'aria-label': 'Discount codes'});
  readonly #totals = make('dl', {className: 'totals'});
  readonly #said = make('p', {role: 'status'});
  readonly #sandbox: Sandbox;
  readonly #catalog: Catalog;
  #cart: Watched<ShopCart>;
  #wallet = false;
  #editor = false;
  #block = kept('block') === 'true';

  constructor(sandbox: Sandbox, catalog: Catalog, cart: ShopCart) {
    this.#sandbox = sandbox;
    this.#catalog = catalog;
    this.#cart = new Watched(cart);
    this.#draw();
    this.#switches();
    this.#mount();
    this.#page.language.watch(() => this.#show());
  }

  static async opened(): Promise<void> {
    const sandbox = await Sandbox.found();
    const catalog = await sandbox.catalog();
    new Checkout(sandbox, catalog, await opened(sandbox));
  }

  #draw(): void {
    const code = make('input', {id: 'code', autocomplete: 'off'});
    const apply = tap('Apply', () => void this.#change({add: code.value}, false));
    const pay = tap('Pay now', () => void this.#pay(), 'primary');
    this.#page.main.append(
      make('h1', {}, 'Checkout'),
      make(
        'div',
        {className: 'columns'},
        make(
          'div',
          {className: 'contact'},
          make('h2', {}, 'Contact'),
          make('p', {id: 'who'}),
          this.#blocks,
          make('h2', {}, 'Payment'),
          make('p', {}, 'A test card is used.'),
          pay,
          this.#said,
        ),
        make(
          'div',
          {className: 'summary'},
          make('h2', {}, 'Order summary'),
          this.#lines,
          make('div', {className: 'discount'}, make('label', {htmlFor: 'code'}, 'Discount code'), code, apply),
          this.#tags,
          this.#reductions,
          this.#totals,
        ),
      ),
    );
  }

  #switches(): void {
    const {switches} = this.#page;
    const people = Object.fromEntries(
      this.#catalog.customers.map((each) => [String(each.id), `${each.first_name} ${each.last_name}`]),
    );
    const now = this.#cart.value.customer_id;
    choose(switches, 'Customer', {...people, [GUEST]: 'A guest'}, now === null ? GUEST : String(now), (chosen) => {
      keep('customer', chosen);
      keep('cart', null);
      void opened(this.#sandbox).then((cart) => {
        this.#cart = new Watched(cart);
        this.#mount();
      });
    });
    choose(switches, 'Accident', ACCIDENTS, 'none', (chosen) => (this.#network.accident = chosen));
    tick(switches, 'An express wallet pays', false, (on) => (this.#wallet = on));
    tick(switches, 'Codes cannot be changed', false, (on) => this.#mayChange.set(!on));
    tick(switches, 'The block is placed too', this.#block, (on) => {
      this.#block = on;
      keep('block', String(on));
      this.#mount();
    });
    tick(switches, 'In the checkout editor', false, (on) => {
      this.#editor = on;
      this.#mount();
    });
    switches.append(tap('Load the extension again', () => this.#mount()));
  }

  /** Frames are made anew, as after a reload; what the extension keeps is still there. */
  #mount(): void {
    const stage = this.#stage();
    const one = (target: string, title: string) => frame(EXTENSION, target, title, stage);
    this.#reductions.replaceChildren(one('purchase.checkout.reductions.render-after', 'Rewards in the order summary'));
    this.#blocks.replaceChildren(...(this.#block ? [one('purchase.checkout.block.render', 'Rewards as a block')] : []));
    this.#cart.watch(() => this.#show());
  }

  #stage(): CheckoutStage {
    const cart = this.#cart;
    return {
      at: 'checkout',
      proxy: this.#sandbox.addresses.proxy,
      language: this.#page.language,
      fetch: this.#network.fetch,
      cart,
      variants: this.#catalog.variants,
      mayChangeCodes: this.#mayChange,
      editor: this.#editor,
      settings: {},
      order: null,
      token: () => this.#sandbox.buyerToken(cart.value.customer_id),
      change: async (code) => !this.#wallet && (await this.#change(code, true)),
      attribute: (key, value) => this.#attribute(key, value),
    };
  }

  /** Shopify refuses a code that takes nothing off, and keeps it off the cart. */
  #change(code: {readonly add: string} | {readonly remove: string}, quiet: boolean): Promise<boolean> {
    return this.#order.do(() => this.#changed(code, quiet));
  }

  async #changed(code: {readonly add: string} | {readonly remove: string}, quiet: boolean): Promise<boolean> {
    const path = `/carts/${this.#cart.value.token}/codes`;
    let cart = await this.#sandbox.ask<ShopCart>('POST', path, code);
    const useless = 'add' in code && cart.codes.find((each) => alike(each.code, code.add) && !each.applicable);
    if (useless) cart = await this.#sandbox.ask<ShopCart>('POST', path, {remove: code.add});
    this.#cart.set(cart);
    if (!quiet) this.#said.textContent = useless ? `The shop does not accept the code: ${useless.reason}.` : '';
    return !useless;
  }

  #attribute(key: string, value: string | null): Promise<void> {
    return this.#order.do(async () => {
      const {[key]: _, ...others} = this.#cart.value.attributes;
      const attributes = value === null ? others : {...others, [key]: value};
      this.#cart.set(
        await this.#sandbox.ask<ShopCart>('POST', `/carts/${this.#cart.value.token}/attributes`, {attributes}),
      );
    });
  }

  async #pay(): Promise<void> {
    const cart = await this.#sandbox.ask<ShopCart>('GET', `/carts/${this.#cart.value.token}`);
    try {
      const order = await this.#sandbox.ask<PlacedOrder>('POST', `/carts/${cart.token}/order`, {});
      keep('order', JSON.stringify({id: order.id, name: order.name, cart}));
      keep('cart', null);
      location.assign('thank-you.html');
    } catch (error) {
      this.#said.textContent = `The order was not placed. ${error instanceof Error ? error.message : ''}`;
      this.#cart.set(await this.#sandbox.ask<ShopCart>('GET', `/carts/${cart.token}`));
    }
  }

  #show(): void {
    const cart = this.#cart.value;
    const money = (amount: string) => shown(amount, cart.currency, this.#page.language.value);
    const who = this.#catalog.customers.find(({id}) => id === cart.customer_id);
    (document.getElementById('who') as HTMLElement).textContent = who
      ? `${who.first_name} ${who.last_name}, signed in`
      : 'Guest';
    this.#lines.replaceChildren(
      make('caption', {className: 'unseen'}, 'Products'),
      make(
        'tbody',
        {},
        ...cart.lines.map((line) =>
          make(
            'tr',
            {},
            make('th', {scope: 'row'}, `${line.quantity} × ${line.title}`),
            make('td', {}, money(line.total)),
          ),
        ),
      ),
    );
    this.#tags.replaceChildren(
      ...cart.codes.map(({code}) => {
        const remove = tap('✕', () => void this.#change({remove: code}, false));
        remove.setAttribute('aria-label', `Remove ${code}`);
        return make('li', {}, code, remove);
      }),
    );
    const rows = [
      ['Subtotal', money(cart.subtotal)],
      ['Discount', `−${money(cart.discount)}`],
      ['Total', money(cart.total)],
    ] as const;
    this.#totals.replaceChildren(
      ...rows.map(([name, value]) =>
        make('div', {}, make('dt', {}, name), make('dd', {'data-testid': name.toLowerCase()}, value)),
      ),
    );
  }
}

async function opened(sandbox: Sandbox): Promise<ShopCart> {
  const before = kept('cart');
  if (before !== null) {
    const found = await sandbox.ask<ShopCart>('GET', `/carts/${before}`).catch(() => null);
    if (found !== null) return found;
  }
  const customer = kept('customer') ?? '1001';
  const cart = await sandbox.ask<ShopCart>('POST', '/carts', {
    lines: FIRST,
    customer_id: customer === GUEST ? null : Number(customer),
  });
  keep('cart', cart.token);
  return cart;
}

function alike(one: string, other: string): boolean {
  return one.toLowerCase() === other.trim().toLowerCase();
}

await Checkout.opened();

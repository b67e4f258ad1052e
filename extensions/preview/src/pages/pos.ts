/** A till: smart grid, cart and customer drawn plainly; the tiles, their modals and the customer block are ours. */
import {ACCIDENTS, Network} from '../accidents';
import {make} from '../elements/stand_in';
import {InOrder} from '../in_order';
import {Sandbox, type Catalog, type PlacedOrder, type TillCart} from '../sandbox';
import type {TillStage} from '../stage';
import {targets} from '../targets';
import {Watched} from '../watched';
import {choose, frame, keep, kept, shell, shown, tap, tick} from './shell';

const NOBODY = 'nobody';

class Till {
  readonly #page = shell('POS');
  readonly #network = new Network();
  readonly #order = new InOrder();
  readonly #sandbox: Sandbox;
  readonly #catalog: Catalog;
  readonly #cart: Watched<TillCart>;
  readonly #online = new Watched(true);
  readonly #editable = new Watched(true);
  readonly #staff: Watched<number>;
  readonly #scanned = new Watched<{data?: string; source?: 'camera'}>({});
  readonly #permitted = new Watched(true);
  readonly #tiles = make('div', {className: 'tiles'});
  readonly #blocks = make('div', {className: 'blocks'});
  readonly #overlay = make('dialog', {className: 'overlay', 'aria-label': 'Extension'});
  readonly #lines = make('ul', {className: 'lines', 'aria-label': 'Cart'});
  readonly #totals = make('dl', {className: 'totals'});
  readonly #toasts = make('p', {role: 'status', className: 'toast'});
  readonly #sold = make('div', {className: 'sold'});
  #customer: number | null = null;
  #people: HTMLSelectElement | null = null;

  constructor(sandbox: Sandbox, catalog: Catalog, cart: TillCart) {
    this.#sandbox = sandbox;
    this.#catalog = catalog;
    this.#cart = new Watched(cart);
    this.#staff = new Watched(catalog.staff[0]?.id ?? 42);
    this.#draw();
    this.#switches();
    this.#tiles.append(...this.#frames('pos.home.tile.render', 'pos.home.modal.render'));
    this.#cart.watch((now) => this.#show(now));
    this.#page.language.watch(() => this.#show(this.#cart.value));
  }

  static async opened(): Promise<void> {
    const sandbox = await Sandbox.found();
    const catalog = await sandbox.catalog();
    new Till(sandbox, catalog, await opened(sandbox, catalog));
  }

  #draw(): void {
    const products = this.#catalog.variants.map((each) =>
      tap(`${each.title} ${each.price}`, () => void this.#add(each.variant_id), 'product'),
    );
    this.#people = choose(
      make('div'),
      'Customer on the cart',
      this.#choices(),
      NOBODY,
      (chosen) => void this.#call('POST', 'customer', {customer_id: chosen === NOBODY ? null : Number(chosen)}),
    );
    this.#page.main.append(
      make('h1', {}, 'Point of sale'),
      make(
        'div',
        {className: 'columns'},
        make(
          'div',
          {},
          make('h2', {}, 'Home'),
          this.#tiles,
          make('h2', {}, 'Products'),
          make('div', {className: 'products'}, ...products),
        ),
        make(
          'div',
          {className: 'summary'},
          make('h2', {}, 'Cart'),
          this.#people.parentElement ?? '',
          this.#lines,
          this.#totals,
          tap('Charge', () => void this.#sell(), 'primary'),
          tap('Take all discounts off', () => void this.#call('DELETE', 'discounts')),
          this.#sold,
          this.#blocks,
        ),
      ),
      this.#toasts,
      this.#overlay,
    );
  }

  #switches(): void {
    const {switches} = this.#page;
    const named = (each: readonly {id: number; name: string}[]) =>
      Object.fromEntries(each.map(({id, name}) => [String(id), name]));
    choose(switches, 'Accident', ACCIDENTS, 'none', (chosen) => (this.#network.accident = chosen));
    choose(switches, 'Signed in', named(this.#catalog.staff), String(this.#staff.value), (chosen) =>
      this.#staff.set(Number(chosen)),
    );
    tick(switches, 'Offline', false, (on) => {
      this.#online.set(!on);
      this.#network.accident = on ? 'down' : 'none';
    });
    tick(switches, 'The cart cannot be edited', false, (on) => this.#editable.set(!on));
    tick(switches, 'The login may not use the app', false, (on) => this.#permitted.set(!on));
    const code = make('input', {size: 10, placeholder: 'M-1001'});
    switches.append(
      make('label', {}, 'Scan ', code),
      tap('Scan', () => this.#scanned.set({data: code.value || 'M-1001', source: 'camera'})),
    );
    switches.append(tap('New cart', () => void this.#renew()));
  }

  #choices(): Record<string, string> {
    return {
      [NOBODY]: 'Nobody',
      ...Object.fromEntries(
        this.#catalog.customers.map((each) => [String(each.id), `${each.first_name} ${each.last_name}`]),
      ),
    };
  }

  /** One frame for each extension with the target; a tap that wants its modal opens it over the till. */
  #frames(target: string, modal: string): HTMLElement[] {
    return targets
      .filter((each) => each.target === target)
      .map(({extension}) => {
        const open = targets.some((each) => each.extension === extension && each.target === modal);
        return frame(
          extension,
          target,
          `${extension}: ${target}`,
          this.#stage(open ? () => this.#present(extension, modal) : null),
        );
      });
  }

  #present(extension: string, target: string): void {
    const close = tap('Close', () => this.#dismiss());
    this.#overlay.replaceChildren(close, frame(extension, target, `${extension}: ${target}`, this.#stage(null)));
    if (!this.#overlay.open) this.#overlay.showModal();
  }

  #dismiss(): void {
    this.#overlay.close();
    this.#overlay.replaceChildren();
  }

  #stage(present: (() => void) | null): TillStage {
    const device = this.#catalog.devices[0] ?? {id: 7, name: 'Till 1'};
    return {
      at: 'till',
      proxy: this.#sandbox.addresses.proxy,
      language: this.#page.language,
      fetch: this.#network.fetch,
      cart: this.#cart,
      variants: this.#catalog.variants,
      online: this.#online,
      editable: this.#editable,
      staff: this.#staff,
      register: {location: this.#catalog.locations[0]?.id ?? 0, device: device.id, name: device.name},
      currency: this.#sandbox.addresses.currency,
      scanned: this.#scanned,
      toast: (text) => (this.#toasts.textContent = text),
      present,
      close: () => this.#dismiss(),
      token: async () =>
        this.#permitted.value ? this.#sandbox.token({surface: 'pos', user_id: this.#staff.value}) : undefined,
      call: (method, path, body) => this.#call(method, path, body),
    };
  }

  #call(method: string, path: string, body?: object): Promise<void> {
    return this.#order.do(() => this.#change(method, path, body));
  }

  async #change(method: string, path: string, body?: object): Promise<void> {
    const {token} = this.#cart.value;
    this.#cart.set(await this.#sandbox.ask<TillCart>(method, `/pos/carts/${token}/${path}`, body));
  }

  #add(variant: number): Promise<void> {
    return this.#order.do(() => {
      const lines = this.#cart.value.lines.map(({variant_id, quantity}) => ({variant_id, quantity}));
      const there = lines.find(({variant_id}) => variant_id === variant);
      if (there) there.quantity += 1;
      else lines.push({variant_id: variant, quantity: 1});
      return this.#change('POST', 'lines', {lines});
    });
  }

  async #sell(): Promise<void> {
    const {total, currency} = this.#cart.value;
    const order = await this.#order.do(() =>
      this.#sandbox.ask<PlacedOrder>('POST', `/pos/carts/${this.#cart.value.token}/sale`, {}),
    );
    const back = tap('Return everything', () => void this.#return(order.id));
    const paid = shown(total, currency, this.#page.language.value);
    this.#sold.replaceChildren(make('p', {role: 'status'}, `Sale ${order.name}: ${paid} paid.`), back);
    await this.#renew();
  }

  async #return(order: number): Promise<void> {
    await this.#sandbox.ask('POST', `/orders/${order}/refund`, {});
    this.#sold.replaceChildren(make('p', {role: 'status'}, 'Returned.'));
  }

  async #renew(): Promise<void> {
    keep('till', null);
    this.#cart.set(await opened(this.#sandbox, this.#catalog));
  }

  #show(cart: TillCart): void {
    const money = (amount: string) => shown(amount, cart.currency, this.#page.language.value);
    this.#lines.replaceChildren(
      ...cart.lines.map((line) =>
        make('li', {}, make('span', {}, `${line.quantity} × ${line.title}`), make('span', {}, money(line.total))),
      ),
    );
    const off = cart.discounts.map(({label, amount}) => [label, `−${money(amount)}`, 'discount'] as const);
    const rows = [
      ['Subtotal', money(cart.subtotal), 'subtotal'] as const,
      ...off,
      ['Total', money(cart.total), 'total'] as const,
    ];
    this.#totals.replaceChildren(
      ...rows.map(([name, value, id]) => make('div', {}, make('dt', {}, name), make('dd', {'data-testid': id}, value))),
    );
    if (this.#people) this.#people.value = cart.customer_id === null ? NOBODY : String(cart.customer_id);
    if (cart.customer_id === this.#customer) return;
    this.#customer = cart.customer_id;
    const blocks =
      cart.customer_id === null
        ? []
        : this.#frames('pos.customer-details.block.render', 'pos.customer-details.action.render');
    this.#blocks.replaceChildren(...(blocks.length > 0 ? [make('h2', {}, 'Customer'), ...blocks] : []));
  }
}

async function opened(sandbox: Sandbox, catalog: Catalog): Promise<TillCart> {
  const before = kept('till');
  const found =
    before === null
      ? null
      : await sandbox.ask<TillCart & {order_id: number | null}>('GET', `/pos/carts/${before}`).catch(() => null);
  if (found !== null && found.order_id === null && !found.parked) return found;
  const register = {
    location_id: catalog.locations[0]?.id,
    user_id: catalog.staff[0]?.id,
    device_id: catalog.devices[0]?.id,
  };
  const cart = await sandbox.ask<TillCart>('POST', '/pos/carts', register);
  keep('till', cart.token);
  return cart;
}

await Till.opened();

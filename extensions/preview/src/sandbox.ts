/** What the pages ask of the sandbox's shop, which prices carts and mints the tokens that Shopify would mint. */

export interface Addresses {
  readonly proxy: string;
  readonly shopify: string;
  readonly omneo: string;
  readonly page: string;
  readonly currency: string;
}

export interface CodeOnCart {
  readonly code: string;
  readonly applicable: boolean;
  readonly reason: string | null;
  readonly amount: string;
}

export interface LineOnCart {
  readonly id: number;
  readonly variant_id: number;
  readonly title: string;
  readonly quantity: number;
  readonly price: string;
  readonly total: string;
  readonly discounted_total: string;
}

export interface ShopCart {
  readonly token: string;
  readonly checkout_token: string;
  readonly customer_id: number | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly codes: readonly CodeOnCart[];
  readonly lines: readonly LineOnCart[];
  readonly currency: string;
  readonly subtotal: string;
  readonly discount: string;
  readonly shipping: string;
  readonly tax: string;
  readonly total: string;
}

export interface TillCart extends ShopCart {
  readonly discounts: readonly {readonly type: string; readonly label: string; readonly amount: string}[];
  readonly parked: boolean;
}

export interface Named {
  readonly id: number;
  readonly name: string;
}

export interface Variant {
  readonly variant_id: number;
  readonly product_id: number;
  readonly title: string;
  readonly price: string;
  readonly sku: string;
  readonly gift_card: boolean;
}

export interface Catalog {
  readonly variants: readonly Variant[];
  readonly customers: readonly {readonly id: number; readonly first_name: string; readonly last_name: string}[];
  readonly locations: readonly Named[];
  readonly staff: readonly Named[];
  readonly devices: readonly Named[];
}

export interface PlacedOrder {
  readonly id: number;
  readonly name: string;
  readonly total_price: string;
  readonly line_items: readonly {readonly id: number; readonly title: string; readonly quantity: number}[];
}

export class Sandbox {
  readonly addresses: Addresses;

  constructor(addresses: Addresses) {
    this.addresses = addresses;
  }

  static async found(): Promise<Sandbox> {
    const answer = await fetch('/preview/config.json');
    return new Sandbox((await answer.json()) as Addresses);
  }

  catalog(): Promise<Catalog> {
    return this.ask('GET', '/catalog');
  }

  /** As a checkout or an account gets it: without a customer for guests. */
  buyerToken(customer: number | null): Promise<string> {
    return this.token({surface: 'checkout', ...(customer === null ? {} : {customer_id: customer})});
  }

  async token(asked: Readonly<Record<string, string | number>>): Promise<string> {
    const query = new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)]));
    const {token} = await this.ask<{token: string}>('GET', `/tokens?${query.toString()}`);
    return token;
  }

  /** Throws what the shop refused, as `code: message`. */
  async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.addresses.shopify}/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : {headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)}),
    });
    const said = (await answer.json()) as T & {code?: string; message?: string};
    if (!answer.ok) throw new Error(`${said.code ?? answer.status}: ${said.message ?? ''}`);
    return said;
  }
}

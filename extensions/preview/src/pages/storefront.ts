/** A storefront's cart page: the shop's own part drawn plainly; the theme's blocks are ours, and in the page itself. */
import {make} from '../elements/stand_in';
import {Sandbox, type PlacedOrder} from '../sandbox';
import {linesChanged, standIn} from '../storefront';
import {choose, LANGUAGES, shown, tap, tick} from './shell';

interface AjaxCart {
  readonly token: string;
  readonly currency: string;
  readonly total_price: number;
  readonly original_total_price: number;
  readonly total_discount: number;
  readonly items: readonly {readonly title: string; readonly quantity: number; readonly final_line_price: number}[];
  readonly discount_codes: readonly {readonly code: string; readonly applicable: boolean}[];
}

const FIRST = [
  {id: 50101, quantity: 1},
  {id: 50102, quantity: 2},
  {id: 50103, quantity: 1},
];
const place = document.getElementById('cart') as HTMLElement;
const switches = document.getElementById('switches') as HTMLElement;
const said = make('p', {role: 'status'});
const language = document.documentElement.lang;
const sandbox = await Sandbox.found();
let token = '';

function cookie(name: string, value: string): void {
  document.cookie = `${name}=${value}; path=/; max-age=${value === '' ? 0 : 86_400}; samesite=lax`;
}

async function ajax(path: string, body?: object): Promise<AjaxCart> {
  const json = {'Content-Type': 'application/json'};
  const answer = await fetch(
    path,
    body === undefined ? {} : {method: 'POST', headers: json, body: JSON.stringify(body)},
  );
  return (await answer.json()) as AjaxCart;
}

async function draw(): Promise<void> {
  const cart = await ajax('/cart.js');
  token = cart.token.replace(/\?.*/, '');
  const money = (hundredths: number) => shown(String(hundredths / 100), cart.currency, language);
  const lines = cart.items.map((line) =>
    make(
      'li',
      {},
      make('span', {}, `${line.quantity} × ${line.title}`),
      make('span', {}, money(line.final_line_price)),
    ),
  );
  const codes = cart.discount_codes.map(({code, applicable}) =>
    make('li', {}, applicable ? code : `${code} (does not apply)`),
  );
  const rows = [
    ['Subtotal', cart.original_total_price, ''],
    ['Discount', cart.total_discount, '−'],
    ['Total', cart.total_price, ''],
  ] as const;
  place.replaceChildren(
    make('ul', {className: 'lines', 'aria-label': 'Cart'}, ...lines),
    make('ul', {className: 'tags', 'aria-label': 'Discount codes'}, ...codes),
    make(
      'dl',
      {className: 'totals'},
      ...rows.map(([name, amount, sign]) =>
        make(
          'div',
          {},
          make('dt', {}, name),
          make('dd', {'data-testid': name.toLowerCase()}, `${sign}${money(amount)}`),
        ),
      ),
    ),
    tap('Check out and pay', () => void order(), 'primary'),
    said,
  );
}

async function order(): Promise<void> {
  try {
    const placed = await sandbox.ask<PlacedOrder>('POST', `/carts/${token}/order`, {});
    place.replaceChildren(
      make('h2', {}, 'Thank you'),
      make('p', {role: 'status'}, `Order ${placed.name} is confirmed.`),
    );
  } catch (error) {
    said.textContent = `The order was not placed. ${error instanceof Error ? error.message : ''}`;
  }
}

async function switchboard(): Promise<void> {
  const {customers} = await sandbox.catalog();
  const people = Object.fromEntries(customers.map((each) => [String(each.id), `${each.first_name} ${each.last_name}`]));
  const now = /(?:^|; )sandbox_customer=(\d+)/.exec(document.cookie)?.[1] ?? '';
  choose(switches, 'Language', LANGUAGES, language as keyof typeof LANGUAGES, (chosen) => {
    cookie('locale', chosen);
    location.reload();
  });
  choose(switches, 'Customer', {'': 'A guest', ...people}, now, (chosen) => {
    cookie('sandbox_customer', chosen);
    location.reload();
  });
  tick(switches, 'The theme has no standard actions', !standard, (on) => location.assign(on ? '?actions=none' : '?'));
  const code = make('input', {id: 'other-code', size: 12});
  switches.append(
    make('label', {htmlFor: 'other-code'}, 'Another code'),
    code,
    tap('Add it', () => void add(code.value)),
    tap('One more pair of socks', () => void more()),
  );
}

/** As a buyer who types a code of the shop's own into the theme's form. */
async function add(code: string): Promise<void> {
  const {discount_codes: codes} = await ajax('/cart.js');
  await ajax('/cart/update.js', {discount: [...codes.map((each) => each.code), code].join(',')});
  await draw();
}

async function more(): Promise<void> {
  const done = ajax('/cart/add.js', {items: [{id: 50102, quantity: 1}]});
  linesChanged(done);
  await done;
  await draw();
}

const standard = new URLSearchParams(location.search).get('actions') !== 'none';
if (standard) standIn(() => void draw());
document.documentElement.dataset['proxy'] = sandbox.addresses.proxy;
if ((await ajax('/cart.js')).items.length === 0) await ajax('/cart/add.js', {items: FIRST});
await draw();
await switchboard();
for (const link of document.querySelectorAll<HTMLAnchorElement>('header nav a'))
  link.href = sandbox.addresses.page + link.pathname;
// As a theme loads a block's script: after the page.
document.head.append(make('script', {src: '/preview/theme/rewards.js', defer: true}));

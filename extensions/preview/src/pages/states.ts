/** Every state of every surface, from the real sources with canned answers; nothing here reaches a proxy. */
import {answering, BENEFITS, EMPTY, OPEN, OVERVIEW, PENDING, REDEMPTION, REWARDS, STALE, type Canned} from '../canned';
import {make} from '../elements/stand_in';
import type {ShopCart, TillCart, Variant} from '../sandbox';
import type {AccountStage, CheckoutStage, Stage, TillStage} from '../stage';
import {targets} from '../targets';
import {Watched} from '../watched';
import {frame, shell} from './shell';

const {main, language} = shell('All states');
const VARIANT: Variant = {
  variant_id: 50101,
  product_id: 40101,
  title: 'Linen shirt',
  price: '139.00',
  sku: 'LINEN-SHIRT',
  gift_card: false,
};
const CART: TillCart = {
  token: 'states',
  checkout_token: 'states',
  customer_id: 1001,
  attributes: {},
  codes: [],
  currency: 'AUD',
  subtotal: '139.00',
  discount: '0.00',
  shipping: '0.00',
  tax: '12.64',
  total: '139.00',
  discounts: [],
  parked: false,
  lines: [
    {
      id: 1,
      variant_id: 50101,
      title: 'Linen shirt',
      quantity: 1,
      price: '139.00',
      total: '139.00',
      discounted_total: '139.00',
    },
  ],
};
const WITH_CODE: TillCart = {
  ...CART,
  discount: '12.50',
  total: '126.50',
  codes: [{code: REDEMPTION.code ?? '', applicable: true, reason: null, amount: '12.50'}],
  discounts: [{type: 'discount_code', label: REDEMPTION.code ?? '', amount: '12.50'}],
};
const AMOUNT: readonly [string, string] = ['amount', '12.50'];
let scopes = 0;

type Taps = NonNullable<Stage['taps']>;

/** A stage of its own for each state, so that none remembers what another one did. */
function common(canned: Canned, taps: Taps) {
  scopes += 1;
  return {proxy: location.origin, language, fetch: answering(canned), taps, token: async () => 'canned'};
}

interface AtCheckout {
  readonly cart?: ShopCart;
  readonly guest?: boolean;
  readonly closed?: boolean;
  readonly wallet?: boolean;
  readonly useless?: boolean;
  readonly editor?: boolean;
  readonly taps?: Taps;
}

function checkout(
  canned: Canned,
  {cart = CART, guest, closed, wallet, useless, editor = false, taps = []}: AtCheckout = {},
): CheckoutStage {
  const stage = common(canned, taps);
  const watched = new Watched<ShopCart>({
    ...cart,
    checkout_token: `states-${scopes}`,
    ...(guest ? {customer_id: null} : {}),
  });
  return {
    ...stage,
    at: 'checkout',
    cart: watched,
    variants: [VARIANT],
    mayChangeCodes: new Watched(!closed),
    editor,
    settings: {},
    order: null,
    change: async (code) => {
      if (wallet) return false;
      const {codes, total, discount} = 'add' in code && !useless ? WITH_CODE : CART;
      watched.set({...watched.value, codes, total, discount});
      return true;
    },
    attribute: async () => undefined,
  };
}

function account(canned: Canned): AccountStage {
  return {...common(canned, []), at: 'account', customer: 1001};
}

interface AtTill {
  readonly cart?: TillCart;
  readonly nobody?: boolean;
  readonly offline?: boolean;
  readonly fixed?: boolean;
  readonly forbidden?: boolean;
  readonly useless?: boolean;
  readonly taps?: Taps;
}

function till(
  canned: Canned,
  {cart = CART, nobody, offline, fixed, forbidden, useless, taps = []}: AtTill = {},
): TillStage {
  const watched = new Watched<TillCart>({...cart, ...(nobody ? {customer_id: null} : {})});
  return {
    ...common(canned, taps),
    at: 'till',
    cart: watched,
    variants: [VARIANT],
    online: new Watched(!offline),
    editable: new Watched(!fixed),
    staff: new Watched(42),
    register: {location: 8801, device: 7, name: 'Till 1'},
    currency: 'AUD',
    scanned: new Watched({}),
    toast: () => undefined,
    present: () => undefined,
    close: () => undefined,
    token: async () => (forbidden ? undefined : 'canned'),
    call: async (_, path) => {
      if (path === 'codes' && !useless) watched.set({...WITH_CODE, customer_id: watched.value.customer_id});
      if (path === 'discounts') watched.set(CART);
    },
  };
}

const APPLY: Taps = ['use all'];
const AT_CHECKOUT: readonly (readonly [string, () => CheckoutStage])[] = [
  ['Loading', () => checkout({})],
  ['Balance and benefits', () => checkout({rewards: REWARDS, benefits: BENEFITS})],
  ['Nothing to use', () => checkout({rewards: EMPTY})],
  ['Last known balance', () => checkout({rewards: STALE})],
  ['A guest', () => checkout({}, {guest: true})],
  ['The account is being set up', () => checkout({rewards: PENDING})],
  ['The proxy does not answer: nothing', () => checkout({rewards: 'offline'})],
  ['Applied, after a reload', () => checkout({rewards: OPEN}, {cart: WITH_CODE})],
  ['Applied at a tap', () => checkout({rewards: REWARDS, redeem: REDEMPTION}, {taps: APPLY})],
  ['Setting aside', () => checkout({rewards: REWARDS}, {taps: APPLY})],
  ['Refused: not enough left', () => checkout({rewards: REWARDS, redeem: 'insufficient_balance'}, {taps: APPLY})],
  ['Refused: in use elsewhere', () => checkout({rewards: REWARDS, redeem: 'held_elsewhere'}, {taps: APPLY})],
  ['Refused: share of the cart', () => checkout({rewards: REWARDS, redeem: 'above_share'}, {taps: APPLY})],
  ['Refused: too often', () => checkout({rewards: REWARDS, redeem: 'rate_limited'}, {taps: APPLY})],
  ['Omneo is away', () => checkout({rewards: REWARDS, redeem: 'upstream_unavailable'}, {taps: APPLY})],
  ['No answer', () => checkout({rewards: REWARDS, redeem: 'offline'}, {taps: APPLY})],
  [
    'Shopify refuses the code: express wallet',
    () => checkout({rewards: REWARDS, redeem: REDEMPTION}, {wallet: true, taps: APPLY}),
  ],
  ['The code takes nothing off', () => checkout({rewards: REWARDS, redeem: REDEMPTION}, {useless: true, taps: APPLY})],
  ['Codes cannot be changed', () => checkout({rewards: REWARDS}, {closed: true})],
  ['In the editor: a sample', () => checkout({}, {editor: true})],
];

const AT_THANKS: readonly (readonly [string, () => Stage])[] = [
  [
    'Rewards were used',
    () => ({...checkout({rewards: OPEN}, {cart: WITH_CODE}), at: 'thanks', order: {id: 1, name: '#1001'}}),
  ],
];

const AT_ACCOUNT: readonly (readonly [string, () => Stage])[] = [
  ['Loading', () => account({})],
  ['Balance, rewards and tier', () => account({rewards: REWARDS, benefits: BENEFITS})],
  ['Nothing yet', () => account({rewards: EMPTY})],
  ['The account is being set up', () => account({rewards: PENDING})],
  ['The proxy does not answer', () => account({rewards: 'offline'})],
];

const AT_TILL: readonly (readonly [string, () => TillStage])[] = [
  ['Nobody on the cart', () => till({}, {nobody: true})],
  ['Loading', () => till({})],
  ['A member', () => till({overview: OVERVIEW, benefits: BENEFITS})],
  ['Nothing to use', () => till({overview: {...OVERVIEW, balance: EMPTY.balance, benefits: 0, expiring_next: null}})],
  ['Offline', () => till({overview: 'offline'}, {offline: true})],
  ['The login may not use the app', () => till({}, {forbidden: true})],
  ['The cart cannot be edited', () => till({overview: OVERVIEW, benefits: BENEFITS}, {fixed: true})],
  ['Omneo is away', () => till({overview: 'upstream_unavailable'})],
];

/** What only the modal of pos-redeem does. */
const AT_REDEEM: readonly (readonly [string, () => TillStage])[] = [
  [
    'Applied',
    () => till({overview: {...OVERVIEW, redemption: REDEMPTION, redemptions: [REDEMPTION]}}, {cart: WITH_CODE}),
  ],
  [
    'Refused: not enough left',
    () => till({overview: OVERVIEW, redeem: 'insufficient_balance'}, {taps: [AMOUNT, 'apply|redeem']}),
  ],
  [
    'A colleague has to approve',
    () => till({overview: OVERVIEW, redeem: 'approval_required'}, {taps: [AMOUNT, 'apply|redeem']}),
  ],
  ['A reason is needed', () => till({overview: OVERVIEW, redeem: 'reason_required'}, {taps: [AMOUNT, 'apply|redeem']})],
  [
    'The code takes nothing off',
    () => till({overview: OVERVIEW, redeem: REDEMPTION}, {useless: true, taps: [AMOUNT, 'apply|redeem']}),
  ],
];

function statesOf(extension: string, target: string): readonly (readonly [string, () => Stage])[] {
  if (target.startsWith('purchase.thank-you.')) return AT_THANKS;
  // Both places of the checkout run the same code.
  if (target.startsWith('purchase.')) return target.includes('reductions') ? AT_CHECKOUT : [];
  if (target.startsWith('customer-account.')) return AT_ACCOUNT;
  // A customer's own screen is somebody's.
  if (target.startsWith('pos.customer-details.')) return AT_TILL.slice(1);
  if (target.endsWith('.modal.render') && extension === 'pos-redeem') return [...AT_TILL, ...AT_REDEEM];
  return AT_TILL;
}

// Each part on a page of its own: a hundred frames at once are more than a browser likes.
const wanted = new URLSearchParams(location.search);
const chosen = targets.filter(
  ({extension, target}) => extension === wanted.get('extension') && target === wanted.get('target'),
);
const links = targets
  .filter(({extension, target}) => statesOf(extension, target).length > 0)
  .map(({extension, target}) =>
    make('li', {}, make('a', {href: `?extension=${extension}&target=${target}`}, `${extension}: ${target}`)),
  );
main.append(make('h1', {}, 'All states'), make('nav', {'aria-label': 'Targets'}, make('ul', {}, ...links)));
for (const {extension, target} of chosen) {
  const states = statesOf(extension, target).map(([name, stage]) =>
    make(
      'section',
      {className: 'state', 'data-state': name},
      make('h3', {}, name),
      frame(extension, target, `${extension}: ${name}`, stage()),
    ),
  );
  main.append(make('h2', {}, `${extension}: ${target}`), make('div', {className: 'states'}, ...states));
}

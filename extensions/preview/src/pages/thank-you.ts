/** The page after an order, with the thank-you block in it. */
import {make} from '../elements/stand_in';
import {Sandbox, type ShopCart} from '../sandbox';
import {Watched} from '../watched';
import {frame, kept, shell, shown} from './shell';

const {main, language} = shell('Thank you');
const placed = kept('order');

if (placed === null) {
  main.append(
    make('h1', {}, 'Thank you'),
    make('p', {}, 'No order has been placed yet. ', make('a', {href: 'checkout.html'}, 'Go to the checkout')),
  );
} else {
  const {id, name, cart} = JSON.parse(placed) as {id: number; name: string; cart: ShopCart};
  const sandbox = await Sandbox.found();
  const {variants} = await sandbox.catalog();
  const block = frame('checkout-rewards', 'purchase.thank-you.block.render', 'Rewards used on this order', {
    at: 'thanks',
    proxy: sandbox.addresses.proxy,
    language,
    cart: new Watched(cart),
    variants,
    mayChangeCodes: new Watched(false),
    editor: false,
    settings: {},
    order: {id, name},
    token: () => sandbox.buyerToken(cart.customer_id),
    change: async () => false,
    attribute: async () => undefined,
  });
  const total = make('p', {'data-testid': 'total'});
  language.watch((chosen) => (total.textContent = shown(cart.total, cart.currency, chosen)));
  main.append(
    make('h1', {}, 'Thank you'),
    make('p', {}, `Order ${name} is confirmed.`),
    block,
    make('h2', {}, 'Paid'),
    total,
    make(
      'p',
      {},
      make('a', {href: 'checkout.html'}, 'Start a new cart'),
      ' · ',
      make('a', {href: 'account.html'}, 'Your account'),
    ),
  );
}

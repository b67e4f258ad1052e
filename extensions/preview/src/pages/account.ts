/** A customer's account, with our block in it. */
import {ACCIDENTS, Network} from '../accidents';
import {make} from '../elements/stand_in';
import {Sandbox} from '../sandbox';
import {targets} from '../targets';
import {choose, frame, keep, kept, shell} from './shell';

const PLACES: Readonly<Record<string, string>> = {
  'customer-account.profile.block.render': 'Profile',
  'customer-account.order-index.block.render': 'Orders',
};

const {main, language, switches} = shell('Account');
const sandbox = await Sandbox.found();
const {customers} = await sandbox.catalog();
const network = new Network();
const place = make('div');
const people = Object.fromEntries(customers.map((each) => [String(each.id), `${each.first_name} ${each.last_name}`]));
const before = kept('customer') ?? '1001';
let customer = before in people ? before : '1001';
const name = make('p');

function mount(): void {
  name.textContent = people[customer] ?? '';
  const stage = {
    at: 'account' as const,
    proxy: sandbox.addresses.proxy,
    language,
    fetch: network.fetch,
    customer: Number(customer),
    token: () => sandbox.token({surface: 'customer_account', customer_id: customer}),
  };
  const ours = targets.filter(({target}) => target.startsWith('customer-account.'));
  place.replaceChildren(
    ...ours.flatMap(({extension, target}) => {
      const title = PLACES[target] ?? target;
      return [make('h2', {}, title), frame(extension, target, `Rewards: ${title}`, stage)];
    }),
  );
}

choose(switches, 'Customer', people, customer, (chosen) => {
  customer = chosen;
  keep('customer', chosen);
  mount();
});
choose(switches, 'Accident', ACCIDENTS, 'none', (chosen) => {
  network.accident = chosen;
  mount();
});
main.append(make('h1', {}, 'Account'), name, place);
mount();

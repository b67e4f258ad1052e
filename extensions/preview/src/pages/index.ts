/** Where the preview begins. */
import {make} from '../elements/stand_in';
import {shell} from './shell';

const {main} = shell('Extensions');
const steps = [
  ['checkout.html', 'Checkout', 'balance, an amount or everything, benefits, remove; then place the order'],
  ['thank-you.html', 'Thank you', 'what the last order used'],
  ['account.html', 'Account', 'balance, rewards and tier'],
  ['pos.html', 'POS', 'four tiles with their modals, and the customer block'],
  ['states.html', 'All states', 'every state of every surface, with canned answers'],
] as const;
main.append(
  make('h1', {}, 'The extensions, click by click'),
  make('ul', {}, ...steps.map(([page, name, what]) => make('li', {}, make('a', {href: page}, name), `: ${what}`))),
);

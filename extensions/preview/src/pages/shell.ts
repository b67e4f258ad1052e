/** What all pages have: where they lead, what is real in them, the language, and switches for what may happen. */
import {make} from '../elements/stand_in';
import {Sandbox} from '../sandbox';
import type {StagedFrame, Stage} from '../stage';
import {Watched} from '../watched';

const PAGES = [
  ['checkout.html', 'Checkout'],
  ['thank-you.html', 'Thank you'],
  ['account.html', 'Account'],
  ['pos.html', 'POS'],
  ['states.html', 'All states'],
] as const;
export const LANGUAGES = {en: 'English', fr: 'Français', de: 'Deutsch', es: 'Español', ja: '日本語'} as const;

export interface Shell {
  readonly main: HTMLElement;
  readonly language: Watched<string>;
  readonly switches: HTMLElement;
}

export function shell(title: string): Shell {
  const main = make('main', {id: 'main'});
  const language = new Watched(kept('language') ?? 'en');
  const switches = make('div', {className: 'switches'});
  const here = location.pathname.split('/').at(-1);
  const links = PAGES.map(([page, name]) => {
    return make('a', {href: page, ...(page === here ? {'aria-current': 'page'} : {})}, name);
  });
  // The cart is on the storefront's own origin, where Shopify's Ajax API and the app proxy are.
  const cart = make('a', {href: '#'}, 'Cart');
  void Sandbox.found().then(({addresses}) => (cart.href = `${addresses.shopify}/cart`));
  document.title = `${title} · preview`;
  document.body.append(
    make(
      'header',
      {},
      make('nav', {'aria-label': 'Pages'}, cart, ...links),
      make(
        'p',
        {className: 'label'},
        make('strong', {}, 'Stand-in elements, not Shopify’s own. '),
        'What is inside the dashed frames is the real code of the extensions; proxy and ledger are real, ' +
          'Shopify and Omneo are the sandbox.',
      ),
    ),
    main,
    make('aside', {'aria-label': 'Switches of the preview'}, make('h2', {}, 'Switches'), switches),
  );
  choose(switches, 'Language', LANGUAGES, language.value, (chosen) => {
    keep('language', chosen);
    language.set(chosen);
  });
  return {main, language, switches};
}

/** A frame in which one target of an extension runs. */
export function frame(extension: string, target: string, title: string, stage: Stage): HTMLElement {
  const made: StagedFrame = make('iframe', {title, src: `frames/${extension}/${target}.html`});
  made.stage = stage;
  return make('div', {className: 'frame', 'data-target': target, 'data-extension': extension}, made);
}

export function choose<T extends string>(
  into: HTMLElement,
  label: string,
  options: Readonly<Record<T, string>>,
  value: string,
  chosen: (value: T) => void,
): HTMLSelectElement {
  const listed = Object.entries<string>(options).map(([each, name]) => make('option', {value: each}, name));
  const id = `choose-${label.toLowerCase().replaceAll(' ', '-')}`;
  const select = make('select', {id}, ...listed);
  select.value = value;
  select.addEventListener('change', () => chosen(select.value as T));
  into.append(make('span', {className: 'choice'}, make('label', {htmlFor: id}, label), select));
  return select;
}

export function tick(into: HTMLElement, label: string, value: boolean, ticked: (value: boolean) => void): void {
  const box = make('input', {type: 'checkbox', checked: value});
  box.addEventListener('change', () => ticked(box.checked));
  into.append(make('label', {}, box, ` ${label}`));
}

export function tap(label: string, done: () => void, className = ''): HTMLButtonElement {
  const button = make('button', {type: 'button', className}, label);
  button.addEventListener('click', done);
  return button;
}

/** Amounts of the shop around the extension, which Shopify writes in the buyer's language. */
export function shown(amount: string, currency: string, language: string): string {
  return new Intl.NumberFormat(language === 'en' ? 'en-AU' : language, {style: 'currency', currency}).format(
    Number(amount),
  );
}

export function kept(name: string): string | null {
  return sessionStorage.getItem(`page:${name}`);
}

export function keep(name: string, value: string | null): void {
  if (value === null) sessionStorage.removeItem(`page:${name}`);
  else sessionStorage.setItem(`page:${name}`, value);
}

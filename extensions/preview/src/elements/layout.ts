/** Stand-ins for what holds and orders other elements. */
import {define, make, mark, text, yes, type Kind, type StandIn} from './stand_in';

const GAPS: Readonly<Record<string, string>> = {
  none: '0',
  'small-500': '.125rem',
  'small-400': '.2rem',
  'small-300': '.3rem',
  'small-200': '.4rem',
  'small-100': '.5rem',
  small: '.5rem',
  base: '.75rem',
  large: '1rem',
  'large-100': '1rem',
  'large-200': '1.25rem',
  'large-300': '1.5rem',
  'large-400': '2rem',
  'large-500': '2.5rem',
};
const SPREAD: Readonly<Record<string, string>> = {
  start: 'flex-start',
  end: 'flex-end',
  'space-between': 'space-between',
  center: 'center',
};

const plain: Kind = {
  build: (_, root) => {
    root.append(make('slot'));
    return () => undefined;
  },
};

function stack(first: 'block' | 'inline'): Kind {
  return {
    said: [
      'gap',
      'rowGap',
      'columnGap',
      'justifyContent',
      'alignItems',
      'alignContent',
      'inlineSize',
      'accessibilityRole',
    ],
    build: (host, root) => {
      root.append(make('slot'));
      return (said) => {
        mark(host, 'role', said['accessibilityRole'] === 'status' ? 'status' : null);
        const inline = (said['direction'] ?? first) === 'inline';
        host.style.flexDirection = inline ? 'row' : 'column';
        host.style.flexWrap = inline ? 'wrap' : 'nowrap';
        host.style.gap = GAPS[text(said['gap'])] ?? '0';
        host.style.justifyContent = SPREAD[text(said['justifyContent'])] ?? '';
        host.style.alignItems = SPREAD[text(said['alignItems'])] ?? (inline ? 'center' : 'stretch');
      };
    },
  };
}

/** A box with a heading of its own: a section, a page of the till, a block on the customer's screen. */
function headed(level: 'h1' | 'h2' | 'h3', container: 'section' | 'div'): Kind {
  return {
    said: ['heading', 'subheading', 'accessibilityLabel'],
    build: (_, root) => {
      const heading = make(level);
      const below = make('p', {className: 'subdued'});
      const whole = make(container, {}, heading, below, make('slot'));
      root.append(whole);
      return (said) => {
        heading.textContent = text(said['heading']);
        heading.hidden = heading.textContent === '';
        below.textContent = text(said['subheading']);
        below.hidden = below.textContent === '';
        mark(whole, 'aria-label', text(said['accessibilityLabel']) || text(said['heading']));
        if (container === 'div') whole.removeAttribute('aria-label');
      };
    },
  };
}

const grid: Kind = {
  said: ['gap', 'gridTemplateColumns', 'columnGap', 'rowGap', 'alignItems', 'justifyContent'],
  build: (host, root) => {
    root.append(make('slot'));
    return (said) => {
      const columns = said['gridTemplateColumns'];
      host.style.gridTemplateColumns = Array.isArray(columns) ? columns.join(' ') : text(columns);
      host.style.gap = GAPS[text(said['gap'])] ?? '0';
      host.style.alignItems = SPREAD[text(said['alignItems'])] ?? '';
    };
  },
};

/** A native details element, whose summary is the child that is one. */
const details: Kind = {
  said: ['open', 'defaultOpen'],
  events: ['toggle', 'aftertoggle'],
  build: (host, root) => {
    const summary = make('summary', {}, make('slot', {name: 'summary'}));
    const whole = make('details', {}, summary, make('slot'));
    root.append(whole);
    const put = () => host.querySelector(':scope > s-summary')?.setAttribute('slot', 'summary');
    new MutationObserver(put).observe(host, {childList: true});
    put();
    whole.addEventListener('toggle', () => host.dispatchEvent(new Event('toggle')));
    if (yes(host.said['defaultOpen'])) whole.open = true;
    return (said) => {
      if (said['open'] !== undefined) whole.open = yes(said['open']);
    };
  },
};

/** A list is one by its role: its items are elements of their own. */
function role(name: string): Kind {
  return {
    build: (host, root) => {
      host.setAttribute('role', name);
      root.append(make('slot'));
      return () => undefined;
    },
  };
}

const modal: Kind = {
  said: ['heading', 'accessibilityLabel'],
  events: ['show', 'aftershow', 'hide', 'afterhide'],
  build: (host, root) => {
    const heading = make('h2');
    const close = make('button', {type: 'button', className: 'plain', textContent: '✕'});
    close.setAttribute('aria-label', 'Close');
    const actions = make(
      'div',
      {className: 'actions'},
      make('slot', {name: 'secondary-actions'}),
      make('slot', {name: 'primary-action'}),
    );
    const box = make('dialog', {}, make('header', {}, heading, close), make('slot'), actions);
    const hide = () => {
      if (!box.open) return;
      box.close();
      for (const name of ['hide', 'afterhide']) host.dispatchEvent(new Event(name));
    };
    close.addEventListener('click', hide);
    root.append(box);
    Object.assign(host, {
      showOverlay: () => {
        box.showModal();
        for (const name of ['show', 'aftershow']) host.dispatchEvent(new Event(name));
      },
      hideOverlay: hide,
    });
    return (said) => {
      heading.textContent = text(said['heading']);
      box.setAttribute('aria-label', text(said['accessibilityLabel']) || text(said['heading']) || 'Dialog');
    };
  },
};

/** A form without a form element, which a shadow tree would cut off from its fields. */
const form: Kind = {
  build: (host, root) => {
    root.append(make('slot'));
    const submit = () => host.dispatchEvent(new Event('submit', {cancelable: true}));
    const button = () => host.querySelector<StandIn>('s-button[data-type=submit]');
    host.addEventListener('click', (event) => {
      const tapped = event.target instanceof Element ? event.target.closest('s-button') : null;
      if (tapped !== null && tapped === button()) submit();
    });
    host.addEventListener('keydown', (event) => {
      const within = event.target instanceof Element && /-field$/.test(event.target.localName);
      if (event.key === 'Enter' && within && !yes(button()?.said['disabled'])) submit();
    });
    return () => undefined;
  },
};

for (const name of ['box', 'query-container', 'scroll-box', 'grid-item', 'summary', 'tooltip']) define(name, plain);
define('form', form);
define('stack', stack('block'));
define('button-group', stack('inline'));
define('grid', grid);
define('section', headed('h2', 'section'));
define('page', headed('h1', 'div'));
define('pos-block', headed('h2', 'section'));
define('empty-state', headed('h2', 'div'));
define('details', details);
define('unordered-list', role('list'));
define('ordered-list', role('list'));
define('list-item', role('listitem'));
define('modal', modal);

/** Stand-ins for what is tapped: buttons, tiles of the till, rows, tabs. */
import {define, make, mark, text, yes, type Kind, type StandIn} from './stand_in';

type Overlay = StandIn & {showOverlay?: () => void; hideOverlay?: () => void};

const button: Kind = {
  said: ['accessibilityLabel', 'command', 'commandFor', 'icon', 'target', 'inlineSize'],
  build: (host, root) => {
    const inner = make('button', {type: 'button', className: 'button'}, make('slot'));
    const anchor = make('a', {className: 'button', hidden: true});
    root.append(inner, anchor);
    inner.addEventListener('click', () => follow(host));
    return (said) => {
      const busy = yes(said['loading']);
      const href = host.getAttribute('href');
      // Its text stays as its name while it is busy.
      inner.disabled = yes(said['disabled']) || busy;
      mark(inner, 'aria-busy', busy ? 'true' : null);
      mark(inner, 'aria-label', text(said['accessibilityLabel']));
      if (href === null) return;
      anchor.href = href;
      anchor.hidden = false;
      anchor.append(...inner.childNodes);
      inner.hidden = true;
    };
  },
};

/** What `command` and `commandFor` ask of another element, by its id. */
function follow(host: StandIn): void {
  const named = text(host.said['commandFor']);
  const other = named === '' ? null : (document.getElementById(named) as Overlay | null);
  const asked = text(host.said['command']) || '--auto';
  if (asked === '--hide') other?.hideOverlay?.();
  else if (asked === '--show' || asked === '--auto' || asked === '--toggle') other?.showOverlay?.();
}

const tile: Kind = {
  said: ['heading', 'subheading', 'itemCount'],
  build: (_, root) => {
    const heading = make('strong');
    const below = make('span');
    const count = make('span', {className: 'count'});
    const inner = make('button', {type: 'button', className: 'tile'}, heading, below, count);
    root.append(inner);
    return (said) => {
      heading.textContent = text(said['heading']);
      below.textContent = text(said['subheading']);
      count.textContent = text(said['itemCount']);
      count.hidden = count.textContent === '' || count.textContent === '0';
      inner.disabled = yes(said['disabled']);
    };
  },
};

const clickable: Kind = {
  said: ['accessibilityLabel'],
  build: (_, root) => {
    const inner = make('button', {type: 'button', className: 'row'}, make('slot'));
    root.append(inner);
    return (said) => {
      inner.disabled = yes(said['disabled']) || yes(said['loading']);
      mark(inner, 'aria-label', text(said['accessibilityLabel']));
    };
  },
};

/** A tab names its panel by `controls`; the tabs say which one is open. */
const tab: Kind = {
  said: ['controls', 'accessibilityLabel'],
  build: (host, root) => {
    host.setAttribute('role', 'presentation');
    const inner = make('button', {type: 'button', className: 'tab'}, make('slot'));
    root.append(inner);
    inner.addEventListener('click', () => {
      const tabs = host.closest('s-tabs') as StandIn | null;
      tabs?.say('value', host.said['controls']);
      tabs?.dispatchEvent(new Event('change', {bubbles: true}));
    });
    return (said) => {
      inner.disabled = yes(said['disabled']);
      mark(inner, 'aria-current', yes(said['selected']) ? 'true' : 'false');
    };
  },
};

const tabs: Kind = {
  said: ['value', 'defaultValue', 'accessibilityLabel'],
  build: (host, root) => {
    root.append(make('slot'));
    const show = () => {
      const panels = [...host.querySelectorAll('s-tab-panel')];
      const open = text(host.said['value']) || text(host.said['defaultValue']) || panels[0]?.id;
      for (const panel of panels) Reflect.set(panel, 'hidden', panel.id !== open);
      for (const each of host.querySelectorAll<StandIn>('s-tab')) each.say('selected', each.said['controls'] === open);
    };
    new MutationObserver(show).observe(host, {childList: true, subtree: true});
    return show;
  },
};

const slot: Kind = {
  build: (_, root) => {
    root.append(make('slot'));
    return () => undefined;
  },
};

for (const name of ['button', 'press-button', 'clickable-chip']) define(name, button);
define('tile', tile);
define('clickable', clickable);
define('tab', tab);
define('tab-list', slot);
define('tab-panel', slot);
define('tabs', tabs);

/** Stand-ins for what is read: texts, banners, badges, and what says that something is on its way. */
import {define, make, mark, text, yes, type Kind} from './stand_in';

function wrapped(tag: 'p' | 'span' | 'h3'): Kind {
  return {
    said: ['accessibilityRole', 'accessibilityVisibility', 'fontVariantNumeric'],
    build: (host, root) => {
      root.append(make(tag, {}, make('slot')));
      return (said) => mark(host, 'aria-hidden', said['accessibilityVisibility'] === 'hidden' ? 'true' : null);
    },
  };
}

/** Said aloud when it comes: politely, and at once where it is critical. */
const banner: Kind = {
  said: ['heading', 'dismissible', 'hidden', 'collapsible'],
  events: ['dismiss', 'afterhide'],
  build: (host, root) => {
    const heading = make('strong');
    const close = make('button', {type: 'button', className: 'plain', textContent: '✕', hidden: true});
    close.setAttribute('aria-label', 'Dismiss');
    close.addEventListener('click', () => {
      host.hidden = true;
      for (const name of ['dismiss', 'afterhide']) host.dispatchEvent(new Event(name));
    });
    const whole = make(
      'div',
      {className: 'banner'},
      make('div', {}, heading, make('div', {className: 'words'}, make('slot'))),
      close,
    );
    root.append(whole);
    return (said) => {
      whole.setAttribute('role', said['tone'] === 'critical' ? 'alert' : 'status');
      heading.textContent = text(said['heading']);
      heading.hidden = heading.textContent === '';
      close.hidden = !yes(said['dismissible']);
    };
  },
};

const link: Kind = {
  said: ['accessibilityLabel', 'target'],
  build: (host, root) => {
    const anchor = make('a', {}, make('slot'));
    root.append(anchor);
    return (said) => {
      mark(anchor, 'href', host.getAttribute('href') ?? '#');
      mark(anchor, 'aria-label', text(said['accessibilityLabel']));
    };
  },
};

const image: Kind = {
  said: ['src', 'alt'],
  build: (_, root) => {
    const picture = make('img');
    root.append(picture);
    return (said) => {
      picture.alt = text(said['alt']);
      if (picture.src !== text(said['src'])) picture.src = text(said['src']);
    };
  },
};

const spinner: Kind = {
  said: ['accessibilityLabel'],
  build: (_, root) => {
    const turning = make('span', {className: 'spinner', role: 'img'});
    root.append(turning);
    return (said) => turning.setAttribute('aria-label', text(said['accessibilityLabel']) || 'Loading');
  },
};

const skeleton: Kind = {
  said: ['content'],
  build: (host, root) => {
    const shape = make('span', {className: 'skeleton'});
    root.append(shape);
    host.setAttribute('aria-hidden', 'true');
    return (said) => (shape.textContent = text(said['content']) || ' ');
  },
};

const progress: Kind = {
  said: ['value', 'max', 'accessibilityLabel'],
  build: (_, root) => {
    const bar = make('progress');
    root.append(bar);
    return (said) => {
      bar.max = Number(said['max'] ?? 1);
      if (said['value'] !== undefined) bar.value = Number(said['value']);
      bar.setAttribute('aria-label', text(said['accessibilityLabel']) || 'Progress');
    };
  },
};

const silent: Kind = {
  build: (host, root) => {
    host.setAttribute('aria-hidden', 'true');
    root.append(make('span', {className: 'icon'}));
    return () => undefined;
  },
};

const divider: Kind = {
  build: (_, root) => {
    root.append(make('hr'));
    return () => undefined;
  },
};

define('text', wrapped('span'));
define('paragraph', wrapped('p'));
define('heading', wrapped('h3'));
define('time', wrapped('span'));
define('badge', wrapped('span'));
define('chip', wrapped('span'));
define('announcement', wrapped('p'));
define('abbreviation', wrapped('span'));
define('banner', banner);
define('link', link);
define('image', image);
define('avatar', silent);
define('icon', silent);
define('product-thumbnail', image);
define('spinner', spinner);
define('skeleton-paragraph', skeleton);
define('progress', progress);
define('divider', divider);

/** Stand-ins for what is filled in: each has a real label, and says its error aloud. */
import {define, make, mark, text, yes, type Kind, type StandIn} from './stand_in';

const SAID = [
  'label',
  'value',
  'defaultValue',
  'error',
  'details',
  'placeholder',
  'required',
  'readOnly',
  'min',
  'max',
  'step',
  'maxLength',
  'minLength',
  'prefix',
  'suffix',
  'name',
  'autocomplete',
  'inputMode',
  'controls',
  'labelAccessibilityVisibility',
  'icon',
  'rows',
];

/** `input` and `change` of the inner element are the host's own; its value is there before they are heard. */
function field(type: string, mode: string): Kind {
  return {
    said: SAID,
    build: (host, root) => {
      const name = make('span', {className: 'label'});
      const inner = make('input', {type, inputMode: mode, id: 'field'});
      const details = make('span', {className: 'subdued', id: 'details'});
      const error = make('span', {className: 'error', id: 'error', role: 'alert'});
      const before = make('span', {className: 'affix'});
      const after = make('span', {className: 'affix'});
      const line = make('span', {className: 'field'}, before, inner, after);
      root.append(make('label', {htmlFor: 'field'}, name), line, details, error);
      tell(host, inner);
      if (host.said['value'] === undefined) inner.value = text(host.said['defaultValue']);
      return (said) => {
        name.textContent = text(said['label']);
        name.classList.toggle('unseen', said['labelAccessibilityVisibility'] === 'exclusive');
        if (said['value'] !== undefined && inner.value !== text(said['value'])) inner.value = text(said['value']);
        inner.placeholder = text(said['placeholder']);
        inner.disabled = yes(said['disabled']);
        inner.readOnly = yes(said['readOnly']);
        inner.required = yes(said['required']);
        before.textContent = text(said['prefix']);
        after.textContent = text(said['suffix']);
        details.textContent = text(said['details']);
        error.textContent = text(said['error']);
        mark(inner, 'aria-invalid', error.textContent === '' ? null : 'true');
        mark(inner, 'aria-describedby', error.textContent === '' ? 'details' : 'error details');
      };
    },
  };
}

function tell(host: StandIn, inner: HTMLInputElement): void {
  inner.addEventListener('input', () => (host.said['value'] = inner.value));
  inner.addEventListener('change', () => {
    host.said['value'] = inner.value;
    // The native one stays inside the shadow tree.
    host.dispatchEvent(new Event('change', {bubbles: true}));
  });
}

const tick: Kind = {
  said: ['label', 'checked', 'defaultChecked', 'error', 'details', 'value', 'name', 'accessibilityLabel'],
  build: (host, root) => {
    const inner = make('input', {type: 'checkbox', checked: yes(host.said['defaultChecked'])});
    const name = make('span');
    const details = make('span', {className: 'subdued'});
    root.append(make('label', {className: 'choice'}, inner, name), details);
    inner.addEventListener('change', () => {
      host.said['checked'] = inner.checked;
      host.dispatchEvent(new Event('change', {bubbles: true}));
    });
    return (said) => {
      name.textContent = text(said['label']) || text(said['accessibilityLabel']);
      details.textContent = text(said['details']) || text(said['error']);
      inner.disabled = yes(said['disabled']);
      if (said['checked'] !== undefined) inner.checked = yes(said['checked']);
    };
  },
};

/** Choices are radio buttons, or ticks where several may be taken. */
const choices: Kind = {
  said: ['label', 'values', 'multiple', 'name', 'error', 'details', 'labelAccessibilityVisibility'],
  build: (host, root) => {
    const legend = make('legend');
    const group = make('fieldset', {}, legend, make('slot'));
    root.append(group);
    return (said) => {
      legend.textContent = text(said['label']);
      const taken = Array.isArray(said['values']) ? said['values'] : null;
      for (const each of host.querySelectorAll<StandIn>('s-choice')) {
        each.say('multiple', said['multiple']);
        if (taken !== null) each.say('selected', taken.includes(each.said['value']));
      }
    };
  },
};

const choice: Kind = {
  said: ['value', 'multiple', 'accessibilityLabel', 'defaultSelected'],
  build: (host, root) => {
    const inner = make('input', {type: 'radio'});
    root.append(
      make('label', {className: 'choice'}, inner, make('span', {}, make('slot'))),
      make('slot', {name: 'details'}),
    );
    inner.addEventListener('change', () => {
      const list = host.closest('s-choice-list') as StandIn | null;
      const others = [...(list?.querySelectorAll<StandIn>('s-choice') ?? [])].filter((each) => each !== host);
      if (!yes(host.said['multiple'])) for (const each of others) each.say('selected', false);
      host.say('selected', inner.checked);
      const all = [...(list?.querySelectorAll<StandIn>('s-choice') ?? [])];
      list?.say(
        'values',
        all.filter((each) => yes(each.said['selected'])).map((each) => each.said['value']),
      );
      list?.dispatchEvent(new Event('change', {bubbles: true}));
    });
    return (said) => {
      inner.type = yes(said['multiple']) ? 'checkbox' : 'radio';
      inner.checked = yes(said['selected'] ?? said['defaultSelected']);
      inner.disabled = yes(said['disabled']);
    };
  },
};

const select: Kind = {
  said: ['label', 'value', 'details', 'error', 'name', 'placeholder'],
  build: (host, root) => {
    const inner = make('select', {id: 'field'});
    const name = make('span', {className: 'label'});
    root.append(make('label', {htmlFor: 'field'}, name), inner);
    inner.addEventListener('change', () => {
      host.said['value'] = inner.value;
      host.dispatchEvent(new Event('change', {bubbles: true}));
    });
    return (said) => {
      name.textContent = text(said['label']);
      const listed = [...host.querySelectorAll<StandIn>('s-option')];
      inner.replaceChildren(
        ...listed.map((each) => make('option', {value: text(each.said['value'])}, each.textContent ?? '')),
      );
      inner.value = text(said['value']);
      inner.disabled = yes(said['disabled']);
    };
  },
};

define('text-field', field('text', 'text'));
define('text-area', field('text', 'text'));
define('email-field', field('email', 'email'));
define('money-field', field('text', 'decimal'));
define('number-field', field('text', 'decimal'));
define('search-field', field('search', 'search'));
define('checkbox', tick);
define('switch', tick);
define('choice-list', choices);
define('choice', choice);
define('select', select);
define('option', {said: ['value'], build: () => () => undefined});

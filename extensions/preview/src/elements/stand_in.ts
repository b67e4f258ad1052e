/** What every stand-in for one of Shopify's elements has: properties as Preact sets them, and a shadow tree. */
import styles from './elements.css';

export type Said = Readonly<Record<string, unknown>>;

/** `build` makes the shadow tree once and gives what brings it up to date. */
export interface Kind {
  readonly said?: readonly string[];
  /** The events that no HTML element has; Preact only knows their names by these properties. */
  readonly events?: readonly string[];
  readonly build: (host: StandIn, root: ShadowRoot) => (said: Said) => void;
}

// Taken over from properties to attributes, so that the style sheet sees them.
const SEEN = ['tone', 'type', 'color', 'variant', 'direction', 'size', 'padding', 'disabled', 'loading', 'selected'];

export abstract class StandIn extends HTMLElement {
  readonly said: Record<string, unknown> = {};
  #update: ((said: Said) => void) | null = null;
  #due = false;

  protected abstract readonly kind: Kind;

  connectedCallback(): void {
    if (this.#update === null) {
      const root = this.attachShadow({mode: 'open', delegatesFocus: true});
      root.append(make('style', {textContent: styles}));
      this.#update = this.kind.build(this, root);
    }
    this.#paint();
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    const property = this.kind.said?.find((each) => each.toLowerCase() === name) ?? name;
    if (!SEEN.includes(name)) this.say(property, value === '' ? true : value);
  }

  /** Takes a property over; the tree follows once all that comes with it is there. */
  say(name: string, value: unknown): void {
    this.said[name] = value;
    if (SEEN.includes(name)) reflect(this, name, value);
    if (this.#due || this.#update === null) return;
    this.#due = true;
    queueMicrotask(() => this.#paint());
  }

  #paint(): void {
    this.#due = false;
    this.#update?.(this.said);
  }
}

export function define(name: string, kind: Kind): void {
  const said = kind.said ?? [];
  class One extends StandIn {
    static readonly observedAttributes = [...said.map((each) => each.toLowerCase()), 'href'];
    protected readonly kind = kind;
  }
  for (const property of [...said, ...SEEN]) {
    Object.defineProperty(One.prototype, property, {
      configurable: true,
      get(this: StandIn) {
        return this.said[property];
      },
      set(this: StandIn, value: unknown) {
        this.say(property, value);
      },
    });
  }
  for (const event of kind.events ?? [])
    Object.defineProperty(One.prototype, `on${event}`, {value: null, writable: true});
  customElements.define(`s-${name}`, One);
}

/** A new element with properties and children; what is undefined is left out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Readonly<Record<string, unknown>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made && !name.includes('-')) Reflect.set(made, name, value);
    else made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

export function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Preact gives `disabled={false}` as it is; an attribute that is there says true. */
export function yes(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 'false';
}

/** Sets or takes away an attribute. */
export function mark(on: Element, name: string, value: string | null): void {
  if (value === null || value === '') on.removeAttribute(name);
  else on.setAttribute(name, value);
}

function reflect(on: Element, name: string, value: unknown): void {
  mark(on, `data-${name}`, value === true ? 'true' : yes(value) ? text(value) : null);
}

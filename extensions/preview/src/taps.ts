/** Somebody who taps and types in a frame, for pictures of states that only come by a tap. */
import type {StandIn} from './elements/stand_in';

const PATIENCE_MS = 5_000;
const FIELDS = 's-number-field, s-money-field, s-text-field, s-text-area, s-search-field';
const BUTTONS = 's-button, s-clickable, s-tab, s-tile';

export async function tap(asked: readonly (string | readonly [field: string, value: string])[]): Promise<void> {
  for (const each of asked) {
    if (typeof each === 'string') (await shown(BUTTONS, each))?.click();
    else await type(...each);
  }
}

async function type(label: string, value: string): Promise<void> {
  const field = (await shown(FIELDS, label)) as StandIn | null;
  if (field === null) return;
  field.say('value', value);
  for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, {bubbles: true}));
}

/** Waits until one that may be tapped has the text, or the label; null if none comes. */
async function shown(selector: string, words: string): Promise<HTMLElement | null> {
  const wanted = new RegExp(words, 'i');
  const find = () =>
    [...document.querySelectorAll<StandIn>(selector)].find((each) => {
      const {label, heading, accessibilityLabel, disabled, loading} = each.said ?? {};
      const says = [each.textContent, label, heading, accessibilityLabel];
      return (
        disabled !== true && loading !== true && says.some((said) => typeof said === 'string' && wanted.test(said))
      );
    }) ?? null;
  const until = Date.now() + PATIENCE_MS;
  while (find() === null && Date.now() < until) await new Promise(requestAnimationFrame);
  const found = find();
  return found?.shadowRoot?.querySelector<HTMLElement>('button:not([hidden])') ?? found;
}

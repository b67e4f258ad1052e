/** What a cashier sees and taps. */
import {fireEvent, waitFor} from '@testing-library/preact';
import {render} from 'preact';

export function seen(): string {
  const said = [...document.body.querySelectorAll('*')].flatMap((each) => [
    ...['heading', 'subheading', 'label', 'error', 'details'].map((name) => each.getAttribute(name) ?? ''),
    ...[...each.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent ?? ''),
  ]);
  return said.filter((text) => text !== '').join('\n');
}

export const sees = (text: string | RegExp) =>
  waitFor(() => {
    const now = seen();
    if (typeof text === 'string' ? !now.includes(text) : !text.test(now))
      throw new Error(`not seen: ${text}\nbut:\n${now}`);
  });

export function button(text: string): Element | null {
  return buttons(text)[0] ?? null;
}

function buttons(text: string): Element[] {
  return [...document.body.querySelectorAll('s-button')].filter((each) => each.textContent?.trim() === text);
}

export function disabled(element: Element | null): boolean {
  return (
    (element !== null && (element as Element & {disabled?: boolean}).disabled === true) ||
    element?.getAttribute('disabled') === 'true'
  );
}

export async function tap(text: string): Promise<void> {
  const find = () => buttons(text).find((each) => !disabled(each));
  await waitFor(() => {
    if (find() === undefined) throw new Error(`no button ${text} to tap in:\n${seen()}`);
  });
  fireEvent.click(find() as Element);
}

/** What the platform does when a modal closes; the tester's own way finds another copy of Preact. */
export function close(): void {
  render(null, document.body);
}

export async function type(label: string, text: string): Promise<void> {
  const find = () =>
    [...document.body.querySelectorAll('s-text-field, s-number-field')].find(
      (each) => each.getAttribute('label') === label,
    );
  await waitFor(() => {
    if (find() === undefined) throw new Error(`no field ${label} in:\n${seen()}`);
  });
  const field = find() as Element & {value: string};
  field.value = text;
  fireEvent.input(field);
}

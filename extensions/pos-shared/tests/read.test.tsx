import {render, waitFor} from '@testing-library/preact';
import {expect, test} from 'vitest';
import type {Answer} from '../../shared/src/client';
import {useRead} from '../src/read';

type Said = Answer<string>;

const asked = new Map<string, (said: Said) => void>();
const ok = (value: string): Said => ({ok: true, value});
const refused: Said = {
  ok: false,
  refusal: {code: 'offline', facts: {}, retryable: true, retryAfterS: null, unknown: false},
};

function Page({about}: {readonly about: string | null}) {
  const [reading, again] = useRead(about, () => new Promise<Said>((resolve) => asked.set(about ?? '', resolve)));
  const shown = reading.at === 'read' ? reading.value : reading.at;
  return <button onClick={again}>{shown}</button>;
}

async function answer(about: string, said: Said): Promise<void> {
  await waitFor(() => expect(asked.has(about)).toBe(true));
  asked.get(about)?.(said);
  asked.delete(about);
}

test('what was read about one is not shown for the next, not even while that one is read', async () => {
  const page = render(<Page about="one" />);
  await answer('one', ok('of one'));
  await page.findByText('of one');
  page.rerender(<Page about="two" />);
  expect(page.container.textContent).toBe('reading');
  await answer('two', ok('of two'));
  await page.findByText('of two');
});

test('a late answer about the last one does not disturb the next', async () => {
  const page = render(<Page about="slow" />);
  await waitFor(() => expect(asked.has('slow')).toBe(true));
  page.rerender(<Page about="quick" />);
  await answer('quick', ok('of quick'));
  await page.findByText('of quick');
  await answer('slow', ok('of slow'));
  // Long enough for what is written to be drawn.
  await expect(page.findByText('reading', {}, {timeout: 100})).rejects.toThrow();
  expect(page.container.textContent).toBe('of quick');
});

test('a refusal later on hides nothing, and the first one is told', async () => {
  const page = render(<Page about="one" />);
  await answer('one', refused);
  await page.findByText('refused');
  page.container.querySelector('button')?.click();
  await answer('one', ok('of one'));
  await page.findByText('of one');
  page.container.querySelector('button')?.click();
  await answer('one', refused);
  expect(page.container.textContent).toBe('of one');
});

test('about nobody nothing is asked', () => {
  asked.clear();
  const page = render(<Page about={null} />);
  expect(page.container.textContent).toBe('reading');
  expect(asked.size).toBe(0);
});

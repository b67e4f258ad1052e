/** Signals as an extension's own code knows them, following what the page around it holds. */
import {computed, signal, type ReadonlySignal} from '@preact/signals';

import type {Watched} from './watched';

/** Shopify's signals have both names; `destroy` is of the past. */
export type HostSignal<T> = ReadonlySignal<T> & {readonly current: T; readonly destroy: () => Promise<void>};

export function follow<T>(watched: Watched<T>): HostSignal<T> {
  const value = signal(watched.value);
  const end = watched.watch((next) => (value.value = next));
  window.addEventListener('pagehide', end);
  return hosted(value);
}

export function derived<T>(read: () => T): HostSignal<T> {
  return hosted(computed(read));
}

export function fixed<T>(value: T): HostSignal<T> {
  return hosted(signal(value));
}

function hosted<T>(value: ReadonlySignal<T>): HostSignal<T> {
  Object.defineProperty(value, 'current', {get: () => value.value});
  return Object.assign(value, {destroy: () => Promise.resolve()}) as HostSignal<T>;
}

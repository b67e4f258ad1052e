/** Fields of the tester's mock that it does not make, or makes dead. */
import {signal, type Signal} from '@preact/signals';

/** Defines a field that the mock leaves out because it is optional; `undefined` states that it is not there. */
export function setOptional(on: object, name: string, value: unknown): void {
  Object.defineProperty(on, name, {value, writable: true, enumerable: true, configurable: true});
}

/** Makes a field a real signal, so that what reads it is rendered again when a test changes it. */
export function live<T>(on: object, name: string, first: T): Signal<T> {
  const field = signal(first);
  setOptional(on, name, field);
  return field;
}

/** A value that a page holds and its frames follow. */
export class Watched<T> {
  #value: T;
  readonly #told = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    for (const tell of this.#told) tell(value);
  }

  /** Tells now, and whenever it changes; gives what ends it. */
  watch(tell: (value: T) => void): () => void {
    this.#told.add(tell);
    tell(this.#value);
    return () => this.#told.delete(tell);
  }
}

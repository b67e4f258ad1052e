/** The transient token: given by the app proxy to whoever is signed in to the shop, kept in memory only. */
import type {Page} from './page';

/** Renewed this long before its end, so that it does not end on its way. */
const EARLY_MS = 30_000;

interface Given {
  readonly token?: unknown;
  readonly expiry?: unknown;
  readonly proxy_token?: unknown;
  readonly proxy_expiry?: unknown;
}

export class TransientToken {
  readonly #page: Page;
  readonly #path: string;
  #kept: {token: string; untilMs: number} | null = null;
  #asked: Promise<string | undefined> | null = null;

  constructor(page: Page, path: string) {
    this.#page = page;
    this.#path = path;
  }

  /** Gives one that is good now, the same to all who ask meanwhile; undefined if nobody is signed in. */
  now(): Promise<string | undefined> {
    if (this.#kept !== null && Date.now() < this.#kept.untilMs - EARLY_MS) return Promise.resolve(this.#kept.token);
    this.#asked ??= this.#ask().finally(() => {
      this.#asked = null;
    });
    return this.#asked;
  }

  /** It was refused: the next one is a new one. */
  refused(): void {
    this.#kept = null;
  }

  async #ask(): Promise<string | undefined> {
    const response = await this.#page.fetch(this.#path, {cache: 'no-store', headers: {Accept: 'application/json'}});
    if (!response.ok) throw new Error('no token');
    if (response.headers.get('x-omneo-is-anon') === 'true') return undefined;
    const given = (await response.json()) as Given;
    // Where Omneo's own tokens are handed out, ours is the one beside.
    const ours = 'proxy_token' in given;
    const token = ours ? given.proxy_token : given.token;
    const expiry = ours ? given.proxy_expiry : given.expiry;
    if (typeof token !== 'string' || typeof expiry !== 'number') return undefined;
    this.#kept = {token, untilMs: expiry * 1000};
    return token;
  }
}

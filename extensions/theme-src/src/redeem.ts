/** What talks to the proxy and to the cart: an asset of its own, loaded where a customer is signed in. */
import type {Page} from './page';
import {Session} from './session';

export interface Redeeming {
  begin(page: Page, tokenPath: string): Session;
}

export const begin: Redeeming['begin'] = (page, tokenPath) => new Session(page, tokenPath);

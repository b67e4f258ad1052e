/** The script of both blocks: what every page loads that has one. */
import {rewardsBalance, type Sessions} from './element';
import type {Redeeming} from './redeem';
import type {Session} from './session';

const NAME = 'rewards-balance';

/** One for the page, whatever the number of blocks; the first one says where the token comes from. */
function onePerPage(): Sessions {
  let session: Promise<Session> | null = null;
  return (page, tokenPath, redeemUrl) => {
    const load = (): Promise<Redeeming> => import(/* @vite-ignore */ redeemUrl) as Promise<Redeeming>;
    return (session ??= load().then(({begin}) => begin(page, tokenPath)));
  };
}

// An app block and an app embed on one page bring it twice.
if (customElements.get(NAME) === undefined) customElements.define(NAME, rewardsBalance(onePerPage()));

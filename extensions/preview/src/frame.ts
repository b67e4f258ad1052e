/** What runs in a frame before an extension does: elements, `shopify`, and the page's language and height. */
import './elements/all';
import {accountHost} from './hosts/account';
import {checkoutHost} from './hosts/checkout';
import type {Words} from './hosts/language';
import {tillHost} from './hosts/till';
import {ownStage, type Stage, type StagedFrame} from './stage';
import {tap} from './taps';

export interface Part {
  readonly extension: string;
  readonly target: string;
  readonly words: Words;
  /** The module of the extension, loaded once `shopify` is there. */
  readonly load: () => Promise<{default: () => unknown}>;
}

export async function begin(part: Part): Promise<void> {
  const stage = ownStage();
  if (stage.fetch !== undefined) window.fetch = stage.fetch;
  Object.assign(globalThis, {shopify: hostOf(part, stage)});
  if (stage.at === 'till') Object.assign(globalThis, {close: stage.close});
  stage.language.watch((language) => (document.documentElement.lang = language));
  fit();
  const {default: run} = await part.load();
  await run();
  document.documentElement.dataset['ready'] = 'true';
  await tap(stage.taps ?? []);
  document.documentElement.dataset['tapped'] = 'true';
}

function hostOf({extension, target, words}: Part, stage: Stage): object {
  if (stage.at === 'till') return tillHost(target, extension, stage, words);
  if (stage.at === 'account') return accountHost(target, stage, words);
  return checkoutHost(target, stage, words);
}

/** A frame is as high as what is in it; with nothing in it, it takes no room. */
function fit(): void {
  const frame = window.frameElement as StagedFrame;
  new ResizeObserver(() => {
    const high = document.body.childElementCount === 0 ? 0 : document.documentElement.offsetHeight;
    frame.style.height = `${high}px`;
    frame.toggleAttribute('data-empty', high === 0);
  }).observe(document.body);
}

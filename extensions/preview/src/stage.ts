/** What a page gives to each of its frames, in which one target of an extension runs as if Shopify ran it. */
import type {ShopCart, TillCart, Variant} from './sandbox';
import type {Watched} from './watched';

interface Common {
  readonly proxy: string;
  readonly language: Watched<string>;
  /** Instead of the network, where every answer is canned. */
  readonly fetch?: typeof fetch;
  /** What somebody taps once it is there, one after the other, by its text or label. */
  readonly taps?: readonly (string | readonly [field: string, value: string])[];
  /** Undefined: whoever is signed in may not use the app. */
  readonly token: () => Promise<string | undefined>;
}

export interface CheckoutStage extends Common {
  readonly at: 'checkout' | 'thanks';
  readonly cart: Watched<ShopCart>;
  readonly variants: readonly Variant[];
  readonly mayChangeCodes: Watched<boolean>;
  /** In the editor there is no buyer. */
  readonly editor: boolean;
  readonly settings: Readonly<Record<string, string | boolean>>;
  readonly order: {readonly id: number; readonly name: string} | null;
  /** Whether Shopify took the change; with an express wallet it takes none. */
  readonly change: (code: {readonly add: string} | {readonly remove: string}) => Promise<boolean>;
  readonly attribute: (key: string, value: string | null) => Promise<void>;
}

export interface AccountStage extends Common {
  readonly at: 'account';
  readonly customer: number | null;
}

export interface TillStage extends Common {
  readonly at: 'till';
  readonly cart: Watched<TillCart>;
  readonly variants: readonly Variant[];
  readonly online: Watched<boolean>;
  readonly editable: Watched<boolean>;
  readonly staff: Watched<number>;
  readonly register: {readonly location: number; readonly device: number; readonly name: string};
  readonly currency: string;
  readonly scanned: Watched<{readonly data?: string; readonly source?: 'camera'}>;
  readonly toast: (text: string) => void;
  readonly present: (() => void) | null;
  readonly close: () => void;
  /** A call of the Cart API; it says nothing about whether a discount took. */
  readonly call: (method: string, path: string, body?: object) => Promise<void>;
}

export type Stage = CheckoutStage | AccountStage | TillStage;

export interface StagedFrame extends HTMLIFrameElement {
  stage?: Stage;
}

/** The stage of the frame that this runs in. */
export function ownStage(): Stage {
  const frame = window.frameElement as StagedFrame | null;
  if (frame?.stage === undefined) throw new Error('This is a part of a page of the preview; open that page.');
  return frame.stage;
}

/** Stands for shared/src/config.ts in the preview: the proxy is the one of the demo. */
import {ownStage} from './stage';

export const PROXY_URL: string = ownStage().proxy;
